"""The Telegram border, against the local Telegram over HTTP and real databases."""
