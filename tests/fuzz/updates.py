"""Whatever bytes Telegram sends: an update is read or laid aside, and what somebody wrote in it is found either way."""

from __future__ import annotations

import contextlib
import json
import random
import sys
from typing import Any

import atheris

from tests.fuzz.mutating import mutated

with atheris.instrument_imports(include=["bot.decode", "bot.receive", "telegram"]):
    from telegram import Bot

    from bot.decode import Unreadable, decode, salvage
    from bot.receive import as_received

BOT = Bot("100:fuzz")


def one(data: bytes) -> None:
    """Read bytes as the poll and the inbox do."""
    try:
        update = json.loads(data.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return  # no answer of Telegram's: the poll fails, and nothing is confirmed
    received = as_received(update, "main")
    try:
        texts = decode(received.raw, BOT).texts
    except Unreadable:
        texts = salvage(received.raw).texts
    else:
        if "callback_query" in update or "my_chat_member" in update:
            return  # of a press it is the button that counts
    for words in _written(update):
        assert words in texts, words


def _written(update: Any) -> list[str]:
    """The text and the caption of a message, wherever Telegram puts them."""
    messages = [update.get(kind) for kind in ("message", "edited_message")] if isinstance(update, dict) else []
    said = [each.get(key) for each in messages if isinstance(each, dict) for key in ("text", "caption")]
    return [words for words in said if isinstance(words, str) and words.strip()]


def mutate(data: bytes, most: int, seed: int) -> bytes:
    """Another update out of one; at times out of its bytes."""
    chance = random.Random(seed)
    with contextlib.suppress(ValueError, RecursionError):
        if chance.random() < 0.9:
            return json.dumps(mutated(json.loads(data), chance)).encode()[:most]
    return atheris.Mutate(data, most)


if __name__ == "__main__":
    atheris.Setup(sys.argv, one, custom_mutator=mutate)
    atheris.Fuzz()
