"""Telegram: what comes in (receive, inbox, handlers) and what goes out (texts, send, deliver)."""

import os

# python-telegram-bot then gives spans of time as timedelta, and does not warn at each RetryAfter.
os.environ.setdefault("PTB_TIMEDELTA", "1")
