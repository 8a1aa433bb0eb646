"""`fortnight protocol diff | publish | move` and `fortnight patient slot | extend`: a plan is seen, then changed."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from app.clock import SystemClock
from rules.local_time import to_local
from tests.app.conftest import CommandLine

MINE = """\
id = "ketamine-14d"
extends = "ketamine-14d"
[[slot]]
name = "evening"
days = "2-3"
at = "22:00"
asks = ["sleep"]
"""


@pytest.fixture
def clinic(fortnight: CommandLine) -> CommandLine:
    """A clinic with a patient whose infusion is tomorrow, and a protocol file mine.toml."""
    fortnight.of("patient", "enrol", "--name", "Patient One", "--timezone", "Europe/Madrid")
    words = ("infusion", "record", "--patient", "P-1001", "--dose-mg-per-kg", "0.5", "--uncovered", "a test")
    fortnight.of(*words, "--at", in_days(1))
    (fortnight.folder / "mine.toml").write_text(MINE)
    return fortnight


def in_days(days: float) -> str:
    return (SystemClock().now() + timedelta(days=days)).isoformat()


def file(clinic: CommandLine) -> str:
    return str(clinic.folder / "mine.toml")


def test_a_protocol_is_compared_published_and_moved_to(clinic: CommandLine) -> None:
    shown = clinic.of("protocol", "diff", "ketamine-14d", file(clinic))
    assert {(row["patient"], row["change"], row["slot"]) for row in shown[:-1]} == {("P-1001", "added", "evening")}
    assert set(shown[0]) == {"patient", "course", "change", "slot", "day", "from", "to"}
    published = clinic.of("protocol", "publish", file(clinic))
    assert (published["id"], published["version"], published["running"]) == ("ketamine-14d", 2, 1)
    assert {warning["line"] for warning in published["warnings"]} == {1, 2, 6}
    assert (shown[-1]["change"], shown[-1]["version"], shown[-1]["courses"]) == ("version", "ketamine-14d 1", 1)
    moved = clinic.of("protocol", "move", "ketamine-14d", "--reason", "signed off", "--patient", "P-1001")
    assert moved == [*shown[:-1], {**shown[-1], "to": "ketamine-14d 2"}]
    assert clinic.of("protocol", "move", "ketamine-14d", "--reason", "signed off") == []
    record = clinic.of("patient", "show", "P-1001")
    assert "evening" in {row["slot"] for row in record["checkins"]}
    assert [(course["protocol"], course["version"]) for course in record["courses"]] == [("ketamine-14d", 2)]


PAGING = """\
id = "ketamine-14d"
extends = "ketamine-14d"
quiet_hours = ["22:00", "07:00"]
[thresholds]
mood_fall = 9
[escalation.red]
steps = [{ to = "primary", after = "0s" }, { to = "everyone", after = "3m" }]
repeat = "1m"
follow_up = "20m"
"""


def test_a_change_of_paging_is_seen_before_and_after_a_move(clinic: CommandLine) -> None:
    (clinic.folder / "mine.toml").write_text(PAGING)
    rules = [row for row in clinic.of("protocol", "diff", "ketamine-14d", file(clinic)) if row["change"] == "rule"]
    assert {(row["version"], row["courses"]) for row in rules} == {("ketamine-14d 1", 1)}
    assert [(row["rule"], row["from"], row["to"]) for row in rules][:2] == [
        ("thresholds.mood_fall", "3", "9"),
        ("escalation.red.steps", None, "primary 0s, everyone 3m"),
    ]
    shown = clinic.run("protocol", "diff", "ketamine-14d", file(clinic)).out
    assert shown.startswith("1 course on ketamine-14d 1. These rules change:\n")
    lines = [line.split() for line in shown.splitlines()]
    assert ["thresholds.mood_fall", "3", "9"] in lines
    assert ["escalation.red.repeat", "as", "config.toml", "says", "1m"] in lines
    clinic.of("protocol", "publish", file(clinic))
    moved = clinic.run("protocol", "move", "ketamine-14d", "--reason", "signed off").out
    assert moved.startswith("Moved 1 course from ketamine-14d 1 to ketamine-14d 2. These rules change:\n")
    assert "No running course" not in shown + moved
    again = clinic.run("protocol", "move", "ketamine-14d", "--reason", "signed off").out
    assert again.startswith("No course was moved: whatever runs on ketamine-14d stands on ketamine-14d 2 already")


def test_a_change_is_shown_to_people_by_the_patients_clocks(clinic: CommandLine) -> None:
    clinic.of("patient", "enrol", "--name", "Patient Two", "--timezone", "America/New_York")
    words = ("infusion", "record", "--patient", "P-1002", "--dose-mg-per-kg", "0.5", "--uncovered", "a test")
    clinic.of(*words, "--at", in_days(1))
    (clinic.folder / "mine.toml").write_text(MINE.replace("22:00", "19:30"))
    lines = clinic.run("protocol", "diff", "ketamine-14d", file(clinic)).out.splitlines()
    for patient, zone in (("P-1001", "Europe/Madrid"), ("P-1002", "America/New_York")):
        (first, *_) = [line for line in lines if line.startswith(patient)]
        assert " 19:30 " in first
        assert first.rstrip().endswith(zone)
    rows = clinic.of("protocol", "diff", "ketamine-14d", file(clinic))
    assert all(row["to"].endswith("+00:00") for row in rows if row["change"] == "added")


def test_a_patient_without_a_course_on_it_is_said(clinic: CommandLine) -> None:
    clinic.of("patient", "enrol", "--name", "Patient Two", "--timezone", "Europe/Madrid")
    words = ("protocol", "move", "ketamine-14d", "--reason", "signed off", "--patient", "P-1002")
    complaint = clinic.refused(*words)
    assert complaint["error"] == "P-1002 has no running course on 'ketamine-14d'."
    assert "patient show P-1002" in complaint["mend"]


def test_the_list_shows_the_version_in_force_and_what_runs(clinic: CommandLine) -> None:
    (line,) = clinic.of("protocol", "list")
    assert (line["version"], line["running"], line["window"]) == (None, 1, "14d")
    clinic.of("protocol", "publish", file(clinic))
    (line,) = clinic.of("protocol", "list")
    assert (line["version"], line["draft"], "evening" in line["slots"]) == (2, True, True)


def test_a_file_that_stands_in_for_another_version_says_so_and_what_falls_away(clinic: CommandLine) -> None:
    def told(*words: str) -> list[tuple[int, str]]:
        return [(each["line"], each["problem"]) for each in clinic.of("protocol", *words, file(clinic))["warnings"]]

    short = 'title = "x"\nid = "ketamine-14d"\nextends = "ketamine-14d"\nwithout = ["week-1"]\n'
    (clinic.folder / "mine.toml").write_text(short)
    stands_in = (2, "it stands in for the shipped protocol wherever a course names 'ketamine-14d'")
    lost = (4, "it asks no more what the shipped protocol asks as week-1")
    assert told("validate") == [stands_in, lost]
    assert told("publish") == [stands_in, lost]
    (clinic.folder / "mine.toml").write_text(short.replace('"week-1"', '"week-1", "settle", "mood"'))
    assert told("publish")[:2] == [stands_in, (4, "it asks no more what version 2 asks as settle, mood")]
    (clinic.folder / "mine.toml").write_text(short)
    said = clinic.run("protocol", "publish", file(clinic)).out
    assert said.startswith("ketamine-14d version 2 is in force for new courses in place of version 3; 1 running stay")
    again = clinic.of("protocol", "publish", file(clinic))
    assert (again["version"], again["replaces"]) == (2, None)
    (clinic.folder / "mine.toml").write_text(short.replace('id = "ketamine-14d"', 'id = "ours"'))
    assert told("validate") == []


def test_a_broken_file_is_not_published(clinic: CommandLine) -> None:
    (clinic.folder / "mine.toml").write_text(MINE.replace("22:00", "late"))
    complaint = clinic.refused("protocol", "publish", file(clinic))
    assert "mine.toml:6: slot.0.at" in complaint["error"]
    assert complaint["mend"].startswith("write hours and minutes")
    assert complaint["mend"] not in complaint["error"]
    assert clinic.of("protocol", "list")[0]["version"] is None


def test_a_move_needs_its_reason(clinic: CommandLine) -> None:
    assert "--reason" in clinic.refused("protocol", "move", "ketamine-14d", "--reason", " ")["mend"]
    assert "protocol list" in clinic.refused("protocol", "diff", "nothing", file(clinic))["mend"]


def test_a_move_wants_a_second_person_where_the_clinic_says_so(clinic: CommandLine) -> None:
    clinic.of("protocol", "publish", file(clinic))
    config = clinic.folder / "config.toml"
    config.write_text(config.read_text() + "[rights]\ntwo_persons = true\n")
    complaint = clinic.refused("protocol", "move", "ketamine-14d", "--reason", "signed off")
    assert "no admin" in complaint["error"]
    assert {course["version"] for course in clinic.of("patient", "show", "P-1001")["courses"]} == {1}


def test_one_check_in_is_skipped_or_moved_and_a_course_goes_on(clinic: CommandLine) -> None:
    skipped = clinic.of("patient", "slot", "skip", "P-1001", "mood", "--on", in_days(3)[:10])
    assert (skipped["slot"], skipped["local"][:10], skipped["state"]) == ("mood", in_days(3)[:10], "cancelled")
    noon = SystemClock().now().replace(hour=12, minute=0) + timedelta(days=8)
    moved = clinic.of("patient", "slot", "move", "P-1001", "week-1", "--to", noon.isoformat())
    assert moved["due_at"] == noon.isoformat()
    assert clinic.of("patient", "extend", "P-1001", "--days", "7d")["extra_days"] == 7
    complaint = clinic.refused("patient", "extend", "P-1001", "--days", "a week")
    assert (complaint["error"], complaint["mend"]) == (
        "'a week' is no number of days.",
        "write a whole number, such as 7",
    )
    rows = {row["id"]: row for row in clinic.of("patient", "show", "P-1001")["checkins"]}
    assert (rows[skipped["id"]]["state"], rows[moved["id"]]["moved_because"]) == ("cancelled", "staff")
    assert sum(row["slot"] == "mood" for row in rows.values()) == 21
    assert "--on" in clinic.refused("patient", "slot", "skip", "P-1001", "mood")["mend"]
    assert "no date" in clinic.refused("patient", "slot", "skip", "P-1001", "mood", "--on", "Monday")["error"]
    assert "has been" in clinic.refused("patient", "slot", "move", "P-1001", "week-1", "--to", in_days(-1))["error"]


def test_what_is_said_of_a_patient_is_in_the_patients_own_time(fortnight: CommandLine) -> None:
    fortnight.of("patient", "enrol", "--name", "Patient One", "--timezone", "Pacific/Auckland")
    words = ("infusion", "record", "--patient", "P-1001", "--dose-mg-per-kg", "0.5", "--uncovered", "a test")
    course = fortnight.of(*words, "--at", in_days(-1))["course"]
    noon = (SystemClock().now() + timedelta(days=6)).replace(hour=0, minute=0, second=0, microsecond=0)
    moved = fortnight.run("patient", "slot", "move", "P-1001", "week-1", "--to", noon.isoformat())
    there = to_local(noon, "Pacific/Auckland")
    assert f"is asked week-1 at {there:%a %Y-%m-%d %H:%M} (Pacific/Auckland)." in moved.out
    told = fortnight.run("patient", "extend", "P-1001", "--days", "7").out
    rows = fortnight.of("patient", "show", "P-1001")["checkins"]
    last = max(row["due_at"] for row in rows if row["slot"] == "mood" and row["course"] == course)
    on = to_local(datetime.fromisoformat(last), "Pacific/Auckland").date()
    assert f"is asked the daily mood until {on:%a %Y-%m-%d}." in told


def test_a_patients_page_has_the_times_there_and_an_id_that_can_be_typed(fortnight: CommandLine) -> None:
    zone = "Pacific/Auckland"
    fortnight.of("patient", "enrol", "--name", "Patient One", "--timezone", zone)
    words = ("infusion", "record", "--patient", "P-1001", "--dose-mg-per-kg", "0.5", "--uncovered", "a test")
    infusion = fortnight.of(*words, "--at", in_days(2))["id"]
    record = fortnight.of("patient", "show", "P-1001")
    shown = fortnight.run("patient", "show", "P-1001").out
    assert (shown.count(zone), "UTC" in shown, "+00:00" in shown) == (1, False, False)
    for row in record["checkins"]:
        there = to_local(datetime.fromisoformat(row["due_at"]), zone)
        assert f"{there:%Y-%m-%d %H:%M}" in shown
        assert row["due_at"].endswith("+00:00")
    ends = f"{to_local(datetime.fromisoformat(record['courses'][0]['infusion_at']), zone):%Y-%m-%d %H:%M}"
    assert f"{ends} without a tested clinician: a test" in shown
    assert f"{infusion[-8:]}  {ends}" in shown
    assert infusion not in shown
    until = to_local(datetime.fromisoformat(record["courses"][0]["ends_at"]), zone)
    assert f"{until:%Y-%m-%d %H:%M}" in fortnight.run("patient", "list").out
    mood = next(row for row in record["checkins"] if row["slot"] == "mood")
    on = to_local(datetime.fromisoformat(mood["due_at"]), zone).date().isoformat()
    assert fortnight.of("patient", "slot", "skip", "P-1001", "mood", "--on", on)["id"] == mood["id"]
    assert fortnight.of("infusion", "cancel", infusion[-8:])["id"] == infusion


def test_a_forecast_counts_what_would_have_paged(clinic: CommandLine) -> None:
    found = clinic.of("protocol", "forecast", file(clinic), "--over", "7d")
    assert set(found) == {"since", "judged", "with_file", "as_it_is", "pages"}
    assert (found["judged"], found["with_file"], found["pages"]) == (0, {"pages": 0, "red": 0, "amber": 0}, [])
    assert "would have paged 0 times" in clinic.run("protocol", "forecast", file(clinic)).out
    assert "from 0 check-ins" in clinic.run("protocol", "forecast", file(clinic)).out
    assert "no duration" in clinic.refused("protocol", "forecast", file(clinic), "--over", "a month")["error"]
    assert "too long" in clinic.refused("protocol", "forecast", file(clinic), "--over", "999999d")["error"]


def test_a_file_is_not_blamed_for_another_one_in_the_folder(clinic: CommandLine) -> None:
    folder = clinic.folder / "protocols"
    folder.mkdir()
    (folder / "other.toml").write_text('id = "other"')
    config = clinic.folder / "config.toml"
    config.write_text(config.read_text() + '[protocols]\npath = "protocols"\n')
    assert "other.toml" in clinic.refused("protocol", "validate", file(clinic))["error"]
    assert clinic.run("protocol", "validate", str(folder / "other.toml"), "--json").json["problems"][0]["line"] == 1


def test_a_default_of_which_there_is_no_file_is_refused_before_a_course_starts(clinic: CommandLine) -> None:
    config = clinic.folder / "config.toml"
    config.write_text(config.read_text() + '[protocols]\ndefault = "ours"\n')
    words = ("--patient", "P-1001", "--dose-mg-per-kg", "0.5", "--at", in_days(9), "--uncovered", "a test")
    complaint = clinic.refused("infusion", "record", *words)
    assert ("'ours'" in complaint["error"], complaint["mend"]) == (True, "use one of: ketamine-14d")
    checked = clinic.run("check", "--json")
    assert (checked.code, "'ours'" in checked.json["problems"][0]["problem"]) == (1, True)


def test_a_preview_of_an_id_shows_what_new_courses_get_and_of_a_file_its_draft(clinic: CommandLine) -> None:
    def slots(name: str) -> set[str]:
        words = ("--at", "2031-03-03T14:00+01:00", "--timezone", "Europe/Madrid")
        return {row["slot"] for row in clinic.of("protocol", "preview", name, *words)}

    assert ("evening" in slots("ketamine-14d"), "evening" in slots(file(clinic))) == (False, True)
    clinic.of("protocol", "publish", file(clinic))
    assert "evening" in slots("ketamine-14d")


def test_a_patients_plan_shows_what_stands_and_counts_what_gave_way(clinic: CommandLine) -> None:
    words = ("infusion", "record", "--patient", "P-1001", "--dose-mg-per-kg", "0.5", "--uncovered", "a test")
    clinic.of(*words, "--at", in_days(4))
    rows = clinic.of("patient", "show", "P-1001")["checkins"]
    gave_way = [row for row in rows if row["cancelled_because"] == "overlap"]
    assert len(gave_way) > 9
    clinic.of("patient", "slot", "skip", "P-1001", next(row["id"] for row in rows if row["state"] == "scheduled"))
    shown = clinic.run("patient", "show", "P-1001").out
    assert f"{len(gave_way)} more give way" in shown
    assert shown.count("cancelled") == 1  # the one that staff skipped
