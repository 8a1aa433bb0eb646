"""The database itself refuses to change or delete audit rows, alert events, answers and findings."""

from __future__ import annotations

from alembic import op

from store.append_only import FIXED, FUNCTION, statements

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    if dialect == "postgresql":
        op.execute(FUNCTION)
    for table in FIXED:
        for statement in statements(dialect, table):
            op.execute(statement)


def downgrade() -> None:
    on_server = op.get_bind().dialect.name == "postgresql"
    for table in FIXED:
        for what in ("update", "delete", *(["truncate"] if on_server else [])):
            op.execute(f"DROP TRIGGER {table}_{what}{f' ON {table}' if on_server else ''}")
    if on_server:
        op.execute("DROP FUNCTION refuse_change()")
