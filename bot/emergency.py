"""The emergency lane: when the database will not take a message, it is screened here and paged about from the roster.

Nothing is stored and nothing confirmed, so that the same updates come again. Whoever wrote a dangerous one is paged
about once, and again, to everybody, for as long as the database is away: a flood of theirs rings no more often. Once
it works the alert opens in the usual way.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

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
LATELY = 2 * AGAIN  # what is longer ago was another time that the database was away
GOES_ON = timedelta(minutes=1)  # what goes wrong again within so long goes wrong for so long
REMEMBERED = 10_000
PATIENCE = 30.0  # seconds for all that goes out about one update, or about the alerts that stand still
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
        self._seen: OrderedDict[str, Danger | None] = OrderedDict()  # by update; none when it is harmless
        self._asked_at = self._told_at = datetime.min.replace(tzinfo=UTC)
        self._told = False
        self._paged: OrderedDict[object, tuple[Tier, datetime]] = OrderedDict()  # by person

    async def __call__(self, batch: Sequence[Raw]) -> None:
        """See to updates that could not be stored, and again while they keep coming and are dangerous."""
        await asyncio.gather(self._see_to_all(batch), _safely(self._see_to_open_alerts(self._now())))

    async def _see_to_all(self, batch: Sequence[Raw]) -> None:
        for each in batch:
            await _safely(self._see_to(each))

    async def _see_to_open_alerts(self, now: datetime) -> None:
        """Their ladders stand still: whoever is on call is told of them after a minute, then everybody every five."""
        if abs(now - self._asked_at) > GOES_ON:  # it worked meanwhile, or this is the first that goes wrong
            self._told_at, self._told = now + GOES_ON - AGAIN, False
        self._asked_at = now
        roster = self._roster.roster() or EMPTY
        if not roster.alerts or abs(now - self._told_at) < AGAIN:
            return
        to = roster.clinicians if self._told else roster.on_call(now)
        self._told_at, self._told = now, True
        alerts = ", ".join(f"{alert} ({patient})" for alert, patient in roster.alerts)
        log.error("alerts stand still", extra={"action": "emergency-open-alerts", "alerts": len(roster.alerts)})
        pages = [
            self._put(each, say(each.language, "emergency.open", clinic=self._clinic.name, alerts=alerts), now)
            for each in to
        ]
        await _each([*pages, self._tell_second()])

    async def _see_to(self, update: Raw) -> None:
        danger = self._danger_in(update)
        if danger is None:
            return
        who, now = danger.incoming.user_id or danger.incoming.chat_id, self._now()
        tier, at = self._paged.get(who, (Tier.NONE, now))
        again = danger.tier <= tier and abs(now - at) < LATELY
        if again and abs(now - at) < AGAIN:  # whichever way the clock was set meanwhile
            return
        _keep(self._paged, who, (danger.tier, now - AGAIN))  # whatever becomes of it, it is not the first time then
        ways: list[Awaitable[bool]] = [self._page(danger, now, everybody=again), self._tell_second()]
        if not again:
            ways.append(self._comfort(danger, now))  # beside the others: none that hangs keeps it from its writer
        paged, told, *_ = await _each(ways)
        if paged or told:
            _keep(self._paged, who, (danger.tier, now))

    def _danger_in(self, update: Raw) -> Danger | None:
        name = hashlib.sha256(f"{update.bot}:{update.raw}".encode(errors="surrogatepass")).hexdigest()
        if name not in self._seen:
            _keep(self._seen, name, danger_in(self._clinic, update.raw, self._bots.named(update.bot)))
        return self._seen[name]

    async def _page(self, danger: Danger, now: datetime, *, everybody: bool) -> bool:
        """Page those on call, or everybody, also when none of those could be reached; whether anybody was.

        Whoever wrote it is paged of it only when nobody else could be.
        """
        log.error("emergency page", extra={"action": "emergency-page", "tier": danger.tier.word})
        roster = self._roster.roster() or EMPTY
        known = roster.patients.get(danger.incoming.user_id or 0)
        to = roster.clinicians if everybody else roster.on_call(now)
        others = [each for each in to if each.chat_id != danger.incoming.user_id]
        if any(await _each([self._page_one(each, danger, known, now) for each in others])):
            return True
        if not everybody:
            return await self._page(danger, now, everybody=True)
        return any(await _each([self._page_one(each, danger, known, now) for each in to if each not in others]))

    async def _tell_second(self) -> bool:
        await self._second.send(words("emergency", clinic=self._clinic.name))
        return True

    async def _page_one(self, to: Clinician, danger: Danger, known: Known | None, now: datetime) -> bool:
        language, user = to.language, danger.incoming.user_id or danger.incoming.chat_id
        who = known.alias if known else say(language, "emergency.stranger", user=user)
        reasons = " · ".join(reason(language, code) for code in danger.reasons)
        text = say(language, "emergency.page", clinic=self._clinic.name, who=who, reasons=reasons)
        return await self._put(to, text, now)

    async def _put(self, to: Clinician, text: str, now: datetime) -> bool:
        channel = PAGE_BOT if to.page_bot else "telegram"
        message = unstored(
            lane="page", kind="emergency", chat_id=to.chat_id, language=to.language, now=now, channel=channel
        )
        await self._wire.put(message, Rendered(text=text))
        return True

    async def _comfort(self, danger: Danger, now: datetime) -> bool:
        """The crisis text, straight to whoever wrote it."""
        incoming = danger.incoming
        if danger.tier < Tier.RED or not incoming.private or incoming.chat_id is None:
            return False
        roster = self._roster.roster() or EMPTY
        known = roster.patients.get(incoming.user_id or 0)
        colleague = next((each for each in roster.clinicians if each.chat_id == incoming.user_id), None)
        theirs = "es" if incoming.language.startswith("es") else "en"
        language = known.language if known else colleague.language if colleague else theirs
        message = unstored(
            lane="crisis",
            kind="crisis" if known else "stranger-crisis",
            chat_id=incoming.chat_id,
            language=language,
            now=now,
            params={
                "covered": self._clinic.hours.is_open(now),
                "emergency": danger.medical,
                "told": True,
                "colleague": colleague is not None,
            },
        )
        await self._wire.put(message, render(self._clinic, message))
        return True


async def _safely(seeing: Awaitable[None]) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            await seeing
    except Exception as error:
        log.error("emergency failed", extra={"action": "emergency-failed"}, exc_info=error)


async def _each(ways: Sequence[Awaitable[bool]]) -> list[bool]:
    """Try ways side by side; which of them worked."""
    outcomes = await asyncio.gather(*ways, return_exceptions=True)
    for failed in [each for each in outcomes if isinstance(each, Exception)]:
        log.warning("a way failed", extra={"action": "emergency-way-failed", "why": type(failed).__name__})
    return [each is True for each in outcomes]


def _keep(remembered: OrderedDict[Any, Any], name: object, value: object) -> None:
    """Remember something, and forget the oldest of too many."""
    remembered[name] = value
    remembered.move_to_end(name)
    while len(remembered) > REMEMBERED:
        remembered.popitem(last=False)
