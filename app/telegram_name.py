"""The name by which links lead to the bot: asked of Telegram once, then kept in the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.settings import Telegram
from store import meta
from store.database import Database

PATIENCE = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What Telegram says of a token, and the bot's username."""

    state: Literal["good", "refused", "unreachable"]
    name: str | None = None


async def of_bot(telegram: Telegram, database: Database) -> str | None:
    """The bot's username; none when it is not known yet and Telegram cannot be asked."""
    key = f"bot-name:{telegram.token.get_secret_value().partition(':')[0]}"[:64]
    async with database.reading() as tx:
        known = await meta.get(tx, key)
    if known:
        return known
    name = (await ask(telegram)).name
    if name:
        async with database.transaction() as tx:
            await meta.put(tx, key, name)
    return name


async def ask(telegram: Telegram) -> Answer:
    """Ask Telegram about the token."""
    import aiohttp  # slow to import, and seldom needed: the name is kept once it is known

    url = f"{telegram.base_url}{telegram.token.get_secret_value()}/getMe"
    try:
        timeout = aiohttp.ClientTimeout(total=PATIENCE)
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url) as response:
            if response.status in (401, 404):  # 404 is for what does not look like a token at all
                return Answer(state="refused")
            answer = await response.json(content_type=None)
        return Answer(state="good", name=str(answer["result"]["username"]))
    except (TimeoutError, aiohttp.ClientError, ValueError, KeyError, TypeError):
        return Answer(state="unreachable")
