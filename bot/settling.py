"""What the outcome of a send means for its row: settled, never again, or tried again and when."""

from __future__ import annotations

from datetime import datetime

from bot import outcome
from bot.outcome import (
    MaybeDelivered,
    Moved,
    NotModified,
    Outcome,
    PlainText,
    Refused,
    Sent,
    TryAgain,
    Unauthorised,
    Unreachable,
)
from services.delivery import GIVEN_BACK, Claimed, Result, Settlement


def result(message: Claimed, came_out: Outcome, now: datetime, *, urgent: bool) -> Result:
    """The row's next state. What timed out may have arrived: it goes out again, and either copy counts once."""
    match came_out:
        case Sent(message_id=message_id):
            return _result(message, "sent", "sent", message_id=message_id)
        case NotModified():
            return _result(message, "sent", "shown already", message_id=message.edits)
        case Unreachable(reason=reason):
            return _result(message, "refused", reason, unreachable=True)
        case Moved(new_chat_id=chat_id):
            return _result(message, "waiting", "the chat moved", again_at=now, moved_to=chat_id)
        case Refused(reason=reason) | PlainText(reason=reason):
            return _result(message, "refused", reason)
        case TryAgain(reason=reason) | MaybeDelivered(reason=reason) | Unauthorised(reason=reason):
            again_at = now + outcome.next_attempt(message.attempts, came_out, urgent=urgent)
            return _result(message, "waiting", reason, again_at=again_at, trouble=True)


def give_back(message: Claimed, at: datetime) -> Result:
    """Not sent, and free for whoever claims it from an instant on."""
    return _result(message, "waiting", GIVEN_BACK, again_at=at)


def _result(
    message: Claimed,
    state: str,
    said: str,
    *,
    message_id: int | None = None,
    again_at: datetime | None = None,
    unreachable: bool = False,
    trouble: bool = False,
    moved_to: int | None = None,
) -> Result:
    settlement = Settlement(id=message.id, state=state, outcome=said, message_id=message_id, again_at=again_at)
    return Result(message=message, settlement=settlement, unreachable=unreachable, trouble=trouble, moved_to=moved_to)
