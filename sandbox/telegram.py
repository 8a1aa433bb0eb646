"""The local Telegram: the whole Bot API as one function, and the phones of the people who use it. No network in it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sandbox.client import Client
from sandbox.faults import Fault
from sandbox.methods import carry_out
from sandbox.params import Json, Params
from sandbox.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a call is answered with, and the fault that keeps the answer from arriving as it should, if any."""

    json: Json
    fault: Fault | None = None


class Telegram(State):
    """A Telegram of one's own. Bots call it, people hold its phones."""

    def call(self, token: str, method: str, params: Params) -> Json:
        """Answer a call of the Bot API on the spot. A `delay` is nothing here, for no time goes by.

        Raises ConnectionResetError, TimeoutError or ValueError where a fault breaks the connection, lets nothing ever
        come back, or spoils the answer.
        """
        answer = self.answer(token, method, params)
        match answer.fault.ends if answer.fault else "answer":
            case "reset":
                raise ConnectionResetError("the sandbox broke the connection on request")
            case "never":
                raise TimeoutError("the sandbox never answers on request")
            case "garbage":
                raise json.JSONDecodeError("the sandbox answers with garbage on request", "", 0)
            case _:
                return answer.json

    def answer(self, token: str, method: str, params: Params) -> Answer:
        """Answer a call, and say what is to go wrong on the way back."""
        method = method.lower()
        fault = self.faults.strike(token, method, params)
        if fault is not None and fault.error is not None:
            return Answer(json=fault.refusal(), fault=fault)
        if fault is not None and not fault.delivered:
            return Answer(json={}, fault=fault)
        return Answer(json=carry_out(self, token, method, params), fault=fault)

    def client(self, user_id: int, token: str, chat_id: int | None = None) -> Client:
        """A user's phone, open at the chat with a bot or at a group that the bot is in."""
        return Client(self, user_id, token, user_id if chat_id is None else chat_id)
