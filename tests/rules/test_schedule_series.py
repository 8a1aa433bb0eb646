"""Before an infusion, after the first of a series, after the later ones, and longer than the protocol says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from patient_rows import DAY, DEFAULT, HOUR, START, Patient, recorded

from rules.protocol import Protocol, parse
from rules.schedule import QUIET_HOURS, days_of, plan, preview

SERIES = parse(
    """
id = "series"
title = "A series with its boosters"
window = "14d"
[[slot]]
name = "before"
days = "-2 to -1"
at = "18:00"
asks = ["mood", "phq9"]
infusions = "first"
[[slot]]
name = "settle"
after = "4h"
asks = ["settle"]
[[slot]]
name = "mood"
days = "1-14"
asks = ["mood"]
infusions = "first"
[[slot]]
name = "booster"
days = [2, 5]
asks = ["mood"]
infusions = "later"
""",
    "series.toml",
)


def slots_of(protocol: Protocol, *days: int) -> list[tuple[int, str]]:
    """(course, slot) of what is asked after infusions on these days, once each."""
    rows = preview(protocol, [START + day * DAY for day in days], zone="Europe/Madrid")
    return sorted({(row.course, row.slot) for row in rows})


def test_a_slot_may_be_for_the_first_infusion_of_a_series_or_for_the_later_ones() -> None:
    both = replace(SERIES, overlap="both")
    first = [(0, "before"), (0, "mood"), (0, "settle")]
    assert slots_of(both, 0) == first
    assert slots_of(both, 0, 5) == [*first, (1, "booster"), (1, "settle")]
    assert slots_of(both, 0, 30) == [*first, *((1, slot) for _, slot in first)]


def planned_before(infusion: str, **changes: object) -> list[tuple[datetime, datetime]]:
    slots = tuple(replace(slot, **changes) if slot.name == "before" else slot for slot in SERIES.slots)
    rows = plan(
        replace(SERIES, slots=slots),
        infusion_at=datetime.fromisoformat(infusion),
        zone="Europe/Madrid",
        preferred=None,
    )
    return [(row.local, row.expires_at) for row in rows if row.slot == "before"]


def test_what_is_asked_before_an_infusion_closes_with_it() -> None:
    assert planned_before("2026-05-04T11:00+02:00") == [
        (datetime(2026, 5, 2, 18), datetime(2026, 5, 3, 12, tzinfo=UTC)),  # noqa: DTZ001
        (datetime(2026, 5, 3, 18), datetime(2026, 5, 4, 9, tzinfo=UTC)),  # noqa: DTZ001
    ]


def test_what_quiet_hours_leave_no_time_for_before_an_infusion_is_not_asked() -> None:
    assert len(planned_before("2026-05-04T08:30+02:00", at=(time(22),))) == 2
    assert len(planned_before("2026-05-04T07:30+02:00", at=(time(22),))) == 1


def test_a_prompt_tells_what_it_was_moved_from() -> None:
    settle = plan(
        SERIES, infusion_at=datetime.fromisoformat("2026-05-04T20:00+02:00"), zone="Europe/Madrid", preferred=None
    )[2]
    assert (settle.moved_because, settle.meant) == (QUIET_HOURS, datetime(2026, 5, 5))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("days", "extra", "longer"),
    [
        ((1, 2, 3), 2, (1, 2, 3, 4, 5)),
        ((2, 4, 6), 5, (2, 4, 6, 8, 10)),
        ((6,), 5, (6,)),
        ((1, 2, 3), 0, (1, 2, 3)),
    ],
)
def test_a_row_of_daily_moods_goes_on_at_its_pace(days: tuple[int, ...], extra: int, longer: tuple[int, ...]) -> None:
    mood = replace(SERIES.slots[2], days=days, infusions=None)
    protocol = replace(SERIES, slots=(mood,))
    assert days_of(protocol, mood, extra) == longer


def test_only_the_daily_mood_goes_on() -> None:
    rows = plan(DEFAULT, infusion_at=START, zone="Europe/Madrid", preferred=None, extra_days=7)
    assert [row.day for row in rows if row.slot == "mood"] == list(range(1, 22))
    assert [row.day for row in rows if row.day > 14 and row.slot != "mood"] == []


def other(**names: str) -> Protocol:
    """The default protocol with slots called otherwise."""
    slots = tuple(replace(slot, name=names.get(slot.name.replace("-", "_"), slot.name)) for slot in DEFAULT.slots)
    return replace(DEFAULT, slots=slots)


def test_what_was_asked_today_is_not_asked_again_under_another_name() -> None:
    patient = recorded(0)
    patient.advance(START + 3 * DAY + 2 * HOUR)
    before = [row.planned.key for row in patient.asked()]
    patient.protocol = other(mood="daily", settle="first-hours", side_effects="checklist")
    decision = patient.refit()
    assert {each.planned.key for each in decision.add} == {f"daily/{day}/0" for day in range(4, 15)}
    assert len(decision.cancel) == 11
    assert [row.planned.key for row in patient.asked()] == before


def test_what_was_asked_in_the_morning_is_not_asked_again_late_in_the_evening() -> None:
    patient = recorded(0, preferred=time(8))
    patient.advance(START + 3 * DAY)
    mood = replace(DEFAULT.slots[1], name="evening", at=(time(20, 45),))
    patient.protocol = replace(DEFAULT, slots=(mood,))
    assert min(each.planned.day for each in patient.refit().add) == 4


def test_hours_that_change_a_little_do_not_ask_again() -> None:
    patient = recorded(0)
    patient.advance(START + 4 * HOUR)
    slots = tuple(replace(slot, after=(5 * HOUR,)) if slot.after else slot for slot in DEFAULT.slots)
    patient.protocol = replace(DEFAULT, slots=slots)
    assert patient.refit().add == ()


def test_a_reminder_that_changes_moves_what_is_not_asked_yet() -> None:
    patient = recorded(0)
    patient.advance(START + 2 * DAY)
    slots = tuple(replace(slot, remind_after=2 * HOUR) if slot.name == "mood" else slot for slot in DEFAULT.slots)
    patient.protocol = replace(DEFAULT, slots=slots)
    decision = patient.refit()
    assert {each.planned.slot for each in decision.move} == {"mood"}
    assert {each.planned.remind_at for each in decision.move} >= {patient.now.replace(hour=10) + timedelta(days=1)}
    assert len(decision.move) == 12


def test_a_baseline_is_lapsed_for_an_infusion_that_has_been() -> None:
    patient = Patient(protocol=SERIES, infusions={"c0": START}, now=START + HOUR)
    assert [each.planned.slot for each in patient.refit().lapsed] == ["before", "before"]
