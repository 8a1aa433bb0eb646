"""The control interface: what the people and the faults of the local Telegram do, as calls over HTTP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import Any

from sandbox.client import Client
from sandbox.errors import NotPossible
from sandbox.faults import Fault
from sandbox.params import Json
from sandbox.telegram import Telegram
from sandbox.waiting import next_message


async def carry_out(telegram: Telegram, act: str, body: Json) -> Any:
    """Do one act; returns what is told of it. Raises NotPossible, or KeyError or TypeError for a wrong body."""
    if slow := WAITS.get(act):
        return await slow(telegram, body)
    if act not in ACTS:
        raise NotPossible(f"there is no {act!r}: one of {', '.join(sorted([*ACTS, *WAITS]))}")
    return ACTS[act](telegram, body)


def _token(telegram: Telegram, body: Json) -> str:
    """The bot that is meant: the one named, or the only one there is."""
    token = body.get("token") or next(iter(telegram.bots), None)
    if token not in telegram.bots:
        raise NotPossible("there is no such bot: make it with /sandbox/bot")
    return str(token)


def _client(telegram: Telegram, body: Json) -> Client:
    return telegram.client(body["user"], _token(telegram, body), body.get("chat"))


def _bot(telegram: Telegram, body: Json) -> Json:
    return telegram.register(body["token"], **_only(body, "username", "name")).user


def _user(telegram: Telegram, body: Json) -> Json:
    return telegram.add_user(body["id"], name=body["name"], **_only(body, "username", "language"))


def _group(telegram: Telegram, body: Json) -> Json:
    bots = body.get("bots") or [_token(telegram, body)]
    return telegram.add_group(body["id"], body["title"], members=body["members"], bots=bots).json


def _press(telegram: Telegram, body: Json) -> str:
    pressed = {"message_id": body.get("message"), **_only(body, "data", "forged")}
    return _client(telegram, body).press(body.get("label"), **pressed)


def _sent(telegram: Telegram, body: Json) -> list[Json]:
    sent = telegram.sent(_token(telegram, body), body.get("chat"))
    return [asdict(each) | {"at": each.at.isoformat()} for each in sent]


def _faults(telegram: Telegram, body: Json) -> list[Json]:
    if body:
        telegram.faults.add(Fault(**body))
    return [asdict(fault) for fault in telegram.faults.in_force()]


async def _wait(telegram: Telegram, body: Json) -> Json:
    chat = body["user"] if body.get("chat") is None else body["chat"]
    try:
        return await next_message(telegram, _token(telegram, body), chat, **_only(body, "after", "timeout"))
    except TimeoutError:
        raise NotPossible("no message came in that time") from None


def _only(body: Json, *names: str) -> Json:
    return {name: body[name] for name in names if name in body}


WAITS: Mapping[str, Callable[[Telegram, Json], Awaitable[Any]]] = {"wait": _wait}
ACTS: Mapping[str, Callable[[Telegram, Json], Any]] = {
    "bot": _bot,
    "user": _user,
    "group": _group,
    "migrate": lambda telegram, body: telegram.migrate(body["chat"]).json,
    "start": lambda telegram, body: _client(telegram, body).start(body.get("code", "")),
    "say": lambda telegram, body: _client(telegram, body).say(body["text"]),
    "send": lambda telegram, body: _client(telegram, body).send(body["kind"], body.get("caption", "")),
    "edit": lambda telegram, body: _client(telegram, body).edit(body["message"], body["text"]),
    "press": _press,
    "forward": lambda telegram, body: _client(telegram, body).forward(body["message"], body["to"]),
    "block": lambda telegram, body: _client(telegram, body).block(),
    "unblock": lambda telegram, body: _client(telegram, body).unblock(),
    "delete-account": lambda telegram, body: _client(telegram, body).delete_account(),
    "messages": lambda telegram, body: _client(telegram, body).messages,
    "sent": _sent,
    "faults": _faults,
    "clear-faults": lambda telegram, body: telegram.faults.clear(),
    "inject": lambda telegram, body: telegram.inject(_token(telegram, body), body["update"]),
    "repeat": lambda telegram, body: telegram.repeat(_token(telegram, body), body.get("count", 1)),
    "reverse": lambda telegram, body: telegram.bots[_token(telegram, body)].updates.reverse(),
    "restart-ids": lambda telegram, body: telegram.bots[_token(telegram, body)].updates.restart_at(body["at"]),
}
