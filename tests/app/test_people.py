"""`fortnight staff` and `fortnight patient`, as programs and people meet them."""

from __future__ import annotations

import pytest

from tests.app.conftest import CommandLine

ENROL = ("patient", "enrol", "--name", "Patient One", "--timezone", "Europe/Madrid", "--language", "es")
ADD = ("staff", "add", "--name", "Clinician One", "--role", "clinician")


def test_a_staff_member_gets_an_alias_a_code_and_a_link_with_it(fortnight: CommandLine) -> None:
    added = fortnight.of(*ADD)
    assert set(added) == {"id", "code", "link"}
    assert added["id"] == "S-1"
    assert added["link"].endswith(f"?start={added['code']}")


def test_staff_are_listed_with_whether_they_can_be_reached(fortnight: CommandLine) -> None:
    fortnight.of(*ADD)
    (line,) = fortnight.of("staff", "list")
    assert (line["id"], line["name"], line["role"], line["linked"]) == ("S-1", "Clinician One", "clinician", False)


def test_relinking_gives_another_code(fortnight: CommandLine) -> None:
    assert fortnight.of(*ADD)["code"] != fortnight.of("staff", "relink", "S-1")["code"]


def test_a_disabled_member_says_so_in_the_list(fortnight: CommandLine) -> None:
    fortnight.of(*ADD)
    fortnight.of("staff", "disable", "S-1")
    assert fortnight.of("staff", "list")[0]["disabled_at"] is not None


def test_an_unknown_role_is_refused_with_those_there_are(fortnight: CommandLine) -> None:
    complaint = fortnight.refused("staff", "add", "--name", "X", "--role", "chief")
    assert "chief" in complaint["error"]
    assert "clinician" in complaint["mend"]


def test_a_patient_is_known_by_alias_and_their_name_shows_nowhere(fortnight: CommandLine) -> None:
    assert fortnight.of(*ENROL)["id"] == "P-1001"
    for shown in (fortnight.run("patient", "list"), fortnight.run("patient", "show", "P-1001", "--json")):
        assert "P-1001" in shown.out
        assert "Patient One" not in shown.out


def test_a_reveal_shows_the_name_and_is_kept_in_the_audit(fortnight: CommandLine) -> None:
    fortnight.of(*ENROL, "--phone", "+34 600 000 000")
    shown = fortnight.of("patient", "show", "p1001", "--reveal")
    assert (shown["name"], shown["contact"]) == ("Patient One", {"phone": "+34 600 000 000"})
    assert [entry["action"] for entry in fortnight.of("audit", "show", "P-1001")] == ["patient-enrolled", "revealed"]


def test_a_patient_without_a_course_shows_all_the_keys(fortnight: CommandLine) -> None:
    fortnight.of(*ENROL)
    shown = fortnight.of("patient", "show", "P-1001")
    assert {"id", "state", "timezone", "courses", "checkins", "history", "alerts"} <= set(shown)
    assert (shown["state"], shown["courses"], shown["checkins"]) == ("enrolled", [], [])


def test_what_a_patient_has_agreed_to_stands_where_staff_look(fortnight: CommandLine) -> None:
    fortnight.of(*ENROL)
    assert fortnight.of("patient", "list")[0]["consent"] is None
    assert fortnight.of("patient", "show", "P-1001")["consent"] is None
    assert "has agreed to nothing" in fortnight.run("patient", "show", "P-1001").out


@pytest.mark.parametrize(
    ("words", "said", "mend"),
    [
        (("--name", ""), "A name has 1 to 80 letters.", "--name"),
        (("--name", "  "), "A name has 1 to 80 letters.", "--name"),
        (("--name", "x" * 81), "A name has 1 to 80 letters.", "--name"),
        (("--name", "X", "--phone", "abc"), "That is no phone number.", "--phone"),
        (("--name", "X", "--phone", "+34 600 000 000" + " or so" * 9), "That is no phone number.", "--phone"),
    ],
)
def test_a_name_that_is_none_or_a_phone_that_cannot_be_called_is_refused(
    fortnight: CommandLine, words: tuple[str, ...], said: str, mend: str
) -> None:
    complaint = fortnight.refused("patient", "enrol", "--timezone", "Europe/Madrid", *words)
    assert (complaint["error"], mend in complaint["mend"]) == (said, True)
    assert fortnight.of("patient", "list") == []


def test_a_name_and_a_phone_are_kept_without_stray_blanks(fortnight: CommandLine) -> None:
    words = ("--timezone", "Europe/Madrid", "--name", " Patient   One ", "--phone", " +34  600 000 000")
    fortnight.of("patient", "enrol", *words)
    shown = fortnight.of("patient", "show", "P-1001", "--reveal")
    assert (shown["name"], shown["contact"]) == ("Patient One", {"phone": "+34 600 000 000"})


def test_an_unknown_zone_is_refused(fortnight: CommandLine) -> None:
    complaint = fortnight.refused("patient", "enrol", "--name", "X", "--timezone", "Madrid")
    assert "Europe/Madrid" in complaint["mend"]


def test_an_unknown_patient_is_refused_with_where_to_look(fortnight: CommandLine) -> None:
    assert fortnight.refused("patient", "show", "P-77")["mend"] == "see `fortnight patient list`"


def test_only_somebody_who_takes_part_can_be_paused(fortnight: CommandLine) -> None:
    fortnight.of(*ENROL)
    complaint = fortnight.refused("patient", "pause", "P-1001")
    assert complaint["error"] == "P-1001 has not opened the link, so nothing is asked of them yet."
    assert "fortnight infusion cancel" in complaint["mend"]
    fortnight.of("patient", "end", "P-1001")
    for step in ("pause", "end"):
        complaint = fortnight.refused("patient", step, "P-1001")
        assert (complaint["error"], "relink" in complaint["mend"]) == ("P-1001 has ended the programme already.", True)


def test_the_end_is_kept_in_the_record(fortnight: CommandLine) -> None:
    fortnight.of(*ENROL)
    assert fortnight.of("patient", "end", "P-1001") == {"id": "P-1001", "state": "ended"}
    assert fortnight.of("patient", "show", "P-1001")["state"] == "ended"


def test_a_safety_plan_is_read_from_a_file_and_from_standard_input(fortnight: CommandLine) -> None:
    fortnight.of(*ENROL)
    (fortnight.folder / "plan.txt").write_text("Call my sister.")
    fortnight.of("patient", "plan", "P-1001", str(fortnight.folder / "plan.txt"))
    assert fortnight.of("patient", "show", "P-1001", "--reveal")["plan"] == "Call my sister."
    assert fortnight.run("patient", "plan", "P-1001", "-", stdin="Go for a walk.").code == 0
    assert fortnight.of("patient", "show", "P-1001", "--reveal")["plan"] == "Go for a walk."


def test_a_plan_that_is_no_text_is_refused(fortnight: CommandLine) -> None:
    fortnight.of(*ENROL)
    (fortnight.folder / "plan.bin").write_bytes(b"\xff\xfe\x00")
    complaint = fortnight.refused("patient", "plan", "P-1001", str(fortnight.folder / "plan.bin"))
    assert complaint["error"].endswith("plan.bin cannot be read: it is no text in UTF-8.")
    assert "there is no such file" in fortnight.refused("patient", "plan", "P-1001", "/nowhere/plan.txt")["error"]
    assert "it is a folder" in fortnight.refused("patient", "plan", "P-1001", str(fortnight.folder))["error"]


def test_drills_go_to_whoever_can_be_reached_and_are_listed(fortnight: CommandLine) -> None:
    fortnight.of(*ADD)
    assert fortnight.of("drill", "list") == []
    assert fortnight.of("drill", "send") == []  # nobody is linked yet
    assert "cannot be reached" in fortnight.refused("drill", "send", "--staff", "S-1")["error"]


def test_what_others_on_the_machine_may_not_see_is_asked_for_instead_of_typed(fortnight: CommandLine) -> None:
    zone, unseen = ("--timezone", "Europe/Madrid"), ("--name", "-", "--phone", "-")
    words = ("patient", "enrol", *unseen, *zone, "--json")
    enrolled = fortnight.process(*words, stdin="Marzipan\n+34 600\n")
    assert enrolled.code == 0
    alias = enrolled.json["id"]  # nothing but the document is on standard output
    shown = fortnight.of("patient", "show", alias, "--reveal")
    assert (shown["name"], shown["contact"]) == ("Marzipan", {"phone": "+34 600"})
    assert fortnight.process(*words, stdin="").code == 1  # and nobody is enrolled without a name
