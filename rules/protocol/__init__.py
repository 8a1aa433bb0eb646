"""The protocol: read from its file, checked, and warned about."""

from rules.protocol.caution import Caution
from rules.protocol.cautions import losing, standing_in, warnings
from rules.protocol.differences import Difference, differences
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
    "Difference",
    "Escalation",
    "Overlap",
    "Problem",
    "Protocol",
    "ProtocolError",
    "Slot",
    "Thresholds",
    "as_data",
    "differences",
    "from_data",
    "line_in",
    "losing",
    "nearest",
    "parse",
    "path_of",
    "schema",
    "standing_in",
    "toml_in",
    "warnings",
]
