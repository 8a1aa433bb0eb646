"""How every edit of the rota ends: with the gaps of the next 30 days."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from rich.console import Group, RenderableType

from app.cli.desk import Desk
from app.cli.printing import Shown, table
from services import rota

AHEAD = timedelta(days=30)
COLUMNS = {"level": "gap", "from": "from (UTC)", "to": "to"}


async def after_edit(desk: Desk, document: dict[str, Any], said: RenderableType) -> Shown:
    """What the edit came to, and the gaps that there are now."""
    found = await rota.gaps(desk.tx, desk.now, desk.now + AHEAD)
    return Shown(document={**document, "gaps": found}, people=Group(said, table_of(found)))


def table_of(found: list[dict[str, Any]]) -> RenderableType:
    """The gaps as people read them."""
    return table(found, COLUMNS, empty="No gaps.")
