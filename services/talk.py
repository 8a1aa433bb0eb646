"""One member in a guided conversation, and what the questions about infusions need to know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rules import forms
from rules.series import instants
from services import infusions, people, series
from services.outgoing import to_staff
from services.turn import Turn
from store import courses, outbox, patients
from store.courses import Course
from store.patients import Patient
from store.staff import Member

OFFERED = 6  # patients to choose from by a button; any other is typed
PLANNED = 12  # infusions to choose from


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """A member and what they are asked about, with the answers so far."""

    turn: Turn
    member: Member
    kind: str
    values: Mapping[str, str]

    @property
    def actor(self) -> str:
        """Who does it, for the audit."""
        return f"staff:{self.member.id}"

    @property
    def path(self) -> str:
        """Which questions it asks: a key of forms.STEPS."""
        return forms.path(self.kind, self.values)

    def with_answer(self, step: str, value: str) -> Talk:
        """The same, an answer later."""
        return Talk(turn=self.turn, member=self.member, kind=self.kind, values={**self.values, step: value})

    def without(self, step: str) -> Talk:
        """The same, before an answer."""
        values = {key: value for key, value in self.values.items() if key != step}
        return Talk(turn=self.turn, member=self.member, kind=self.kind, values=values)

    def meaning(self, step: str, text: str) -> str | None:
        """What a typed text is to a question, none when it is no answer."""
        return forms.read(step, text, self.turn.now, self.turn.clinic.timezone, self.values)

    async def tell(self, what: str, **params: Any) -> None:
        """Write to the member."""
        await outbox.queue(self.turn.tx, [to_staff(self.member, "reply", what, **params)], self.turn.now)

    async def patient(self) -> Patient:
        """Whom it is about. Raises Refused."""
        return await people.patient(self.turn.tx, self.values["patient"])

    async def recent(self) -> list[str]:
        """Those who were enrolled last and still take part."""
        taking_part = [each for each in await patients.every(self.turn.tx) if each.state not in ("ended", "erased")]
        return [each.alias for each in taking_part[-OFFERED:][::-1]]

    async def planned(self) -> list[Course]:
        """The infusions of the patient that have not been yet, in the order of time. Raises Refused."""
        active = await courses.active_of(self.turn.tx, (await self.patient()).id)
        return [each for each in active if each.infusion_at > self.turn.now][:PLANNED]

    async def chosen(self) -> Course:
        """The one of them that was chosen. Raises Refused when it is none of them any more."""
        for each in await self.planned():
            if _is_at(each, self.values[forms.WHICH]):
                return each
        raise infusions.been()

    def series(self) -> tuple[datetime, ...]:
        """The infusions that are meant: the one that was given, or the usual series that it begins."""
        first = datetime.fromisoformat(self.values["at"])
        return instants(first, self.turn.clinic.hours) if forms.SERIES in self.values else (first,)

    async def dates(self) -> list[dict[str, Any]]:
        """The infusions of a series, each with what looks odd about it. Raises Refused."""
        planned = self.series()
        found = await series.odd(self.turn.clinic, self.turn.tx, await self.patient(), planned)
        return [{"at": at.isoformat(), "odd": [each.why for each in found if each.at == at]} for at in planned]

    async def knows(self, step: str, value: str) -> bool:
        """Whether a well-formed answer is about a patient or an infusion that there is. Raises Refused."""
        if step == "patient":
            found = await patients.by_number(self.turn.tx, int(value.removeprefix("P-")))
            return found is not None and found.state != "erased"
        if step == forms.WHICH and value != forms.NEW:
            return any(_is_at(each, value) for each in await self.planned())
        return True


def _is_at(course: Course, instant: str) -> bool:
    return course.infusion_at.replace(microsecond=0) == datetime.fromisoformat(instant)
