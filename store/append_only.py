"""Triggers by which the database itself refuses to change or delete what is only ever added to."""

from __future__ import annotations

from sqlalchemy import Connection, MetaData, event, text

FIXED = {  # table → the columns that never change; of the others it is noted who has read a row, or with which key
    "audit": (),
    "alert_event": (),
    "answer": (
        "id", "patient_id", "checkin_id", "instrument", "item", "value", "via", "at", "stored_at", "late", "corrects",
        "inbox_id", "message_id",
    ),
    "finding": (
        "id", "patient_id", "alert_id", "inbox_id", "checkin_id", "rule", "tier", "span_start", "span_end", "detail",
        "ruleset", "at",
    ),
}  # fmt: skip
FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
'BEGIN RAISE EXCEPTION ''% is append-only'', TG_TABLE_NAME; END'
"""


def statements(dialect: str, table: str) -> list[str]:
    """What makes the triggers of one table; on PostgreSQL they call the function above."""
    of = f" OF {', '.join(FIXED[table])}" if FIXED[table] else ""
    if dialect == "postgresql":
        body, each = "EXECUTE FUNCTION refuse_change()", " FOR EACH ROW"
        truncate = [f"CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {body}"]
    else:
        body, each, truncate = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END", "", []
    return [
        f"CREATE TRIGGER {table}_update BEFORE UPDATE{of} ON {table}{each} {body}",
        f"CREATE TRIGGER {table}_delete BEFORE DELETE ON {table}{each} {body}",
        *truncate,
    ]


def guard(metadata: MetaData) -> None:
    """Guard the tables wherever the code itself creates them."""

    @event.listens_for(metadata, "after_create")
    def create(_: MetaData, connection: Connection, **more: object) -> None:
        dialect = connection.dialect.name
        triggers = [statement for table in FIXED for statement in statements(dialect, table)]
        for statement in [FUNCTION, *triggers] if dialect == "postgresql" else triggers:
            connection.execute(text(statement))
