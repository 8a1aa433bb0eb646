"""The local Telegram: its Bot API, its faults, its control interface and its page."""
