"""Guided conversations of staff in the chat: enrol a patient, record an infusion, offer part of a shift. A row each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rules import forms
from rules.permissions import may
from rules.series import instants
from services import enrolment, people, readiness, series, swaps
from services.errors import Refused
from services.outgoing import to_staff
from services.turn import Said, Turn
from store import forms as stored
from store import outbox, patients
from store.forms import Form
from store.staff import Member

NEEDS = {"enrol": "enrol-patient", "infusion": "record-infusion"}
OFFERED = 6  # patients to choose from by a button; any other is typed
CANCEL, YES = "cancel", "yes"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Talk:
    """A member and what they are asked about."""

    turn: Turn
    member: Member
    kind: str
    values: Mapping[str, str]

    def with_answer(self, step: str, value: str) -> _Talk:
        return _Talk(turn=self.turn, member=self.member, kind=self.kind, values={**self.values, step: value})

    def read(self, step: str, text: str) -> str | None:
        return forms.read(step, text, self.turn.now, self.turn.clinic.timezone, self.values)

    async def tell(self, what: str, **params: Any) -> None:
        await outbox.queue(self.turn.tx, [to_staff(self.member, "reply", what, **params)], self.turn.now)


async def begin(turn: Turn, kind: str, rest: str = "") -> None:
    """/enrol or /infusion; what stands behind the command answers the first question."""
    if turn.member is None:
        return
    talk = _Talk(turn=turn, member=turn.member, kind=kind, values={})
    if not may(turn.member.role, NEEDS[kind]):
        await talk.tell("no-role")
        return
    first = forms.next_step(kind, {})
    if rest:
        await _answer(talk, first, rest)
    else:
        await _ask(talk, first)


async def begin_part(turn: Turn, shift_name: str) -> Said | None:
    """*Only a part* of a shift: from when, until when?"""
    shift = await swaps.own_shift(turn, shift_name)
    if turn.member is None or shift is None:
        return Said(code="swap_gone")
    values = {"level": shift.level, "begins": shift.from_at.isoformat(), "ends": shift.to_at.isoformat()}
    await _go_on(_Talk(turn=turn, member=turn.member, kind="swap", values=values))
    return None


async def take_text(turn: Turn, text: str) -> bool:
    """What a member wrote, if they are in such a conversation."""
    form = await _standing(turn)
    if form is None or turn.member is None:
        return False
    await _answer(_Talk(turn=turn, member=turn.member, kind=form.kind, values=form.values), form.step, text)
    return True


async def pressed(turn: Turn, form_id: str, step: str, value: str) -> Said | None:
    """A button under a question; one of an earlier question is too late."""
    form = await _standing(turn)
    if form is None or turn.member is None or (form.id, form.step) != (form_id, step):
        return Said(code="form_over")
    talk = _Talk(turn=turn, member=turn.member, kind=form.kind, values=form.values)
    if value == CANCEL:
        await stored.end(turn.tx, turn.member.id)
        await talk.tell("form-cancelled")
    elif step == forms.CONFIRM and value == forms.SERIES:
        await _ask(talk.with_answer(forms.SERIES, YES), step)
    elif step == forms.CONFIRM:
        return await _finish(talk)
    elif step == "sure" and value != YES:
        await _ask(_Talk(turn=turn, member=turn.member, kind=form.kind, values=_without(form.values, "dose")), "dose")
    else:
        await _go_on(talk.with_answer(step, talk.read(step, value) or value))
    return None


async def _answer(talk: _Talk, step: str, text: str) -> None:
    value = talk.read(step, text)
    if value is None or (step == "patient" and not await _is_there(talk, value)):
        await talk.tell("form-unclear", step=step)
        await _ask(talk, step)
    elif step == forms.UNCOVERED:
        await _finish(talk.with_answer(step, value))
    else:
        await _go_on(talk.with_answer(step, value))


async def _go_on(talk: _Talk) -> None:
    await _ask(talk, forms.next_step(talk.kind, talk.values))


async def _ask(talk: _Talk, step: str) -> None:
    """Keep where the conversation is, and ask; the name and the phone that were given are not shown again."""
    form = await stored.put(talk.turn.tx, talk.member.id, talk.kind, step, talk.values, talk.turn.now)
    shown = {key: value for key, value in talk.values.items() if key not in ("name", "phone")}
    people = await _recent(talk) if step == "patient" else []
    dates = await _dates(talk) if step == forms.CONFIRM and forms.SERIES in talk.values else []
    await talk.tell(
        "form-ask", form=form.id, form_kind=talk.kind, step=step, values=shown, patients=people, dates=dates
    )


def _series(talk: _Talk) -> tuple[datetime, ...]:
    """The infusions that are meant: the one that was given, or the usual series that it begins."""
    first = datetime.fromisoformat(talk.values["at"])
    return instants(first, talk.turn.clinic.hours) if forms.SERIES in talk.values else (first,)


async def _dates(talk: _Talk) -> list[dict[str, Any]]:
    """The infusions of a series, each with what looks odd about it."""
    planned, turn = _series(talk), talk.turn
    found = await series.odd(turn.clinic, turn.tx, await people.patient(turn.tx, talk.values["patient"]), planned)
    return [{"at": at.isoformat(), "odd": [each.why for each in found if each.at == at]} for at in planned]


async def _finish(talk: _Talk) -> Said | None:
    """Do it, say what came of it, and forget the answers; what is refused is said, with what mends it."""
    try:
        async with talk.turn.tx.part():
            said = await _DO[talk.kind](talk)
    except readiness.Uncovered:
        await _ask(talk, forms.UNCOVERED)
    except Refused as refused:
        await stored.end(talk.turn.tx, talk.member.id)
        await talk.tell("form-refused", sentence=str(refused), mend=refused.mend)
    else:
        await stored.end(talk.turn.tx, talk.member.id)
        return said
    return None


async def _offer(talk: _Talk) -> Said:
    from_at, to_at = (datetime.fromisoformat(talk.values[step]) for step in ("from", "to"))
    return await swaps.offer_part(talk.turn, level=talk.values["level"], from_at=from_at, to_at=to_at)


async def _enrol(talk: _Talk) -> None:
    values, turn = talk.values, talk.turn
    patient, code = await enrolment.enrol_patient(
        turn.clinic,
        turn.tx,
        name=values["name"],
        timezone=values["zone"],
        language=values["language"],
        contact={} if values["phone"] == forms.NONE else {"phone": values["phone"]},
        actor=f"staff:{talk.member.id}",
        now=turn.now,
    )
    await talk.tell("enrolled", patient=patient.alias, code=code)


async def _record(talk: _Talk) -> None:
    values, turn = talk.values, talk.turn
    patient = await people.patient(turn.tx, values["patient"])
    done = await series.record(
        turn.clinic,
        turn.tx,
        patient,
        _series(talk),
        dose_mg_per_kg=float(values["dose"]),
        protocol_id=None,
        uncovered=values.get(forms.UNCOVERED),
        actor=f"staff:{talk.member.id}",
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


_DO: Mapping[str, Callable[[_Talk], Awaitable[Said | None]]] = {"enrol": _enrol, "infusion": _record, "swap": _offer}


async def _standing(turn: Turn) -> Form | None:
    if turn.member is None:
        return None
    return await stored.of(turn.tx, turn.member.id, turn.now - forms.GIVEN_UP_AFTER)


async def _is_there(talk: _Talk, alias: str) -> bool:
    try:
        await people.patient(talk.turn.tx, alias)
    except Refused:
        return False
    return True


async def _recent(talk: _Talk) -> list[str]:
    """Those who were enrolled last and still take part."""
    taking_part = [each for each in await patients.every(talk.turn.tx) if each.state not in ("ended", "erased")]
    return [each.alias for each in taking_part[-OFFERED:][::-1]]


def _without(values: Mapping[str, str], step: str) -> dict[str, str]:
    return {key: value for key, value in values.items() if key != step}
