"""A protocol changes in the middle of a course, and staff change one patient's plan: each thing is asked once."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from content.protocols import shipped
from rules.local_time import to_local
from rules.protocol import parse
from services import people, slots, versions
from tests.world import World
from tests.world.phone import Phone

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
EVENINGS = """
id = "ketamine-14d"
extends = "ketamine-14d"
without = ["mood", "side-effects", "week-1", "week-2"]
[[slot]]
name = "evening"
days = "1-14"
at = "19:00"
asks = ["mood"]
"""


async def days_asked(world: World, patient: Phone) -> Counter[date]:
    """How many prompts came on each local day, while the days go by."""
    asked: Counter[date] = Counter()
    for _ in range(5):
        await world.advance(DAY)
        asked.update(
            to_local(message.at, "Europe/Madrid").date() for message in patient.reads() if message.kind == "prompt"
        )
    return asked


async def test_a_course_that_moves_after_todays_question_asks_the_evening_only_from_tomorrow(world: World) -> None:
    await world.clinician()
    patient = await world.patient()
    await world.infusion(patient)
    await world.advance(DAY + HOUR)  # yesterday's settle and this morning's mood were asked
    patient.reads()
    async with world.transaction() as tx:
        await versions.publish(tx, parse(EVENINGS, "evenings", bases=shipped()), actor="cli", now=world.now)
    await versions.move(world.clinic, "ketamine-14d", to=None, only=(), reason="signed off", actor="cli", now=world.now)
    today = to_local(world.now, "Europe/Madrid").date()
    asked = await days_asked(world, patient)
    assert asked == {today + n * DAY: 1 for n in range(1, 5)}
    evenings = [row for row in await world.checkins(patient) if row.slot == "evening"]
    assert {to_local(row.due_at, "Europe/Madrid").hour for row in evenings} == {19}


async def test_what_staff_skip_is_not_asked_and_what_they_move_comes_when_they_said(world: World) -> None:
    await world.clinician()
    patient = await world.patient()
    await world.infusion(patient)
    tomorrow = to_local(world.now, "Europe/Madrid").date() + DAY
    evening = (world.now + 2 * DAY).replace(hour=16, minute=30)
    async with world.transaction() as tx:
        whose = await people.patient(tx, patient.alias)
        for name in ("mood", "side-effects"):
            row = await slots.find(tx, whose, name, tomorrow)
            await slots.skip(tx, whose, row, actor="cli", now=world.now)
        row = await slots.find(tx, whose, "mood", tomorrow + DAY)
        await slots.move(tx, whose, row, to=evening, actor="cli", now=world.now)
    await world.until(evening - HOUR)
    assert [message.kind for message in patient.reads()].count("prompt") == 1  # settle, on the first day
    await world.until(evening + HOUR / 4)
    (prompt,) = [message for message in patient.reads() if message.kind == "prompt"]
    assert evening <= prompt.at <= evening + timedelta(minutes=1)
