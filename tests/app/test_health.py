"""Health and metrics over HTTP: alive, ready, a tick that comes round, and figures without anybody in them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application, Request
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from app.health import Health
from app.settings import HealthSection
from jobs.passes import Lane, Pass
from jobs.tick import Tick
from rules.finding import Finding
from rules.tier import Tier
from services import ownership, safety, synthetic
from services.clinic import Clinic
from store import alerts, heartbeats
from tests.builders import add_member, add_patient
from tests.wire import deliver

MINUTE = timedelta(minutes=1)
Client = TestClient[Request, Application]


@pytest.fixture
async def client(clinic: Clinic, now: datetime) -> AsyncIterator[Client]:
    health = Health(clinic, HealthSection(), lambda: now, come_round=None)
    async with TestClient(TestServer(health.app())) as client:
        yield client


async def beat(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        await heartbeats.beat(tx, "poll", now)
        await heartbeats.beat(tx, "tick", now)


async def problems(client: Client, path: str) -> tuple[int, list[str]]:
    answer = await client.get(path)
    return answer.status, (await answer.json())["problems"]


async def test_a_process_that_answers_is_alive(client: Client) -> None:
    assert await problems(client, "/health/live") == (200, [])


async def test_ready_is_what_polls_and_ticks_on_a_database_that_fits(
    client: Client, clinic: Clinic, now: datetime
) -> None:
    assert await problems(client, "/health/ready") == (503, ["poll-stale", "tick-stale"])
    await beat(clinic, now - 2 * MINUTE)
    assert await problems(client, "/health/ready") == (503, ["poll-stale", "tick-stale"])
    await beat(clinic, now)
    assert await problems(client, "/health/ready") == (200, [])


async def test_tables_that_do_not_fit_are_not_ready_and_the_process_lives(client: Client, clinic: Clinic) -> None:
    async with clinic.database.transaction() as tx:
        await tx.execute(text("DROP TABLE alembic_version"))
    assert await problems(client, "/health/ready") == (503, ["database"])
    assert await problems(client, "/health/live") == (200, [])


async def test_the_engine_is_well_once_every_lane_has_come_round_since_it_was_asked(
    clinic: Clinic, now: datetime
) -> None:
    rounds, gate = 0, asyncio.Event()

    async def work(clinic: Clinic, now: datetime) -> None:
        nonlocal rounds
        rounds += 1
        if rounds > 1:
            await gate.wait()

    async def alarm(what: str) -> None:
        raise AssertionError(what)

    lane = Lane(name="only", passes=(Pass(run=work),), topics=frozenset())
    tick = Tick(clinic, lambda: now, interval=timedelta(hours=1), alarm=alarm, lanes=(lane,))
    running = asyncio.create_task(tick.run())
    health = Health(clinic, HealthSection(), lambda: now, come_round=tick.come_round)
    async with TestClient(TestServer(health.app())) as client:
        while not rounds:
            await asyncio.sleep(0.01)
        asked = asyncio.create_task(problems(client, "/health/engine"))
        while rounds < 2:
            await asyncio.sleep(0.01)
        assert not asked.done()  # the round before it was asked does not count
        gate.set()
        assert await asked == (200, [])
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def metric(client: Client, name: str, **labels: str) -> float:
    shown = await (await client.get("/metrics")).text()
    samples = [sample for family in text_string_to_metric_families(shown) for sample in family.samples]
    (value,) = [each.value for each in samples if each.name == name and labels.items() <= each.labels.items()]
    return value


async def test_every_promise_has_a_metric_and_nobody_is_in_it(client: Client, clinic: Clinic, now: datetime) -> None:
    opened_at = now - 10 * MINUTE
    await beat(clinic, now - MINUTE)
    async with clinic.database.transaction() as tx:
        member = await add_member(clinic, tx, opened_at, on_call="primary")
        patient = await add_patient(clinic, tx, opened_at)
        await safety.act(clinic, tx, patient, [Finding(rule="free-text", tier=Tier.RED)], now=opened_at)
    await deliver(clinic, opened_at + timedelta(seconds=3))
    async with clinic.database.transaction() as tx:
        (alert,) = await alerts.every(tx)
        await ownership.acknowledge(clinic, tx, alert, member, opened_at + 4 * MINUTE)
    await synthetic.look_after(clinic, now - 2 * MINUTE, timedelta(hours=1))
    took = "fortnight_alert_{}_seconds_bucket"
    assert await metric(client, took.format("page"), tier="red", le="5.0") == 1
    assert await metric(client, took.format("acknowledge"), tier="red", le="120.0") == 0
    assert await metric(client, took.format("acknowledge"), tier="red", le="300.0") == 1
    assert await metric(client, took.format("close"), tier="red", le="+Inf") == 0
    assert await metric(client, "fortnight_alerts_total", tier="red") == 1
    assert await metric(client, "fortnight_alerts_unclosed", tier="red", state="acknowledged") == 1
    assert await metric(client, "fortnight_inbox_oldest_unhandled_seconds") == 120  # the synthetic text, in this test
    assert await metric(client, "fortnight_page_oldest_unsent_seconds") == 360  # the edit of the page
    assert await metric(client, "fortnight_deadline_overdue_seconds") == 0
    assert await metric(client, "fortnight_sign_of_life_age_seconds", part="poll") == 60
    shown = await (await client.get("/metrics")).text()
    assert not any(each in shown for each in (patient.alias, alert.alias, patient.id, alert.id, member.name))
