"""`fortnight protocol preview`: the calendar says what is asked when, and why something moved."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from icalendar import Calendar
from playwright.sync_api import sync_playwright

from tests.app.conftest import CommandLine, Outcome

WORDS = ("protocol", "preview", "ketamine-14d", "--timezone", "Europe/Madrid", "--at", "2026-03-20T18:30+01:00")
NIGHT = """\
id = "night"
title = "At <night>"
window = "14d"
quiet_hours = []
[[slot]]
name = "mood"
days = "1-3"
at = ["02:30", "10:00"]
asks = ["mood"]
"""


@pytest.fixture
def line(bare_folder: Path) -> CommandLine:
    """The command line in a folder without a database, which a preview does not need."""
    return CommandLine(folder=bare_folder)


def shown(outcome: Outcome) -> str:
    assert outcome.code == 0, outcome.err
    return outcome.out


def test_the_calendar_has_every_time_and_says_what_moved(line: CommandLine) -> None:
    text = shown(line.run(*WORDS))
    assert "Week of 2026-03-16\n  Fri 20  18:30  infusion 1 ends\n  Sat 21  08:00  settle  [1]\n" in text
    assert "          10:00  mood, side-effects\n" in text
    assert "1. settle on 2026-03-21: 2026-03-20 22:30 is in quiet hours, so it is asked at 08:00" in text
    assert "2. On 2026-03-29 the clock goes forward by 1h." in text
    assert len(re.findall(r"\d\d:\d\d  mood", text)) == 14


def test_the_calendar_speaks_spanish_and_counts_the_infusions(line: CommandLine) -> None:
    text = shown(line.run(*WORDS, "--at", "2026-03-27T12:00+01:00", "--language", "es"))
    assert "vie 27  10:00  mood, week-1\n          12:00  acaba la infusión 2" in text


def test_a_time_that_the_clock_does_not_have_is_explained(line: CommandLine) -> None:
    file = line.folder / "night.toml"
    file.write_text(NIGHT)
    words = ("protocol", "preview", str(file), "--timezone", "Europe/Madrid", "--at", "2026-03-27T12:00+01:00")
    assert "mood on 2026-03-29: the clock has no 02:30 that day, so it is asked at 03:00" in shown(line.run(*words))
    shown(line.run(*words, "--html", str(line.folder / "night.html")))
    assert "At &lt;night&gt;" in (line.folder / "night.html").read_text()


def test_the_files_hold_the_same_as_the_document(line: CommandLine) -> None:
    html, ical = line.folder / "plan.html", line.folder / "plan.ics"
    rows = line.of(*WORDS, "--html", str(html), "--ical", str(ical))
    page, calendar = html.read_text(), Calendar.from_ical(ical.read_bytes())
    starts = [event.decoded("dtstart").isoformat() for event in calendar.walk("VEVENT")]
    assert starts == ["2026-03-20T17:30:00+00:00", *dict.fromkeys(row["due_at"] for row in rows)]
    assert len({str(event["uid"]) for event in calendar.walk("VEVENT")}) == len(starts)
    assert page.count('class="entry"') == len(starts) - 1
    assert all(word in page for word in ("settle", "side-effects", "Mood", "quiet hours", "infusion 1 ends"))


def uids(line: CommandLine, *words: str) -> list[str]:
    file = line.folder / "plan.ics"
    line.of(*words, "--ical", str(file))
    return [str(event["uid"]) for event in Calendar.from_ical(file.read_bytes()).walk("VEVENT")]


def test_two_plans_in_one_calendar_keep_apart_and_the_same_one_replaces_itself(line: CommandLine) -> None:
    plans = []
    for text in (NIGHT, NIGHT.replace("1-3", "1-4"), NIGHT.replace('"night"', '"other"')):
        (line.folder / "night.toml").write_text(text)
        for zone, at in (("Europe/Madrid", "12:00"), ("Europe/Paris", "12:00"), ("Europe/Madrid", "13:00")):
            words = ("protocol", "preview", str(line.folder / "night.toml"), "--timezone", zone)
            plans.append(uids(line, *words, "--at", f"2026-05-04T{at}+02:00"))
            assert uids(line, *words, "--at", f"2026-05-04T{at}+02:00") == plans[-1]
    every = [uid for plan in plans for uid in plan]
    assert len(set(every)) == len(every)


def test_what_was_to_come_before_an_infusion_that_is_now_is_left_out(line: CommandLine) -> None:
    before = '[[slot]]\nname = "before"\ndays = "-2"\nasks = ["sleep"]\ninfusions = "first"\n'
    file = line.folder / "before.toml"
    file.write_text(NIGHT + before)
    words = ("protocol", "preview", str(file), "--timezone", "Europe/Madrid", "--at")
    assert {row["slot"] for row in line.of(*words, "now")} == {"mood"}
    assert "before" not in shown(line.run(*words, "now"))
    for other in ("2020-05-04T12:00+02:00", "2031-05-04T12:00+02:00"):  # as it would be, and as it will be
        assert {row["slot"] for row in line.of(*words, other)} == {"before", "mood"}


def test_the_foot_says_once_that_messages_are_spread(line: CommandLine) -> None:
    text = shown(line.run(*WORDS))
    assert text.count("Each message goes out up to 1m after its time") == 1
    assert text.rstrip().splitlines()[-1].startswith("3. Each message")
    (line.folder / "night.toml").write_text(NIGHT)
    words = ("protocol", "preview", str(line.folder / "night.toml"), "--timezone", "Europe/Madrid")
    assert "Each message" not in shown(line.run(*words, "--at", "2026-05-04T12:00+02:00"))


@pytest.mark.browser
@pytest.mark.skipif(shutil.which("chromium") is None, reason="there is no Chromium on this machine")
@pytest.mark.parametrize(("width", "days"), [(390, 15), (1100, 21)])
def test_the_page_can_be_read_on_a_phone(line: CommandLine, width: int, days: int) -> None:
    shown(line.run(*WORDS, "--html", str(line.folder / "plan.html")))
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = chromium.new_page(viewport={"width": width, "height": 800})
        page.goto((line.folder / "plan.html").as_uri())
        cells = [box for cell in page.locator("td").all() if (box := cell.bounding_box())]
        chromium.close()
    assert len(cells) == days  # on a phone only those on which something is
    assert all(cell["width"] > 100 for cell in cells)


def test_a_file_that_cannot_be_written_is_said(line: CommandLine) -> None:
    complaint = line.refused(*WORDS, "--html", "/nowhere/plan.html")
    assert complaint["error"] == "/nowhere/plan.html cannot be written: there is no folder /nowhere."
    assert "make the folder first" in complaint["mend"]
    assert "cannot be written: it is a folder." in line.refused(*WORDS, "--html", str(line.folder))["error"]
