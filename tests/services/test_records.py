"""What the command line shows of answers: those that stand, by instrument."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from content import instruments
from services.records import current_answers
from store.answers import Answer

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def _answer(instrument: str, item: str, value: int | None, minute: int = 0) -> Answer:
    at = NOON + timedelta(minutes=minute)
    return Answer(
        id=f"{instrument}/{item}/{minute}",
        patient_id="p",
        checkin_id="c",
        instrument=instrument,
        item=item,
        value=value,
        has_words=value is None,
        via="button",
        at=at,
        stored_at=at,
        late=False,
        corrects=None,
        message_id=None,
    )


def _shown(*given: Answer) -> dict[str, object]:
    return current_answers(given, instruments.load())


def test_a_rating_is_a_number() -> None:
    assert _shown(_answer("mood", "rating", 7)) == {"mood": 7}


def test_the_newest_answer_stands() -> None:
    assert _shown(_answer("mood", "rating", 7), _answer("mood", "rating", 3, minute=5)) == {"mood": 3}


def test_a_questionnaire_is_its_items_in_order_with_their_total() -> None:
    given = [_answer("phq9", str(item), item % 4) for item in range(9, 0, -1)]
    assert _shown(*given) == {"phq9": {"items": [1, 2, 3, 0, 1, 2, 3, 0, 1], "total": 13}}


def test_half_a_questionnaire_shows_what_is_missing_and_counts_what_is_there() -> None:
    shown = _shown(_answer("phq9", "1", 3), _answer("phq9", "3", 2))
    assert shown == {"phq9": {"items": [3, None, 2, None, None, None, None, None, None], "total": 5}}


def test_a_checklist_has_no_total() -> None:
    shown = _shown(_answer("settle", "home", 1))
    assert set(shown["settle"]) == {"items"}  # type: ignore[call-overload]


def test_words_are_only_said_to_have_been_given() -> None:
    assert _shown(_answer("words", "words", None)) == {"words": True}
