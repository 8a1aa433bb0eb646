"""A typed message is read as the answer when it is meant as one, and never otherwise."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.instruments import load
from rules.instrument import Item
from rules.typed import NotANumber, OutOfRange, Reading, Unclear, Value, read

MOOD, SLEEP, OFTEN = (load()[name].items[0] for name in ("mood", "sleep", "phq9"))
YES_NO, SAFETY, HOME, WORDS = (load()[name].items[0] for name in ("asq", "safety", "settle", "words"))


def reading(text: str, item: Item = MOOD, language: str = "en") -> Reading:
    return read(text, item, language)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7),
        (" 7 \n", 7),
        ("0", 0),
        ("10", 10),
        ("seven", 7),
        ("Zero", 0),
        ("about a 6", 6),
        ("maybe like a 5", 5),
        ("like a 3?", 3),
        ("8/10", 8),
        ("8 / 10", 8),
        ("10/10!!", 10),
        ("7 out of 10", 7),
        ("nine out of ten today", 9),
        ("I'd say 7", 7),
        ("I’m at 5 today", 5),
        ("it's a solid 4", 4),
        ("Mood 4", 4),
        ("mood: 4", 4),
        ("my mood is 4, thanks", 4),
        ("7ish", 7),
        ("7-ish", 7),
        ("💙 7", 7),
        ("7️⃣", 7),
        ("７", 7),
        ("Hi, 6", 6),
        ("Buenos días. Un 6", 6),
        ("7. Slept well and went for a walk", 7),
        ("5 but better than yesterday", 5),
        ("Slept well. Mood 7", 7),
        ("nice walk, 7/10", 7),
        ("siete", 7),
        ("un 4", 4),
        ("como un 3", 3),
        ("más o menos 6", 6),
        ("diría que un 5", 5),
        ("creo que ocho", 8),
        ("nueve sobre diez", 9),
        ("4 de 10", 4),
        ("hoy 5", 5),
        ("mi ánimo está en 6", 6),
        ("5 pero mejor que ayer", 5),
    ],
)
def test_a_rating_is_read(text: str, value: int) -> None:
    assert reading(text) == reading(text, language="es") == Value(value=value)


@pytest.mark.parametrize(
    ("text", "value"), [("11", 11), ("-1", -1), ("100", 100), ("minus one", -1), ("menos uno", -1), ("a 12", 12)]
)
def test_a_number_that_the_scale_does_not_have_is_out_of_range(text: str, value: int) -> None:
    assert reading(text) == OutOfRange(value=value)


@pytest.mark.parametrize(
    "text",
    [
        "6.5",
        "6,5",
        "6 or 7",
        "6-7",
        "between 4 and 5",
        "from 3 to 5",
        "4/5",
        "6 and a half",
        "entre 4 y 5",
        "6 o 7",
        "seis y medio",
        "7. no wait, 6",
        "3. 8",
    ],
)
def test_two_numbers_or_a_half_are_asked_again(text: str) -> None:
    assert reading(text) == Unclear()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "?",
        "it was 3 days ago",
        "hace 3 días",
        "2 of my friends died",
        "one of my friends died",
        "dos de mis amigos murieron",
        "no one",
        "ten minutes ago",
        "I took 2",
        "I took 10 pills",
        "tomé 10 pastillas",
        "3 am and I cannot sleep",
        "at 3",
        "day 3",
        "5 mg",
        "7 hours of sleep",
        "not a 7",
        "I wish I was a 7",
        "things I took: 3",
        "I called the ward, 3 times",
        "once",
        "my son is 4 years old. 10 of us had lunch.",
        "room 7",
        "7 + 1",
        "anxiety 3",
        "call me on 555 010 4477",
        "I counted the tablets. 3",
    ],
)
def test_a_number_about_something_else_is_not_taken(text: str) -> None:
    assert reading(text) == NotANumber()


def test_the_spanish_eleven_is_a_number_in_spanish_only() -> None:
    assert reading("once", language="es") == OutOfRange(value=11)
    assert reading("once", language="en") == NotANumber()


def test_a_rating_goes_by_the_name_of_its_own_question() -> None:
    assert reading("sleep 6", SLEEP) == Value(value=6)
    assert reading("sleep 6", MOOD) == NotANumber()


@pytest.mark.parametrize(
    ("text", "item", "value"),
    [
        ("Nearly every day", OFTEN, 3),
        ("nearly", OFTEN, 3),
        ("several days i think", OFTEN, 1),
        ("more than half", OFTEN, 2),
        ("not at all", OFTEN, 0),
        ("Casi todos los días", OFTEN, 3),
        ("casi todos los dias", OFTEN, 3),
        ("varios", OFTEN, 1),
        ("ningún día", OFTEN, 0),
        ("yes", YES_NO, 1),
        ("Sí", YES_NO, 1),
        ("si", YES_NO, 1),
        ("yes i have", YES_NO, 1),
        ("Yes. Twice, years ago.", YES_NO, 1),
        ("Yes, but only sometimes", SAFETY, 1),
        ("sí, hace años", YES_NO, 1),
        ("no", YES_NO, 0),
        ("nope", YES_NO, 0),
        ("no thanks", SAFETY, 0),
        ("yeah", SAFETY, 1),
        ("I'd rather talk", SAFETY, 2),
        ("prefiero hablar", SAFETY, 2),
        ("Yes, since noon", HOME, 1),
    ],
)
def test_a_choice_is_read_by_its_label_or_the_start_of_it(text: str, item: Item, value: int) -> None:
    assert reading(text, item) == Value(value=value)


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("2", OFTEN),
        ("no", OFTEN),
        ("every day", OFTEN),
        ("yes and no", YES_NO),
        ("No, but I want to sleep for ever", SAFETY),
        ("no. I just think everybody would be better off", SAFETY),
        ("no, pero no quiero despertar", SAFETY),
        ("yes no", SAFETY),
        ("yeah nah", SAFETY),
    ],
)
def test_a_choice_that_is_half_said_or_taken_back_is_asked_again(text: str, item: Item) -> None:
    assert reading(text, item) == Unclear()


@pytest.mark.parametrize(
    "text", ["I don't know", "what do you mean", "no one knows what I went through", "no but I want to sleep for ever"]
)
def test_words_are_no_choice(text: str) -> None:
    assert reading(text, YES_NO) == NotANumber()


@pytest.mark.parametrize("text", ["I", "I... can't say", "I wanna die", "I love this"])
def test_the_first_small_word_of_a_label_does_not_name_it(text: str) -> None:
    assert reading(text, SAFETY) == NotANumber()


def test_free_words_are_never_a_number() -> None:
    assert reading("7", WORDS) == NotANumber()


@given(st.text(max_size=60), st.sampled_from([MOOD, OFTEN, SAFETY, WORDS]), st.sampled_from(["en", "es"]))
def test_any_text_is_read_as_something_and_a_value_is_always_one_that_is_offered(
    text: str, item: Item, language: str
) -> None:
    found = read(text, item, language)
    assert not isinstance(found, Value) or item.option(found.value) is not None


@pytest.mark.parametrize(
    "piece", ["i am at a ", "7 ", "7. ", "about ", "no ", "a lo mejor ", "mood 7 / ", "-", "yes, "]
)
@pytest.mark.parametrize("item", [MOOD, OFTEN, SAFETY])
def test_the_longest_message_is_read_in_a_moment(piece: str, item: Item) -> None:
    started = time.perf_counter()
    read((piece * 4096)[:4095] + "x", item, "en")
    assert time.perf_counter() - started < 0.5
