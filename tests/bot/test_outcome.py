"""What each of Telegram's errors means, and how long to wait before the next attempt."""

from __future__ import annotations

from datetime import timedelta

import pytest
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

from bot.outcome import (
    MaybeDelivered,
    Moved,
    NotModified,
    Outcome,
    PlainText,
    Refused,
    TryAgain,
    Unauthorised,
    Unreachable,
    cannot_edit,
    next_attempt,
    of,
)
from bot.request import Dropped
from bot.second_channel import NoSecondChannel, SecondChannelFailed


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (TimedOut(), MaybeDelivered),
        (Dropped("perhaps sent"), MaybeDelivered),
        (TelegramError("Invalid server response"), MaybeDelivered),
        (NetworkError("Bad Gateway"), TryAgain),
        (RetryAfter(35), TryAgain),
        (Forbidden("Forbidden: bot was blocked by the user"), Unreachable),
        (Forbidden("Forbidden: bot can't initiate conversation with a user"), Unreachable),
        (Forbidden("Forbidden: user is deactivated"), Unreachable),
        (BadRequest("Chat not found"), Unreachable),
        (BadRequest("Message is not modified: specified new message content"), NotModified),
        (BadRequest("Can't parse entities"), PlainText),
        (BadRequest("BUTTON_DATA_INVALID"), PlainText),
        (ChatMigrated(-100), Moved),
        (InvalidToken(), Unauthorised),
        (NoSecondChannel(), Refused),
        (SecondChannelFailed("no service took it"), TryAgain),
        (ValueError("a button carries 80 bytes"), PlainText),
        (ChildProcessError("the chart could not be drawn"), PlainText),
    ],
)
def test_every_error_has_its_meaning(error: Exception, meaning: type[Outcome]) -> None:
    assert isinstance(of(error), meaning)


def test_a_throttle_says_how_long() -> None:
    assert of(RetryAfter(35)) == TryAgain(after=timedelta(seconds=35), reason="throttled")


def test_no_words_of_ours_are_in_the_reason_of_an_error_of_our_own() -> None:
    assert of(ValueError("I want to die")) == PlainText(reason="ValueError")


def test_a_page_is_tried_again_quickly_and_without_end() -> None:
    failed = TryAgain(reason="Bad Gateway")
    waits = [next_attempt(attempt, failed, urgent=True).total_seconds() for attempt in range(1, 9)]
    assert waits == [0.5, 1, 2, 4, 8, 16, 30, 30]
    assert next_attempt(100_000, failed, urgent=True) == timedelta(seconds=30)


def test_a_routine_message_is_tried_again_within_minutes() -> None:
    failed = TryAgain(reason="Bad Gateway")
    assert next_attempt(1, failed, urgent=False) == timedelta(seconds=2)
    assert next_attempt(100_000, failed, urgent=False) == timedelta(minutes=5)


def test_what_may_have_arrived_is_sent_a_second_time_at_once_only_if_it_is_urgent() -> None:
    perhaps = MaybeDelivered(reason="Timed out")
    assert next_attempt(1, perhaps, urgent=True) == timedelta(seconds=0.5)
    assert next_attempt(1, perhaps, urgent=False) == timedelta(seconds=30)


@pytest.mark.parametrize("attempts", [1, 9])
def test_telegram_is_given_the_time_that_it_asks_for(attempts: int) -> None:
    throttled = TryAgain(after=timedelta(seconds=35), reason="throttled")
    assert next_attempt(attempts, throttled, urgent=True) == timedelta(seconds=35)


def test_a_message_that_is_gone_cannot_be_edited_but_one_that_is_the_same_can() -> None:
    assert cannot_edit(BadRequest("Message to edit not found"))
    assert cannot_edit(BadRequest("Message can't be edited"))
    assert not cannot_edit(BadRequest("Message is not modified"))
