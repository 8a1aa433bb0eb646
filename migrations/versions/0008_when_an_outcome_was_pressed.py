"""When an outcome was pressed, so that it does not wait for its sentence for ever."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.types import Instant

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("alert", sa.Column("closing_at", Instant()))


def downgrade() -> None:
    op.drop_column("alert", "closing_at")
