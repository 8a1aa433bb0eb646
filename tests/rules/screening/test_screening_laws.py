"""What holds for every text: disguise, company and denial do not silence it, and the work is bounded."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from content.screening import load, read
from rules.screening import compile, screen  # noqa: A004
from rules.screening import screening as engine
from rules.screening.model import Model
from rules.screening.words import Break, written
from rules.tier import Tier

BLUNT = [
    "I want to kill myself",
    "thinking of ending my life tonight",
    "I'm suicidal",
    "I am going to hang myself",
    "planning to overdose tonight",
    "quiero suicidarme",
]
BENIGN = ["Slept well.", "The dog is fine.", "We had soup.", "Hoy comí bien.", "The bus was late again."]
DENIALS = ["no plans though.", "I'm not in danger.", "I don't want to die.", "nothing like that.", "sin ideas malas."]
LOOKALIKES = str.maketrans({"a": "а", "e": "е", "i": "і", "o": "о", "c": "с"})
LEET = str.maketrans({"i": "1", "e": "3", "a": "4", "o": "0"})


def in_longest(text: str, change: Callable[[str], str]) -> str:
    """The text with its longest word changed."""
    longest = max(text.split(), key=len)
    return text.replace(longest, change(longest))


DISGUISES: dict[str, Callable[[str], str]] = {
    "curly apostrophes": lambda text: text.replace("'", "’"),
    "no apostrophes": lambda text: text.replace("'", ""),
    "zero-width characters": lambda text: "\u200b".join(text),
    "look-alike letters": lambda text: text.translate(LOOKALIKES),
    "full-width letters": lambda text: "".join(
        chr(ord(char) + 0xFEE0) if "a" <= char <= "z" else char for char in text
    ),
    "leet": lambda text: in_longest(text, lambda word: word.translate(LEET)),
    "spacing": lambda text: in_longest(text, " ".join),
    "dots": lambda text: in_longest(text, ".".join),
    "stretching": lambda text: in_longest(text, lambda word: word[:2] + word[1] * 3 + word[2:]),
    "a wildcard": lambda text: in_longest(text, lambda word: word[0] + "*" + word[2:]),
    "a dropped letter": lambda text: in_longest(text, lambda word: word[:3] + word[4:]),
    "swapped letters": lambda text: in_longest(text, lambda word: word[:2] + word[3] + word[2] + word[4:]),
    "capitals": str.upper,
    "run together": lambda text: "".join(text.split()),
    "full stops for spaces": lambda text: ".".join(text.split()),
    "stray spaces": lambda text: "  ".join(text.split(" ")),
}


@pytest.mark.parametrize("disguise", DISGUISES)
@pytest.mark.parametrize("text", BLUNT)
def test_a_disguise_takes_nothing_from_red(text: str, disguise: str) -> None:
    assert screen(DISGUISES[disguise](text), load()).tier is Tier.RED


@pytest.mark.parametrize("text", ["thinking of suidice", "I feel suciadil", "ovredsoed tonight on purpose"])
def test_letters_jumbled_inside_a_word_take_nothing_from_red(text: str) -> None:
    assert screen(text, load()).tier is Tier.RED


def test_a_sentence_run_together_is_read_and_a_long_word_is_left_alone() -> None:
    vocabulary = load().vocabulary
    assert vocabulary.parts("gottheropeinthecarformyneck") == (
        "got",
        "the",
        "rope",
        "in",
        "the",
        "car",
        "for",
        "my",
        "neck",
    )
    assert vocabulary.parts("hydroxychloroquine") == ()
    assert vocabulary.parts("x" * 4096) == ()
    assert screen("hadaverynicedaywiththekids", load()).tier is Tier.NONE


def found(text: str) -> set[str]:
    return {finding.rule for finding in screen(text, load()).findings if finding.tier is Tier.RED}


def test_full_stops_in_place_of_spaces_are_commas_and_one_alone_ends_a_sentence() -> None:
    assert [word.after for word in written("the.pills.are.counted")] == [*[Break.COMMA] * 3, Break.NONE]
    assert [word.after for word in written("ok.thanks")] == [Break.SENTENCE, Break.NONE]
    assert "means-pills" in found("the.pills.are.counted.and.ready")
    assert "suicide-killing-oneself" in found("Fine.No.Suicidal.Tonight")  # the no was the answer to something else


RISKY = [text for rule in read()["rule"] if rule["tier"] in ("red", "amber") for text in rule["hits"]]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(RISKY), st.sampled_from(BENIGN), st.booleans())
def test_a_benign_sentence_beside_it_never_lowers_a_tier(text: str, benign: str, before: bool) -> None:
    together = f"{benign} {text}" if before else f"{text}. {benign}"
    assert screen(together, load()).tier >= screen(text, load()).tier


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from([text for rule in read()["rule"] if rule["tier"] == "red" for text in rule["hits"]]),
    st.sampled_from(DENIALS),
)
def test_a_denial_added_never_takes_red_to_none(text: str, denial: str) -> None:
    assert screen(f"{text}, but {denial}", load()).tier > Tier.NONE
    assert screen(f"{text}. {denial}", load()).tier > Tier.NONE


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_any_text_at_all_is_read_and_its_finds_lie_within_it(text: str) -> None:
    seen = screen(text, load())
    assert seen == screen(text, load())
    assert all(finding.rule != "unreadable-error" for finding in seen.findings)
    for finding in seen.findings:
        start, end = finding.span or (0, 0)
        assert 0 <= start <= end <= len(text)
        assert finding.tier > Tier.NONE


def test_a_span_is_the_place_in_the_raw_text() -> None:
    text = "Nice soup… 😀 I\u200b want to k\u0131ll  myself, honestly"
    found = next(each for each in screen(text, load()).findings if each.rule == "suicide-killing-oneself")
    start, end = found.span or (0, 0)
    assert text[start:end] == "k\u0131ll  myself"


def test_the_finding_says_which_view_saw_it() -> None:
    found = next(each for each in screen("k1ll myself", load()).findings if each.rule == "suicide-killing-oneself")
    assert found.detail == {"views": ["leet"]}


def test_a_long_text_is_read_to_its_end_and_goes_to_a_human() -> None:
    seen = screen("we had soup. " * 400 + "I want to kill myself", load())
    assert seen.tier == Tier.RED
    assert "unreadable-long" in {finding.rule for finding in seen.findings}


@pytest.mark.parametrize("text", ["мне сегодня очень плохо", "ich kann seit Tagen nicht mehr schlafen und esse kaum"])
def test_another_language_goes_to_a_human(text: str) -> None:
    assert "unreadable-language" in {finding.rule for finding in screen(text, load()).findings}


def test_an_error_in_a_rule_is_a_finding_for_a_human(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(engine, "_candidates", broken)
    seen = screen("hello", load())
    assert [(finding.rule, finding.tier) for finding in seen.findings] == [("unreadable-error", Tier.AMBER)]


def test_an_error_in_the_model_takes_nothing_from_what_the_rules_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Model, "tier", broken)
    seen = screen("I want to kill myself", load())
    assert seen.tier is Tier.RED
    assert "unreadable-error" in {finding.rule for finding in seen.findings}


def test_an_emergency_opens_the_medical_route() -> None:
    assert screen("chest pain since lunch", load()).emergency
    assert not screen("I want to die", load()).emergency


def test_the_hash_names_the_rules() -> None:
    data = read()
    assert compile(data).hash == load().hash
    assert len(load().hash) == 32


SLACK = 8  # the bound is 50 ms of an idle machine; tests run on busy ones
WORDS = sorted({word for rule in read()["rule"] for text in rule["hits"] for word in text.split()})


@pytest.mark.parametrize(
    "text",
    [
        "kill " * 900,
        "a" * 4096,
        "s u i c i d e " * 290,
        " ".join((WORDS * 9)[::7])[:4096],
        "no not never " * 310,
        "i " * 2048,
    ],
    ids=["one word", "one letter", "letters apart", "every risk word", "negations", "pronouns"],
)
def test_no_text_of_4096_characters_takes_long(text: str) -> None:
    rules = load()
    took = []
    for _ in range(3):
        start = time.process_time()
        screen(text[:4096], rules)
        took.append(time.process_time() - start)
    assert min(took) < 0.05 * SLACK
