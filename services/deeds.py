"""What comes of a guided conversation once it is confirmed, and what a change would bring before that."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from rules import forms
from services import changing, enrolment, series, swaps
from services.changing import Change
from services.talk import Talk
from services.turn import Said


async def do(talk: Talk) -> Said | None:
    """Do what was asked for, and say what came of it. Raises Refused."""
    return await _DEEDS[talk.path](talk)


async def foreseen(talk: Talk) -> dict[str, Any]:
    """What a change of a planned infusion would bring. Raises Refused."""
    return _figures(await _change(talk, only_look=True))


async def _offer(talk: Talk) -> Said:
    from_at, to_at = (datetime.fromisoformat(talk.values[step]) for step in ("from", "to"))
    return await swaps.offer_part(talk.turn, level=talk.values["level"], from_at=from_at, to_at=to_at)


async def _enrol(talk: Talk) -> None:
    values, turn = talk.values, talk.turn
    patient, code = await enrolment.enrol_patient(
        turn.clinic,
        turn.tx,
        name=values["name"],
        timezone=values["zone"],
        language=values["language"],
        contact={} if values["phone"] == forms.NONE else {"phone": values["phone"]},
        actor=talk.actor,
        now=turn.now,
    )
    await talk.tell("enrolled", patient=patient.alias, code=code)


async def _record(talk: Talk) -> None:
    values, turn = talk.values, talk.turn
    patient = await talk.patient()
    done = await series.record(
        turn.clinic,
        turn.tx,
        patient,
        talk.series(),
        dose_mg_per_kg=float(values["dose"]),
        protocol_id=None,
        uncovered=values.get(forms.UNCOVERED),
        actor=talk.actor,
        now=turn.now,
    )
    last = done.recorded[-1]
    await talk.tell(
        "infusion-recorded",
        patient=patient.alias,
        slots=last.slots,
        count=len(done.recorded),
        last_at=last.course.infusion_at.isoformat(),
        ends_at=last.course.ends_at.isoformat(),
    )


async def _carry_out(talk: Talk) -> None:
    changed = await _change(talk)
    await talk.tell("infusion-changed", values=dict(talk.values), **_figures(changed))


async def _change(talk: Talk, *, only_look: bool = False) -> Change:
    turn, values = talk.turn, talk.values
    patient, course = await talk.patient(), await talk.chosen()
    if values["what"] == forms.DROP:
        return await changing.cancel(turn.tx, patient, course, actor=talk.actor, now=turn.now, only_look=only_look)
    return await changing.postpone(
        turn.clinic,
        turn.tx,
        patient,
        course,
        to=datetime.fromisoformat(values["move_to"]),
        uncovered=values.get(forms.UNCOVERED),
        actor=talk.actor,
        now=turn.now,
        only_look=only_look,
    )


def _figures(change: Change) -> dict[str, Any]:
    counts = {"moved": change.moved, "dropped": change.dropped, "added": change.added}
    return {"counts": counts, "odd": list(change.odd)}


_DEEDS: Mapping[str, Callable[[Talk], Awaitable[Said | None]]] = {
    "enrol": _enrol,
    "infusion": _record,
    "change": _carry_out,
    "swap": _offer,
}
