"""A conversation about which part of a shift is offered; those that go on, an hour old at most, are begun anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.types import Instant

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make_anew("kind IN ('enrol', 'infusion', 'swap')")


def downgrade() -> None:
    _make_anew("kind IN ('enrol', 'infusion')")


def _make_anew(kinds: str) -> None:
    op.drop_table("form")
    op.create_table(
        "form",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("staff_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("step", sa.String(length=32), nullable=False),
        sa.Column("answers", sa.LargeBinary(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.CheckConstraint(kinds, name=op.f("ck_form_kind")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_form_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form")),
        sa.UniqueConstraint("staff_id", name=op.f("uq_form_staff_id")),
    )
