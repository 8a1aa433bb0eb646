"""A patient who changes time zone within a course misses no prompt and gets none twice."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from patient_rows import DAY, DEFAULT, HOUR, START, Patient, recorded

from rules.local_time import is_quiet, local_day
from rules.schedule import LATE


@pytest.mark.parametrize(
    ("start", "zones"),
    [
        ("Europe/Madrid", ["America/New_York"]),
        ("America/New_York", ["Asia/Tokyo"]),
        ("Asia/Tokyo", ["America/Los_Angeles", "Asia/Tokyo"]),
        ("Europe/Madrid", ["Asia/Kolkata", "Pacific/Auckland", "Europe/Madrid"]),
    ],
)
@pytest.mark.parametrize("hour", range(0, 24, 3))
def test_a_journey_skips_no_prompt_and_asks_none_twice(start: str, zones: list[str], hour: int) -> None:
    patient = recorded(0, zone=start)
    for number, zone in enumerate(zones):
        patient.advance(START + (2 + 3 * number) * DAY + hour * HOUR)
        patient.zone = zone
        patient.refit()
    patient.advance(START + 30 * DAY)
    assert Counter(row.planned.slot for row in patient.asked()) == {
        "settle": 1, "mood": 14, "side-effects": 2, "week-1": 1, "week-2": 1,
    }  # fmt: skip
    assert all(not is_quiet(row.planned.due_at, row.asked_in, DEFAULT.quiet_hours) for row in patient.asked())
    moods = [row.planned.due_at for row in patient.asked("mood")]
    assert all(one < two for one, two in pairwise(moods))


def test_a_prompt_late_by_a_journey_closes_when_the_next_of_its_kind_is_due() -> None:
    patient = recorded(0, zone="America/New_York")
    patient.advance(START + 3 * DAY + 4 * HOUR)
    patient.zone = "Asia/Tokyo"
    patient.refit()
    late = patient.rows["c0 mood/3/0"].planned
    assert late.local == datetime(2026, 5, 8, 8)  # noqa: DTZ001
    assert late.expires_at == patient.rows["c0 mood/4/0"].planned.due_at


def test_day_zero_stays_the_day_it_was_when_the_patient_travels() -> None:
    patient = Patient(infusions={"c0": datetime(2026, 5, 4, 18, tzinfo=UTC)}, now=datetime(2026, 5, 4, 18, tzinfo=UTC))
    patient.refit()
    before = {id_: row.day_on for id_, row in patient.rows.items()}
    patient.zone = "Asia/Tokyo"
    patient.refit()
    assert {id_: row.day_on for id_, row in patient.rows.items()} == before


def test_a_journey_over_the_date_line_skips_no_milestone_and_asks_no_mood_twice_at_once() -> None:
    patient = recorded(0, zone="Pacific/Pago_Pago")
    due_at = patient.rows["c0 side-effects/3/0"].planned.due_at
    patient.advance(due_at - timedelta(minutes=1))
    patient.zone = "Pacific/Kiritimati"
    decision = patient.refit()
    assert decision.cancel == ("c0 mood/3/0",)
    checklist = patient.rows["c0 side-effects/3/0"].planned
    assert (checklist.due_at, checklist.moved_because) == (patient.now, LATE)
    assert patient.rows["c0 mood/4/0"].planned.due_at == patient.now


def test_a_prompt_that_is_due_but_now_falls_at_night_waits_for_the_morning() -> None:
    patient = recorded(0, preferred=time(18))
    patient.advance(START + 2 * DAY)
    patient.now = patient.rows["c0 mood/2/0"].planned.due_at + timedelta(minutes=1)
    patient.zone = "Asia/Tokyo"
    patient.refit()
    assert patient.rows["c0 mood/2/0"].planned.local == datetime(2026, 5, 7, 8)  # noqa: DTZ001


def test_day_zero_is_the_patients_own() -> None:
    patient = Patient(infusions={"c0": datetime(2026, 5, 4, 20, tzinfo=UTC)}, zone="Asia/Tokyo")
    patient.refit()
    assert local_day(patient.infusions["c0"], patient.zone) == date(2026, 5, 5)
    assert patient.rows["c0 mood/1/0"].day_on == date(2026, 5, 6)
