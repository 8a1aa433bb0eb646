"""A rehearsal is the real engine with made-up people: the same seed is the same report, in however many groups."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from rich.console import Console, Group

from app.cli.rehearsal import _alerts
from app.rehearsal.agenda import Agenda
from app.rehearsal.phones import rounded_up
from app.rehearsal.playing import BEGINS_AT, Script, persona_of, play
from app.rehearsal.report import report
from content import instruments, protocols
from content.pages import page
from content.personas import personas
from rules.protocol import as_data

CALM = replace(protocols.shipped()["ketamine-14d"], jitter=timedelta(0))
SHIPPED = Path(instruments.__file__).parent
TEXT = tomlkit.dumps(as_data(CALM))


def script(**changes: Any) -> Script:
    return replace(Script(patients=3, seed=7, days=2, protocol=TEXT, protocol_id=CALM.id), **changes)


async def rehearsed(whole: Script, groups: int = 1) -> dict[str, Any]:
    return report(whole, [await play(replace(whole, group=each, groups=groups)) for each in range(groups)])


async def test_the_same_seed_is_the_same_report_in_one_group_or_two() -> None:
    one = await rehearsed(script())
    two = await rehearsed(script(), groups=2)
    assert json.dumps(one) == json.dumps(two)
    assert page("rehearsal", **one) == page("rehearsal", **two)
    assert one["patients"] == 3
    assert one["checkins"]["answered"] > 0
    assert {slot["slot"] for slot in one["slots"]} >= {"settle", "mood", "side-effects"}


async def test_the_timeline_has_every_day_also_those_without_an_alert() -> None:
    found = report(script(), [{"patients": [], "alerts": [], "clinicians": []}])
    assert [each["on"] for each in found["timeline"]] == ["2026-03-23", "2026-03-24", "2026-03-25"]


def test_of_many_alerts_people_see_the_red_ones_in_the_clinic_s_own_time() -> None:
    opened = "2026-03-29T01:30:00+00:00"  # clocks have just gone forward
    kept = {"patient": "Patient 3", "reasons": ["mood"], "rings": 1, "owner": "Clinician 2", "outcome": "no-concern"}
    one = {**kept, "opened_at": opened, "acknowledged_at": "2026-03-29T01:36:00+00:00", "tier": "amber"}
    alerts = [one] * 40
    shown = text_of(_alerts({"alerts": alerts, "timezone": "Europe/Madrid"}))
    assert shown.count("29 Mar 03:30  3        amber  mood  1      6 min  2   no-concern") == 40
    crowded = text_of(_alerts({"alerts": [*alerts, {**one, "tier": "red"}], "timezone": "Europe/Madrid"}))
    assert (crowded.count("29 Mar"), crowded.count("red")) == (1, 1)
    assert "Another 40 alerts, all amber" in crowded


def text_of(shown: list[Any]) -> str:
    console = Console(width=80, file=io.StringIO())
    console.print(Group(*shown))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


async def test_a_crisis_pages_at_once_and_is_closed_by_somebody() -> None:
    in_crisis = next(number for number in range(200) if persona_of(number).id == "crisis")
    alone = script(patients=in_crisis + 1, days=6)
    found = report(alone, [await play(replace(alone, group=in_crisis, groups=in_crisis + 1))])
    (red,) = [each for each in found["alerts"] if each["tier"] == "red"]
    assert red["first_page_at"] == red["opened_at"]
    assert red["acknowledged_at"] > red["opened_at"]
    assert red["rings"] < 10, "somebody takes it within the ladder's first rounds"
    assert red["outcome"]
    assert found["paging"][0]["unpaged"] == 0
    assert sum(each["pages"] for each in found["load"]) == sum(each["rings"] for each in found["alerts"])


async def test_made_up_patients_answer_a_clinic_s_own_instrument(tmp_path: Path) -> None:
    scale = (SHIPPED / "bladder.toml").read_text("utf-8").replace('id = "bladder"', 'id = "my-scale"')
    (tmp_path / "my-scale.toml").write_text(scale, "utf-8")
    slot = '[[slot]]\nname = "own"\nafter = "4h"\nasks = ["my-scale"]\nexpires_after = "12h"\n'
    mine = f'id = "mine"\ntitle = "With a scale of our own"\nwindow = "14d"\nquiet_hours = []\n{slot}'
    found = await rehearsed(script(protocol=mine, protocol_id="mine", instruments=str(tmp_path)))
    instruments.use({})
    (own,) = [slot for slot in found["slots"] if slot["slot"] == "own"]
    assert own["asked"] == 3
    assert own["answered"] > 0


def test_personas_are_drawn_by_their_shares() -> None:
    shares = sum(persona.share for persona in personas())
    drawn = [persona_of(number).id for number in range(shares)]
    assert {persona.id: persona.share for persona in personas()} == {name: drawn.count(name) for name in set(drawn)}
    assert all(a != b for a, b in pairwise(drawn[:4])), "a small rehearsal has several personas"


@pytest.mark.parametrize("persona", personas(), ids=lambda each: each.id)
def test_a_persona_has_a_mood_for_each_day_of_a_fortnight(persona: Any) -> None:
    assert len(persona.mood) == 15
    assert all(0 <= mood <= 10 for mood in persona.mood)


def test_an_agenda_gives_what_is_due_in_its_order() -> None:
    agenda, done = Agenda(), list[str]()
    agenda.put(BEGINS_AT + timedelta(minutes=1), lambda: done.append("later"))
    agenda.put(BEGINS_AT, lambda: done.append("first"))
    agenda.put(BEGINS_AT, lambda: done.append("second"))
    for act in agenda.take(BEGINS_AT):
        act()
    assert done == ["first", "second"]
    assert agenda.next_at == BEGINS_AT + timedelta(minutes=1)


def test_people_act_on_the_full_step_after() -> None:
    step = timedelta(minutes=30)
    assert rounded_up(BEGINS_AT, step) == BEGINS_AT
    assert rounded_up(BEGINS_AT + timedelta(seconds=1), step) == BEGINS_AT + step
