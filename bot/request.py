"""How python-telegram-bot reaches Telegram here: over aiohttp, as its own httpx slows down under load and logs URLs."""

from __future__ import annotations

import json
from typing import Any, NoReturn

import aiohttp
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

AS_JSON = {"Content-Type": "application/json"}
DNS_CACHE = 60
HTTP_OK = range(200, 300)


class Dropped(NetworkError):
    """The connection broke after the request had gone out: Telegram may have taken it."""


class AiohttpRequest(BaseRequest):
    """One session, kept alive, with at most so many connections. Its errors never name the URL: the token is in it."""

    def __init__(
        self,
        *,
        connections: int = 64,
        read_timeout: float = 5.0,
        connect_timeout: float = 5.0,
        upload_timeout: float = 20.0,
    ) -> None:
        self._connections = connections
        self._read, self._connect, self._upload = read_timeout, connect_timeout, upload_timeout
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        """Seconds that Telegram may take for an answer, unless a call says otherwise."""
        return self._read

    async def initialize(self) -> None:
        """Open the session, if it is not open."""
        self._open()

    async def shutdown(self) -> None:
        """Close the session with its connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Send a request; returns status and body. Raises TimedOut and Dropped (perhaps received) or NetworkError."""
        read = self._chosen(read_timeout, self._read)
        upload = self._upload if request_data is not None and request_data.contains_files else self._connect
        connect = self._chosen(connect_timeout, self._connect)
        total = None if read is None or connect is None else connect + self._chosen(write_timeout, upload) + read
        timeout = aiohttp.ClientTimeout(total=total, connect=connect, sock_read=read)
        body, headers = _body(request_data)
        try:
            async with self._open().request(method, url, data=body, headers=headers, timeout=timeout) as response:
                return response.status, _fit_to_show(response.status, await response.read())
        except (aiohttp.ClientError, OSError, ValueError) as error:
            _translate(error)

    @staticmethod
    def parse_json_payload(payload: bytes) -> Any:
        """Parse an answer; unlike the library's, this logs nothing of what it cannot parse: it may be a patient's."""
        try:
            return json.loads(payload.decode("utf-8", "replace"))
        except ValueError:
            raise TelegramError("Invalid server response") from None

    @staticmethod
    def _chosen(given: Any, default: float) -> Any:
        return default if given is BaseRequest.DEFAULT_NONE else given

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=self._connections, ttl_dns_cache=DNS_CACHE)
            headers = {"User-Agent": self.USER_AGENT}
            self._session = aiohttp.ClientSession(connector=connector, headers=headers)
        return self._session


def _body(request: RequestData | None) -> tuple[bytes | aiohttp.FormData | None, dict[str, str]]:
    if request is None:
        return None, {}
    if not request.contains_files:
        return request.json_payload, AS_JSON  # a form takes ten times as long to quote
    form = aiohttp.FormData()
    for name, value in request.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, mimetype) in request.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=mimetype)
    return form, {}


def _fit_to_show(status: int, body: bytes) -> bytes:
    """The body; of an error page that is no JSON nothing, because the library quotes it in its exception."""
    return body if status in HTTP_OK or body.lstrip().startswith(b"{") else b""


def _translate(error: Exception) -> NoReturn:
    """Raise what it means; `from None`, since aiohttp's own words may hold the URL."""
    if isinstance(error, aiohttp.ConnectionTimeoutError | aiohttp.ClientConnectorError | aiohttp.InvalidURL):
        raise NetworkError(f"not sent: {type(error).__name__}") from None
    if isinstance(error, TimeoutError):
        raise TimedOut from None
    raise Dropped(f"perhaps sent: {type(error).__name__}") from None
