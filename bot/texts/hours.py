"""The clinic's hours in words, as the consent says them."""

from __future__ import annotations

from content.messages import say
from rules.clinic_hours import WEEKDAYS, ClinicHours


def in_words(language: str, hours: ClinicHours) -> str:
    """A sentence such as "Staff read along Monday to Friday, 09:00 to 17:00."."""
    if hours.hours.is_whole_day and len(hours.days) == len(WEEKDAYS):
        return say(language, "patient.consent_always")
    end = "24:00" if f"{hours.hours.end:%H:%M}" == "00:00" else f"{hours.hours.end:%H:%M}"
    span = {"from": f"{hours.hours.start:%H:%M}", "to": end}
    return say(language, "patient.consent_hours", days=_days(language, hours.days), **span)


def _days(language: str, days: frozenset[int]) -> str:
    names = [say(language, f"day.{WEEKDAYS[day]}") for day in sorted(days)]
    if len(days) == len(WEEKDAYS):
        return say(language, "day.every")
    if len(days) > 2 and max(days) - min(days) == len(days) - 1:
        return say(language, "day.range", first=names[0], last=names[-1])
    return ", ".join(names)
