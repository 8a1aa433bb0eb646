"""The digest: the gravest first, cut into messages from which no word is missing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rules.digest import LINE, LONGEST_REASON, Entry, gravest_first, messages
from rules.tier import Tier

NOW = datetime(2026, 5, 4, 10, tzinfo=UTC)
ROOM = 1000
WORDS = st.text(alphabet=st.sampled_from("ab 🩸é\n"), max_size=3000)


def entry(words: str | None = "words", *, tier: Tier = Tier.NONE, minutes: int = 0, reasons: int = 0) -> Entry:
    at = NOW + timedelta(minutes=minutes)
    seen = ({"rule": "free-text", "tier": tier.word},) * reasons
    return Entry(patient_id="p", patient="P-1042", at=at, tier=tier, words=words, reasons=seen)


def test_the_gravest_come_first_and_among_equals_the_oldest() -> None:
    given_ = [entry(tier=tier, minutes=minutes) for minutes, tier in enumerate(4 * tuple(Tier))]
    found = gravest_first(given_)
    assert [each.tier.word for each in found] == ["red"] * 4 + ["amber"] * 4 + ["note"] * 4 + ["none"] * 4
    assert [each.at for each in found[:4]] == sorted(each.at for each in found[:4])


def test_short_texts_share_a_message() -> None:
    assert [len(each) for each in messages([entry() for _ in range(20)], ROOM)] == [11, 9]


def test_a_long_text_goes_on_in_the_next_message_cut_between_words() -> None:
    (first,), (second,) = messages([entry("jam " * 400, reasons=1)], ROOM + 400)
    assert (first.goes_on, second.goes_on) == (False, True)
    assert first.words is not None
    assert first.words.endswith("jam ")
    assert (len(first.reasons), len(second.reasons)) == (1, 0)


def test_a_text_without_spaces_fills_messages_to_the_last_unit_and_no_further() -> None:
    parts = [part.words or "" for (part,) in messages([entry("🩸" * 1000)], ROOM)]
    assert [len(part) for part in parts] == [460, 460, 80]


def test_a_note_without_words_is_an_entry_too_and_shows_the_gravest_reasons() -> None:
    ((only,),) = messages([entry(None, reasons=9)], ROOM)
    assert only.words is None
    assert len(only.reasons) == 3


@given(st.lists(st.builds(entry, st.none() | WORDS, reasons=st.integers(0, 5)), max_size=8))
def test_no_word_is_missing_and_no_message_too_long(entries: list[Entry]) -> None:
    cut = messages(entries, ROOM)
    assert "".join(part.words or "" for message in cut for part in message) == "".join(
        each.words or "" for each in entries
    )
    for message in cut:
        units = sum(len((part.words or "").encode("utf-16-le")) // 2 for part in message)
        assert units + sum(LINE + LONGEST_REASON * len(part.reasons) for part in message) <= ROOM
    assert sum(not part.goes_on for message in cut for part in message) == len(entries)
