"""Rotations, absences, swaps and drills of the rota, and shifts that stand in for one person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.types import Instant, Json

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.String(length=32)
PARTIAL = (
    ("ix_swap_open", "swap", "to_at", "taken_at IS NULL AND withdrawn_at IS NULL"),
    ("ix_drill_unanswered", "drill", "answer_by", "answered_at IS NULL AND missed_at IS NULL"),
)
ADDED = (("instead_of", ID), ("drill_id", ID), ("calendar", sa.String(length=64)))


def upgrade() -> None:
    for name, kind in ADDED:
        op.add_column("shift", sa.Column(name, kind))
    op.create_table(
        "rotation",
        sa.Column("id", ID, nullable=False),
        sa.Column("staff_ids", Json(), nullable=False),
        sa.Column("level", ID, nullable=False),
        sa.Column("starts_on", sa.String(length=10), nullable=False),
        sa.Column("at", sa.String(length=5), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("ends_at", Instant()),
        sa.Column("created_at", Instant(), nullable=False),
        sa.CheckConstraint("level IN ('primary', 'backup')", name=op.f("ck_rotation_level")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rotation")),
    )
    op.create_table(
        "absence",
        sa.Column("id", ID, nullable=False),
        sa.Column("staff_id", ID, nullable=False),
        sa.Column("from_at", Instant(), nullable=False),
        sa.Column("to_at", Instant(), nullable=False),
        sa.Column("cancelled_at", Instant()),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_absence_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    op.create_index("ix_absence_to_at", "absence", ["to_at"])
    _create_swap()
    _create_drill()
    for name, table, column, where in PARTIAL:
        condition = sa.text(where)
        op.create_index(name, table, [column], sqlite_where=condition, postgresql_where=condition)


def _create_swap() -> None:
    op.create_table(
        "swap",
        sa.Column("id", ID, nullable=False),
        sa.Column("staff_id", ID, nullable=False),
        sa.Column("level", ID, nullable=False),
        sa.Column("from_at", Instant(), nullable=False),
        sa.Column("to_at", Instant(), nullable=False),
        sa.Column("offered_at", Instant(), nullable=False),
        sa.Column("taken_by", ID),
        sa.Column("taken_at", Instant()),
        sa.Column("withdrawn_at", Instant()),
        sa.CheckConstraint("level IN ('primary', 'backup')", name=op.f("ck_swap_level")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_swap_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_swap")),
    )


def _create_drill() -> None:
    op.create_table(
        "drill",
        sa.Column("id", ID, nullable=False),
        sa.Column("staff_id", ID, nullable=False),
        sa.Column("why", ID, nullable=False),
        sa.Column("level", ID),
        sa.Column("from_at", Instant()),
        sa.Column("to_at", Instant()),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("answer_by", Instant()),
        sa.Column("answered_at", Instant()),
        sa.Column("missed_at", Instant()),
        sa.CheckConstraint("why IN ('link', 'request', 'schedule', 'shift', 'stand-in')", name=op.f("ck_drill_why")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_drill_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drill")),
        sa.UniqueConstraint("staff_id", "level", "from_at", "why", name=op.f("uq_drill_staff_id_level_from_at_why")),
    )
    op.create_index("ix_drill_asked_at", "drill", ["asked_at"])


def downgrade() -> None:
    for table in ("drill", "swap", "absence", "rotation"):
        op.drop_table(table)
    for name, _ in reversed(ADDED):
        op.drop_column("shift", name)
