"""Runs the steps on the connection that store/migrations.py hands over, all of them in one transaction."""

from __future__ import annotations

from typing import Any

from alembic import context

from store.rota_schema import metadata
from store.types import Instant, Json


def render_item(kind: str, item: Any, autogen_context: Any) -> str | bool:
    """Write our own column types by their name."""
    if kind == "type" and isinstance(item, Instant | Json):
        autogen_context.imports.add("from store.types import Instant, Json")
        return f"{type(item).__name__}()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_item=render_item,
    render_as_batch=False,
    transaction_per_migration=False,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
