"""The bots that Fortnight speaks as: pages on connections of their own, and from a bot of their own if there is one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from telegram import Bot
from telegram.request import BaseRequest

from bot.request import AiohttpRequest

MAIN, PAGE = "main", "page"  # how the inbox tells the two bots' updates apart
PAGE_BOT = "page-bot"  # the outbox channel of pages to those who have opened the page bot


@dataclass(frozen=True, slots=True, kw_only=True)
class Bots:
    """`main` speaks with patients and staff, `pager` is the same bot on connections of its own, `page` the page bot.

    `polls` are the requests of the long polls, by the name of the bot.
    """

    main: Bot
    pager: Bot
    page: Bot | None
    polls: Mapping[str, BaseRequest]

    def of(self, lane: str, channel: str) -> Bot:
        """The bot that a message goes out by."""
        if channel == PAGE_BOT and self.page is not None:
            return self.page
        return self.pager if lane == "page" else self.main

    def named(self, name: str) -> Bot:
        """The bot whose update it was."""
        return self.page if name == PAGE and self.page is not None else self.main

    def polled(self) -> Iterator[tuple[str, Bot, BaseRequest]]:
        """Every bot to poll: its name, itself and the request to poll with."""
        for name, request in self.polls.items():
            yield name, self.named(name), request

    async def close(self) -> None:
        """Close every connection."""
        for bot in filter(None, (self.main, self.pager, self.page)):
            await bot.request.shutdown()
        for request in self.polls.values():
            await request.shutdown()


def connect(
    token: str, base_url: str, page_token: str | None = None, *, request: Callable[[], BaseRequest] = AiohttpRequest
) -> Bots:
    """The bots of these tokens. Asks Telegram nothing: a refused token shows at the first call, and ends nothing."""

    def bot(its_token: str) -> Bot:
        return Bot(its_token, base_url=base_url, request=request(), get_updates_request=request())

    names = (MAIN,) if page_token is None else (MAIN, PAGE)
    return Bots(
        main=bot(token),
        pager=bot(token),
        page=None if page_token is None else bot(page_token),
        polls={name: request() for name in names},
    )
