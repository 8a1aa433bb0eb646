"""Which version of a protocol staff put in force, and courses that go on longer than their protocol says."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.types import Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("protocol_version", sa.Column("in_force_at", Instant()))
    op.add_column("course", sa.Column("extra_days", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("course", "extra_days")
    op.drop_column("protocol_version", "in_force_at")
