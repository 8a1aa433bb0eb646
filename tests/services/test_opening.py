"""The opening list: once an opening, in opening hours, to whoever is in charge and can be reached."""

from __future__ import annotations

from datetime import datetime, timedelta

from rules.finding import Finding
from rules.tier import Tier
from services import alerting, opening
from services.alerting import Person
from services.clinic import Clinic
from store import outbox, staff
from tests.builders import add_member, add_patient

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


async def told(clinic: Clinic, now: datetime) -> list[str | None]:
    """Who gets the list when the pass runs now."""
    await opening.tell_due(clinic, now)
    async with clinic.database.transaction() as tx:
        claimed = await outbox.claim(tx, "reply", claimer="t", now=now, lease=90 * DAY, limit=99)
    return [message.staff_id for message in claimed if message.kind == "opening"]


async def an_alert(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        patient = await add_patient(clinic, tx, now)
        finding = Finding(rule="mood-fall", tier=Tier.AMBER)
        await alerting.open_or_join(clinic, tx, Person(patient=patient), [finding], now)


async def test_it_comes_once_an_opening_and_only_while_the_clinic_is_open(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        primary = await add_member(clinic, tx, now, on_call="primary")
        await add_member(clinic, tx, now, name="Clinician Two")
    assert await told(clinic, now) == []
    await an_alert(clinic, now)
    assert await told(clinic, now + HOUR) == []  # this opening's list was due, and there was nothing
    assert await told(clinic, now + DAY + 8 * HOUR) == []  # nothing ran all day: an evening is no morning
    assert await told(clinic, now + 2 * DAY) == [primary.id]
    assert await told(clinic, now + 2 * DAY + HOUR) == []


async def test_as_long_as_nobody_can_be_told_it_stays_due(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        member = await add_member(clinic, tx, now, on_call="primary")
        await staff.change(tx, member.id, blocked_at=now)
    await an_alert(clinic, now)
    assert await told(clinic, now) == []
    async with clinic.database.transaction() as tx:
        await staff.change(tx, member.id, blocked_at=None)
    assert await told(clinic, now + HOUR) == [member.id]
