"""Who may talk to the bot at all: links that are no good, strangers, groups, blocks, forged buttons."""

from __future__ import annotations

from datetime import timedelta

from services import delivery, nudges
from services.outgoing import to_patient
from services.turn import Turn
from store import alerts, audit, outbox, patients, staff
from store.outbox import Draft

GREET_AGAIN = timedelta(hours=1)


async def refuse_link(turn: Turn) -> None:
    """The link is unknown, used up or expired: say so, and whom to ask."""
    await outbox.queue(turn.tx, [_to_sender(turn, "link-bad")], turn.now)


async def greet(turn: Turn) -> None:
    """Somebody without a link writes, or somebody with one presses Start again."""
    if turn.replied:
        return
    if turn.patient is not None:
        kind = "consent" if turn.patient.state == "linked" else "welcome-back"
        await outbox.queue(turn.tx, [to_patient(turn.patient, "reply", kind)], turn.now)
        return
    bucket = int(turn.now.timestamp() // GREET_AGAIN.total_seconds())
    kind = "staff-help" if turn.member else "stranger"
    once = f"greet:{turn.incoming.user_id}:{bucket}" if turn.member is None else None
    await outbox.queue(turn.tx, [_to_sender(turn, kind, once=once)], turn.now)


async def help_stranger(turn: Turn) -> None:
    """/now from somebody whom the clinic does not know: the crisis lines at once."""
    await outbox.queue(turn.tx, [_to_sender(turn, "stranger-crisis", lane="crisis")], turn.now)


async def answer_group_member(turn: Turn) -> None:
    """Nothing about a patient in a group: whoever wrote there is answered, if at all, in private."""
    if turn.patient is not None and turn.replied is False and turn.incoming.text:
        await audit.record(
            turn.tx,
            stream=audit.stream_of(turn.patient.id),
            actor=f"patient:{turn.patient.id}",
            action="wrote-in-group",
            subject=turn.patient.alias,
            now=turn.now,
        )


async def note_block(turn: Turn, *, blocked: bool) -> None:
    """The bot was blocked, or may write again."""
    if not turn.incoming.private:
        return
    if turn.patient is not None:
        if blocked:
            await delivery.patient_unreachable(turn.tx, turn.patient.id, turn.now)
        else:
            await patients.change(turn.tx, turn.patient.id, blocked_at=None)
    if turn.member is not None:
        if blocked:
            await nudges.note_lost(turn.tx, turn.member.id, turn.now)
        else:
            await staff.change(turn.tx, turn.member.id, blocked_at=None)
        await alerts.look_again(turn.tx, turn.now)


async def note_migration(turn: Turn) -> None:
    """A group got a new id. No group is written to yet, so it is only noted."""
    await audit.record(
        turn.tx,
        stream=audit.CLINIC_STREAM,
        actor="engine",
        action="group-migrated",
        subject=str(turn.incoming.chat_id),
        now=turn.now,
        detail={"to": turn.incoming.new_chat_id},
    )


async def note_forgery(turn: Turn) -> None:
    """A button that this person may not press: refused, and kept in the audit."""
    await audit.record(
        turn.tx,
        stream=audit.CLINIC_STREAM,
        actor=f"telegram:{turn.incoming.user_id}",
        action="press-refused",
        subject=str(turn.incoming.message_id),
        now=turn.now,
    )


def _to_sender(turn: Turn, kind: str, *, lane: str = "reply", once: str | None = None) -> Draft:
    language = "es" if turn.incoming.language.startswith("es") else "en"
    params = {"role": turn.member.role} if turn.member else {"told": False}
    return Draft(lane=lane, kind=kind, chat_id=turn.incoming.chat_id, language=language, params=params, once=once)
