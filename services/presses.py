"""The buttons of a page: who may press them, what they do, and how the press is answered."""

from __future__ import annotations

from rules.permissions import Refused as NotAllowed
from services import alerting, oncall, ownership, pages
from services.errors import Refused
from services.outgoing import to_staff
from services.turn import Said, Turn, not_theirs
from store import alerts, outbox, paging, staff
from store.alerts import Alert
from store.database import Transaction
from store.staff import Member


async def acknowledge_pressed(turn: Turn, alert_id: str) -> Said:
    """The button *Acknowledge*."""
    alert, member = await allowed(turn, alert_id, "acknowledge-alert")
    if isinstance(alert, Said):
        return alert
    chat_id, message_id = turn.incoming.chat_id, turn.incoming.message_id
    if turn.incoming.private and chat_id is not None and message_id is not None:
        await paging.arrived(turn.tx, alert.id, chat_id=chat_id, message_id=message_id, now=turn.now)
    if await ownership.acknowledge(turn.clinic, turn.tx, alert, member, turn.now):
        return Said(code="acknowledged")
    after = await alerts.get(turn.tx, alert.id)
    if after is None or after.state == "closed":
        return Said(code="gone")
    if after.owner_id == member.id:
        return Said(code="yours")
    owner = await _name(turn.tx, after.owner_id)
    told = to_staff(member, "reply", "taken-by-other", alert=after.alias, owner=owner)
    await outbox.queue(turn.tx, [told], turn.now)
    await pages.show_everywhere(turn.tx, after, turn.now)
    return Said(code="taken", values={"owner": owner})


async def called_pressed(turn: Turn, alert_id: str) -> Said:
    """The button *Called the patient*."""
    alert, member = await allowed(turn, alert_id, "acknowledge-alert")
    if isinstance(alert, Said):
        return alert
    if alert.state != "acknowledged":
        return Said(code="first_acknowledge" if alert.state == "open" else "gone")
    try:
        await ownership.record_contact(turn.clinic, turn.tx, alert, member, turn.now)
    except Refused:
        return Said(code="gone")
    return Said(code="called")


async def reopen_pressed(turn: Turn, alert_id: str) -> Said | None:
    """The button *Reopen*."""
    alert, member = await allowed(turn, alert_id, "close-alert")
    if isinstance(alert, Said):
        return alert
    try:
        await ownership.reopen(turn.clinic, turn.tx, alert, f"staff:{member.id}", turn.now)
    except Refused:
        return Said(code="gone")
    return None


async def allowed(turn: Turn, alert_id: str, action: str) -> tuple[Alert, Member] | tuple[Said, Member]:
    """The alert and the member, or what to answer somebody who may not."""
    alert, member = await alerts.get(turn.tx, alert_id, lock=True), turn.member
    assert member is not None  # noqa: S101 - the router gives these buttons to staff only
    if alert is None:
        return Said(code="gone"), member
    verdict = await oncall.may_press(turn.clinic, turn.tx, member, action, alert, turn.now)
    if isinstance(verdict, NotAllowed):
        detail = {"action": action, "reason": verdict.reason}
        await alerting.note(
            turn.tx, alert, "press-refused", f"staff:{member.id}", turn.now, staff_id=member.id, detail=detail
        )
        return not_theirs(verdict), member
    return alert, member


async def _name(tx: Transaction, member_id: str | None) -> str:
    member = await staff.get(tx, member_id) if member_id else None
    return member.name if member else "–"
