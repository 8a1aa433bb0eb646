"""What a clinic words and asks itself: shown in the review, named by the check, refused where it cannot be used."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from app.clock import SystemClock
from content import crisis_lines, instruments, messages
from rules.local_time import to_local
from tests.app.conftest import CommandLine
from tests.content.test_own_instruments import OWN


@pytest.fixture(autouse=True)
def shipped_afterwards() -> Iterator[None]:
    yield
    messages.use({})
    instruments.use({})
    crisis_lines.use(None)


def configure(clinic: CommandLine, more: str) -> None:
    with (clinic.folder / "config.toml").open("a", encoding="utf-8") as file:
        file.write(more)


def test_the_review_shows_the_clinics_own_wordings_and_lines_and_can_be_printed(bare: CommandLine) -> None:
    configure(bare, '[messages]\npath = "messages"\n[instruments]\npath = "instruments"\nlicensed = ["my-scale"]\n')
    (bare.folder / "messages").mkdir()
    (bare.folder / "instruments").mkdir()
    (bare.folder / "instruments" / "my-scale.toml").write_text(OWN, "utf-8")
    (bare.folder / "messages" / "en.toml").write_text('[patient]\nagree = "Yes, go on"\nlater = ""\n')
    page = bare.folder / "review.html"
    document = bare.of("content", "review", "--html", str(page))
    own = {each["key"]: each["own"] for each in document["messages"] if each["own"]}
    assert own == {"patient.agree": ["en"]}
    assert [each["region"] for each in document["crisis_lines"]] == ["ES"]
    assert "my-scale" in [each["id"] for each in document["instruments"]]
    assert "Yes, go on" in page.read_text("utf-8")
    assert "Mi escala" in page.read_text("utf-8") or "My scale" in page.read_text("utf-8")
    pdf = bare.folder / "review.pdf"
    assert bare.of("content", "review", "--pdf", str(pdf)) == document
    assert pdf.read_bytes().startswith(b"%PDF-")
    said = bare.run("content", "review", "--html", str(page)).out
    assert "en.toml:3: patient.later: nothing is written here" in " ".join(said.split())


def test_check_names_a_wording_that_cannot_be_used(fortnight: CommandLine) -> None:
    configure(fortnight, '[messages]\npath = "messages"\n')
    (fortnight.folder / "messages").mkdir()
    (fortnight.folder / "messages" / "es.toml").write_text('[crisis]\nnot_reached = "Llama"\n')
    outcome = fortnight.run("check", "--json")
    (told,) = [each for each in outcome.json["problems"] if "crisis.not_reached" in each["problem"]]
    assert "{lines}" in told["mend"]
    assert outcome.code == 1


def test_no_course_begins_with_an_instrument_whose_licence_nobody_asserts(fortnight: CommandLine) -> None:
    (fortnight.folder / "instruments").mkdir()
    (fortnight.folder / "instruments" / "my-scale.toml").write_text(OWN)
    configure(fortnight, '[instruments]\npath = "instruments"\n')
    fortnight.of("patient", "enrol", "--name", "Patient One", "--timezone", "Europe/Madrid")
    infusion = ("infusion", "record", "--patient", "P-1001", "--at", "now", "--dose-mg-per-kg", "0.5")
    complaint = fortnight.refused(*infusion, "--uncovered", "a test")
    assert "my-scale.toml:6: needs_licence: 'my-scale' needs a licence" in complaint["error"]
    assert "instruments.licensed" in complaint["mend"]
    assert any("needs a licence" in each["problem"] for each in fortnight.run("check", "--json").json["problems"])
    configure(fortnight, 'licensed = ["my-scale"]\n')
    fortnight.of(*infusion, "--uncovered", "a test")


def test_check_names_a_licence_for_what_is_not_there(fortnight: CommandLine) -> None:
    (fortnight.folder / "instruments").mkdir()
    (fortnight.folder / "instruments" / "my-scale.toml").write_text(OWN)
    configure(fortnight, '[instruments]\npath = "instruments"\nlicensed = ["my-scale", "my-scal"]\n')
    (told,) = [each for each in problems(fortnight) if "licensed" in each["problem"]]
    assert "config.toml:11: instruments.licensed names 'my-scal', of which" in told["problem"]


def test_a_missing_folder_is_told_by_the_key_that_names_it(fortnight: CommandLine) -> None:
    configure(fortnight, '[messages]\npath = "words"\n')
    (told,) = [each for each in problems(fortnight) if "no folder" in each["problem"]]
    assert "config.toml:10: messages.path: there is no folder" in told["problem"]
    configure(fortnight, '[instruments]\npath = "questions"\n[protocols]\npath = "plans"\n')
    assert "config.toml:12: instruments.path: there is no folder" in problems(fortnight)[0]["problem"]
    (fortnight.folder / "questions").mkdir()
    assert "config.toml:14: protocols.path: there is no folder" in problems(fortnight)[0]["problem"]


HARD = {
    "en": "Individualised psychotherapeutic administration procedures necessitate comprehensive informed institutional "
    "consent considerations before participation.",
    "es": "La administración de procedimientos psicoterapéuticos individualizados requiere consentimiento informado "
    "institucional anticipado correspondiente.",
}


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_wording_that_is_hard_to_read_is_said_and_warned_about(fortnight: CommandLine, language: str) -> None:
    configure(fortnight, '[messages]\npath = "messages"\n')
    (fortnight.folder / "messages").mkdir()
    (fortnight.folder / "messages" / f"{language}.toml").write_text(
        f'[patient]\ndone = "{HARD[language]}"\n[staff]\nnone_open = "{HARD[language]}"\n'
    )
    (told,) = [each for each in problems(fortnight) if "done" in each["problem"]]
    assert f"{language}.toml:2: patient.done: this reads " in told["problem"]
    assert "shorter" in told["mend"]
    assert (
        "patient.done: this reads" in fortnight.run("content", "review", "--pdf", str(fortnight.folder / "r.pdf")).out
    )
    document = fortnight.of("content", "review", "--html", str(fortnight.folder / "r.html"))
    (done,) = [each for each in document["messages"] if each["key"] == "patient.done"]
    assert (done[language], done["hard"]) == (HARD[language], [language])
    assert "(own, hard to read)" in (fortnight.folder / "r.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("days_ago", "says"),
    [
        (None, "Nobody of the clinic has called"),
        (366, "more than a year ago"),
        (365, ""),
        (0, ""),
        (-2, "a day to come"),
    ],
)
def test_check_says_when_the_crisis_lines_were_never_called_or_long_ago(
    fortnight: CommandLine, days_ago: int | None, says: str
) -> None:
    if days_ago is not None:
        on = to_local(SystemClock().now(), "Europe/Madrid").date() - timedelta(days=days_ago)
        configure(fortnight, f"crisis_lines_checked_on = {on}\n")
    told = [each for each in problems(fortnight) if "crisis lines" in each["problem"]]
    assert bool(told) == bool(says)
    assert all(says in each["problem"] and "crisis_lines_checked_on" in each["mend"] for each in told)


def test_a_clinics_own_crisis_lines_stand_in_place_of_the_regions_with_their_day(bare: CommandLine) -> None:
    more = 'crisis_lines = { en = ["024 – ours"], es = ["024 – la nuestra"] }\nemergency = "061"\n'
    configure(bare, f"{more}crisis_lines_checked_on = 2026-11-20\n")
    (lines,) = bare.of("content", "review")["crisis_lines"]
    assert (lines["en"], lines["es"], lines["emergency"]) == (["024 – ours"], ["024 – la nuestra"], "061")
    assert (lines["source"], lines["checked_on"]) == ("the clinic", "2026-11-20")


def problems(clinic: CommandLine) -> list[dict[str, str]]:
    return list(clinic.run("check", "--json").json["problems"])
