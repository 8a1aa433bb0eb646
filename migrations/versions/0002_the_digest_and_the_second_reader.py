"""The digest by which words and notes reach a clinician, and what the second reader has read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.types import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_answer_words", "answer", "stored_at", "words IS NOT NULL"),
    ("ix_answer_undigested", "answer", "id", "words IS NOT NULL AND digest_id IS NULL"),
    ("ix_answer_digest_id", "answer", "digest_id", "digest_id IS NOT NULL"),
    ("ix_finding_undigested", "finding", "id", "alert_id IS NULL AND digest_id IS NULL"),
    ("ix_finding_digest_id", "finding", "digest_id", "digest_id IS NOT NULL"),
    ("ix_digest_unopened", "digest", "id", "opened_at IS NULL"),
)


def upgrade() -> None:
    op.create_table(
        "digest",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("opened_at", Instant()),
        sa.Column("opened_by", sa.String(length=32)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest")),
    )
    op.add_column("answer", sa.Column("digest_id", sa.String(length=32)))
    op.add_column("answer", sa.Column("second_read_at", Instant()))
    op.add_column("finding", sa.Column("digest_id", sa.String(length=32)))
    for name, table, column, where in INDEXES:
        condition = sa.text(where)
        op.create_index(name, table, [column], sqlite_where=condition, postgresql_where=condition)


def downgrade() -> None:
    for name, table, _, _ in INDEXES:
        op.drop_index(name, table)
    op.drop_column("finding", "digest_id")
    op.drop_column("answer", "second_read_at")
    op.drop_column("answer", "digest_id")
    op.drop_table("digest")
