"""A caution: something that a protocol may say, but had better not."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Caution:
    """Something allowed but unwise: a stable code, the key it is about, what, and what mends it.

    `or_key` is the key of the file that it comes from where the file inherits the other.
    """

    code: str
    key: str
    sentence: str
    mend: str
    or_key: str = ""
