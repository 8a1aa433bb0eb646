"""Joining and leaving: /start with a link, strangers, groups, a blocked bot, a forged button."""

from __future__ import annotations

from content.messages import say
from services import enrolment, membership
from services.turn import Turn


async def on_start(turn: Turn, code: str) -> None:
    """/start, with the code of a one-time link or without."""
    incoming = turn.incoming
    if incoming.user_id is None or incoming.chat_id is None:
        return
    if code:
        joined = await enrolment.join(
            turn.clinic, turn.tx, code, user_id=incoming.user_id, chat_id=incoming.chat_id, now=turn.now
        )
        if joined is None:
            await membership.refuse_link(turn)
    else:
        await membership.greet(turn)


async def on_stranger(turn: Turn) -> None:
    """Somebody without a link writes."""
    await membership.greet(turn)


async def on_group_message(turn: Turn) -> None:
    """A message in a group: screened already, answered nowhere near other people."""
    await membership.answer_group_member(turn)


async def on_membership(turn: Turn) -> None:
    """Somebody blocked the bot, or lets it write again."""
    await membership.note_block(turn, blocked=turn.incoming.kind == "blocked")


async def on_migrated(turn: Turn) -> None:
    """A group became a supergroup and has a new id."""
    await membership.note_migration(turn)


async def on_forged_press(turn: Turn) -> None:
    """A button that was not made for this person, or is none of ours: refused and audited."""
    await membership.note_forgery(turn)
    turn.toast = say("en" if turn.patient is None else turn.patient.language, "patient.unknown_button")
