"""Who is on call as staff read it: whether they can be reached, until when, and who comes then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from rules.rota import LEVELS, Shift, next_change
from services import oncall
from store import staff
from store.database import Transaction

AHEAD = timedelta(days=31)


async def on_call(tx: Transaction, now: datetime) -> dict[str, Any]:
    """Who is primary and backup, whether they can be reached, until when; who comes then, and the next change."""
    horizon = now + AHEAD
    actual = await oncall.actual_shifts(tx, now, horizon)
    members: dict[str, staff.Member] = {member.id: member for member in await staff.every(tx)}
    change = next_change(actual, now)
    return {
        **{level: [_on(each, members, horizon) for each in actual if _is_on(each, level, now)] for level in LEVELS},
        "then": {level: _next(actual, level, members, now) for level in LEVELS},
        "next": change.isoformat() if change is not None and change != horizon else None,
    }


def _is_on(shift: Shift, level: str, now: datetime) -> bool:
    return shift.level == level and shift.from_at <= now


def _on(shift: Shift, members: Mapping[str, staff.Member], horizon: datetime) -> dict[str, Any]:
    member = members[shift.staff]
    return {
        "name": member.name,
        "reachable": member.reachable,
        "tested": member.tested_at is not None,
        "until": None if shift.to_at == horizon else shift.to_at.isoformat(),
    }


def _next(
    actual: Sequence[Shift], level: str, members: Mapping[str, staff.Member], now: datetime
) -> dict[str, str] | None:
    """Who comes on call next at a level, and when."""
    coming = next((each for each in actual if each.level == level and each.from_at > now), None)
    return {"name": members[coming.staff].name, "from": coming.from_at.isoformat()} if coming else None
