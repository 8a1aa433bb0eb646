"""Acts on what the screening saw in a raw update, before any routing and whatever conversation is going on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from rules.finding import Finding
from rules.tier import Tier
from services import alerting, closing, conversation, safety
from services.alerting import Person
from services.turn import Turn
from store import alerts, courses, findings, outbox
from store.outbox import Draft
from store.patients import Patient

STRANGER_AGAIN = timedelta(hours=24)
STRANGER_REPLY = timedelta(hours=1)
NOBODY = 0  # who wrote in a channel is known by it; who is known by nothing is heeded all the same


async def heed(turn: Turn) -> None:
    """The findings stored, the alert opened or joined, the crisis reply or the gentle question queued."""
    found = [finding for screening in turn.screenings for finding in screening.findings]
    if turn.patient is not None and turn.incoming.media not in (None, "sticker"):
        found.append(await _unreadable(turn, turn.patient))
    found = [finding for finding in found if finding.tier > Tier.NONE]
    if not found:
        return
    ruleset = turn.screenings[0].ruleset if turn.screenings else None
    tier = max(finding.tier for finding in found)
    if turn.patient is not None:
        emergency = any(screening.emergency for screening in turn.screenings)
        await safety.act(
            turn.clinic,
            turn.tx,
            turn.patient,
            found,
            now=turn.now,
            inbox_id=turn.inbox_id,
            ruleset=ruleset,
            emergency=emergency,
        )
        if tier < Tier.RED and any(screening.tier > Tier.NONE for screening in turn.screenings):
            await conversation.ask_gently(turn.clinic, turn.tx, turn.patient, tier, turn.now)
    elif not await _is_sentence(turn, ruleset):
        await _heed_stranger(turn, found, ruleset)
    turn.replied = tier is Tier.RED


async def _unreadable(turn: Turn, patient: Patient) -> Finding:
    """A voice note, a photo: it cannot be read, so a human is told; amber in a course, for the digest outside one."""
    in_course = await courses.active_of(turn.tx, patient.id)
    tier = Tier.AMBER if in_course else Tier.NOTE
    return Finding(rule="unreadable-media", tier=tier, detail={"media": turn.incoming.media})


async def _is_sentence(turn: Turn, ruleset: str | None) -> bool:
    """Whether a clinician wrote it to close an alert: it tells of the patient, and stands with the alert as a note."""
    awaited = await closing.awaited(turn)
    if awaited is None:
        return False
    noted = [Finding(rule="closing-sentence", tier=Tier.NOTE)]
    patient_id, alert_id = awaited.alert.patient_id, awaited.alert.id
    await findings.add(
        turn.tx,
        noted,
        now=turn.now,
        patient_id=patient_id,
        alert_id=alert_id,
        inbox_id=turn.inbox_id,
        ruleset=ruleset,
    )
    return True


async def _heed_stranger(turn: Turn, found: Sequence[Finding], ruleset: str | None) -> None:
    """Somebody without a link, or a staff member: crisis text to them, and an alert without a patient, once a day."""
    tier, user_id = max(finding.tier for finding in found), turn.incoming.user_id or turn.incoming.chat_id or NOBODY
    if tier < Tier.RED:
        await findings.add(turn.tx, found, now=turn.now, patient_id=None, inbox_id=turn.inbox_id, ruleset=ruleset)
        return
    told = turn.clinic.strangers == "page"
    alert_id = None
    if told:
        last = await alerts.last_of_stranger(turn.tx, user_id)
        if last is None or last.state != "closed" or last.opened_at <= turn.now - STRANGER_AGAIN:
            alert = await alerting.open_or_join(turn.clinic, turn.tx, Person(stranger_id=user_id), found, turn.now)
            alert_id = alert.id
    await findings.add(
        turn.tx,
        found,
        now=turn.now,
        patient_id=None,
        alert_id=alert_id,
        inbox_id=turn.inbox_id,
        ruleset=ruleset,
    )
    if turn.incoming.private:
        await _reply_to_stranger(turn, user_id, told=told)


async def _reply_to_stranger(turn: Turn, user_id: int, *, told: bool) -> None:
    bucket = int(turn.now.timestamp() // STRANGER_REPLY.total_seconds())
    draft = Draft(
        lane="crisis",
        kind="stranger-crisis",
        chat_id=turn.incoming.chat_id,
        language=turn.member.language if turn.member else "es" if turn.incoming.language.startswith("es") else "en",
        params={"told": told, "colleague": turn.member is not None},
        once=f"stranger:{user_id}:{bucket}",
    )
    await outbox.queue(turn.tx, [draft], turn.now)
