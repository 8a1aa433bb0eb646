"""Rows 10, 20, 32, 33, 36, 37, 45, 47, 52 and 56 to 58: people who do not answer, and time that jumps."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.buttons import pack
from sandbox import faults
from services import enrolment, oncall, people, watching
from store import alerts, answers, heartbeats, prompts
from tests.world import World

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
HELP = "I want to kill myself"
MANY = 200  # a thousand are taken in tests/bot/test_inbox.py; here each is seen through to its end


async def test_row_10_after_ten_minutes_asleep_what_is_overdue_is_done_once(world: World) -> None:
    clinician = await world.clinician()
    backup = await world.clinician("Backup", on_call="backup")
    patient = await world.patient()
    await patient.says("/now")
    patient.received("crisis")
    clinician.reads()
    await world.outage(10 * MINUTE)  # the ladder had a step and repeats in it
    assert len(backup.reads("page")) == 1
    assert len(clinician.reads("page")) <= 1
    patient.reads()


async def test_row_20_after_more_than_a_day_clinicians_get_every_patient_whose_answers_may_be_lost(
    world: World,
) -> None:
    clinician = await world.clinician()
    patients = [await world.patient() for _ in range(3)]
    for each in patients[:2]:
        await world.infusion(each)
    await world.outage(DAY + HOUR)
    (page,) = clinician.reads("lost-updates")
    assert [each.alias in page.text for each in patients] == [True, True, False]
    for each in patients:
        each.reads()


async def test_row_32_an_acknowledgement_while_a_step_is_due_costs_at_most_one_page(world: World) -> None:
    clinician = await world.clinician()
    backup = await world.clinician("Backup", on_call="backup")
    patient = await world.patient()
    await patient.says("/now")
    world.now += 5 * MINUTE  # the next step is due at this very instant, and nobody has looked yet
    await clinician.presses("Acknowledge")
    assert len(backup.reads("page")) <= 1
    await world.advance(20 * MINUTE)
    assert not backup.reads("page")
    patient.reads()


async def test_row_33_an_acknowledgement_that_nobody_acts_on_runs_out(world: World) -> None:
    clinician = await world.clinician()
    patient = await world.patient()
    await patient.says("/now")
    await clinician.presses("Acknowledge")
    clinician.reads()
    await world.advance(HOUR + 2 * MINUTE)
    assert clinician.reads("page")
    assert [each.state for each in await world.alerts()] == ["open"]
    patient.reads()


async def test_row_36_when_every_clinician_blocked_the_bot_everything_else_is_tried(world: World) -> None:
    for name in ("One", "Two"):
        await (await world.clinician(name)).blocks()
    patient = await world.patient()
    await patient.says(HELP)
    assert any("no clinician who can be reached" in text for text in world.pager.texts)
    patient.received("crisis", "not-reached")
    world.pager.texts.clear()
    await world.advance(3 * MINUTE)
    assert world.pager.texts  # again and again
    patient.reads()


async def test_row_37_a_patient_who_blocked_the_bot_is_a_task_on_the_same_day(world: World) -> None:
    clinician = await world.clinician()
    coordinator = await world.member("Coordinator", role="coordinator")
    patient = await world.patient()
    await world.infusion(patient)
    await patient.blocks()
    assert any(patient.alias in each.text for each in coordinator.reads("patient-blocked"))
    assert any(patient.alias in each.text for each in clinician.reads("page"))


@pytest.mark.parametrize("jump", [2 * HOUR, -2 * HOUR])
async def test_row_45_a_clock_that_jumps_neither_misses_nor_repeats_a_prompt(world: World, jump: timedelta) -> None:
    await world.clinician()
    patient = await world.patient()
    await world.infusion(patient)
    world.now += jump
    await world.settle()
    await world.advance(DAY - jump)
    asked = [each.text for each in patient.reads() if each.kind in ("prompt", "catch-up")]
    due = [row for row in await world.checkins(patient) if row.due_at <= world.now]
    assert len(asked) == len({row.lead_id or row.id for row in due})


async def test_row_45_a_clock_that_is_set_back_holds_up_no_ladder(world: World) -> None:
    clinician = await world.clinician()
    backup = await world.clinician("Backup", on_call="backup")
    patient = await world.patient()
    await patient.says(HELP)
    patient.received("crisis")
    assert clinician.reads("page")
    await world.advance(MINUTE)
    world.now -= 2 * HOUR
    await world.settle()
    await world.advance(5 * MINUTE)
    assert backup.reads("page")
    patient.reads()


async def test_row_45_a_clock_that_is_set_back_holds_up_no_page_that_was_to_be_tried_again(world: World) -> None:
    clinician = await world.clinician()
    patient = await world.patient()
    world.telegram.faults.add(faults.failing(502).on("sendMessage", times=2))
    patient.app().say(HELP)
    await world.come_to_rest()
    assert not clinician.reads("page")
    world.now -= 2 * HOUR
    await world.settle()
    await world.advance(MINUTE)
    assert clinician.reads("page")
    patient.reads()


async def test_row_45_a_clock_that_is_set_back_holds_up_no_update_that_was_to_be_tried_again(world: World) -> None:
    await world.clinician()
    patient = await world.patient()
    broken = pack(world.clinic.button_key, patient.user_id, "a", "00" * 16, "no instrument")
    patient.app().press(data=broken, message_id=patient.last.id, forged=True)
    patient.app().say(HELP)
    await world.come_to_rest()
    world.now -= 2 * HOUR
    await world.settle()
    await world.advance(MINUTE)
    assert await world.alerts()
    patient.reads()


@pytest.mark.parametrize("back", [2 * MINUTE, 2 * HOUR])
async def test_row_45_a_clock_that_is_set_back_hides_no_engine_that_stands_still(world: World, back: timedelta) -> None:
    await world.settle()
    world.now -= back  # and nothing works any more
    async with world.clinic.database.reading() as tx:
        found = await watching.findings(world.clinic, tx, world.now)
    assert {each.code for each in found} == {"poll-stale", "tick-stale"}


async def test_row_45_a_clock_that_is_set_back_does_not_make_a_silent_telegram_look_alive(world: World) -> None:
    await world.settle()
    world.now -= 2 * HOUR
    world.telegram.faults.add(faults.failing(502))
    await world.come_to_rest()
    world.now += 2 * MINUTE
    async with world.clinic.database.reading() as tx:
        assert not (await oncall.reach(tx, world.now)).telegram_up


async def test_row_45_a_clock_that_is_set_back_does_not_hide_that_telegram_was_silent_before(world: World) -> None:
    await world.settle()
    async with world.transaction() as tx:
        await heartbeats.beat(tx, heartbeats.POLL, world.now - 10 * MINUTE)
    world.now -= 2 * MINUTE
    await world.tick.run_due(world.now)
    async with world.clinic.database.reading() as tx:
        assert not (await oncall.reach(tx, world.now)).telegram_up


async def test_row_45_a_clock_that_is_set_back_rings_by_no_second_channel_while_telegram_answers(world: World) -> None:
    await world.clinician()
    await world.settle()
    world.now -= 2 * HOUR
    await world.tick.run_due(world.now)
    async with world.clinic.database.reading() as tx:
        assert (await oncall.reach(tx, world.now)).telegram_up


async def test_row_45_a_clock_that_is_set_back_makes_no_silence_longer(world: World) -> None:
    clinician = await world.clinician()
    patient = await world.patient()
    await world.infusion(patient)
    await patient.says("I feel hopeless, nothing will ever change")
    patient.reads()
    clinician.reads()
    world.now -= 2 * HOUR
    await world.settle()
    async with world.clinic.database.reading() as tx:
        (silent,) = await prompts.silent(tx, world.now + HOUR, 10)
    assert silent
    patient.reads()


async def test_row_47_a_new_time_zone_moves_what_is_left_and_loses_nothing(world: World) -> None:
    await world.clinician()
    patient = await world.patient()
    await world.infusion(patient)
    before = await world.checkins(patient)
    await patient.says("/timezone new york")
    patient.reads()
    after = await world.checkins(patient)
    assert [row.key for row in sorted(after, key=lambda row: row.key)] == sorted(row.key for row in before)
    moved = {row.key: row.due_at for row in after}
    assert any(moved[row.key] - row.due_at == 6 * HOUR for row in before)


@pytest.mark.parametrize("edit", ["its clinician is disabled", "its ladder cannot be read", "nobody is left"])
async def test_row_52_an_alert_falls_forward_whatever_is_taken_away_from_it(world: World, edit: str) -> None:
    primary = await world.clinician()
    other = await world.clinician("Other", on_call=None)
    patient = await world.patient()
    await patient.says("/now")
    patient.received("crisis")
    (alert,) = await world.alerts()
    async with world.transaction() as tx:
        if edit == "its ladder cannot be read":
            await alerts.change(tx, alert.id, policy={"steps": "none"}, progress={"x": 1})
        else:
            gone = [primary, other] if edit == "nobody is left" else [primary]
            for each in gone:
                await enrolment.disable_staff(tx, await people.member(tx, each.alias), actor="cli", now=world.now)
    world.pager.texts.clear()
    await world.advance(15 * MINUTE)
    assert other.reads("page") or world.pager.texts
    patient.reads()


async def test_row_56_an_answer_after_the_window_and_after_the_course_still_escalates(world: World) -> None:
    clinician = await world.clinician()
    patient = await world.patient()
    await world.infusion(patient, ended_at=world.now - 16 * DAY, though_over=True)
    await world.settle()
    patient.reads()
    clinician.reads()
    await patient.says(HELP)
    patient.received("crisis")
    assert clinician.reads("page")
    async with world.clinic.database.reading() as tx:
        assert await answers.texts_of(tx, patient.id)


async def test_row_57_somebody_unknown_gets_the_crisis_text_and_a_human_hears_of_it(world: World) -> None:
    clinician = await world.clinician()
    stranger = world._phone("nobody", "stranger", patient=True, language="en")
    await stranger.says(HELP)
    stranger.received("stranger-crisis")
    assert clinician.reads("page")
    assert [each.patient_id for each in await world.alerts()] == [None]


async def test_row_58_a_flood_is_stored_is_one_alert_and_holds_up_nobody_elses_page(world: World) -> None:
    clinician = await world.clinician()
    flooding, other = await world.patient(), await world.patient()
    for _ in range(MANY):
        flooding.app().say(HELP)
    other.app().say(HELP)
    began = world.now
    await world.settle()
    assert len(await world.alerts()) == 2
    pages = clinician.reads("page")
    assert {each.at for each in pages} == {began}
    assert any(other.alias in each.text for each in pages)
    async with world.clinic.database.reading() as tx:
        assert len(await answers.texts_of(tx, flooding.id)) == MANY
    flooding.reads()
    other.reads()
