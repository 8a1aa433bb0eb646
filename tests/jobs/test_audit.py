"""The auditor: pings only while everything is on track, and says what is not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from sqlalchemy import text

from jobs.audit import Auditor
from rules.finding import Finding
from rules.tier import Tier
from services import intake, safety, watching
from services.anchoring import AnchorFile, read
from services.clinic import Clinic
from store import alerts, checkins, heartbeats
from tests.builders import add_member, add_patient, record_infusion
from tests.store.rows import lay_guards_down
from tests.wire import deliver

MINUTE = timedelta(minutes=1)
RED = Finding(rule="free-text", tier=Tier.RED)


@dataclass
class DeadMan:
    """The other end of the ping."""

    url: str = ""
    pings: int = 0
    asked_by: str = ""
    status: int = 200
    alarms: list[str] = field(default_factory=list)

    async def alarm(self, what: str) -> None:
        self.alarms.append(what)


@pytest.fixture
async def dead_man() -> AsyncIterator[DeadMan]:
    made = DeadMan()

    async def ping(request: web.Request) -> web.Response:
        made.pings += 1
        made.asked_by = request.headers["User-Agent"]
        return web.Response(status=made.status)

    app = web.Application()
    app.router.add_get("/secret", ping)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/secret"
    yield made
    await runner.cleanup()


async def beat(clinic: Clinic, now: datetime) -> None:
    """The poll and the tick show that they are alive."""
    async with clinic.database.transaction() as tx:
        await heartbeats.beat(tx, "poll", now)
        await heartbeats.beat(tx, "tick", now)


async def codes(clinic: Clinic, now: datetime) -> list[str]:
    await beat(clinic, now)
    return [problem.code for problem in await watching.audit(clinic, now)]


def auditor(
    clinic: Clinic, now: datetime, dead_man: DeadMan, *before: str, anchors: AnchorFile | None = None
) -> Auditor:
    return Auditor(
        clinic,
        lambda: now,
        interval=MINUTE,
        ping_urls=[*before, dead_man.url],
        synthetic_every=timedelta(hours=1),
        alarm=dead_man.alarm,
        anchors=anchors,
    )


async def test_while_all_is_on_track_it_pings(clinic: Clinic, now: datetime, dead_man: DeadMan) -> None:
    async with clinic.database.transaction() as tx:
        await add_member(clinic, tx, now, on_call="primary")
        patient = await add_patient(clinic, tx, now)
        await record_infusion(clinic, tx, patient, now)
        await safety.act(clinic, tx, patient, [RED], now=now)
    await deliver(clinic, now)
    await beat(clinic, now)
    assert await auditor(clinic, now, dead_man).audit_once()
    assert (dead_man.pings, dead_man.alarms) == (1, [])


async def test_a_ping_carries_the_last_link_of_the_anchors_and_a_cut_tail_stops_it(
    clinic: Clinic, now: datetime, dead_man: DeadMan, tmp_path: Path
) -> None:
    async with clinic.database.transaction() as tx:
        await add_member(clinic, tx, now, on_call="primary")
    await beat(clinic, now)
    anchors = AnchorFile(tmp_path / "fortnight.anchors")
    watching_it = auditor(clinic, now, dead_man, anchors=anchors)
    assert await watching_it.audit_once()
    assert dead_man.asked_by == f"fortnight anchor/{read(anchors.path).links[-1]}"
    async with clinic.database.transaction() as tx:
        await lay_guards_down(tx)
        await tx.execute(text("DELETE FROM audit"))
        await tx.execute(text("DELETE FROM audit_head"))
    assert not await watching_it.audit_once()
    assert (dead_man.pings, dead_man.alarms) == (1, ["off-track"])


async def test_an_engine_that_shows_no_sign_of_life_stops_the_ping(
    clinic: Clinic, now: datetime, dead_man: DeadMan
) -> None:
    await beat(clinic, now)
    late = auditor(clinic, now + 2 * MINUTE, dead_man)
    assert not await late.audit_once()
    assert not await late.audit_once()
    assert (dead_man.pings, dead_man.alarms) == (0, ["off-track"])  # the operator is told once


async def test_an_alert_that_the_ladder_forgot_is_found(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        await add_member(clinic, tx, now, on_call="primary")
        await safety.act(clinic, tx, await add_patient(clinic, tx, now), [RED], now=now)
    await deliver(clinic, now)
    assert await codes(clinic, now + 2 * MINUTE) == []
    assert await codes(clinic, now + 5 * MINUTE) == ["alert-overdue"]  # its repeat has been due for three minutes
    async with clinic.database.transaction() as tx:
        (alert,) = await alerts.every(tx)
        await alerts.change(tx, alert.id, due_at=None)
    assert await codes(clinic, now) == ["alert-overdue"]


async def test_a_page_that_does_not_go_out_and_an_alert_that_pages_nobody_are_found(
    clinic: Clinic, now: datetime
) -> None:
    async with clinic.database.transaction() as tx:
        await safety.act(clinic, tx, await add_patient(clinic, tx, now), [RED], now=now)
        await add_member(clinic, tx, now, on_call="primary")  # too late for the first ring; their drill waits
        (alert,) = await alerts.every(tx)
        await alerts.change(tx, alert.id, due_at=now + 5 * MINUTE)
    assert await codes(clinic, now) == ["alert-unanswered"]  # there was nobody to try
    assert await codes(clinic, now + 2 * MINUTE) == ["alert-unpaged", "alert-unanswered"]
    async with clinic.database.transaction() as tx:
        await safety.act(clinic, tx, await add_patient(clinic, tx, now), [RED], now=now)
        for each in await alerts.every(tx):
            await alerts.change(tx, each.id, due_at=now + 5 * MINUTE)
    assert "page-unsent" in await codes(clinic, now + 2 * MINUTE)


async def test_an_update_that_nobody_handles_is_found(clinic: Clinic, now: datetime) -> None:
    await intake.receive(clinic, [intake.Received(bot="main", update_id=1, chat_id=1, raw="{}")], now)
    assert await codes(clinic, now + MINUTE) == []
    assert await codes(clinic, now + 2 * MINUTE) == ["inbox-unhandled"]


async def test_a_course_for_which_nothing_is_planned_is_found(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        patient = await add_patient(clinic, tx, now)
        await record_infusion(clinic, tx, patient, now)
        rows = await checkins.of_patient(tx, patient.id)
    assert await codes(clinic, now) == []
    async with clinic.database.transaction() as tx:
        await checkins.change_all(tx, [row.id for row in rows], state="cancelled", cancelled_because="overlap")
    assert await codes(clinic, now) == ["course-without-slots"]


async def test_a_ping_that_is_refused_is_no_ping_and_its_url_is_not_logged(
    clinic: Clinic, now: datetime, dead_man: DeadMan, caplog: pytest.LogCaptureFixture
) -> None:
    await beat(clinic, now)
    dead_man.status = 500
    assert not await auditor(clinic, now, dead_man).audit_once()
    assert "secret" not in caplog.text
    assert "ping-failed" in [getattr(record, "action", "") for record in caplog.records]


async def test_when_the_first_target_is_down_the_second_takes_the_ping(
    clinic: Clinic, now: datetime, dead_man: DeadMan, unused_tcp_port: int
) -> None:
    await beat(clinic, now)
    assert await auditor(clinic, now, dead_man, f"http://127.0.0.1:{unused_tcp_port}/down").audit_once()
    assert dead_man.pings == 1


async def test_a_synthetic_text_that_leads_to_no_page_stops_the_ping(
    clinic: Clinic, now: datetime, dead_man: DeadMan
) -> None:
    await beat(clinic, now)
    assert await auditor(clinic, now, dead_man).audit_once()  # it writes its first text; nothing handles it here
    later = now + 2 * MINUTE
    await beat(clinic, later)
    assert not await auditor(clinic, later, dead_man).audit_once()
    assert (dead_man.pings, dead_man.alarms) == (1, ["off-track"])


async def test_a_failing_auditor_sends_no_ping(clinic: Clinic, now: datetime, dead_man: DeadMan) -> None:
    await beat(clinic, now)
    async with clinic.database.transaction() as tx:
        await tx.execute(text("DROP TABLE heartbeat"))
    assert not await auditor(clinic, now, dead_man).audit_once()
    assert (dead_man.pings, dead_man.alarms) == (0, ["off-track"])
