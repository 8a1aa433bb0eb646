"""What people read is the same in every language, fits where it is shown, and is plain."""

from __future__ import annotations

import re
import tomllib

import pytest

from content.instruments import load
from content.messages import FOLDER, keys, placeholders, say

LANGUAGES = ("en", "es")
BUTTONS = [
    *("patient.agree", "patient.pick_time", "patient.give_baseline", "patient.later", "patient.change"),
    *("patient.back", "patient.go_on", "patient.skip", "crisis.call_me", "crisis.safe_button"),
    *("staff.drill_button", "staff.acknowledge", "staff.details", "staff.hand_over", "staff.called"),
    *("staff.close", "staff.reopen", "staff.back", "staff.accept"),
]
TOASTS = sorted(key for key in keys("en") if key.startswith("staff.toast_"))
GRADE = 6.0


def words_of(text: str) -> list[str]:
    return re.findall(r"[A-Za-z']+", text)


def grade(text: str) -> float:
    """The Flesch-Kincaid grade, syllables counted by groups of vowels."""
    sentences = max(1, len(re.findall(r"[.!?:](?=\s|$)|\n", text.strip())))
    words = words_of(text)
    syllables = sum(max(1, len(re.findall(r"[aeiouy]+", word.lower().removesuffix("e")))) for word in words)
    return 0.39 * len(words) / sentences + 11.8 * syllables / len(words) - 15.59


def patient_texts() -> dict[str, str]:
    """The English of patients, of messages and of our own questions; figures and links count as one word."""
    texts = tomllib.loads((FOLDER / "en" / "patient.toml").read_text("utf-8"))
    said = {f"{section}.{key}": each for section in ("patient", "crisis") for key, each in texts[section].items()}
    own = [each for each in load().values() if not each.credit]
    asked = {f"{each.id}.{item.id}": item.texts["en"] for each in own for item in each.items}
    return {key: re.sub(r"\{\w+\}|/\w+|https?://\S+", "it", text) for key, text in (said | asked).items()}


def test_every_language_has_the_same_keys() -> None:
    assert keys("es") == keys("en")


@pytest.mark.parametrize("key", sorted(keys("en")))
def test_a_sentence_has_the_same_figures_in_every_language(key: str) -> None:
    assert placeholders("es", key) == placeholders("en", key)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_empty_and_all_can_be_filled_in(language: str) -> None:
    for key in keys(language):
        assert say(language, key, **dict.fromkeys(placeholders(language, key), "x")).strip()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", BUTTONS)
def test_a_button_says_it_in_a_few_words(language: str, key: str) -> None:
    assert len(say(language, key)) <= 40


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", TOASTS)
def test_a_toast_is_no_longer_than_telegram_shows(language: str, key: str) -> None:
    assert len(say(language, key, **dict.fromkeys(placeholders(language, key), "x" * 40))) <= 200


@pytest.mark.parametrize("key", sorted(patient_texts()))
def test_patients_can_read_every_sentence(key: str) -> None:
    text = patient_texts()[key]
    if len(words_of(text)) >= 12:
        assert grade(text) <= GRADE


def test_patients_texts_are_plain_taken_together() -> None:
    assert grade("\n".join(patient_texts().values())) <= GRADE - 1
