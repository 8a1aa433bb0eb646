"""What another version changes for running courses, as `protocol diff` and `protocol move` show it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from app.cli.printing import counted, table
from rules.local_time import to_local
from rules.protocol import Difference
from services.comparing import Change, Comparison, Stand

CHANGES = {
    "patient": "patient",
    "change": "what",
    "slot": "slot",
    "day": "day",
    "from": "from",
    "to": "to",
    "zone": "zone",
}
RULES = {"rule": "rule", "from": "from", "to": "to"}
ELSEWHERE = "as config.toml says"
NOTHING = "No check-in is added, moved, changed or dropped."


def document(found: Comparison) -> list[dict[str, Any]]:
    """Each change of a check-in, then of each version that courses stand on how many do, and each rule that changes."""
    return [
        *(_of_checkin(each) for each in found.changes),
        *(row for stand in found.stands for row in _of_stand(stand, found.to)),
    ]


def people(found: Comparison, *, head: str) -> RenderableType:
    """The same for people: `head` says of {courses} and their {version} what becomes of them, rules come first."""
    shown: list[RenderableType] = []
    for stand in found.stands:
        shown.append(
            Text(f"{head.format(courses=counted(stand.courses, 'course'), version=stand.version)} {_of_rules(stand)}")
        )
        rows = [_rule(each, ELSEWHERE) for each in stand.rules or ()]
        shown += [table(rows, RULES, empty=""), Text("")] if rows else []
    rows = [{**_of_checkin(each), **_local(each)} for each in found.changes]
    return Group(*shown, table(rows, CHANGES, empty=NOTHING))


def _of_checkin(change: Change) -> dict[str, Any]:
    values = asdict(change)
    from_at, to_at, _ = values.pop("from_at"), values.pop("to_at"), values.pop("zone")
    return {**values, "from": from_at and from_at.isoformat(), "to": to_at and to_at.isoformat()}


def _of_stand(stand: Stand, to: str | None) -> Iterator[dict[str, Any]]:
    same: dict[str, Any] = dict.fromkeys(("patient", "course", "slot", "day"))
    same |= {"version": stand.version, "courses": stand.courses}
    yield {**same, "change": "version", "from": stand.version, "to": to, "readable": stand.rules is not None}
    for each in stand.rules or ():
        yield {**same, "change": "rule", **_rule(each, None)}


def _rule(rule: Difference, elsewhere: str | None) -> dict[str, str | None]:
    return {"rule": rule.name, "from": rule.before or elsewhere, "to": rule.after or elsewhere}


def _local(change: Change) -> dict[str, Any]:
    at = {"from": change.from_at, "to": change.to_at}
    return {name: _wall(each, change.zone) for name, each in at.items()} | {"zone": change.zone}


def _wall(at: datetime | None, zone: str) -> str | None:
    return f"{to_local(at, zone):%Y-%m-%d %H:%M}" if at else None


def _of_rules(stand: Stand) -> str:
    if stand.rules is None:
        return "This program cannot read that version, so what changes in its rules cannot be told."
    return "These rules change:" if stand.rules else "No threshold, ladder, overlap or quiet hours change."
