"""The long polls: getUpdates waits for news, and a second one for the same bot ends the first with a 409."""

from __future__ import annotations

import asyncio

from sandbox.faults import failing
from sandbox.methods import carry_out
from sandbox.params import Params, integer
from sandbox.state import Event
from sandbox.telegram import Answer, Telegram

LONGEST = 50  # seconds
NEWS = Answer(json={})
NOTHING = Answer(json={"ok": True, "result": []})
SECOND_POLL = Answer(json=failing(409).refusal())
WEBHOOK_SET = Answer(json=failing(409, "Conflict: terminated by setWebhook request").refusal())


class Polls:
    """The polls that are under way, one a bot."""

    def __init__(self, telegram: Telegram) -> None:
        self._telegram = telegram
        self._waiting: dict[str, asyncio.Future[Answer]] = {}
        self.close = telegram.listen(self._on_event)

    async def answer(self, token: str, params: Params) -> Answer:
        """Answer a getUpdates, at once or when there is something to say."""
        self._end(token, SECOND_POLL)
        answer = self._telegram.answer(token, "getUpdates", params)
        nothing = answer.fault is None and answer.json == NOTHING.json
        timeout = integer(params, "timeout") if nothing else 0
        if timeout <= 0:
            return answer
        ended = await self._wait(token, min(timeout, LONGEST))
        if ended is not NEWS:
            return ended
        return Answer(json=carry_out(self._telegram, token, "getupdates", params))

    async def _wait(self, token: str, seconds: float) -> Answer:
        ending = self._waiting[token] = asyncio.get_running_loop().create_future()
        try:
            return await asyncio.wait_for(ending, seconds)
        except TimeoutError:
            return NOTHING
        finally:
            if self._waiting.get(token) is ending:
                del self._waiting[token]

    def _on_event(self, event: Event) -> None:
        if event.kind == "update":
            self._end(event.token, NEWS)
        elif event.kind == "webhook":
            self._end(event.token, WEBHOOK_SET)

    def _end(self, token: str, answer: Answer) -> None:
        ending = self._waiting.pop(token, None)
        if ending is not None and not ending.done():
            ending.set_result(answer)
