"""What the Bot API refuses, in Telegram's own words, and what a person with a phone cannot do."""

from __future__ import annotations

from collections.abc import Mapping


class Refused(Exception):
    """A call that Telegram turns down: the HTTP status and the description that it answers with."""

    def __init__(self, code: int, description: str, parameters: Mapping[str, int] | None = None) -> None:
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, dict(parameters or {})


class NotPossible(Exception):
    """A person cannot do that: no such button, somebody else's message, a bot they have blocked."""


def bad_request(reason: str, parameters: Mapping[str, int] | None = None) -> Refused:
    """400, as Telegram words it."""
    return Refused(400, f"Bad Request: {reason}", parameters)


def forbidden(reason: str) -> Refused:
    """403, as Telegram words it."""
    return Refused(403, f"Forbidden: {reason}")
