"""What people read is the same in every language, fits where it is shown, and is plain."""

from __future__ import annotations

import re
import tomllib

import pytest

from content.crisis_lines import crisis_lines, regions, sources
from content.instruments import load
from content.lengths import BUTTONS, longest
from content.messages import FOLDER, LANGUAGES, keys, placeholders, say, shipped
from content.reading_level import EASE, FEW, GRADE, as_read, ease, grade, too_hard

TOASTS = sorted(key for key in keys("en") if key.startswith("staff.toast_"))


def words_of(text: str) -> list[str]:
    return re.findall(r"[A-Za-z']+", text)


def patient_texts(language: str = "en") -> dict[str, str]:
    """What patients read, of messages and of our own questions; figures and links count as one word."""
    texts = tomllib.loads((FOLDER / language / "patient.toml").read_text("utf-8"))
    said = {f"{section}.{key}": each for section in ("patient", "crisis") for key, each in texts[section].items()}
    own = [each for each in load().values() if not each.credit]
    asked = {f"{each.id}.{item.id}": item.texts[language] for each in own for item in each.items}
    asked |= {f"{each.id}.recall": each.recall[language] for each in own if each.recall[language]}
    return {key: as_read(language, text) for key, text in (said | asked).items()}


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
@pytest.mark.parametrize("key", sorted(BUTTONS))
def test_a_button_says_it_in_a_few_words(language: str, key: str) -> None:
    assert len(say(language, key)) <= longest(key)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", TOASTS)
def test_a_toast_is_no_longer_than_telegram_shows(language: str, key: str) -> None:
    assert len(say(language, key, **dict.fromkeys(placeholders(language, key), "x" * 40))) <= longest(key)


@pytest.mark.parametrize("key", sorted(patient_texts()))
def test_patients_can_read_every_sentence(key: str) -> None:
    text = patient_texts()[key]
    if len(words_of(text)) >= FEW:
        assert grade(text) <= GRADE


@pytest.mark.parametrize("key", sorted(patient_texts("es")))
def test_patients_can_read_every_spanish_sentence(key: str) -> None:
    text = patient_texts("es")[key]
    if len(text.split()) >= FEW:
        assert ease(text) >= EASE


def test_patients_texts_are_plain_taken_together() -> None:
    assert grade("\n".join(patient_texts().values())) <= GRADE - 1
    assert ease("\n".join(patient_texts("es").values())) >= EASE + 10


def test_the_measure_sees_what_is_hard_to_read() -> None:
    hard = "La administración de procedimientos psicoterapéuticos individualizados requiere consentimiento informado."
    assert ease(hard) < EASE
    assert grade("The administration of individualised psychotherapeutic procedures requires informed consent.") > GRADE
    assert "above the sixth grade" in (too_hard("es", f"{hard} {hard}") or "")
    assert too_hard("es", "Gracias. Eso es todo por hoy. Mañana te pregunto otra vez cómo estás tú.") is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_fits_where_it_is_shown(language: str) -> None:
    long = [key for key in keys(language) if len(shipped(language, key)) > longest(key)]
    assert not long


@pytest.mark.parametrize("region", regions())
def test_every_region_has_lines_in_each_language_with_a_source(region: str) -> None:
    for language in LANGUAGES:
        found = crisis_lines(region, language)
        assert found is not None
        assert found.lines
        assert found.emergency.isdigit()
    assert sources(region)["source"].startswith("https://")
    assert sources(region)["checked_on"] == ""  # what is shipped, nobody has called for a clinic
