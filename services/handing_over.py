"""Handing an alert over: offered to a colleague, theirs once they accept, back with whoever offered it otherwise."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rules import ladder
from services import alerting, oncall, ownership, pages, presses
from services.outgoing import to_staff
from services.turn import Said, Turn
from store import alerts, outbox, staff
from store.alerts import Alert
from store.database import Transaction
from store.outbox import Draft
from store.staff import Member


async def choose_successor(turn: Turn, alert_id: str) -> Said | None:
    """The button *Hand over*: colleagues to choose from."""
    alert, member = await presses.allowed(turn, alert_id, "hand-over")
    if isinstance(alert, Said):
        return alert
    reach = await oncall.reach(turn.tx, turn.now)
    colleagues: list[dict[str, Any]] = []
    for person in reach.everyone:
        colleague = await staff.get(turn.tx, person)
        if colleague is not None and colleague.id != member.id and colleague.reachable:
            colleagues.append({"name": colleague.name, "number": colleague.number})
    params: dict[str, Any] = {"alert": alert.alias, "row": alert.id, "colleagues": colleagues}
    await outbox.queue(turn.tx, [_in_place(turn, member, "hand-over-ask", alert, params)], turn.now)
    return None


async def offer(turn: Turn, alert_id: str, number: int) -> Said:
    """A colleague was chosen: ask them. The alert stays with its owner, or with nobody, until they accept."""
    alert, member = await presses.allowed(turn, alert_id, "hand-over")
    if isinstance(alert, Said):
        return alert
    colleague = await staff.by_number(turn.tx, number)
    if alert.state == "closed":
        return Said(code="gone")
    if colleague is None or not oncall.can_be_paged(colleague):
        return Said(code="refused")
    params = {**await pages.params_of(turn.tx, alert), "owner": member.name}
    draft = to_staff(colleague, "page", "hand-over-offer", **params)
    await outbox.queue(turn.tx, [draft], turn.now)
    progress = ladder.offered(alerting.progress_of(alert), member.id, colleague.id, turn.now)
    await _keep(turn.tx, alert, progress, turn.now)
    shown = {**await pages.params_of(turn.tx, alert), "owned": True}
    await outbox.queue(turn.tx, [_in_place(turn, member, "page", alert, shown)], turn.now)
    detail = {"to": colleague.id}
    await alerting.note(turn.tx, alert, "offered", f"staff:{member.id}", turn.now, staff_id=member.id, detail=detail)
    await alerting.climb(turn.clinic, turn.tx, alert.id, turn.now)
    return Said(code="handed")


def _in_place(turn: Turn, member: Member, kind: str, alert: Alert, params: dict[str, Any]) -> Draft:
    """A message in place of the one whose button was pressed."""
    return to_staff(member, "page", kind, alert_id=alert.id, edits=turn.incoming.message_id, **params)


async def accept(turn: Turn, alert_id: str) -> Said:
    """The colleague takes it: the alert is theirs and comes to their chat, the one who offered it is told."""
    alert, member, giver = await _offered(turn, alert_id)
    if alert is None or member is None:
        return Said(code="offer_gone")
    await ownership.hand_over(turn.clinic, turn.tx, alert, member, f"staff:{member.id}", turn.now)
    if giver is not None:
        told = to_staff(giver, "reply", "hand-over-done", owner=member.name, alert=alert.alias)
        await outbox.queue(turn.tx, [told], turn.now)
    await _answered(turn, member, alert, giver)
    await pages.show_page(turn, alert.id)
    return Said(code="acknowledged")


async def decline(turn: Turn, alert_id: str) -> Said:
    """The colleague cannot: the one who offered it is told at once."""
    alert, member, giver = await _offered(turn, alert_id)
    if alert is None or member is None:
        return Said(code="offer_gone")
    await _keep(turn.tx, alert, ladder.withdrawn(alerting.progress_of(alert)), turn.now)
    await alerting.note(turn.tx, alert, "declined", f"staff:{member.id}", turn.now, staff_id=member.id)
    await pages.give_back(turn.tx, alert, giver, member, turn.now)
    await _answered(turn, member, alert, giver)
    return Said(code="declined")


async def _answered(turn: Turn, member: Member, alert: Alert, giver: Member | None) -> None:
    """The offer without its buttons: it was answered."""
    params = {**await pages.params_of(turn.tx, alert), "owner": giver.name if giver else "", "answered": True}
    await outbox.queue(turn.tx, [_in_place(turn, member, "hand-over-offer", alert, params)], turn.now)


async def _offered(turn: Turn, alert_id: str) -> tuple[Alert | None, Member | None, Member | None]:
    """The alert, if it is offered to the one who presses and nobody was faster; who that is, and who offered it."""
    alert, member = await alerts.get(turn.tx, alert_id, lock=True), turn.member
    if alert is None or member is None or alert.state == "closed":
        return None, member, None
    progress = alerting.progress_of(alert)
    if progress.offered_to != member.id:
        return None, member, None
    return alert, member, await staff.get(turn.tx, progress.offered_by or "")


async def _keep(tx: Transaction, alert: Alert, progress: ladder.Progress, now: datetime) -> None:
    await alerts.change(tx, alert.id, progress=ladder.progress_to_mapping(progress), due_at=now)
