"""The second channel: e-mail, SMS, push and so on through apprise, for when Telegram is not enough. No patient data."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from content.messages import say

log = logging.getLogger(__name__)

LANGUAGE = "en"
AT_ONCE = 8
GRACE = 5.0


class NoSecondChannel(Exception):
    """None is configured."""


class SecondChannelFailed(Exception):
    """None of the configured services took the message."""


class SecondChannel:
    """Sends to every configured URL. In threads of its own, so that a service that hangs holds nothing else."""

    def __init__(self, urls: Sequence[str], timeout: timedelta) -> None:
        self.urls = tuple(urls)
        self._timeout = timeout.total_seconds()
        self._threads = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="second-channel")

    async def send(self, text: str) -> None:
        """Send a text; enough that one service takes it. Raises NoSecondChannel or SecondChannelFailed."""
        if not self.urls:
            raise NoSecondChannel
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._timeout + GRACE):
                taken = await loop.run_in_executor(self._threads, _notify, self.urls, text, self._timeout)
        except Exception as error:  # whatever a service's plugin throws
            raise SecondChannelFailed(type(error).__name__) from None
        if not taken:
            raise SecondChannelFailed("no service took it")

    async def alarm(self, what: str, **figures: object) -> None:
        """Tell the operator: the sentence `operator.WHAT` with its figures. What fails is logged, never raised."""
        try:
            await self.send(words(what, **figures))
        except NoSecondChannel:
            log.warning("no second channel", extra={"action": "no-second-channel", "alarm": what})
        except Exception as error:  # an alarm must not take down what raises it
            log.error("second channel failed", extra={"action": "second-channel-failed", "alarm": what}, exc_info=error)

    def close(self) -> None:
        """Let go of the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def words(what: str, **figures: object) -> str:
    """The operator's sentence of a name, such as page, nobody, channel-down; a bare one if there is none."""
    try:
        return say(LANGUAGE, f"operator.{what.replace('-', '_')}", **figures)
    except KeyError:
        return say(LANGUAGE, "operator.alarm", what=what)


def _notify(urls: Sequence[str], text: str, timeout: float) -> bool:
    """Whether any service took it."""
    import apprise  # slow to import, and not everybody has a second channel

    services = apprise.Apprise()
    for url in urls:
        services.add(url)
    return bool(services.notify(body=text, timeout=timeout).success_count)
