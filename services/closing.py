"""Closing an alert in the chat: an outcome is pressed, then a sentence is written; only both together close it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from rules.lifecycle import OUTCOMES, SENTENCE_WITHIN
from services import ownership, pages, presses
from services.errors import Refused
from services.outgoing import to_staff
from services.turn import Said, Turn
from store import alerts, outbox
from store.alerts import Alert, Closing
from store.staff import Member

SHOWN_WITHIN = timedelta(days=1)  # so long a sentence that comes too late is answered with what is wanting


async def choose_outcome(turn: Turn, alert_id: str) -> Said | None:
    """The button *Close with outcome*: the outcomes to choose from."""
    alert, member = await presses.allowed(turn, alert_id, "close-alert")
    if isinstance(alert, Said):
        return alert
    if alert.state != "acknowledged":
        return _not_now(alert)
    await _ask(turn, member, alert, "outcomes")
    return None


async def outcome_pressed(turn: Turn, alert_id: str, outcome: str) -> Said | None:
    """One of the outcomes: what the member writes next is the sentence that goes with it."""
    alert, member = await presses.allowed(turn, alert_id, "close-alert")
    if isinstance(alert, Said):
        return alert
    if alert.state != "acknowledged" or outcome not in OUTCOMES:
        return _not_now(alert)
    await alerts.begin_closing(turn.tx, alert.id, member.id, outcome, turn.now)
    await _ask(turn, member, alert, "closing-ask", outcome=outcome)
    return Said(code="write_sentence")


async def take_sentence(turn: Turn) -> bool:
    """What a member wrote, if it is the sentence of an outcome that they have pressed: the alert closes with both."""
    closing = await awaited(turn)
    if closing is None or turn.member is None:
        return False
    try:
        await ownership.close(turn.tx, closing.alert, turn.member, closing.outcome, turn.incoming.text, turn.now)
    except Refused:
        await _tell(turn, turn.member, closing.alert, "closing-too-late")
    else:
        await _tell(turn, turn.member, closing.alert, "closing-done", outcome=closing.outcome)
    return True


async def say_expired(turn: Turn) -> bool:
    """What a member wrote comes too long after the outcome that they pressed: the alert stands, with its buttons."""
    closing = await _pressed(turn, SHOWN_WITHIN)
    if closing is None or turn.member is None:
        return False
    await alerts.change(turn.tx, closing.alert.id, closing_by=None)
    draft = to_staff(turn.member, "page", "closing-expired", alert_id=closing.alert.id, alert=closing.alert.alias)
    await outbox.queue(turn.tx, [draft], turn.now)  # in the lane of the page, which comes below it
    await pages.show_page(turn, closing.alert.id)
    return True


async def awaited(turn: Turn) -> Closing | None:
    """The alert whose outcome the member has pressed lately, so that what they write is its sentence."""
    return await _pressed(turn, SENTENCE_WITHIN)


async def _pressed(turn: Turn, within: timedelta) -> Closing | None:
    said = turn.incoming
    if turn.member is None or said.kind != "message" or not said.private or not said.text or said.text.startswith("/"):
        return None
    return await alerts.closing_by(turn.tx, turn.member.id, turn.now - within)


async def _ask(turn: Turn, member: Member, alert: Alert, kind: str, **more: Any) -> None:
    """Ask in place of the page whose button was pressed."""
    params: dict[str, Any] = {"alert": alert.alias, "row": alert.id, **more}
    draft = to_staff(member, "page", kind, alert_id=alert.id, edits=turn.incoming.message_id, **params)
    await outbox.queue(turn.tx, [draft], turn.now)


async def _tell(turn: Turn, member: Member, alert: Alert, kind: str, **more: Any) -> None:
    params: dict[str, Any] = {"alert": alert.alias, "row": alert.id, **more}
    await outbox.queue(turn.tx, [to_staff(member, "reply", kind, **params)], turn.now)


def _not_now(alert: Alert) -> Said:
    return Said(code="first_acknowledge" if alert.state == "open" else "gone")
