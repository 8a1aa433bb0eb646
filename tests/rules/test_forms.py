"""A guided conversation: its questions in their order, and what something typed is to each."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rules.forms import CONFIRM, DROP, NEW, STEPS, UNCOVERED, is_usual_dose, next_step, read

NOW = datetime(2026, 5, 4, 10, tzinfo=UTC)  # noon in Madrid
ZONE = "Europe/Madrid"


@pytest.mark.parametrize("kind", STEPS)
def test_every_question_comes_once_and_then_the_confirmation(kind: str) -> None:
    values: dict[str, str] = {}
    asked = []
    while (step := next_step(kind, values)) != CONFIRM:
        asked.append(step)
        values[step] = {"dose": "2", "which": NEW}.get(step, "x")
    assert tuple(asked) == STEPS[kind]


@pytest.mark.parametrize(("dose", "usual"), [(0.49, False), (0.5, True), (0.75, True), (1.0, True), (1.01, False)])
def test_a_dose_outside_the_usual_is_asked_back(dose: float, usual: bool) -> None:
    assert is_usual_dose(dose) is usual
    step = next_step("infusion", {"patient": "P-1", "which": NEW, "at": "x", "dose": str(dose)})
    assert step == (CONFIRM if usual else "sure")


@pytest.mark.parametrize(
    ("step", "text", "value"),
    [
        ("name", "  Patient   One ", "Patient One"),
        ("name", " ", None),
        ("name", "x" * 81, None),
        ("zone", "america/new york", "America/New_York"),
        ("zone", "America/New York", "America/New_York"),
        ("zone", "the moon", None),
        ("language", "Español", "es"),
        ("language", "EN", "en"),
        ("language", "French", None),
        ("phone", "+34 600 000 000", "+34 600 000 000"),
        ("phone", "none", None),
        ("patient", "p1042", "P-1042"),
        ("patient", "P-1042", "P-1042"),
        ("patient", "S-3", None),
        ("at", "now", "2026-05-04T10:00:00+00:00"),
        ("at", "9:30", "2026-05-04T07:30:00+00:00"),
        ("at", "14.05", "2026-05-04T12:05:00+00:00"),
        ("at", "2026-11-02 14:30", "2026-11-02T13:30:00+00:00"),
        ("at", "2026-11-02T14:30+01:00", "2026-11-02T13:30:00+00:00"),
        ("at", "2026-11-02T14:30:00", None),
        ("at", "2026-02-30 14:30", None),
        ("at", "25:00", None),
        ("at", "after lunch", None),
        ("dose", "0,5", "0.5"),
        ("dose", "0.75 mg/kg", "0.75"),
        ("dose", "0,75 MG/KG ", "0.75"),
        ("dose", "inf", None),
        ("dose", "-1", None),
        ("dose", "half", None),
        ("sure", "yes", None),
        (CONFIRM, "yes", None),
        (UNCOVERED, "The rota starts tomorrow", "The rota starts tomorrow"),
        ("which", "new", "new"),
        ("which", "1777900000", "2026-05-04T13:06:40+00:00"),
        ("which", "2026-05-04 15:06", "2026-05-04T13:06:00+00:00"),
        ("which", "9" * 20, None),
        ("which", "the last", None),
        ("what", "move", None),
    ],
)
def test_what_is_typed_is_read_or_asked_again(step: str, text: str, value: str | None) -> None:
    assert read(step, text, NOW, ZONE, {}) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1d", "2026-10-25T13:00:00+00:00"),  # 14:00 again, though the clocks went back that night
        ("7d", "2026-10-31T13:00:00+00:00"),
        ("2026-10-26 09:00", "2026-10-26T08:00:00+00:00"),
        ("2026-10-24 14:00", None),  # when it is anyway
        ("2026-05-04 11:00", None),  # has been
        ("some day", None),
    ],
)
def test_an_infusion_moves_to_another_time_to_come(text: str, value: str | None) -> None:
    assert read("move_to", text, NOW, ZONE, {"which": "2026-10-24T12:00:00+00:00"}) == value


def test_a_cancelled_infusion_needs_no_new_time() -> None:
    assert next_step("change", {"what": DROP}) == CONFIRM


SHIFT = {"begins": "2026-05-04T18:00:00+00:00", "ends": "2026-05-06T06:00:00+00:00"}  # 20:00 to 08:00 in Madrid


@pytest.mark.parametrize(
    ("step", "text", "value"),
    [
        ("from", "start", "2026-05-04T18:00:00+00:00"),
        ("from", "21:00", "2026-05-04T19:00:00+00:00"),
        ("from", "19:00", "2026-05-05T17:00:00+00:00"),  # the first such time within the shift
        ("from", "2026-05-05 19.00", "2026-05-05T17:00:00+00:00"),
        ("from", "2026-05-05T19:00+02:00", "2026-05-05T17:00:00+00:00"),
        ("from", "2026-05-06 08:00", None),  # the end is no beginning
        ("from", "2026-05-04 19:00", None),
        ("from", "now", None),
        ("from", "25:00", None),
        ("from", "some time", None),
        ("to", "end", "2026-05-06T06:00:00+00:00"),
        ("to", "21:00", "2026-05-05T19:00:00+00:00"),  # 21:00 is when it begins, so it is the next day's
        ("to", "08:00", "2026-05-05T06:00:00+00:00"),
        ("to", "2026-05-06 08:00", "2026-05-06T06:00:00+00:00"),
        ("to", "2026-05-06 08:01", None),
    ],
)
def test_a_part_lies_within_its_shift(step: str, text: str, value: str | None) -> None:
    assert read(step, text, NOW, ZONE, {**SHIFT, "from": "2026-05-04T19:00:00+00:00"}) == value


def test_a_part_of_a_shift_that_goes_on_begins_now_at_the_earliest() -> None:
    later = datetime(2026, 5, 5, 10, tzinfo=UTC)
    assert read("from", "start", later, ZONE, SHIFT) == later.isoformat()
    assert read("from", "11:59", later, ZONE, SHIFT) is None
    assert read("from", "now", later, ZONE, SHIFT) == later.isoformat()
