"""The tables of the rota and of conversations with staff; `metadata` is that of all tables."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, UniqueConstraint

from store import schema
from store.columns import Id, Word, one_of, partial
from store.types import Instant, Json

metadata = schema.metadata

shift = Table(
    "shift",
    metadata,
    Column("id", Id, primary_key=True),
    Column("staff_id", Id, ForeignKey("staff.id"), nullable=False, index=True),
    Column("level", Word, nullable=False),
    Column("from_at", Instant, nullable=False),
    Column("to_at", Instant, nullable=False),
    Column("override", Boolean, nullable=False),
    Column("instead_of", Id),  # whom alone an override stands in for: after a swap, or a drill that went unanswered
    Column("drill_id", Id),  # the drill whose silence made somebody stand in
    Column("calendar", String(64)),  # the calendar that it was imported from
    Column("cancelled_at", Instant),
    Column("created_at", Instant, nullable=False),
    one_of("level", "primary", "backup"),
    Index("ix_shift_to_at", "to_at"),
)

rotation = Table(
    "rotation",
    metadata,
    Column("id", Id, primary_key=True),
    Column("staff_ids", Json, nullable=False),  # in the order in which they take turns
    Column("level", Word, nullable=False),
    Column("starts_on", String(10), nullable=False),  # the day of the first handover
    Column("at", String(5), nullable=False),  # wall time of the handover, "HH:MM"
    Column("zone", String(64), nullable=False),
    Column("days", Integer, nullable=False),
    Column("ends_at", Instant),
    Column("created_at", Instant, nullable=False),
    one_of("level", "primary", "backup"),
)

absence = Table(
    "absence",
    metadata,
    Column("id", Id, primary_key=True),
    Column("staff_id", Id, ForeignKey("staff.id"), nullable=False),
    Column("from_at", Instant, nullable=False),
    Column("to_at", Instant, nullable=False),
    Column("cancelled_at", Instant),
    Column("created_at", Instant, nullable=False),
    Index("ix_absence_to_at", "to_at"),
)

swap = Table(
    "swap",
    metadata,
    Column("id", Id, primary_key=True),
    Column("staff_id", Id, ForeignKey("staff.id"), nullable=False),  # who offers
    Column("level", Word, nullable=False),
    Column("from_at", Instant, nullable=False),
    Column("to_at", Instant, nullable=False),
    Column("offered_at", Instant, nullable=False),
    Column("taken_by", Id),
    Column("taken_at", Instant),
    Column("withdrawn_at", Instant),
    one_of("level", "primary", "backup"),
    partial("ix_swap_open", "to_at", where="taken_at IS NULL AND withdrawn_at IS NULL"),
)

drill = Table(
    "drill",
    metadata,
    Column("id", Id, primary_key=True),
    Column("staff_id", Id, ForeignKey("staff.id"), nullable=False),
    Column("why", Word, nullable=False),
    Column("level", Word),  # with from_at and to_at the shift that it was asked for
    Column("from_at", Instant),
    Column("to_at", Instant),
    Column("asked_at", Instant, nullable=False),
    Column("answer_by", Instant),
    Column("answered_at", Instant),
    Column("missed_at", Instant),  # when its silence was heeded
    one_of("why", "link", "request", "schedule", "shift", "stand-in"),
    UniqueConstraint("staff_id", "level", "from_at", "why"),
    Index("ix_drill_asked_at", "asked_at"),
    partial("ix_drill_unanswered", "answer_by", where="answered_at IS NULL AND missed_at IS NULL"),
)

form = Table(
    "form",
    metadata,
    Column("id", Id, primary_key=True),
    Column("staff_id", Id, ForeignKey("staff.id"), nullable=False, unique=True),
    Column("kind", Word, nullable=False),
    Column("step", Word, nullable=False),  # the question asked last
    Column("answers", LargeBinary, nullable=False),  # sealed JSON
    Column("changed_at", Instant, nullable=False),
    one_of("kind", "enrol", "infusion", "swap"),
)
