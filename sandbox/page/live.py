"""The page's live line: server-sent events, first all there is, then every change."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import web

from sandbox.page import Page
from sandbox.page.snapshot import clock, snapshot
from sandbox.params import Json
from sandbox.state import Event

ITSELF = ("message", "edited", "deleted", "toast")  # these are sent as they are, for others the page is sent anew
UNSEEN = ("update", "webhook")
BEAT = 1.0  # seconds, after which at least the clock is sent


async def follow(page: Page, request: web.BaseRequest) -> web.StreamResponse:
    """Tell one open page of all that happens, until it is closed."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    await response.prepare(request)
    events: asyncio.Queue[Event] = asyncio.Queue()
    end = page.telegram.listen(events.put_nowait)
    try:
        await _write(response, "page", snapshot(page))
        while True:
            for kind, content in _news(page, await _next(events)):
                await _write(response, kind, content)
    except ConnectionResetError:
        return response
    finally:
        end()


async def _next(events: asyncio.Queue[Event]) -> list[Event]:
    """All that has happened, at the latest after a beat."""
    try:
        happened = [await asyncio.wait_for(events.get(), BEAT)]
    except TimeoutError:
        return []
    while not events.empty():
        happened.append(events.get_nowait())
    return happened


def _news(page: Page, happened: list[Event]) -> list[tuple[str, Any]]:
    news: list[tuple[str, Any]] = [("clock", clock(page))]
    if any(event.kind not in (*ITSELF, *UNSEEN) for event in happened):
        news.append(("page", snapshot(page)))
    return news + [(event.kind, _told(event)) for event in happened if event.kind in ITSELF]


def _told(event: Event) -> Json:
    return {"token": event.token, "chat_id": event.chat_id, "content": event.content, "silent": event.silent}


async def _write(response: web.StreamResponse, kind: str, content: Any) -> None:
    await response.write(f"event: {kind}\ndata: {json.dumps(content)}\n\n".encode())
