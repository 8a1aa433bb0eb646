"""Drives a demo from outside, as people do in front of its page."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import aiohttp

PATIENCE = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Evening:
    """The page of a demo at an address."""

    session: aiohttp.ClientSession
    url: str

    async def acts(self, action: str, **values: str) -> dict[str, Any]:
        """Press a button of the coordinator's."""
        return await self._post(f"/page/actions/{action}", values)

    async def does(self, act: str, user: int, **more: Any) -> Any:
        """Do something on a phone."""
        return await self._post(f"/sandbox/{act}", {"user": user, **more})

    async def presses(self, user: int, label: str) -> None:
        """Press a button as soon as it is there."""
        await self._soon(lambda: self.does("press", user, label=label), f"a button {label!r}")

    async def sees(self, user: int, words: str) -> str:
        """The message with these words, as soon as it stands in the chat."""

        async def look() -> str:
            texts = [str(each.get("text", "")) for each in await self.does("messages", user)]
            return next(text for text in reversed(texts) if words in text)

        return await self._soon(look, f"a message with {words!r}")

    async def _post(self, path: str, body: dict[str, Any]) -> Any:
        async with self.session.post(self.url + path, json=body) as response:
            answer = await response.json(content_type=None)
            if response.status != 200:
                raise LookupError(answer)
            return answer

    async def _soon(self, look: Any, what: str) -> Any:
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    try:
                        return await look()
                    except (LookupError, StopAsyncIteration, RuntimeError):
                        await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"nobody saw {what}") from None
