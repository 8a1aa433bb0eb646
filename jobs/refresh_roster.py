"""Keeps the sealed roster up to date, from which pages go out when the database is away."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from services.clinic import Clinic
from services.roster import RosterFile


def refresh_roster_in(file: RosterFile) -> Callable[[Clinic, datetime], Awaitable[None]]:
    """The pass for one roster file."""

    async def refresh_roster(clinic: Clinic, now: datetime) -> None:
        await file.refresh(clinic, now)

    return refresh_roster
