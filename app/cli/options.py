"""The options and arguments that several commands share, and how what is typed there is read."""

from __future__ import annotations

import enum
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

import typer

from rules.durations import parse_duration
from services.errors import Refused

PatientArgument = Annotated[str, typer.Argument(metavar="PATIENT", help="Alias or id, such as P-1042.")]
PatientOption = Annotated[str, typer.Option("--patient", metavar="PATIENT", help="Alias or id, such as P-1042.")]
StaffArgument = Annotated[str, typer.Argument(metavar="STAFF", help="Alias or id, such as S-1.")]
StaffOption = Annotated[str, typer.Option("--staff", metavar="STAFF", help="Alias or id, such as S-1.")]
AlertArgument = Annotated[str, typer.Argument(metavar="ALERT", help="Alias or id, such as A-7.")]
InfusionArgument = Annotated[
    str, typer.Argument(metavar="INFUSION", help="Its id, or six or more characters of either end.")
]
MANY_DIGITS = 7  # beyond lie typing mistakes
LONGEST, YEARS = timedelta(days=3660), range(1970, 2200)  # beyond lie typing mistakes, and years that no clock counts
INSTANT = "ISO 8601 with an offset, such as 2026-11-02T14:30+01:00, or now."


class Language(enum.StrEnum):
    """The languages that everything is written in."""

    en = "en"
    es = "es"


def unseen(param: typer.CallbackParam, said: str) -> str:
    """The callback of an option whose value other accounts of the machine may not see: "-" is asked for instead.

    What stands on a command line shows in the list of processes, and stays in the shell's history.
    """
    return typer.prompt(str(param.name), err=True) if said == "-" else said


def date_of(text: str | None) -> date | None:
    """The date that "2026-11-05" says, none for none. Raises Refused."""
    try:
        return date.fromisoformat(text) if text is not None else None
    except ValueError:
        raise Refused(f"{text!r} is no date.", "write year, month and day, such as 2026-11-05") from None


def whole(text: str, of: str) -> int:
    """The whole number that "7" says; "7d", too, where it counts days. Raises Refused."""
    digits = text.strip().removesuffix("d" if of == "days" else "")
    if not (digits.isascii() and digits.isdigit() and len(digits) < MANY_DIGITS):
        raise Refused(f"{text!r} is no number of {of}.", "write a whole number, such as 7")
    return int(digits)


def duration(text: str) -> timedelta:
    """The length of time that "30d" or "12h" says, ten years at most. Raises Refused."""
    try:
        if (found := parse_duration(text)) > LONGEST:
            raise ValueError(f'{text!r} is too long: write such as "30d"')
        return found
    except ValueError as error:
        sentence, _, mend = str(error).partition(": ")
        raise Refused(f"{sentence}.", mend) from None


def instant(text: str, now: datetime) -> datetime:
    """The UTC instant that ISO 8601 with an offset, or "now", says. Raises Refused."""
    if text.strip().lower() == "now":
        return now
    try:
        found = datetime.fromisoformat(text.strip())
        if found.year not in YEARS:
            raise ValueError("a typing mistake")
        if found.tzinfo is not None:
            return found.astimezone(UTC)
    except ValueError:
        raise Refused(f"{text!r} is no instant.", f"write {INSTANT}") from None
    raise Refused(f"{text!r} has no offset, so it is not clear when that is.", f"write {INSTANT}")
