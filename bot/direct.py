"""A way to Telegram without a network: each call of the Bot API is a call of a function, for rehearsals and tests."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from telegram.error import TimedOut
from telegram.request import BaseRequest, RequestData

from bot.request import Dropped

Call = Callable[[str, str, Mapping[str, Any]], Mapping[str, Any]]  # token, method and parameters → Telegram's answer


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file among the parameters of a call."""

    name: str
    content: bytes
    mime: str


class DirectRequest(BaseRequest):
    """Calls a Telegram that is a function.

    What it raises becomes what a network would make of it: ConnectionResetError and ValueError (an answer that is no
    JSON) may mean that the message was delivered, TimeoutError too.
    """

    def __init__(self, call: Call) -> None:
        self._call = call

    @property
    def read_timeout(self) -> float | None:
        """Nothing waits here."""
        return 5.0

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *timeouts: Any, **more_timeouts: Any
    ) -> tuple[int, bytes]:
        """Call the function, and answer as Telegram does over HTTP."""
        address = urlsplit(url)
        token, _, call = address.path.removeprefix("/bot").partition("/")
        params: dict[str, Any] = dict(parse_qsl(address.query))
        if request_data is not None:
            params |= request_data.json_parameters
            params |= dict(_files(request_data))
        try:
            answer = self._call(token, call, params)
        except ConnectionResetError:
            raise Dropped("perhaps sent: the connection was reset") from None
        except TimeoutError:
            raise TimedOut from None
        except ValueError:
            raise Dropped("perhaps sent: the answer is garbage") from None
        return (200 if answer["ok"] else answer["error_code"]), json.dumps(answer).encode()


def _files(request_data: RequestData) -> Iterator[tuple[str, File]]:
    for name, (file_name, content, mime) in (request_data.multipart_data or {}).items():
        if isinstance(content, bytes):
            yield name, File(name=file_name, content=content, mime=mime)
