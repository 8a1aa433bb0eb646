"""Promise 8: one prompt per slot, none in quiet hours, none in the middle of a safety conversation."""

from __future__ import annotations

from datetime import timedelta

from rules.local_time import to_local
from tests.world import World

DAY = timedelta(days=1)


async def test_each_slot_is_asked_once_over_three_days_with_restarts(world: World) -> None:
    await world.clinician()
    patient = await world.patient()
    await world.infusion(patient)
    prompts = []
    for _ in range(6):
        await world.advance(DAY / 2)
        prompts += [message for message in patient.reads() if message.kind == "prompt"]
        if patient.labels and patient.labels[0] in ("0", "Yes"):
            await patient.presses(patient.labels[min(7, len(patient.labels) - 1)])
        patient.reads()
        await world.outage(timedelta(seconds=3))
    due = [row for row in await world.checkins(patient) if row.due_at < world.now and row.lead_id is None]
    assert len(prompts) == len(due) == 4  # settle and three mornings
    for prompt in prompts:
        assert 8 <= to_local(prompt.at, "Europe/Madrid").hour < 21


async def test_a_reminder_comes_once(world: World) -> None:
    await world.clinician()
    patient = await world.patient()
    await world.infusion(patient)
    await world.advance(DAY * 1.2)
    kinds = [message.kind for message in patient.reads()]
    assert kinds.count("reminder") == 2  # of settle and of the first morning, one each
    assert kinds.count("prompt") == 2


async def test_no_prompt_comes_in_the_middle_of_a_safety_conversation(world: World) -> None:
    clinician = await world.clinician()
    patient = await world.patient()
    await world.infusion(patient, ended_at=world.now - timedelta(hours=3, minutes=50))
    await patient.says("/now")
    patient.reads()
    await world.advance(timedelta(minutes=30))
    assert "prompt" not in [message.kind for message in patient.reads()]
    await clinician.presses("Acknowledge")
    await world.advance(timedelta(minutes=5))
    assert "prompt" in [message.kind for message in patient.reads()]


async def test_overlapping_infusions_give_one_daily_stream(world: World) -> None:
    await world.clinician()
    patient = await world.patient()
    await world.infusion(patient)
    await world.infusion(patient, ended_at=world.now + 3 * DAY)
    moods = [row.local_on for row in await world.checkins(patient) if row.in_mood_stream and row.state == "scheduled"]
    assert len(moods) == len(set(moods)) == 17


async def test_what_is_asked_after_a_pause_is_not_what_fell_due_in_it(world: World) -> None:
    await world.clinician()
    patient = await world.patient()
    await world.infusion(patient)
    await patient.says("/pause")
    await world.advance(2 * DAY + timedelta(hours=3))
    patient.received("paused")
    await patient.says("/resume")
    patient.received("resumed")
    await world.advance(timedelta(hours=21))
    assert [message.kind for message in patient.reads() if message.kind == "prompt"] == ["prompt"]


async def test_a_week_old_button_answers_its_own_check_in(world: World) -> None:
    await world.clinician()
    patient = await world.patient()
    await world.infusion(patient)
    await world.advance(DAY)
    first = next(message for message in patient.reads() if message.kind == "prompt" and "0" in message.labels)
    await world.advance(2 * DAY)
    patient.reads()
    await patient.presses("6", on=first)
    patient.reads()
    moods = [row for row in await world.checkins(patient) if row.slot == "mood"]
    assert [(row.state, row.late) for row in moods[:2]] == [("answered", True), ("expired", False)]
