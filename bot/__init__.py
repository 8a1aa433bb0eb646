"""Telegram: what comes in (receive, handlers) and what goes out (texts, keyboards, send)."""
