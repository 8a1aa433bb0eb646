"""Every query that runs on each tick or each message finds its rows by an index, however many others there are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

from store import alerts, answers, checkins, courses, findings, inbox, keeping, outbox, paging, prompts, rota
from store.database import Database, Transaction
from store.ids import OutboxId
from store.outbox import Settlement

DAY = timedelta(days=1)
Query = Callable[[Transaction, datetime], Awaitable[Any]]

QUERIES: dict[str, Query] = {
    "who is to be asked": lambda tx, now: prompts.to_ask(tx, now, 10),
    "who is to be reminded": lambda tx, now: prompts.to_remind(tx, now, 10),
    "what is over": lambda tx, now: prompts.over(tx, now, 10),
    "where silence counts": lambda tx, now: prompts.silent(tx, now, 10),
    "when something is due": lambda tx, now: prompts.next_at(tx, now),
    "a patient's check-ins": lambda tx, now: checkins.of_patient(tx, "p"),
    "the question asked last": lambda tx, now: checkins.asked_last(tx, "p"),
    "the check-ins of a prompt": lambda tx, now: checkins.of_prompt(tx, "c"),
    "a sent prompt": lambda tx, now: checkins.sent(tx, [("c", 1)], now),
    "what is still wanted": lambda tx, now: checkins.still_wanted(tx, ["c"]),
    "a check-in's answers": lambda tx, now: answers.of_checkins(tx, ["c"]),
    "the values that a patient gave": lambda tx, now: answers.given_by(tx, "p"),
    "a patient's answers": lambda tx, now: answers.of_patient(tx, "p", now),
    "the ladders to climb": lambda tx, now: alerts.due(tx, now, 10),
    "a patient's open alert": lambda tx, now: alerts.unclosed_of(tx, patient_id="p"),
    "a stranger's open alert": lambda tx, now: alerts.unclosed_of(tx, stranger_id=1),
    "a stranger's last alert": lambda tx, now: alerts.last_of_stranger(tx, 1),
    "a patient's alerts": lambda tx, now: alerts.of_patient(tx, "p"),
    "an alert's events": lambda tx, now: alerts.events(tx, "a"),
    "an alert's findings": lambda tx, now: findings.of_alert(tx, "a"),
    "a patient's last finding": lambda tx, now: findings.last_at(tx, "p"),
    "a patient's active courses": lambda tx, now: courses.active_of(tx, "p"),
    "the courses that are over": lambda tx, now: courses.ended(tx, now),
    "the updates that wait": lambda tx, now: inbox.waiting(tx, now, 10),
    "the update that has waited longest": lambda tx, now: inbox.oldest_waiting_at(tx),
    "the updates to forget": lambda tx, now: keeping.forget(tx, "updates", now),
    "a claim": lambda tx, now: outbox.claim(tx, "page", claimer="c", now=now, lease=DAY, limit=10),
    "an outcome": lambda tx, now: outbox.settle(
        tx, [Settlement(id=OutboxId("o"), state="sent", outcome="sent")], claimer="c", now=now
    ),
    "an alert's pages taken back": lambda tx, now: outbox.drop(tx, reason="r", alert_id="a"),
    "a check-in's prompts taken back": lambda tx, now: outbox.drop(tx, reason="r", checkin_id="c"),
    "the page that has waited longest": lambda tx, now: paging.oldest_unsent_page_at(tx),
    "an alert's pages": lambda tx, now: paging.sent_pages(tx, "a"),
    "the shifts of a day": lambda tx, now: rota.between(tx, now, now + DAY),
}
BIG = ("checkin", "answer", "alert", "alert_event", "finding", "inbox", "outbox", "course", "shift")


@pytest.mark.parametrize("name", QUERIES)
async def test_no_big_table_is_read_from_end_to_end(database: Database, now: datetime, name: str) -> None:
    plans = await plans_of(database, QUERIES[name], now)
    assert plans
    scans = [line for plan in plans for line in plan if _reads_all(line)]
    assert scans == []


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("who is to be asked", "ix_checkin_due"),
        ("when something is due", "ix_checkin_due"),
        ("who is to be reminded", "ix_checkin_reminder"),
        ("what is over", "ix_checkin_expiry"),
        ("where silence counts", "ix_checkin_silence"),
        ("a sent prompt", "ix_checkin_lead_id"),
        ("the ladders to climb", "ix_alert_due"),
        ("a claim", "ix_outbox_unsettled"),
        ("the updates that wait", "ix_inbox_chat"),
    ],
)
async def test_what_is_due_is_found_by_the_index_of_what_is_open(
    database: Database, now: datetime, name: str, index: str
) -> None:
    plans = await plans_of(database, QUERIES[name], now)
    assert any(index in line for plan in plans for line in plan)


async def test_a_claim_comes_out_of_the_index_in_order(database: Database, now: datetime) -> None:
    (plan,) = await plans_of(database, QUERIES["a claim"], now)
    assert not any("TEMP B-TREE" in line or "Sort" in line for line in plan)


async def plans_of(database: Database, query: Query, now: datetime) -> list[list[str]]:
    """The plan of each statement of a query function; PostgreSQL reads a table through only if it has no other way."""
    async with database.transaction(by_sqlalchemy=True) as tx:
        if tx.dialect == "postgresql":
            await tx.execute(text("SET LOCAL enable_seqscan = off"))
        statements: list[tuple[str, Any]] = []
        connection = tx.connection.sync_connection
        assert connection is not None

        def keep(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
            statements.append((statement, parameters[0] if many else parameters))

        event.listen(connection, "before_cursor_execute", keep)
        await query(tx, now)
        event.remove(connection, "before_cursor_execute", keep)
        explain = "EXPLAIN QUERY PLAN " if tx.dialect == "sqlite" else "EXPLAIN "
        found = []
        for statement, parameters in statements:
            plan = (await tx.connection.exec_driver_sql(explain + statement, parameters)).all()
            found.append([str(line[-1]) for line in plan])
    return found


def _reads_all(line: str) -> bool:
    words = line.replace("->", " ").split()
    if words[:1] == ["SCAN"]:
        return words[1] in BIG and "USING" not in words
    return words[:3] == ["Seq", "Scan", "on"] and words[3] in BIG
