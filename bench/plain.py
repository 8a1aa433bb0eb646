"""The other side: python-telegram-bot as its manual shows it, on its default transport, in a process of its own.

    python -m bench.plain BASE_URL DATABASE [limited]

A text is echoed after one committed SQLite write. "one 1000 1 5000", "fifty …" and "jobs …" send so many messages to
the chats from the first to the last of these numbers: one after the other, fifty at a time, or each by a job that is
due at once; "ten" is the broadcast of a plain bot. With "limited" it keeps to
Telegram's limits by the library's own rate limiter, which tries again what was refused with 429.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import Iterator
from functools import partial
from itertools import cycle, islice
from typing import Any

from telegram import Update
from telegram.ext import AIORateLimiter, Application, ApplicationBuilder, ContextTypes, MessageHandler, filters

from bench.clinic import TOKEN

WORKERS = {"one": 1, "ten": 10, "fifty": 50}
TEXT = "How is your mood right now? 0 is the worst, 10 is the best that it can be."


async def on_text(database: sqlite3.Connection, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """Echo, or begin to send."""
    assert update.message is not None
    words = (update.message.text or "").split()
    if words[0] in (*WORKERS, "jobs"):
        chats = islice(cycle(range(int(words[2]), int(words[3]) + 1)), int(words[1]))
        context.application.create_task(send_all(context.application, words[0], chats))
        return
    database.execute("INSERT INTO said VALUES (?, ?)", (update.message.chat_id, update.message.text))
    database.commit()
    await update.message.reply_text(update.message.text or "")


async def send_all(application: Any, how: str, chats: Iterator[int]) -> None:
    """Send a message to each chat."""
    if how == "jobs":
        for chat in chats:
            application.job_queue.run_once(on_due, 0, chat_id=chat)
        return
    await asyncio.gather(*(send_in_turn(application, chats) for _ in range(WORKERS[how])))


async def send_in_turn(application: Any, chats: Iterator[int]) -> None:
    """Take chats off those that are left, and send to each."""
    for chat in chats:
        await application.bot.send_message(chat, TEXT)


async def on_due(context: ContextTypes.DEFAULT_TYPE) -> None:
    """A job that is due."""
    assert context.job is not None
    await context.bot.send_message(context.job.chat_id or 0, TEXT)


def main(base_url: str, path: str, limited: str = "") -> None:
    """Run until told to end."""
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("CREATE TABLE said (chat INTEGER, text TEXT)")
    builder: ApplicationBuilder[Any, Any, Any, Any, Any, Any] = ApplicationBuilder().token(TOKEN).base_url(base_url)
    if limited:
        builder = builder.rate_limiter(AIORateLimiter(max_retries=3))
    application: Application[Any, Any, Any, Any, Any, Any] = builder.build()
    application.add_handler(MessageHandler(filters.TEXT, partial(on_text, database)))
    application.run_polling()


if __name__ == "__main__":
    main(*sys.argv[1:])
