"""After a restore: what was on its way when the backup was made."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from rules.finding import Finding
from rules.tier import Tier
from services import restoring, safety
from services.clinic import Clinic
from services.outgoing import to_patient
from store import alerts, outbox, schema
from tests.builders import add_member, add_patient

RED = Finding(rule="call-me", tier=Tier.RED)


async def test_after_a_restore_pages_still_go_out_and_nothing_less_urgent(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        await add_member(clinic, tx, now, on_call="primary")
        patient = await add_patient(clinic, tx, now)
        await safety.act(clinic, tx, patient, [RED], now=now)
        await outbox.queue(tx, [to_patient(patient, "reply", "help"), to_patient(patient, "bulk", "prompt")], now)
    async with clinic.database.transaction() as tx:
        await restoring.mark_gap(tx, now, now + timedelta(hours=1), actor="cli")
        left = {(row.lane, row.kind): row.state for row in await tx.rows(select(schema.outbox))}
    assert (left["page", "page"], left["crisis", "crisis"]) == ("waiting", "waiting")
    assert (left["reply", "help"], left["bulk", "prompt"]) == ("dropped", "dropped")
    assert left["page", "restored"] == "waiting"


async def test_after_a_restore_every_open_alert_is_looked_at_at_once(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        await add_member(clinic, tx, now, on_call="primary")
        await safety.act(clinic, tx, await add_patient(clinic, tx, now), [RED], now=now)
        assert await alerts.due(tx, now + timedelta(seconds=1), 9) == []
    async with clinic.database.transaction() as tx:
        await restoring.mark_gap(tx, now, now + timedelta(seconds=1), actor="cli")
        assert len(await alerts.due(tx, now + timedelta(seconds=1), 9)) == 1
