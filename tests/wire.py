"""A wire that takes every message, for tests of what goes out and when, without a Telegram."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count

from services import delivery
from services.clinic import Clinic
from services.delivery import Claimed, Result, Settlement

LANES = ("page", "crisis", "reply", "bulk")
MESSAGE_IDS = count(1)


async def deliver(clinic: Clinic, now: datetime, *lanes: str, unreachable: Sequence[int | None] = ()) -> list[Claimed]:
    """Send everything that is due in some lanes (all, if none is named); chats in `unreachable` refuse it."""
    taken = []
    for lane in lanes or LANES:
        claimed = await delivery.claim(clinic, lane, claimer="test", now=now, lease=timedelta(seconds=30), limit=1000)
        await delivery.settle(clinic, [_result(each, unreachable) for each in claimed], claimer="test", now=now)
        taken += claimed
    return taken


def _result(message: Claimed, unreachable: Sequence[int | None]) -> Result:
    if message.chat_id in unreachable:
        refused = Settlement(id=message.id, state="refused", outcome="blocked")
        return Result(message=message, settlement=refused, unreachable=True)
    sent = Settlement(id=message.id, state="sent", outcome="sent", message_id=next(MESSAGE_IDS))
    return Result(message=message, settlement=sent)
