"""The page's own addresses: its files, its live line, its actions and its clock."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from sandbox.page import Page
from sandbox.page.live import follow
from sandbox.page.snapshot import clock
from sandbox.state import Event

log = logging.getLogger(__name__)

FOLDER = Path(__file__).resolve().parent
KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
ASSETS = frozenset(path for path in FOLDER.iterdir() if path.suffix in KINDS)
POLICY = "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
PICTURES = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg"}  # by their first bytes, as Telegram tells them


async def respond(page: Page, request: web.BaseRequest, path: str) -> web.StreamResponse:
    """Answer a request of the page."""
    path = unquote(path)
    if (asset := FOLDER / (path.removeprefix("/") or "index.html")) in ASSETS:
        return _asset(asset)
    if path == "/page/events":
        return await follow(page, request)
    if path.startswith("/page/files/"):
        return _picture(page, path.removeprefix("/page/files/"))
    if path == "/page/clock" and request.method == "POST":
        return _turn_clock(page, await request.read())
    if path.startswith("/page/actions/") and request.method == "POST":
        return await _run(page, path.removeprefix("/page/actions/"), await request.read())
    return web.Response(status=404)


def _asset(path: Path) -> web.Response:
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    return web.Response(body=path.read_bytes(), content_type=KINDS[path.suffix], charset="utf-8", headers=headers)


def _picture(page: Page, file_id: str) -> web.Response:
    file = page.telegram.files.get(file_id)
    kind = next((kind for start, kind in PICTURES.items() if file and file.content.startswith(start)), None)
    if file is None or kind is None:
        return web.Response(status=404)
    return web.Response(body=file.content, content_type=kind, headers={"Cache-Control": "max-age=86400"})


def _turn_clock(page: Page, body: bytes) -> web.Response:
    if page.clock is None:
        return web.Response(status=404)
    asked = json.loads(body)
    if "speed" in asked:
        page.clock.clock.run_at(float(asked["speed"]))
    if "step" in asked:
        page.clock.clock.step(timedelta(seconds=float(asked["step"])))
    page.telegram.tell(Event(kind="update", token=""))  # open pages show the new time at once
    return _json(clock(page))


async def _run(page: Page, action_id: str, body: bytes) -> web.Response:
    if action_id not in page.actions:
        return web.Response(status=404)
    try:
        result = await page.run(action_id, json.loads(body))
    except Exception as error:  # the embedding program's own: shown to whoever pressed the button
        log.warning("an action failed", extra={"action": "page-action-failed", "id": action_id}, exc_info=error)
        return _json({"error": str(error)}, 400)
    return _json({"text": result.text, "link": result.link})


def _json(answer: Any, status: int = 200) -> web.Response:
    return web.Response(body=json.dumps(answer).encode(), status=status, content_type="application/json")
