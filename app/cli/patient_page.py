"""What `fortnight patient list` and `patient show` say to people: every time by the clocks where the patient is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from app.cli.printing import as_written, counted, table
from rules.local_time import to_local
from services.people import short
from services.scheduling import OVERLAP

NOTHING_YET = "No check-ins yet: `fortnight infusion record`."
NOTHING_LEFT = "No check-in is left of the infusions above."
LIST = {
    "id": "patient",
    "state": "state",
    "linked": "linked",
    "consent": "consent",
    "timezone": "zone",
    "course_ends_at": "course until",
    "alert": "alert",
}
COURSES = {
    "infusion": "infusion",
    "infusion_at": "ends",
    "protocol": "protocol",
    "version": "version",
    "ends_at": "course until",
    "state": "state",
}
CHECKINS = {
    "slot": "slot",
    "day": "day",
    "due_at": "due",
    "state": "state",
    "answered_at": "answered",
    "answers": "answers",
}
ALERTS = {
    "id": "alert",
    "tier": "tier",
    "state": "state",
    "opened_at": "opened",
    "owner": "owner",
    "outcome": "outcome",
}


def listed(lines: Sequence[Mapping[str, Any]]) -> RenderableType:
    """The patients in a table."""
    rows = [_there(line, ("course_ends_at",), line["timezone"]) for line in lines]
    return table(rows, LIST, empty="Nobody yet: `fortnight patient enrol`.")


def page(record: Mapping[str, Any]) -> RenderableType:
    """All that is on record of a patient; what gave way where infusions overlap is only counted."""
    zone = record["timezone"]
    head = Text.assemble((record["id"], "bold"), f" is {record['state']}, {record['language']}")
    head.append(f"{_consent(record['consent'])}. All times are those of {zone}.")
    standing = [row for row in record["checkins"] if row["cancelled_because"] != OVERLAP]
    courses = [
        {**_there(row, ("infusion_at", "ends_at"), zone), "infusion": short(row["infusion"])}
        for row in record["courses"]
    ]
    checkins = [
        {**_there(row, ("due_at", "answered_at"), zone), "answers": _in_a_line(row["answers"])} for row in standing
    ]
    alerts = [_there(row, ("opened_at",), zone) for row in record["alerts"]]
    return Group(
        head,
        *(Text(f"{key}: {record[key]}") for key in ("name", "contact", "plan") if record.get(key)),
        table(courses, COURSES, empty="No infusions."),
        *_uncovered(courses),
        table(checkins, CHECKINS, empty=NOTHING_LEFT if courses else NOTHING_YET),
        *_gave_way(len(record["checkins"]) - len(standing)),
        table(alerts, ALERTS, empty="No alerts."),
    )


def _there(row: Mapping[str, Any], keys: Collection[str], zone: str) -> dict[str, Any]:
    """A row with some of its instants as the clocks of a zone show them."""
    given = {key: row[key] for key in keys if row[key] is not None}
    return {**row, **{key: f"{to_local(datetime.fromisoformat(at), zone):%Y-%m-%d %H:%M}" for key, at in given.items()}}


def _uncovered(courses: Sequence[Mapping[str, Any]]) -> list[Text]:
    """Why courses may start without a tested clinician."""
    known = {each["infusion_at"]: each["uncovered_reason"] for each in courses if each["uncovered_reason"]}
    return [Text(f"{at} without a tested clinician: {as_written(reason)}") for at, reason in known.items()]


def _gave_way(count: int) -> list[str]:
    if not count:
        return []
    return [f"Where infusions overlap, {counted(count, 'more gives', 'more give')} way; --json lists them too."]


def _consent(consent: Mapping[str, Any] | None) -> str:
    if consent is None:
        return ", has agreed to nothing"
    newer = "" if consent["current"] else ", not yet to the newer one"
    return f", has agreed to consent {consent['version']}{newer}"


def _in_a_line(answers: Mapping[str, Any]) -> str:
    shown = {
        name: value.get("total", value["items"]) if isinstance(value, dict) else value
        for name, value in answers.items()
    }
    return ", ".join(f"{name} {value}" for name, value in shown.items()) or "–"
