"""Tells those on the sealed roster, by the second channel, that the engine refuses to start: silence would be worse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app import config
from app.parts import roster_path
from app.settings import DatabaseSection, SecondChannel
from bot.second_channel import SecondChannel as Channel
from services.roster import RosterFile


async def tell(path: Path | None, why: str, mend: str) -> None:
    """Say why, to the URLs of the roster or else of the configuration, which itself may be what is wrong."""
    values, folder = config.as_it_is(path, config.environment())
    urls = _urls(values, folder)
    if not urls:
        return  # the command says it on standard error, and nothing else there
    channel = Channel(urls, SecondChannel().timeout)
    await channel.alarm("refused-to-start", why=why, mend=mend)
    channel.close()


def _urls(values: dict[str, Any], folder: Path) -> list[str]:
    token, given = _at(values, "telegram", "token"), _at(values, "second_channel", "urls")
    url = _at(values, "database", "url") or DatabaseSection().url
    roster = RosterFile(roster_path(str(url), folder), str(token)).roster() if token else None
    own = [each for each in given if isinstance(each, str)] if isinstance(given, list) else []
    return list(roster.urls) if roster and roster.urls else own


def _at(values: dict[str, Any], section: str, key: str) -> Any:
    table = values.get(section)
    return table.get(key) if isinstance(table, dict) else None
