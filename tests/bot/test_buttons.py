"""What a button carries: bound to one person, and nothing that was made up by somebody else is believed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.buttons import MAX_BYTES, Press, pack, unpack

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
ROW = "0198c0ffee" + "0" * 22


def test_a_press_comes_back_as_it_was_packed() -> None:
    data = pack(KEY, 7, "a", ROW, "side-effects/dizzy/3")
    assert unpack(KEY, 7, data) == Press(verb="a", subject=ROW, argument="side-effects/dizzy/3")
    assert len(data.encode()) <= MAX_BYTES


def test_a_button_without_a_row_comes_back_without_one() -> None:
    assert unpack(KEY, 7, pack(KEY, 7, "zone", "", "America/New_York")) == Press(
        verb="zone", subject="", argument="America/New_York"
    )


@pytest.mark.parametrize(("key", "user"), [(KEY, 8), (OTHER_KEY, 7)])
def test_a_button_of_another_person_or_another_clinic_is_none(key: bytes, user: int) -> None:
    assert unpack(key, user, pack(KEY, 7, "ack", ROW)) is None


def test_what_does_not_fit_is_refused_when_it_is_made() -> None:
    with pytest.raises(ValueError, match="at most 64"):
        pack(KEY, 7, "answer", ROW, "a" * 40)


@given(st.text())
def test_anything_may_be_sent_as_a_button_and_is_none(data: str) -> None:
    assert unpack(KEY, 7, data) is None


@given(st.integers(0, 60), st.characters(codec="ascii"))
def test_a_button_in_which_one_character_was_changed_is_none(place: int, character: str) -> None:
    data = pack(KEY, 7, "ack", ROW, "1")
    changed = data[:place] + character + data[place + 1 :]
    assert changed == data or place >= len(data) or unpack(KEY, 7, changed) is None
