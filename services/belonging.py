"""Whose a database is: of one installation and used with one bot, so that a copy of it elsewhere pages nobody."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from store import audit, meta
from store.database import Database, Transaction
from store.errors import ForeignDatabase

INSTALLATION, BOT = "installation", "bot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Belonging:
    """The secret of an installation, none if it has none yet, and Telegram's id of its bot, none if that is unknown."""

    secret: str | None
    bot: str | None

    @property
    def installation(self) -> str | None:
        """What the database holds of the secret."""
        return hashlib.sha256(self.secret.encode()).hexdigest() if self.secret else None


async def refuse_foreign(database: Database, ours: Belonging) -> None:
    """Raise ForeignDatabase for one of another installation or bot; one that nobody has bound yet is anybody's."""
    async with database.reading() as tx:
        installation, bot = await meta.get(tx, INSTALLATION), await meta.get(tx, BOT)
    if installation not in (None, ours.installation):
        raise ForeignDatabase(
            "The database belongs to another installation.",
            "name this one's own in database.url; on a further host of the same clinic put a copy of its file "
            "fortnight.installation; if this one takes its place for good, end the other and run `fortnight adopt`",
        )
    if bot is not None and ours.bot is not None and bot != ours.bot:
        raise ForeignDatabase(
            f"The database was used with bot {bot}, and telegram.token is that of bot {ours.bot}.",
            f"give the token of bot {bot}; if the other bot is to take its place for good, run `fortnight adopt`",
        )


async def bind_installation(tx: Transaction, ours: Belonging, *, anew: bool = False) -> None:
    """The database is this installation's from now on, unless it is somebody's already; `anew` after a restore."""
    if ours.installation and (anew or await meta.get(tx, INSTALLATION) is None):
        await meta.put(tx, INSTALLATION, ours.installation)


async def bind_bot(database: Database, ours: Belonging) -> None:
    """The database is this bot's from now on, unless it is one's already; call it once Telegram has answered."""
    if ours.bot is None:
        return
    async with database.transaction() as tx:
        await tx.lock("belonging")
        if await meta.get(tx, BOT) is None:
            await meta.put(tx, BOT, ours.bot)


async def adopt(tx: Transaction, ours: Belonging, now: datetime, *, actor: str) -> str | None:
    """Take the database over for this installation and its bot, on the record; returns the bot that it had before."""
    before = await meta.get(tx, BOT)
    await bind_installation(tx, ours, anew=True)
    if ours.bot is not None:
        await meta.put(tx, BOT, ours.bot)
    await audit.record(
        tx,
        stream=audit.CLINIC_STREAM,
        actor=actor,
        action="database-adopted",
        subject="database",
        now=now,
        detail={"bot": ours.bot, "bot_before": before},
    )
    return before
