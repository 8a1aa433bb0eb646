"""What it means that a message did or did not go out: every error of Telegram's translated once, here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.request import Dropped
from bot.second_channel import NoSecondChannel, SecondChannelFailed

NOT_MODIFIED = "message is not modified"
NO_SUCH_PERSON = ("chat not found", "user not found", "peer_id_invalid", "user is deactivated", "user_is_blocked")
CANNOT_EDIT = ("message to edit not found", "message can't be edited", "message_id_invalid", "no text in the message")

FIRST, LONGEST = timedelta(seconds=2), timedelta(minutes=5)
FIRST_URGENT, LONGEST_URGENT = timedelta(seconds=0.5), timedelta(seconds=30)
PERHAPS_THERE = timedelta(seconds=30)  # before something that is not urgent is sent a second time


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """It is there."""

    message_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TryAgain:
    """It did not go out; `after` is how long Telegram asked to wait, if it did."""

    after: timedelta | None = None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MaybeDelivered:
    """Nobody knows: the answer was late, broken, or the connection went after the message had."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainText:
    """Telegram will not have it in this form; its plain text may do."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """The edit would change nothing: it is shown already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreachable:
    """This person cannot be written to: they blocked the bot, never pressed Start, or are gone."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The chat has a new id."""

    new_chat_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unauthorised:
    """Telegram refuses the token: nothing goes out by it until that is mended."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Never again, for a reason that is nobody's unreachability."""

    reason: str


Outcome = Sent | TryAgain | MaybeDelivered | PlainText | NotModified | Unreachable | Moved | Unauthorised | Refused


def of(error: Exception) -> Outcome:
    """What an error of a send means. One of our own making counts as a form that does not work."""
    match error:
        case RetryAfter():
            after = error.retry_after
            after = after if isinstance(after, timedelta) else timedelta(seconds=after)
            return TryAgain(after=after, reason="throttled")
        case ChatMigrated():
            return Moved(new_chat_id=error.new_chat_id)
        case Forbidden():
            return Unreachable(reason=_said(error))
        case InvalidToken():
            return Unauthorised(reason="the token is refused")
        case BadRequest():
            return _of_bad_request(error)
        case TimedOut() | Dropped():
            return MaybeDelivered(reason=_said(error))
        case NetworkError():
            return TryAgain(reason=_said(error))
        case TelegramError():
            return MaybeDelivered(reason=_said(error))
        case NoSecondChannel():
            return Refused(reason="no second channel")
        case SecondChannelFailed():
            return TryAgain(reason=f"second channel: {error}")
        case _:
            return PlainText(reason=type(error).__name__)


def cannot_edit(error: BadRequest) -> bool:
    """Whether the message to edit is gone, so that a new one must take its place."""
    return any(words in _said(error).lower() for words in CANNOT_EDIT)


def next_attempt(attempts: int, outcome: Outcome, *, urgent: bool) -> timedelta:
    """How long to wait after so many attempts: longer each time, without end; never less than Telegram asked for."""
    first, longest = (FIRST_URGENT, LONGEST_URGENT) if urgent else (FIRST, LONGEST)
    if isinstance(outcome, MaybeDelivered) and not urgent:
        first = PERHAPS_THERE
    wait = min(first * 2 ** min(max(attempts - 1, 0), 16), longest)
    asked = outcome.after if isinstance(outcome, TryAgain) else None
    return wait if asked is None else max(asked, first)


def _of_bad_request(error: BadRequest) -> Outcome:
    said = _said(error).lower()
    if NOT_MODIFIED in said:
        return NotModified()
    if any(words in said for words in NO_SUCH_PERSON):
        return Unreachable(reason=_said(error))
    return PlainText(reason=_said(error))


def _said(error: TelegramError) -> str:
    return error.message[:120]
