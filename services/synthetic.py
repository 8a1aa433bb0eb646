"""The synthetic patient: the auditor writes a red text as nobody, and sees that its page goes the whole way in time.

The text goes in at the inbox; screening, alert, ladder, outbox and lane do with it what they do with everybody's. Only
the last step keeps what is for the patient's chat, so that no clinician is paged. It stands in no list and no report.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from services import alerting
from services.clinic import Clinic
from services.readiness import Problem
from store import alerts, heartbeats, inbox, outbox, paging, patients
from store.database import Transaction
from store.ids import SYNTHETIC, SYNTHETIC_CHAT
from store.inbox import Received

CHAT = SYNTHETIC_CHAT
WRITTEN, PAGED = "synthetic-written", "synthetic-paged"  # the heartbeats of it
BOT = "synthetic"  # in the inbox, so that its updates are taken for no real bot's
TEXT = "I am going to kill myself tonight"
DEADLINE = timedelta(seconds=60)


async def look_after(clinic: Clinic, now: datetime, every: timedelta) -> list[Problem]:
    """See what came of the last text, and write the next when it is time. Code: synthetic-unpaged (since)."""
    async with clinic.database.transaction() as tx:
        await _finish(tx, now)
        beats = await heartbeats.last(tx)
        written_at, paged_at = beats.get(WRITTEN), beats.get(PAGED)
        waits = written_at is not None and (paged_at is None or paged_at < written_at)
        if written_at is None or now - written_at >= every:
            await _write(clinic, tx, now)
            if not waits:  # as long as one waits it is the one that counts: a new text hides no old silence
                await heartbeats.beat(tx, WRITTEN, now)
        if written_at is None or not waits or now - written_at <= DEADLINE:
            return []
        return [Problem(code="synthetic-unpaged", figures={"since": written_at.isoformat()})]


async def _write(clinic: Clinic, tx: Transaction, now: datetime) -> None:
    await patients.add_synthetic(tx, timezone=clinic.timezone, now=now)
    number = int(now.timestamp())
    person = {"id": CHAT, "is_bot": False, "first_name": "Nobody"}
    message = {"message_id": number, "date": number, "chat": {"id": CHAT, "type": "private"}, "from": person}
    raw = json.dumps({"update_id": number, "message": {**message, "text": TEXT}})
    await inbox.add(tx, [Received(bot=BOT, update_id=number, chat_id=CHAT, raw=raw)], now)


async def _finish(tx: Transaction, now: datetime) -> None:
    """Close its alert once page and crisis reply have gone the whole way."""
    alert = await alerts.unclosed_of(tx, patient_id=SYNTHETIC, lock=True)
    sent_at = await paging.first_page_sent_at(tx, alert.id) if alert else None
    if alert is None or sent_at is None or await outbox.any_unsettled(tx, CHAT):
        return
    await alerts.change(tx, alert.id, state="closed", closed_at=now, due_at=None, outcome="no-concern")
    await alerting.note(tx, alert, "closed", "engine", now)
    await heartbeats.beat(tx, PAGED, max(sent_at, alert.opened_at))
