"""Dates and times as the reader's language writes them, in the clinic's zone."""

from __future__ import annotations

from datetime import date, datetime

from content.messages import say
from rules.clinic_hours import WEEKDAYS
from rules.local_time import to_local
from services.clinic import Clinic

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def moment(clinic: Clinic, language: str, instant: str, *, year: bool = False) -> str:
    """An instant, such as "Mon 2 Nov, 19:12"; with its year where somebody may have mistyped that."""
    local = to_local(datetime.fromisoformat(instant), clinic.timezone)
    names = {
        "weekday": say(language, f"weekday.{WEEKDAYS[local.weekday()]}"),
        "month": say(language, f"month_short.{MONTHS[local.month - 1]}"),
    }
    key = "date.moment_year" if year else "date.moment"
    return say(language, key, **names, day=local.day, year=local.year, time=f"{local:%H:%M}")


def time_of(clinic: Clinic, instant: str) -> str:
    """Its time of day alone."""
    return f"{to_local(datetime.fromisoformat(instant), clinic.timezone):%H:%M}"


def day(language: str, on: str) -> str:
    """A day that is near, such as "Monday, 2 November"."""
    meant = date.fromisoformat(on)
    weekday, month = say(language, f"day.{WEEKDAYS[meant.weekday()]}"), _month(language, meant)
    return say(language, "date.day", weekday=weekday, day=meant.day, month=month)


def day_and_year(language: str, on: str) -> str:
    """Any day, such as "2 November 2026"."""
    meant = date.fromisoformat(on)
    return say(language, "date.date", day=meant.day, month=_month(language, meant), year=meant.year)


def _month(language: str, meant: date) -> str:
    return say(language, f"month.{MONTHS[meant.month - 1]}")
