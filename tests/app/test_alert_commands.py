"""`fortnight alert` and `audit`: a named clinician owns an alert, it is closed with an outcome, all of it on record."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from app.cli.desk import ACTOR
from app.clock import SystemClock
from rules.finding import Finding
from rules.tier import Tier
from services import alerting
from services.alerting import Person
from store import audit, findings
from store.schema import audit as rows
from tests.app.conftest import CommandLine
from tests.builders import add_member, add_patient, make_clinic
from tests.databases import opened
from tests.store.rows import lay_guards_down

KEYS = {
    "id",
    "patient",
    "tier",
    "state",
    "reasons",
    "opened_at",
    "acknowledged_at",
    "owner",
    "closed_at",
    "outcome",
    "pages",
}


@pytest.fixture
def alarmed(fortnight: CommandLine) -> CommandLine:
    """A clinic with a red alert about its one patient, and two clinicians, the first on call."""
    asyncio.run(_open_alert(fortnight, SystemClock().now()))
    return fortnight


async def _open_alert(fortnight: CommandLine, now: datetime) -> None:
    async with opened(_url(fortnight)) as database, database.transaction() as tx:
        clinic = make_clinic(database)
        await add_member(clinic, tx, now, on_call="primary")
        await add_member(clinic, tx, now, name="Clinician Two")
        patient = await add_patient(clinic, tx, now)
        found = [Finding(rule="item9-3", tier=Tier.RED, detail={"value": 3})]
        alert = await alerting.open_or_join(clinic, tx, Person(patient=patient), found, now)
        await findings.add(tx, found, now=now, patient_id=patient.id, alert_id=alert.id)


def _url(fortnight: CommandLine) -> str:
    return f"sqlite:///{fortnight.folder / 'var' / 'fortnight.db'}"


def test_an_open_alert_is_listed_with_all_its_keys(alarmed: CommandLine) -> None:
    (line,) = alarmed.of("alert", "list")
    assert set(line) >= KEYS
    assert (line["id"], line["patient"], line["tier"], line["state"]) == ("A-1", "P-1001", "red", "open")
    assert (line["reasons"], line["pages"], line["owner"]) == (["phq9"], 1, None)
    assert datetime.fromisoformat(line["opened_at"]).tzinfo == UTC


def test_it_is_acknowledged_for_a_clinician_closed_and_reopened(alarmed: CommandLine) -> None:
    owned = alarmed.of("alert", "acknowledge", "A-1", "--staff", "S-2")
    assert (owned["state"], owned["owner"]) == ("acknowledged", "S-2")
    done = [
        entry["actor"] for entry in alarmed.of("audit", "show", "P-1001") if entry["action"] == "alert-acknowledged"
    ]
    assert done == [ACTOR]
    handed = alarmed.of("alert", "hand-over", "A-1", "--to", "S-1")
    assert handed["owner"] == "S-1"
    closed = alarmed.of("alert", "close", "a-1", "--outcome", "reached-safe", "--note", "Spoke by phone.")
    assert (closed["state"], closed["outcome"]) == ("closed", "reached-safe")
    assert closed["closed_at"] is not None
    assert alarmed.of("alert", "list", "--state", "open") == []
    assert alarmed.of("alert", "reopen", "A-1")["state"] == "open"


def test_an_alert_shows_what_was_seen_and_what_happened(alarmed: CommandLine) -> None:
    shown = alarmed.of("alert", "show", "A-1")
    assert [(each["rule"], each["tier"]) for each in shown["findings"]] == [("item9-3", "red")]
    assert [each["kind"] for each in shown["events"]][:2] == ["opened", "rang"]


def test_an_alert_stands_with_its_patient(alarmed: CommandLine) -> None:
    assert alarmed.of("patient", "show", "P-1001")["alerts"] == alarmed.of("alert", "list")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", "A-9"), "A-9"),
        (("acknowledge", "A-1", "--staff", "S-9"), "S-9"),
        (("close", "A-1", "--outcome", "reached-safe"), "Nobody has acknowledged"),
        (("reopen", "A-1"), "not closed"),
        (("list", "--state", "asleep"), "asleep"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence(alarmed: CommandLine, words: tuple[str, ...], said: str) -> None:
    assert said in alarmed.refused("alert", *words)["error"]


def test_an_unknown_outcome_is_refused_with_those_there_are(alarmed: CommandLine) -> None:
    alarmed.of("alert", "acknowledge", "A-1", "--staff", "S-1")
    assert "reached-care" in alarmed.refused("alert", "close", "A-1", "--outcome", "fine")["mend"]


def test_a_coordinator_cannot_own_an_alert(alarmed: CommandLine) -> None:
    alarmed.of("staff", "add", "--name", "Coordinator One", "--role", "coordinator")
    assert "clinician" in alarmed.refused("alert", "acknowledge", "A-1", "--staff", "S-3")["mend"]


def test_the_report_is_a_table_with_charts_csv_or_json(alarmed: CommandLine) -> None:
    alarmed.of("alert", "acknowledge", "A-1", "--staff", "S-1")
    (row,) = alarmed.of("alert", "report")
    assert (row["tier"], row["alerts"], row["unanswered"], row["outcomes"]) == ("red", 1, 0, {})
    assert row["acknowledge_median"] is not None
    header, line = alarmed.run("alert", "report", "--csv").out.splitlines()
    assert header.startswith("week,tier,alerts,page_median,page_p90,acknowledge_median")
    assert line.startswith(f"{row['week']},red,1,")
    people = alarmed.run("alert", "report").out
    assert "median to acknowledge" in people
    assert alarmed.of("alert", "report", "--to", "2020-01-01T00:00Z") == []
    assert "empty" in alarmed.refused("alert", "report", "--from", "now")["error"]


def test_the_audit_holds_and_says_where_it_was_changed(alarmed: CommandLine) -> None:
    assert alarmed.of("audit", "verify")["broken"] == []
    asyncio.run(_forge(alarmed))
    outcome = alarmed.run("audit", "verify", "--json")
    assert (outcome.code, outcome.json["broken"][0]["seq"]) == (1, 1)


async def _forge(fortnight: CommandLine) -> None:
    async with opened(_url(fortnight)) as database, database.transaction() as tx:
        await lay_guards_down(tx)
        stream = (await audit.streams(tx))[-1]
        await tx.execute(rows.update().where(rows.c.stream == stream, rows.c.seq == 1).values(actor="staff:nobody"))
