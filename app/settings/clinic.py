"""The section of the clinic: its name, its hours, and the crisis lines of its region."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from app.settings.values import Region, Section, Zone
from content.crisis_lines import Own
from content.messages import CONSENT
from rules.clinic_hours import ClinicHours, parse_clinic_hours, parse_days
from rules.local_time import parse_hours

CALL_WITHIN = {"en": "within the hour", "es": "en la próxima hora"}
CALLER = {"en": "A clinician", "es": "Una persona del equipo clínico"}


def _words(value: object) -> object:
    if isinstance(value, dict) and set(value) != set(CALL_WITHIN):
        raise ValueError("a language is missing or unknown: give en and es, or one text for all")
    return dict.fromkeys(CALL_WITHIN, value) if isinstance(value, str) else value


def _days(text: str) -> str:
    parse_days(text)
    return text


def _hours(pair: tuple[str, str]) -> tuple[str, str]:
    parse_hours(pair)
    return pair


def _closed(day: str) -> str:
    try:
        date.fromisoformat(day)
    except ValueError:
        raise ValueError(f"{day!r} is no date: write year, month and day, such as 2026-12-25") from None
    return day


Days = Annotated[str, AfterValidator(_days)]
Opening = Annotated[tuple[str, str], AfterValidator(_hours)]
Holiday = Annotated[str, AfterValidator(_closed)]
Words = Annotated[dict[str, str], BeforeValidator(_words)]


def _number(text: str) -> str:
    if not re.fullmatch(r"\+?[0-9][0-9 ]{1,14}", text):
        raise ValueError(f'{text!r} is no number to call: write digits in quotes, such as "112"')
    return text


def _both(value: object) -> object:
    if isinstance(value, dict) and set(value) != set(CALL_WITHIN):
        raise ValueError("a language is missing or unknown: give lines for en and for es")
    return value


Number = Annotated[str, AfterValidator(_number)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
CrisisLinesOf = Annotated[dict[str, Annotated[tuple[Line, ...], Field(min_length=1)]], BeforeValidator(_both)]


class ClinicSection(Section):
    """The clinic: its name in messages, its zone, the hours in which it is staffed, the region of its crisis lines."""

    name: str = Field(min_length=1, max_length=80)
    timezone: Zone
    region: Region = "US"
    crisis_lines: CrisisLinesOf | None = None  # by language, in place of the shipped ones of the region
    emergency: Number | None = None  # in place of the region's number
    crisis_lines_checked_on: date | None = None  # when somebody of the clinic called them
    days: Days = "mon-fri"
    hours: Opening = ("09:00", "17:00")
    holidays: tuple[Holiday, ...] = ()
    caller: Words = CALLER  # by language; a plain text stands for all
    call_within: Words = CALL_WITHIN
    languages: tuple[Literal["en", "es"], ...] = ("en", "es")
    consent_version: str = Field(default=CONSENT, pattern=r"^[A-Za-z0-9.-]{1,16}$")

    @property
    def own_lines(self) -> Own:
        """What the clinic says of the crisis lines of its region."""
        return Own(
            region=self.region,
            lines=self.crisis_lines or {},
            emergency=self.emergency,
            checked_on=self.crisis_lines_checked_on,
        )

    @property
    def opening(self) -> ClinicHours:
        """The hours as the rules know them."""
        return parse_clinic_hours(self.days, self.hours, self.timezone, self.holidays)
