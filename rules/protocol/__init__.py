"""The protocol: read from its file, checked, and warned about."""

from rules.protocol.cautions import Caution, warnings
from rules.protocol.escalation import Escalation
from rules.protocol.fields import INSTRUMENTS, PREFERRED
from rules.protocol.reading import (
    Problem,
    ProtocolError,
    as_data,
    from_data,
    line_in,
    nearest,
    parse,
    path_of,
    schema,
    toml_in,
)
from rules.protocol.thresholds import Thresholds
from rules.protocol.values import Overlap, Protocol, Slot

__all__ = [
    "INSTRUMENTS",
    "PREFERRED",
    "Caution",
    "Escalation",
    "Overlap",
    "Problem",
    "Protocol",
    "ProtocolError",
    "Slot",
    "Thresholds",
    "as_data",
    "from_data",
    "line_in",
    "nearest",
    "parse",
    "path_of",
    "schema",
    "toml_in",
    "warnings",
]
