"""A broken protocol file stops what needs a protocol, and nothing else at the desk."""

from __future__ import annotations

import pytest

from app.late import Late
from tests.app.conftest import CommandLine

WORDS = "broken = "
WHERE = "draft.toml:1: the file: this is no TOML"
INFUSION = ("infusion", "record", "--patient", "P-1001", "--at", "now", "--dose-mg-per-kg", "0.5")
AT = ("--at", "2031-03-03T14:00+01:00", "--timezone", "Europe/Madrid")


@pytest.fixture
def clinic(fortnight: CommandLine) -> CommandLine:
    """A clinic with a patient, a clinician and a half-written protocol."""
    fortnight.of("patient", "enrol", "--name", "Patient One", "--timezone", "Europe/Madrid")
    fortnight.of("staff", "add", "--name", "Clinician One", "--role", "clinician")
    (fortnight.folder / "protocols").mkdir()
    (fortnight.folder / "protocols" / "draft.toml").write_text(WORDS)
    config = fortnight.folder / "config.toml"
    config.write_text(config.read_text() + '[protocols]\npath = "protocols"\n')
    return fortnight


@pytest.mark.parametrize(
    "words",
    [
        ("alert", "list"),
        ("patient", "list"),
        ("patient", "show", "P-1001"),
        ("patient", "enrol", "--name", "Patient Two", "--timezone", "Europe/Madrid"),
        ("rota", "show"),
        ("rota", "gaps"),
        ("rota", "add", "--staff", "S-1", "--from", "now", "--to", "2031-01-01T00:00+01:00"),
        ("staff", "list"),
        ("staff", "relink", "S-1"),
        ("audit", "show"),
        ("audit", "verify"),
        ("digest",),
        ("backup", "backup.tar"),
        ("content", "review"),
    ],
    ids=" ".join,
)
def test_what_needs_no_protocol_goes_on(
    clinic: CommandLine, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(clinic.folder)
    assert clinic.run(*words, "--json").code == 0, clinic.run(*words, "--json").err


@pytest.mark.parametrize(
    "words",
    [
        (*INFUSION, "--uncovered", "a test"),
        ("protocol", "preview", "draft", *AT),
        ("protocol", "publish", "protocols/draft.toml"),
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_what_needs_one_is_refused_with_the_line_and_the_mend(
    clinic: CommandLine, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(clinic.folder)
    complaint = clinic.refused(*words)
    assert WHERE in complaint["error"]
    assert complaint["mend"].startswith("mend the TOML there")


def test_check_names_it_beside_everything_else_that_is_not_ready(clinic: CommandLine) -> None:
    first, *others = clinic.run("check", "--json").json["problems"]
    assert WHERE in first["problem"]
    assert first["mend"] not in first["problem"]
    said = " ".join(each["problem"] for each in others)
    for missing in ("no clinician", "second channel", "ping_url", "crisis lines"):
        assert missing in said


def test_once_mended_a_course_begins(clinic: CommandLine) -> None:
    (clinic.folder / "protocols" / "draft.toml").unlink()
    clinic.of(*INFUSION, "--uncovered", "a test")


def test_a_late_mapping_is_read_once_and_only_when_somebody_looks() -> None:
    reads: list[int] = []

    def read() -> dict[str, int]:
        reads.append(len(reads))
        if len(reads) == 1:
            raise ValueError("broken")
        return {"a": 1}

    late = Late(read)
    assert reads == []
    with pytest.raises(ValueError, match="broken"):
        late.get("a")
    assert (late["a"], [*late], len(late), "b" in late, reads) == (1, ["a"], 1, False, [0, 1])
