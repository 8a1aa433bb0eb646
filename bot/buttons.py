"""What a button carries: a verb, what it is about, and a signature that binds both to the chat it was shown in.

Written "verb:id:argument:signature", at most 64 bytes. Buttons stay clickable for weeks and their data is in the hands
of the client, so nothing is believed that was not signed for the very person who presses.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass

MAX_BYTES = 64
SIGNATURE = 10
EMPTY = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """A button that was pressed and is genuine: what it does, to which row (hexadecimal id), with what."""

    verb: str
    subject: str
    argument: str


def pack(key: bytes, user_id: int, verb: str, subject: str = "", argument: str = "") -> str:
    """The callback data of a button for one user; `subject` is a row's id or empty."""
    short = base64.urlsafe_b64encode(bytes.fromhex(subject)).decode().rstrip("=") if subject else EMPTY
    body = f"{verb}:{short}:{argument}"
    data = f"{body}:{_sign(key, user_id, body)}"
    if len(data.encode()) > MAX_BYTES:
        raise ValueError(f"a button {verb!r} carries {len(data.encode())} bytes: at most {MAX_BYTES}")
    return data


def unpack(key: bytes, user_id: int, data: str) -> Press | None:
    """The press behind callback data; none when it was not made for this user, or is no button of ours."""
    body, _, signature = data.rpartition(":")
    if not hmac.compare_digest(signature.encode(), _sign(key, user_id, body).encode()):
        return None
    return read(data)


def read(data: str) -> Press | None:
    """What callback data says, whoever wrote it: that proves nothing."""
    parts = data.rpartition(":")[0].split(":", 2)
    if len(parts) != 3:
        return None
    verb, short, argument = parts
    subject = "" if short == EMPTY else base64.urlsafe_b64decode(short + "=" * (-len(short) % 4)).hex()
    return Press(verb=verb, subject=subject, argument=argument)


def _sign(key: bytes, user_id: int, body: str) -> str:
    digest = hmac.new(key, f"{user_id}:{body}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode()[:SIGNATURE]
