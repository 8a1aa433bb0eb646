"""The pass of the digest: told once a clinic day, to the next in line when the first cannot be reached."""

from __future__ import annotations

from datetime import datetime, timedelta

from store import answers
from store.patients import Patient
from tests.jobs.conftest import Days, kinds

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


async def writes(days: Days, patient: Patient) -> None:
    """The patient writes something."""
    place = {"checkin_id": None, "instrument": "words", "item": "words", "via": "message"}
    async with days.clinic.database.transaction() as tx:
        await answers.add(tx, patient_id=patient.id, words="plum jam", at=days.now, now=days.now, **place)


def opening(now: datetime) -> datetime:
    """The next morning, 09:00 in Madrid."""
    return (now + DAY).replace(hour=7, minute=0)


async def test_it_is_told_once_whatever_restarts(days: Days) -> None:
    primary, patient = await days.member(on_call="primary"), await days.patient()
    await days.at(days.now)
    await writes(days, patient)
    assert kinds(await days.until(opening(days.now)), of=primary).count("digest") == 1
    days.restarted()
    went = await days.until(days.now + 8 * HOUR)
    assert "digest" not in kinds(went, of=primary)


async def test_when_the_first_cannot_be_reached_the_next_in_line_is_told_at_once(days: Days) -> None:
    primary, backup = await days.member(on_call="primary"), await days.member(on_call="backup")
    patient = await days.patient()
    await days.at(days.now)
    await writes(days, patient)
    await days.until(opening(days.now) - MINUTE)
    await days.until(days.now + MINUTE, unreachable=[primary.chat_id])
    went = await days.until(days.now + MINUTE)
    assert kinds(went, of=backup).count("digest") == 1
    assert "digest" not in kinds(await days.until(days.now + HOUR), of=backup)


async def test_after_an_outage_over_the_opening_it_is_told_at_the_start(days: Days) -> None:
    primary, patient = await days.member(on_call="primary"), await days.patient()
    await days.at(days.now)
    await writes(days, patient)
    assert "digest" in kinds(await days.at(opening(days.now) + 3 * HOUR), of=primary)
