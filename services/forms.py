"""Guided conversations of staff in the chat: enrol, record, move or cancel an infusion, offer part of a shift."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from rules import forms
from rules.permissions import may
from services import deeds, readiness, swaps
from services.errors import Refused
from services.talk import Talk
from services.turn import Said, Turn
from store import forms as stored
from store.forms import Form

NEEDS = {"enrol": "enrol-patient", "infusion": "record-infusion", "swap": "see-rota"}
CANCEL, YES = "cancel", "yes"


async def begin(turn: Turn, kind: str, rest: str = "") -> None:
    """/enrol or /infusion; what stands behind the command answers the first question."""
    if turn.member is None:
        return
    talk = Talk(turn=turn, member=turn.member, kind=kind, values={})
    if not may(turn.member.role, NEEDS[kind]):
        await talk.tell("no-role")
        return
    first = forms.next_step(kind, {})
    await _try(talk, _answer(talk, first, rest) if rest else _ask(talk, first))


async def begin_part(turn: Turn, shift_name: str) -> Said | None:
    """*Only a part* of a shift: from when, until when?"""
    shift = await swaps.own_shift(turn, shift_name)
    if turn.member is None or shift is None:
        return Said(code="swap_gone")
    values = {"level": shift.level, "begins": shift.from_at.isoformat(), "ends": shift.to_at.isoformat()}
    await _go_on(Talk(turn=turn, member=turn.member, kind="swap", values=values))
    return None


async def take_text(turn: Turn, text: str) -> bool:
    """What a member wrote, if they are in such a conversation."""
    form = await _standing(turn)
    if form is None or turn.member is None:
        return False
    talk = Talk(turn=turn, member=turn.member, kind=form.kind, values=form.values)
    await _try(talk, _answer(talk, form.step, text))
    return True


async def pressed(turn: Turn, form_id: str, step: str, value: str) -> Said | None:
    """A button under a question; one of an earlier question is too late."""
    form = await _standing(turn)
    if form is None or turn.member is None or (form.id, form.step) != (form_id, step):
        return Said(code="form_over")
    talk = Talk(turn=turn, member=turn.member, kind=form.kind, values=form.values)
    return await _try(talk, _press(talk, step, value))


async def _press(talk: Talk, step: str, value: str) -> Said | None:
    if value == CANCEL:
        await stored.end(talk.turn.tx, talk.member.id)
        await talk.tell("form-cancelled")
    elif step == forms.CONFIRM and value == forms.SERIES:
        await _ask(talk.with_answer(forms.SERIES, YES), step)
    elif step == forms.CONFIRM:
        return await _finish(talk)
    elif step == "sure" and value != YES:
        await _ask(talk.without("dose"), "dose")
    else:
        await _go_on(talk.with_answer(step, talk.meaning(step, value) or value))
    return None


async def _answer(talk: Talk, step: str, text: str) -> Said | None:
    value = talk.meaning(step, text)
    if value is None or not await talk.knows(step, value):
        await talk.tell("form-unclear", step=step)
        await _ask(talk, step)
    elif step == forms.UNCOVERED:
        return await _finish(talk.with_answer(step, value))
    else:
        await _go_on(talk.with_answer(step, value))
    return None


async def _go_on(talk: Talk) -> None:
    step = forms.next_step(talk.kind, talk.values)
    if step == forms.WHICH and not await talk.planned():
        await _go_on(talk.with_answer(step, forms.NEW))
    else:
        await _ask(talk, step)


async def _ask(talk: Talk, step: str) -> None:
    """Keep where the conversation is, and ask; the name and the phone that were given are not shown again."""
    more = await _shown_with(talk, step)
    form = await stored.put(talk.turn.tx, talk.member.id, talk.kind, step, talk.values, talk.turn.now)
    values = {key: value for key, value in talk.values.items() if key not in ("name", "phone")}
    await talk.tell("form-ask", form=form.id, form_kind=talk.path, step=step, values=values, **more)


async def _shown_with(talk: Talk, step: str) -> dict[str, Any]:
    """What a question shows besides the answers so far."""
    if step == "patient":
        return {"patients": await talk.recent()}
    if step == forms.WHICH:
        return {"planned": [each.infusion_at.isoformat() for each in await talk.planned()]}
    if step == forms.CONFIRM and forms.SERIES in talk.values:
        return {"dates": await talk.dates()}
    return await deeds.foreseen(talk) if step == forms.CONFIRM and talk.path == "change" else {}


async def _finish(talk: Talk) -> Said | None:
    """Do it, and forget the answers; without a tested clinician a reason is asked for first."""
    if not may(talk.member.role, NEEDS[talk.kind]):
        await talk.tell("no-role")
        return None
    try:
        async with talk.turn.tx.part():
            said = await deeds.do(talk)
    except readiness.Uncovered:
        await _ask(talk, forms.UNCOVERED)
        return None
    await stored.end(talk.turn.tx, talk.member.id)
    return said


async def _try(talk: Talk, going_on: Awaitable[Said | None]) -> Said | None:
    """Go on with a conversation; what is refused ends it, and is said with what mends it, in the member's language."""
    try:
        return await going_on
    except Refused as refused:
        await stored.end(talk.turn.tx, talk.member.id)
        figures = {"sentence": str(refused), "mend": refused.mend}
        await talk.tell("form-refused", code=refused.code, figures=dict(refused.figures), **figures)
        return None


async def _standing(turn: Turn) -> Form | None:
    if turn.member is None:
        return None
    return await stored.of(turn.tx, turn.member.id, turn.now - forms.GIVEN_UP_AFTER)
