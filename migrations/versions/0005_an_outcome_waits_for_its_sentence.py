"""An outcome that a clinician has pressed waits on its alert for the sentence that goes with it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INDEX, CONDITION = "ix_alert_closing_by", sa.text("closing_by IS NOT NULL")


def upgrade() -> None:
    op.add_column("alert", sa.Column("closing_by", sa.String(length=32)))
    op.add_column("alert", sa.Column("closing_as", sa.String(length=32)))
    op.create_index(INDEX, "alert", ["closing_by"], sqlite_where=CONDITION, postgresql_where=CONDITION)


def downgrade() -> None:
    op.drop_index(INDEX, "alert")
    op.drop_column("alert", "closing_as")
    op.drop_column("alert", "closing_by")
