"""What patients wrote and what was noted about them, as one list, the gravest first; every look at it is logged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from rules.digest import Entry, gravest_first
from rules.tier import Tier
from services import conversation
from store import audit, checkins, digests, patients
from store.answers import Text
from store.database import Transaction
from store.digests import Digest, Remark


async def in_digest(tx: Transaction, digest: Digest) -> list[Entry]:
    """What a digest holds; the caller logs whoever sees the words."""
    return await _entries(tx, await digests.texts_of(tx, digest.id), await digests.remarks_of(tx, digest.id))


async def looked_up(tx: Transaction, since: datetime | None, actor: str, now: datetime) -> list[Entry]:
    """What is unread, or all since an instant, for the command line: a reveal, logged; nothing becomes read by it."""
    if since is None:
        found = await _entries(tx, await digests.unopened_texts(tx), await digests.unopened_remarks(tx))
    else:
        found = await _entries(tx, await digests.texts_since(tx, since), await digests.remarks_since(tx, since))
    await log(tx, found, actor, "revealed", now)
    return found


async def log(tx: Transaction, found: Sequence[Entry], actor: str, action: str, now: datetime) -> None:
    """That somebody saw these, in the stream of each patient."""
    for patient_id in sorted({entry.patient_id or "" for entry in found}):
        stream = audit.stream_of(patient_id or None)
        await audit.record(tx, stream=stream, actor=actor, action=action, subject="digest", now=now)


async def _entries(tx: Transaction, texts: Sequence[Text], remarks: Sequence[Remark]) -> list[Entry]:
    """Every text with what was found in it, and every other note."""
    updates = {text.inbox_id for text in texts if text.inbox_id}
    on_update: defaultdict[str | None, list[Remark]] = defaultdict(list)
    for remark in await digests.remarks_on(tx, sorted(updates)):
        on_update[remark.inbox_id].append(remark)
    apart = [remark for remark in remarks if remark.inbox_id not in updates]
    who = {text.patient_id for text in texts} | {each.patient_id for each in apart if each.patient_id}
    people = await patients.of(tx, who)
    alias = {patient_id: patient.alias for patient_id, patient in people.items()}
    found = [
        _entry(text.patient_id, alias.get(text.patient_id), text.at, on_update[text.inbox_id], words=text.words)
        for text in texts
    ]
    found += [_entry(each.patient_id, alias.get(each.patient_id or ""), each.at, [each]) for each in apart]
    return gravest_first([await _with_question(tx, entry) for entry in found])


async def _with_question(tx: Transaction, entry: Entry) -> Entry:
    """A note says also what came of the gentle question that it was followed by."""
    if entry.tier is not Tier.NOTE or entry.patient_id is None:
        return entry
    asked = await checkins.last_outside(tx, entry.patient_id, conversation.SLOT)
    if asked is None or asked.due_at < entry.at - conversation.OPEN_FOR:
        return entry
    rule = "asked-answered" if asked.state == "answered" else "asked-unanswered"
    return replace(entry, reasons=({"rule": rule, "tier": entry.tier.word}, *entry.reasons))


def _entry(
    patient_id: str | None, alias: str | None, at: datetime, remarks: Iterable[Remark], words: str | None = None
) -> Entry:
    seen = sorted((remark.finding for remark in remarks), key=lambda finding: -finding.tier)
    return Entry(
        patient_id=patient_id,
        patient=alias,
        at=at,
        tier=max((each.tier for each in seen), default=Tier.NONE),
        words=words,
        reasons=tuple({"rule": each.rule, "tier": each.tier.word, **dict(each.detail)} for each in seen),
    )
