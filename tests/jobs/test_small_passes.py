"""The small passes: blocked and unlinked patients, gaps in the rota, courses that end, an inbox that is cleaned."""

from __future__ import annotations

from datetime import timedelta

import pytest

from jobs.one_by_one import one_by_one
from rules.finding import Finding
from rules.tier import Tier
from services import intake, oncall, ownership, safety
from store import alerts, courses, findings, inbox, rota, staff
from store.alerts import Alert
from tests.jobs.conftest import Days, kinds

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


async def only_alert(days: Days) -> Alert:
    async with days.clinic.database.reading() as tx:
        (only,) = await alerts.every(tx)
    return only


async def test_a_patient_who_blocks_the_bot_in_a_course_is_an_amber_and_a_task_once(days: Days) -> None:
    patient, coordinator = await days.patient(), await days.member(role="coordinator")
    went = await days.until(days.now + 5 * HOUR, unreachable=[patient.chat_id])  # the settle prompt is refused
    assert kinds(went, of=coordinator).count("patient-blocked") == 1
    alert = await only_alert(days)
    assert (alert.tier, alert.patient_id) == (Tier.AMBER, patient.id)
    async with days.clinic.database.reading() as tx:
        found = await findings.of_alert(tx, alert.id)
    assert [each.finding.rule for each in found] == ["blocked-course"]  # however often the pass has looked
    assert "patient-blocked" not in kinds(await days.until(days.now + HOUR), of=coordinator)


async def test_a_block_with_an_open_red_is_red_and_a_new_block_counts_anew(days: Days) -> None:
    clinician, patient = await days.member(on_call="primary"), await days.patient()
    async with days.clinic.database.transaction() as tx:
        await safety.act(days.clinic, tx, patient, [Finding(rule="free-text", tier=Tier.RED)], now=days.now)
        (alert,) = await alerts.every(tx)
        await ownership.acknowledge(days.clinic, tx, alert, clinician, days.now)
    await days.change(patient, blocked_at=days.now + MINUTE)
    went = await days.until(days.now + 2 * MINUTE)
    assert (await only_alert(days)).state == "open"  # it rings again
    assert "page" in kinds(went, of=clinician)


async def test_who_blocks_after_leaving_is_left_alone(days: Days) -> None:
    patient = await days.patient()
    await days.change(patient, state="ended", blocked_at=days.now)
    await days.until(days.now + HOUR)
    async with days.clinic.database.reading() as tx:
        assert await alerts.every(tx) == []


async def test_each_gap_of_the_rota_is_told_once(days: Days) -> None:
    coordinator = await days.member(role="coordinator")
    clinician = await days.member(on_call="primary", days=3)
    async with days.clinic.database.transaction() as tx:
        await rota.add(
            tx,
            staff_id=clinician.id,
            level="primary",
            from_at=days.now + 5 * DAY,
            to_at=days.now + 90 * DAY,
            override=False,
            now=days.now,
        )
    assert kinds(await days.until(days.now + 2 * DAY), of=coordinator) == ["rota-gap"]
    assert kinds(await days.until(days.now + 2 * DAY), of=coordinator) == []
    async with days.clinic.database.transaction() as tx:
        await staff.change(tx, clinician.id, disabled_at=days.now)  # their shifts become gaps
    assert kinds(await days.until(days.now + DAY), of=coordinator) == ["rota-gap"]


async def test_a_coordinator_on_the_rota_covers_nothing(days: Days) -> None:
    await days.member(role="coordinator", on_call="primary")
    async with days.clinic.database.reading() as tx:
        (gap,) = await oncall.gaps(tx, days.now, days.now + DAY)
    assert (gap.from_at, gap.to_at) == (days.now, days.now + DAY)


async def test_coordinators_are_told_once_of_prompts_that_wait_for_an_unlinked_patient(days: Days) -> None:
    coordinator = await days.member(role="coordinator", days=400, on_call="primary")
    patient = await days.patient(state="enrolled")
    went = await days.until(days.now + 2 * DAY)
    told = [m for m in went if m.kind == "patient-unlinked"]
    assert [(m.staff_id, m.params["patient"]) for m in told] == [(coordinator.id, patient.alias)]


async def test_a_course_ends_when_its_last_slot_does_and_its_alert_stays(days: Days) -> None:
    patient = await days.patient()
    async with days.clinic.database.transaction() as tx:
        await safety.act(days.clinic, tx, patient, [Finding(rule="mood-fall", tier=Tier.AMBER)], now=days.now)
        (course,) = await courses.of_patient(tx, patient.id)
    last = max(row.expires_at for row in await days.rows(patient))
    assert course.ends_at == last
    await days.at(last - MINUTE)
    async with days.clinic.database.reading() as tx:
        assert [each.state for each in await courses.of_patient(tx, patient.id)] == ["active"]
    await days.at(last)
    async with days.clinic.database.reading() as tx:
        assert [each.state for each in await courses.of_patient(tx, patient.id)] == ["ended"]
    assert (await only_alert(days)).state == "open"


async def test_handled_updates_are_forgotten_after_two_days_and_dead_letters_kept(days: Days) -> None:
    batch = [intake.Received(bot="main", update_id=n, chat_id=n, raw="{}") for n in (1, 2, 3)]
    await intake.receive(days.clinic, batch, days.now)
    rows = await intake.waiting(days.clinic, days.now)
    async with days.clinic.database.transaction() as tx:
        await inbox.take(tx, rows[0].id, days.now)
        await inbox.fail(tx, rows[1].id, "unreadable", days.now, None)
    await days.until(days.now + 3 * DAY)
    async with days.clinic.database.reading() as tx:
        counts = await inbox.counts(tx)
    assert {state: n for state, n in counts.items() if n} == {"dead": 1, "waiting": 1}


async def test_a_row_that_fails_holds_up_none_of_the_others() -> None:
    done = []

    async def do(row: str) -> None:
        if row == "poison":
            raise KeyError(row)
        done.append(row)

    with pytest.raises(ExceptionGroup):
        await one_by_one(["one", "poison", "two"], do)
    assert done == ["one", "two"]
