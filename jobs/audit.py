"""The auditor: looks at everything from outside the engine, and pings the dead-man URLs only while all is on track."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import aiohttp

from jobs.tick import Alarm
from services import anchoring, synthetic, watching
from services.anchoring import AnchorFile
from services.clinic import Clinic
from services.errors import Refused
from services.readiness import Problem

log = logging.getLogger(__name__)

PATIENCE = 30.0  # seconds for one look, and for one ping


class Auditor:
    """Audits at an interval. Whatever goes wrong, also in itself, ends in a ping that is not sent."""

    def __init__(
        self,
        clinic: Clinic,
        now: Callable[[], datetime],
        *,
        interval: timedelta,
        ping_urls: Sequence[str],
        synthetic_every: timedelta,
        alarm: Alarm,
        anchors: AnchorFile | None = None,
    ) -> None:
        self._clinic, self._now, self._alarm = clinic, now, alarm
        self._interval, self._ping_urls = interval.total_seconds(), tuple(ping_urls)
        self._synthetic_every = synthetic_every
        self._known: frozenset[str] = frozenset()
        self._anchors, self._link = anchors, ""

    async def run(self) -> None:
        """Audit until cancelled."""
        while True:
            await asyncio.sleep(self._interval)
            await self.audit_once()

    async def audit_once(self) -> bool:
        """Look once; True when all was on track and a ping was taken, if there is anywhere to ping."""
        try:
            async with asyncio.timeout(PATIENCE):
                problems = await self._look(self._now())
        except Exception as error:
            log.error("the audit failed", extra={"action": "audit-failed"}, exc_info=error)
            problems = [Problem(code="audit-failed")]
        await self._tell(problems)
        return not problems and await self._ping()

    async def _look(self, now: datetime) -> list[Problem]:
        tried = await synthetic.look_after(self._clinic, now, self._synthetic_every) if self._synthetic_every else []
        return [*await watching.audit(self._clinic, now), *tried, *await self._anchor(now)]

    async def _anchor(self, now: datetime) -> list[Problem]:
        """Keep the ends of the audit's chains where whoever changes the database does not reach."""
        if self._anchors is None:
            return []
        try:
            self._link = await self._anchors.add(self._clinic, now)
        except (anchoring.Behind, OSError, Refused) as error:
            log.error("not anchored", extra={"action": "not-anchored", "why": type(error).__name__})
            return [Problem(code="audit-behind" if isinstance(error, anchoring.Behind) else "not-anchored")]
        return []

    async def _tell(self, problems: Sequence[Problem]) -> None:
        """Log every problem; tell the operator of those that are new."""
        for problem in problems:
            log.error("off track", extra={"action": "off-track", "code": problem.code, **problem.figures})
        codes = frozenset(problem.code for problem in problems)
        if codes - self._known:
            await self._alarm("off-track")
        self._known = codes

    async def _ping(self) -> bool:
        """Ping every target, side by side; enough that one takes it."""
        taken = await asyncio.gather(*(_ping(url, self._link) for url in self._ping_urls))
        return any(taken) or not taken


async def _ping(url: str, link: str) -> bool:
    """Ask for the URL; the name of who asks carries the last link of the anchors, since most services keep that."""
    try:
        who = {"User-Agent": f"fortnight anchor/{link or 'none'}"}
        timeout = aiohttp.ClientTimeout(total=PATIENCE)
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url, headers=who) as answer:
            answer.raise_for_status()
    except (aiohttp.ClientError, TimeoutError) as error:
        # The URL holds a secret: neither it nor the error's text goes into the log.
        log.error("the ping was not taken", extra={"action": "ping-failed", "why": type(error).__name__})
        return False
    return True
