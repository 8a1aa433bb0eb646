"""The emergency lane: when the database will not take a message, it is screened here and paged about from the roster.

Nothing is stored and nothing confirmed, so that the same updates come again. Each is remembered: a dangerous one is
paged about again, to everybody, for as long as the database is away. Once it works the alert opens in the usual way.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from bot.bots import PAGE_BOT, Bots
from bot.danger import Danger, danger_in
from bot.deliver import Wire
from bot.second_channel import SecondChannel, words
from bot.texts import Rendered, render
from bot.texts.staff import reason
from content.messages import say
from rules.tier import Tier
from services.clinic import Clinic
from services.delivery import unstored
from services.roster import Clinician, Known, Roster, RosterFile

log = logging.getLogger(__name__)

AGAIN = timedelta(minutes=5)
REMEMBERED = 10_000
PATIENCE = 30.0  # seconds for all that goes out about one update
EMPTY = Roster(clinicians=(), shifts=(), patients={}, urls=())


class Raw(Protocol):
    """An update as it came, and the name of the bot that it came to."""

    @property
    def bot(self) -> str:
        """The bot's name."""
        ...

    @property
    def raw(self) -> str:
        """The update's JSON."""
        ...


class Emergency:
    """Pages without the database. Never raises: whoever calls it has troubles of their own."""

    def __init__(
        self,
        clinic: Clinic,
        bots: Bots,
        wire: Wire,
        second: SecondChannel,
        roster: RosterFile,
        now: Callable[[], datetime],
    ) -> None:
        self._clinic, self._bots, self._wire, self._second = clinic, bots, wire, second
        self._roster, self._now = roster, now
        self._paged_at: OrderedDict[str, datetime | None] = OrderedDict()  # by update; none when it is harmless

    async def __call__(self, batch: Sequence[Raw]) -> None:
        """See to updates that could not be stored: once each, and again while they keep coming and are dangerous."""
        for each in batch:
            try:
                async with asyncio.timeout(PATIENCE):
                    await self._see_to(each)
            except Exception as error:
                log.error("emergency failed", extra={"action": "emergency-failed"}, exc_info=error)

    async def _see_to(self, update: Raw) -> None:
        name = hashlib.sha256(f"{update.bot}:{update.raw}".encode(errors="surrogatepass")).hexdigest()
        now, known = self._now(), name in self._paged_at
        last = self._paged_at.get(name)
        if known and (last is None or now - last < AGAIN):
            return
        danger = danger_in(self._clinic, update.raw, self._bots.named(update.bot))
        if danger is None:
            self._remember(name, None)
        elif await self._page(danger, now, everybody=known):
            self._remember(name, now)
            if not known:
                await self._comfort(danger, now)

    def _remember(self, name: str, paged_at: datetime | None) -> None:
        self._paged_at[name] = paged_at
        while len(self._paged_at) > REMEMBERED:
            self._paged_at.popitem(last=False)

    async def _page(self, danger: Danger, now: datetime, *, everybody: bool) -> bool:
        """Page by every way there is; whether any of them took it."""
        log.error("emergency page", extra={"action": "emergency-page", "tier": danger.tier.word})
        roster = self._roster.roster() or EMPTY
        to = roster.clinicians if everybody else roster.on_call(now)
        known = roster.patients.get(danger.incoming.user_id or 0)
        ways: list[Awaitable[object]] = [self._page_one(each, danger, known, now) for each in to]
        ways.append(self._second.send(words("emergency", clinic=self._clinic.name)))
        outcomes = await asyncio.gather(*ways, return_exceptions=True)
        for failed in [each for each in outcomes if isinstance(each, Exception)]:
            log.warning("a way failed", extra={"action": "emergency-way-failed", "why": type(failed).__name__})
        return any(not isinstance(each, BaseException) for each in outcomes)

    async def _page_one(self, to: Clinician, danger: Danger, known: Known | None, now: datetime) -> None:
        language, user = to.language, danger.incoming.user_id
        who = known.alias if known else say(language, "emergency.stranger", user=user)
        reasons = " · ".join(reason(language, code) for code in danger.reasons)
        text = say(language, "emergency.page", clinic=self._clinic.name, who=who, reasons=reasons)
        channel = PAGE_BOT if to.page_bot else "telegram"
        message = unstored(
            lane="page", kind="emergency", chat_id=to.chat_id, language=language, now=now, channel=channel
        )
        await self._wire.put(message, Rendered(text=text))

    async def _comfort(self, danger: Danger, now: datetime) -> None:
        """The crisis text, straight to whoever wrote it."""
        incoming = danger.incoming
        if danger.tier < Tier.RED or not incoming.private or incoming.chat_id is None:
            return
        known = (self._roster.roster() or EMPTY).patients.get(incoming.user_id or 0)
        language = known.language if known else "es" if incoming.language.startswith("es") else "en"
        message = unstored(
            lane="crisis",
            kind="crisis" if known else "stranger-crisis",
            chat_id=incoming.chat_id,
            language=language,
            now=now,
            params={"covered": self._clinic.hours.is_open(now), "emergency": danger.medical, "told": True},
        )
        await self._wire.put(message, render(self._clinic, message))
