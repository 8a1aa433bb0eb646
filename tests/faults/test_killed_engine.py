"""Rows 1 to 6: the engine is killed at the very places where an update, an answer, a page or a press could be lost."""

from __future__ import annotations

import signal
from datetime import timedelta

import pytest

from tests.faults.oracle import all_is_well, records
from tests.faults.process import until
from tests.faults.stage import TOKEN, Person, Stage

pytestmark = pytest.mark.process
SOON = timedelta(seconds=30)


async def danger_at(stage: Stage, failpoint: str) -> Person:
    """A patient answers that they are in danger, and the engine dies at a place on the way to the page."""
    await stage.clinician()
    (patient,) = await stage.enrolled(1)
    engine = await stage.engine()
    await until(lambda: "5" in patient.buttons)
    patient.feels(5)
    await until(lambda: "Yes" in patient.buttons)
    await engine.kill()
    patient.is_in_danger()
    dying = stage.spawn(failpoint)
    assert await dying.ended() == -signal.SIGKILL
    return patient


async def test_row_01_killed_after_getupdates_before_the_inbox_commit(stage: Stage) -> None:
    await danger_at(stage, "after-getupdates")
    assert len(stage.telegram.bots[TOKEN].updates)  # they are not confirmed
    await stage.engine()
    await all_is_well(stage, within=SOON)


async def test_row_02_killed_after_the_inbox_commit_before_handling(stage: Stage) -> None:
    await danger_at(stage, "after-inbox-commit")
    assert [row.state for row in (await records(stage.clinic.database)).inbox].count("waiting") == 1
    await stage.engine()
    await all_is_well(stage, within=SOON)


async def test_row_03_killed_between_the_answer_and_its_alert(stage: Stage) -> None:
    await danger_at(stage, "answer-stored")
    on_record = await records(stage.clinic.database)
    assert len(on_record.answers) == 1  # the harmless one: the other is there with its alert, or not at all
    assert not on_record.alerts
    await stage.engine()
    await all_is_well(stage, within=SOON)


async def test_row_04_killed_after_the_alert_before_its_first_page(stage: Stage) -> None:
    patient = await danger_at(stage, "alert-committed")
    assert len((await records(stage.clinic.database)).alerts) == 1
    assert not pages(stage, patient)
    await stage.engine()
    await until(lambda: len(pages(stage, patient)) == 1, seconds=5)  # at the first tick, and the machine may be busy
    await all_is_well(stage, within=SOON)


async def test_row_05_killed_after_telegram_took_the_page_before_it_was_noted(stage: Stage) -> None:
    patient = await danger_at(stage, "page-sent")
    assert len(pages(stage, patient)) == 1
    await stage.engine()
    await all_is_well(stage, within=SOON)
    first, second = pages(stage, patient)
    assert first == second  # the same alert: whoever has acknowledged one has acknowledged both


async def test_row_06_killed_in_the_middle_of_an_acknowledgement(stage: Stage) -> None:
    clinician = await stage.clinician(on_call=None)  # who may acknowledge only because of the page
    (patient,) = await stage.enrolled(1, in_course=False)
    patient.cries_for_help()
    assert await stage.spawn("page-sent").ended() == -signal.SIGKILL
    clinician.phone.press("Acknowledge")  # of a page of which the database knows no more than that it was under way
    assert await stage.spawn("ack-handled").ended() == -signal.SIGKILL
    assert [row.state for row in (await records(stage.clinic.database)).alerts] == ["open"]
    await stage.engine()
    await until(lambda: "Called the patient" in clinician.buttons)
    on_record = await all_is_well(stage, within=SOON)
    assert [row.state for row in on_record.alerts] == ["acknowledged"]
    assert [row.kind for row in on_record.outbox].count("seen") == 1


def pages(stage: Stage, patient: Person) -> list[str]:
    """The pages about a patient that have come."""
    clinician = stage.clinicians[0]
    return [sent.text for sent in stage.telegram.sent(TOKEN, clinician.user_id) if patient.alias in sent.text]
