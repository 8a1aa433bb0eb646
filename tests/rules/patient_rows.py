"""A patient's courses over time, their rows kept as a store would keep them: for the tests of what moves."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from content.protocols import shipped
from rules.local_time import local_day
from rules.protocol import Protocol
from rules.schedule import CoursePlan, ExistingSlot, Fit, PlannedSlot, fit, plan

DEFAULT = shipped()["ketamine-14d"]
START = datetime(2026, 5, 4, 9, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass(kw_only=True)
class Row:
    """A slot's row, as a store would keep it."""

    course: str
    planned: PlannedSlot
    day_on: date
    done: bool = False
    asked_at: datetime | None = None
    asked_in: str = ""
    pinned: bool = False


@dataclass(kw_only=True)
class Patient:
    """A patient's courses over time: applies what `fit` says, and asks what is due."""

    protocol: Protocol = DEFAULT
    now: datetime = START
    zone: str = "Europe/Madrid"
    recorded_in: str = ""
    preferred: time | None = None
    infusions: dict[str, datetime] = field(default_factory=dict)
    rows: dict[str, Row] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.recorded_in = self.recorded_in or self.zone

    def existing(self) -> list[ExistingSlot]:
        return [
            ExistingSlot(
                id=id_,
                course=row.course,
                key=row.planned.key,
                asks=row.planned.asks,
                optional=row.planned.optional,
                summary=row.planned.summary,
                day_on=row.day_on,
                due_at=row.planned.due_at,
                remind_at=row.planned.remind_at,
                expires_at=row.planned.expires_at,
                in_mood_stream=row.planned.in_mood_stream,
                done=row.done,
                pinned=row.pinned,
            )
            for id_, row in self.rows.items()
        ]

    def decide(self, *moved: str) -> Fit:
        courses = [
            CoursePlan(
                course=name,
                infusion_at=at,
                infusion_on=(on := local_day(at, self.recorded_in)),
                planned=plan(self.protocol, infusion_at=at, zone=self.zone, preferred=self.preferred, infusion_on=on),
            )
            for name, at in self.infusions.items()
        ]
        return fit(self.protocol, self.existing(), courses, zone=self.zone, now=self.now, moved=frozenset(moved))

    def refit(self, *moved: str) -> Fit:
        decision = self.decide(*moved)
        for id_ in decision.cancel:
            del self.rows[id_]
        for move in decision.move:
            self.rows[move.id].planned = move.planned
            self.rows[move.id].day_on = move.planned.local.date()
        for added in decision.add:
            id_ = f"{added.course} {added.planned.key}"
            assert id_ not in self.rows
            self.rows[id_] = Row(course=added.course, planned=added.planned, day_on=added.planned.local.date())
        again = self.decide()
        assert (again.add, again.move, again.cancel) == ((), (), ()), "a second fit finds nothing left to do"
        return decision

    def advance(self, to: datetime) -> None:
        self.now = to
        for row in self.rows.values():
            if not row.done and row.planned.due_at <= to:
                row.done, row.asked_at, row.asked_in = True, row.planned.due_at, self.zone

    def asked(self, slot: str = "") -> list[Row]:
        rows = [row for row in self.rows.values() if row.asked_at and slot in ("", row.planned.slot)]
        return sorted(rows, key=lambda row: row.planned.due_at)


def recorded(*days: float, **patient: object) -> Patient:
    """A patient whose infusions were recorded at their end, one after the other."""
    someone = Patient(**patient)  # type: ignore[arg-type]
    for number, day in enumerate(days):
        someone.advance(START + day * DAY)
        someone.infusions[f"c{number}"] = someone.now
        someone.refit()
    return someone
