"""The sealed roster: who can be paged without the database, and who can read it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from services.clinic import Clinic
from services.roster import PURPOSE, RosterFile
from store import patients, sealed_file, staff
from store.types import canonical
from tests.builders import add_member, add_patient

TOKEN = "100:fortnight"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "roster.sealed"


async def test_another_process_reads_who_is_on_call_and_how_they_are_reached(
    clinic: Clinic, now: datetime, path: Path
) -> None:
    async with clinic.database.transaction() as tx:
        on_call = await add_member(clinic, tx, now, on_call="primary")
        await add_member(clinic, tx, now, name="Clinician Two")
        await add_member(clinic, tx, now, name="Coordinator One", role="coordinator")
        patient = await add_patient(clinic, tx, now)
    await RosterFile(path, TOKEN, ["json://127.0.0.1/"]).refresh(clinic, now)
    roster = RosterFile(path, TOKEN).roster()
    assert roster is not None
    assert [each.chat_id for each in roster.on_call(now)] == [on_call.chat_id]
    assert len(roster.clinicians) == 2
    assert roster.patients[patient.user_id or 0].alias == patient.alias
    assert roster.urls == ("json://127.0.0.1/",)


async def test_with_nobody_on_duty_everybody_is_on_call(clinic: Clinic, now: datetime, path: Path) -> None:
    async with clinic.database.transaction() as tx:
        await add_member(clinic, tx, now, on_call="primary", days=1)
        await add_member(clinic, tx, now, name="Clinician Two")
    await RosterFile(path, TOKEN).refresh(clinic, now)
    roster = RosterFile(path, TOKEN).roster()
    assert roster is not None
    assert len(roster.on_call(now)) == 1
    assert len(roster.on_call(now + timedelta(days=2))) == 2


async def test_nobody_reads_it_without_the_token(clinic: Clinic, now: datetime, path: Path) -> None:
    async with clinic.database.transaction() as tx:
        member = await add_member(clinic, tx, now)
    await RosterFile(path, TOKEN).refresh(clinic, now)
    assert RosterFile(path, "200:another").roster() is None
    assert str(member.chat_id).encode() not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0


async def test_it_is_written_again_only_when_something_changed(clinic: Clinic, now: datetime, path: Path) -> None:
    file = RosterFile(path, TOKEN)
    async with clinic.database.transaction() as tx:
        member = await add_member(clinic, tx, now, on_call="primary")
    await file.refresh(clinic, now)
    first = path.read_bytes()
    await file.refresh(clinic, now + timedelta(hours=1))  # that time goes by on the same day is no change
    assert path.read_bytes() == first
    async with clinic.database.transaction() as tx:
        await staff.change(tx, member.id, blocked_at=now)
    await file.refresh(clinic, now)
    assert path.read_bytes() != first
    roster = RosterFile(path, TOKEN).roster()
    assert roster is not None
    assert roster.clinicians == ()


async def test_an_erased_patient_is_not_in_it(clinic: Clinic, now: datetime, path: Path) -> None:
    async with clinic.database.transaction() as tx:
        patient = await add_patient(clinic, tx, now)
        await patients.change(tx, patient.id, state="erased")
    await RosterFile(path, TOKEN).refresh(clinic, now)
    roster = RosterFile(path, TOKEN).roster()
    assert roster is not None
    assert roster.patients == {}


def test_a_missing_or_broken_file_is_no_roster(path: Path) -> None:
    assert RosterFile(path, TOKEN).roster() is None
    path.write_bytes(b"not a roster")
    assert RosterFile(path, TOKEN).roster() is None


def test_a_roster_of_a_version_that_told_no_alerts_still_says_whom_to_page(path: Path) -> None:
    older = {"clinicians": [["a", 5, "en", False]], "shifts": [], "patients": {}, "urls": []}
    sealed_file.write(path, canonical(older), secret=TOKEN, purpose=PURPOSE)
    roster = RosterFile(path, TOKEN).roster()
    assert roster is not None
    assert [each.chat_id for each in roster.clinicians] == [5]
