"""`fortnight digest`: what patients wrote, as the desk reads it; logged, and not read by it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest

from app.cli.desk import ACTOR
from app.clock import SystemClock
from content.screening import load
from rules.screening import screen
from services import alerting
from services.alerting import Person
from services.clinic import Clinic
from store import answers, findings
from store.database import Transaction
from store.patients import Patient
from tests.app.conftest import CommandLine
from tests.builders import add_patient, make_clinic
from tests.databases import opened

TEXTS = {"one": "the marmalade \x1b[31mwas good today", "two": "I want to kill myself"}


@pytest.fixture
def written(fortnight: CommandLine) -> CommandLine:
    """A clinic whose one patient has written an ordinary text and then a red one."""
    asyncio.run(_write(fortnight, SystemClock().now()))
    return fortnight


async def _write(fortnight: CommandLine, now: datetime) -> None:
    url = f"sqlite:///{fortnight.folder / 'var' / 'fortnight.db'}"
    async with opened(url) as database, database.transaction() as tx:
        clinic = make_clinic(database)
        await _keep(clinic, tx, await add_patient(clinic, tx, now), TEXTS, now)


async def _keep(clinic: Clinic, tx: Transaction, patient: Patient, texts: Mapping[str, str], now: datetime) -> None:
    for update, text in texts.items():
        found = screen(text, load()).findings
        opens = [alerting.open_or_join(clinic, tx, Person(patient=patient), found, now)] if found else []
        alert_ids = [(await each).id for each in opens]
        about = {"patient_id": patient.id, "inbox_id": update}
        await findings.add(tx, found, now=now, alert_id=next(iter(alert_ids), None), **about)
        place = {"checkin_id": None, "instrument": "words", "item": "words", "via": "message"}
        await answers.add(tx, words=text, at=now, now=now, **about, **place)


def test_all_words_are_shown_the_gravest_first_each_with_what_was_seen(written: CommandLine) -> None:
    red, none = written.of("digest")
    assert set(red) == {"patient", "at", "tier", "words", "findings"}
    assert (red["patient"], red["tier"], red["words"]) == ("P-1001", "red", TEXTS["two"])
    assert {"rule", "tier", "sentence"} == set(red["findings"][0])
    assert (none["tier"], none["words"], none["findings"]) == ("none", TEXTS["one"], [])


def test_looking_is_logged_as_a_reveal_and_reads_nothing(written: CommandLine) -> None:
    assert written.of("digest") == written.of("digest")
    entries = [each for each in written.of("audit", "show", "P-1001") if each["subject"] == "digest"]
    assert [(each["actor"], each["action"]) for each in entries] == [(ACTOR, "revealed")] * 2


def test_since_an_instant_shows_all_that_came_later(written: CommandLine) -> None:
    now = SystemClock().now()
    assert len(written.of("digest", "--since", (now - timedelta(hours=1)).isoformat())) == 2
    assert written.of("digest", "--since", (now + timedelta(hours=1)).isoformat()) == []
    assert "offset" in written.refused("digest", "--since", "2026-11-02T09:00")["error"]


def test_people_read_it_too_and_no_text_can_play_with_their_terminal(written: CommandLine) -> None:
    shown = written.run("digest")
    assert "I want to kill myself" in shown.out
    assert "\x1b[31m" not in shown.out


def test_where_nothing_was_written_that_is_said(fortnight: CommandLine) -> None:
    assert fortnight.of("digest") == []
    assert fortnight.run("digest").out == "Nothing to read.\n"
