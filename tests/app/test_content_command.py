"""What a clinic words and asks itself: shown in the review, named by the check, refused where it cannot be used."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from content import instruments, messages
from tests.app.conftest import CommandLine
from tests.content.test_own_instruments import OWN


@pytest.fixture(autouse=True)
def shipped_afterwards() -> Iterator[None]:
    yield
    messages.use({})
    instruments.use({})


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
    assert "patient.later is no text" in " ".join(said.split())


def test_check_names_a_wording_that_cannot_be_used(fortnight: CommandLine) -> None:
    configure(fortnight, '[messages]\npath = "messages"\n')
    (fortnight.folder / "messages").mkdir()
    (fortnight.folder / "messages" / "es.toml").write_text('[crisis]\nnot_reached = "Llama"\n')
    outcome = fortnight.run("check", "--json")
    (told,) = [each for each in outcome.json["problems"] if "crisis.not_reached" in each["problem"]]
    assert "{lines}" in told["mend"]
    assert outcome.code == 1


def test_nothing_goes_on_with_an_instrument_whose_licence_nobody_asserts(fortnight: CommandLine) -> None:
    (fortnight.folder / "instruments").mkdir()
    (fortnight.folder / "instruments" / "my-scale.toml").write_text(OWN)
    configure(fortnight, '[instruments]\npath = "instruments"\n')
    complaint = fortnight.refused("patient", "list")
    assert "needs a licence" in complaint["error"]
    assert "instruments.licensed" in complaint["mend"]
    assert any("needs a licence" in each["problem"] for each in fortnight.run("check", "--json").json["problems"])
    configure(fortnight, 'licensed = ["my-scale"]\n')
    assert fortnight.of("patient", "list") == []
