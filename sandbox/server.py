"""Serves the local Telegram over HTTP: the Bot API, the control interface and the page of phones."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from aiohttp import web

from sandbox import control
from sandbox.errors import NotPossible
from sandbox.faults import Fault
from sandbox.page import Page
from sandbox.page.routes import respond
from sandbox.polling import Polls
from sandbox.requests import LARGEST, params_of
from sandbox.telegram import Telegram
from sandbox.webhooks import Webhooks

LOCAL = ("127.0.0.1", "localhost", "::1")


class Server:
    """Listens on this machine while it is entered (`async with`). Port 0 takes a free one; `url` tells which."""

    def __init__(self, telegram: Telegram, page: Page | None = None, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self._telegram, self._page = telegram, page
        self._host, self._port = host, port

    async def __aenter__(self) -> Self:
        self._polls, self._webhooks = Polls(self._telegram), Webhooks(self._telegram)
        server = web.Server(self._handle, request_factory=_request, handler_cancellation=True, access_log=None)
        self._runner = web.ServerRunner(server, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._webhooks.close()
        self._polls.close()
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        """Where it listens. The Bot API is at `url + "/bot"`."""
        return f"http://{self._host}:{self._port}"

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path, _, query = request.raw_path.partition("?")
        if path.startswith("/bot"):
            token, _, method = path[4:].partition("/")
            return await self._call(request, unquote(token), method, query)
        if _is_foreign(request):
            return web.Response(status=403, text="This page is for this machine only.")
        if path.startswith("/sandbox/"):
            return await self._control(request, path.removeprefix("/sandbox/"))
        if path.startswith("/file/bot"):
            return self._file(unquote(path.removeprefix("/file/bot")))
        return web.Response(status=404) if self._page is None else await respond(self._page, request, path)

    async def _call(self, request: web.BaseRequest, token: str, method: str, query: str) -> web.StreamResponse:
        params = await params_of(request, query)
        if method.lower() == "getupdates":
            answer = await self._polls.answer(token, params)
        else:
            answer = self._telegram.answer(token, method, params)
        if answer.fault is not None and (spoilt := await _spoil(request, answer.fault)):
            return spoilt
        return _json(answer.json, 200 if answer.json["ok"] else answer.json["error_code"])

    async def _control(self, request: web.BaseRequest, act: str) -> web.Response:
        try:
            body = json.loads(await request.read() or b"{}")
            return _json(await control.carry_out(self._telegram, act, body))
        except (NotPossible, KeyError, TypeError, ValueError) as error:
            said = str(error) if isinstance(error, NotPossible) else f"this act needs another body: {error}"
            return _json({"error": said}, 400)

    def _file(self, path: str) -> web.Response:
        token, _, file_id = path.partition("/")
        file = self._telegram.files.get(file_id) if token in self._telegram.bots else None
        if file is None:
            return web.Response(status=404)
        return web.Response(body=file.content, content_type=file.mime)


def _request(message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> web.BaseRequest:
    loop = asyncio.get_running_loop()
    return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=LARGEST)


def _is_foreign(request: web.BaseRequest) -> bool:
    """Whether a page of another site is behind a request, which a browser on this machine would carry out for it."""
    origin, host = request.headers.get("Origin"), request.host
    if origin is not None and urlsplit(origin).netloc != host:
        return True
    served_locally = str(request.remote) in ("127.0.0.1", "::1")
    return served_locally and urlsplit(f"//{host}").hostname not in LOCAL


async def _spoil(request: web.BaseRequest, fault: Fault) -> web.Response | None:
    """Let go wrong on the way back what was asked for."""
    await asyncio.sleep(fault.delay)
    if fault.ends == "never":
        await asyncio.Event().wait()
    if fault.ends == "reset" and request.transport is not None:
        request.transport.abort()
        return web.Response()
    if fault.ends == "garbage":
        return web.Response(text="<html>not what you expected", content_type="text/html")
    return None


def _json(answer: Any, status: int = 200) -> web.Response:
    return web.Response(body=json.dumps(answer).encode(), status=status, content_type="application/json")
