"""Durations as people write them in a configuration: "4h", "30m", "5s", "14d", "1h30m"."""

from __future__ import annotations

import re
from datetime import timedelta

_SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_DURATION = re.compile(r"(?=\d)(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?", re.ASCII)


def parse_duration(text: object) -> timedelta:
    """The length of time that `text` says, never negative; raises ValueError, with the mend, for anything else."""
    found = _DURATION.fullmatch(text.strip()) if isinstance(text, str) else None
    if found is None:
        raise ValueError(f'{text!r} is no duration: write days, hours, minutes, seconds, such as "4h", "1h30m", "14d"')
    amounts = zip(found.groups(default="0"), _SECONDS.values(), strict=True)
    return timedelta(seconds=sum(int(amount) * seconds for amount, seconds in amounts))


def format_duration(length: timedelta) -> str:
    """The shortest text that `parse_duration` reads as `length`; raises ValueError if negative or not whole seconds."""
    if length < timedelta(0) or length.microseconds:
        raise ValueError(f"{length!r} cannot be written as a duration: round it to whole seconds, none negative")
    left, parts = int(length.total_seconds()), []
    for unit, seconds in _SECONDS.items():
        amount, left = divmod(left, seconds)
        if amount:
            parts.append(f"{amount}{unit}")
    return "".join(parts) or "0s"
