"""Reads the parameters of a call from an HTTP request, in each of the ways that the Bot API takes them."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from sandbox.params import Json, Params
from sandbox.state import Upload

LARGEST = 50 * 1024 * 1024  # bytes: Telegram's own limit for an upload
FORM = "application/x-www-form-urlencoded"


async def params_of(request: web.BaseRequest, query: str) -> Params:
    """The parameters: of the query, of a form, of JSON, of a form with files."""
    params: Json = dict(parse_qsl(query)) if query else {}
    if not request.can_read_body:
        return params
    if request.content_type == FORM:
        return params | dict(parse_qsl((await request.read()).decode()))
    if request.content_type == "application/json":
        return {**params, **json.loads(await request.read() or b"{}")}
    if request.content_type == "multipart/form-data":
        return params | {name: _part(part) for name, part in (await request.post()).items()}
    return params


def _part(part: Any) -> str | Upload:
    if isinstance(part, web.FileField):
        return Upload(name=part.filename, content=part.file.read(), mime=part.content_type)
    return part.decode() if isinstance(part, bytes | bytearray) else str(part)
