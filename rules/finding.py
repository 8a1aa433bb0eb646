"""What a rule saw: one frozen value from every rule, so that a clinician reads them all in one list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rules.tier import Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a rule saw.

    `rule` is the stable id of the rule; `span` the place in the raw text (start, end; None where no text was read);
    `detail` the figures or views behind it (JSON values, never the patient's words), from which `content` makes the
    sentence that a clinician reads.
    """

    rule: str
    tier: Tier
    span: tuple[int, int] | None = None
    detail: Mapping[str, object] = field(default_factory=dict)
