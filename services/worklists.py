"""What staff ask for: who is on call, what is open, who is in a course; by alias."""

from __future__ import annotations

from typing import Any

from rules.local_time import local_day
from rules.permissions import may
from rules.tier import Tier
from services import charts, duty, pages, swaps
from services.outgoing import to_staff
from services.turn import Turn
from store import alerts, courses, outbox, patients
from store.database import Transaction
from store.outbox import Draft

LINES = 50  # of a caseload in one message
LINE = ("alert", "row", "tier", "patient", "state", "owner")


async def show_help(turn: Turn) -> None:
    """What the bot can do for this member."""
    await _reply(turn, "staff-help", role=turn.member.role if turn.member else "clinician")


async def show_oncall(turn: Turn) -> None:
    """Who is on call, until when and who then; with the shifts that are offered, and the button to offer one's own."""
    if turn.member is None:
        return
    shown = await duty.on_call(turn.tx, turn.now)
    offers = await swaps.open_offers(turn.tx, turn.member, turn.now)
    own = await swaps.own_shifts(turn.tx, turn.member, turn.now)
    await _reply(turn, "oncall", **shown, offers=offers, own=bool(own))


async def show_alerts(turn: Turn) -> None:
    """What is open."""
    if not _may(turn, "acknowledge-alert"):
        await _reply(turn, "no-role")
        return
    await _reply(turn, "alerts", alerts=await alert_lines(turn.tx))


async def show_caseload(turn: Turn) -> None:
    """Who is in a course: alias, day, last mood, open alert; in as many messages as they need."""
    if not _may(turn, "caseload"):
        await _reply(turn, "no-role")
        return
    lines = await caseload(turn)
    more = {"count": len(lines), "shows_alerts": _may(turn, "acknowledge-alert")}
    for start in range(0, max(len(lines), 1), LINES):
        await _reply(turn, "caseload", patients=lines[start : start + LINES], **more)


async def show_counts(turn: Turn) -> None:
    """In a group: how many alerts and courses there are, and nothing about anybody."""
    if turn.member is None or not _may(turn, "caseload"):
        return
    standing = await alerts.every(turn.tx, *alerts.OPEN_STATES)
    params = {
        "red": sum(each.tier is Tier.RED for each in standing),
        "amber": sum(each.tier is Tier.AMBER for each in standing),
        "untaken": sum(each.state == "open" for each in standing),
        "courses": len({each.patient_id for each in await courses.active(turn.tx) if each.infusion_at <= turn.now}),
    }
    # Of nobody's chat: that the group cannot be written to says nothing about the member.
    chat_id, language = turn.incoming.chat_id, turn.member.language
    await outbox.queue(
        turn.tx, [Draft(lane="reply", kind="counts", chat_id=chat_id, language=language, params=params)], turn.now
    )


async def alert_lines(tx: Transaction) -> list[dict[str, Any]]:
    """Open and acknowledged alerts, red ones first, then the oldest."""
    found = await alerts.every(tx, *alerts.OPEN_STATES)
    return [await _line(tx, each) for each in sorted(found, key=lambda alert: (-alert.tier, alert.opened_at))]


async def caseload(turn: Turn) -> list[dict[str, Any]]:
    """A line for each patient in a course, those with an open alert first."""
    begun = (course for course in await courses.active(turn.tx) if course.infusion_at <= turn.now)
    newest: dict[str, courses.Course] = {course.patient_id: course for course in begun}  # others may be planned
    lines = []
    for patient_id, course in newest.items():
        patient = await patients.get(turn.tx, patient_id)
        if patient is None:
            continue
        points = (await charts.mood(turn.tx, patient))["points"]
        alert = await alerts.unclosed_of(turn.tx, patient_id=patient_id)
        line = {
            "patient": patient.alias,
            "day": (local_day(turn.now, patient.timezone) - course.infusion_on).days,
            "mood": points[-1][1] if points else None,
            "alert": await _line(turn.tx, alert) if alert else None,
        }
        lines.append((-alert.tier if alert else 1, patient.number, line))
    return [line for *_, line in sorted(lines, key=lambda each: each[:2])]


async def _line(tx: Transaction, alert: alerts.Alert) -> dict[str, Any]:
    shown = await pages.params_of(tx, alert)
    return {**{name: shown[name] for name in LINE}, "at": shown["opened_at"]}


def _may(turn: Turn, action: str) -> bool:
    return turn.member is not None and may(turn.member.role, action)


async def _reply(turn: Turn, kind: str, **params: Any) -> None:
    if turn.member is not None:
        await outbox.queue(turn.tx, [to_staff(turn.member, "reply", kind, **params)], turn.now)
