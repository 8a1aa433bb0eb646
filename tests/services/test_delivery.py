"""What was queued is looked at once more before it goes out: what was held up does not come by night."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest

from rules.local_time import to_instant, to_local
from rules.protocol import Protocol
from services import delivery, prompting, protocols
from services.clinic import Clinic
from services.delivery import Claimed
from store import checkins
from store.checkins import Checkin
from tests.builders import add_patient, record_infusion

LEASE = timedelta(minutes=1)


async def prompted_evening(clinic: Clinic, now: datetime) -> Checkin:
    """A check-in that was queued at half past eight in the evening and has not gone out."""
    async with clinic.database.transaction() as tx:
        patient = await add_patient(clinic, tx, now)
        ended_at = to_instant(now.date(), time(16, 30), patient.timezone)
        await record_infusion(clinic, tx, patient, now, ended_at=ended_at)
        row = next(row for row in await checkins.of_patient(tx, patient.id) if row.slot == "settle")
    assert to_local(row.due_at, patient.timezone).hour == 20
    await prompting.send_due(clinic, row.due_at)
    return row


async def claimed(clinic: Clinic, at: datetime) -> list[Claimed]:
    return await delivery.claim(clinic, "bulk", claimer="test", now=at, lease=LEASE, limit=10)


async def test_a_prompt_that_was_held_up_into_the_quiet_hours_waits_for_their_end(
    clinic: Clinic, now: datetime
) -> None:
    row = await prompted_evening(clinic, now)
    assert await claimed(clinic, row.due_at + timedelta(hours=1)) == []
    assert await claimed(clinic, row.due_at + timedelta(hours=11, minutes=29)) == []
    (message,) = await claimed(clinic, row.due_at + timedelta(hours=11, minutes=30))
    assert message.checkin_id == row.id


async def test_a_prompt_that_was_held_up_for_a_moment_goes_out_by_day(clinic: Clinic, now: datetime) -> None:
    row = await prompted_evening(clinic, now)
    (message,) = await claimed(clinic, row.due_at + timedelta(minutes=20))
    assert message.checkin_id == row.id


async def test_a_prompt_that_is_over_by_the_end_of_the_quiet_hours_is_dropped(clinic: Clinic, now: datetime) -> None:
    row = await prompted_evening(clinic, now)
    assert await claimed(clinic, row.due_at + timedelta(hours=1)) == []
    assert await claimed(clinic, row.expires_at) == []
    assert await claimed(clinic, row.expires_at + timedelta(hours=1)) == []


async def test_a_version_that_cannot_be_read_any_more_holds_no_prompt_up(
    clinic: Clinic, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = await prompted_evening(clinic, now)

    def refuse(body: str) -> Protocol:
        raise ValueError("not of this program")

    monkeypatch.setattr(protocols, "read_body", refuse)
    (message,) = await claimed(clinic, row.due_at + timedelta(hours=1))
    assert message.checkin_id == row.id
