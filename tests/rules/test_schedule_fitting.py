"""Whatever moves - infusions, preferences, pauses - every prompt is asked once, and nothing is asked at once."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from patient_rows import DAY, DEFAULT, HOUR, START, Patient, recorded

from rules.local_time import is_quiet, to_local
from rules.schedule import LATE, Fit, PlannedSlot, passed_over


def test_recording_an_infusion_adds_its_whole_course() -> None:
    patient = Patient(infusions={"c0": START})
    decision = patient.refit()
    assert len(decision.add) == 19
    assert (decision.move, decision.cancel, decision.lapsed) == ((), (), ())


def test_a_new_infusion_adds_its_own_and_cancels_what_gives_way() -> None:
    patient = recorded(0)
    patient.advance(START + 5 * DAY)
    patient.infusions["c1"] = patient.now
    decision = patient.refit()
    assert Counter(each.course for each in decision.add) == {"c1": 19}
    assert sorted(decision.cancel) == sorted([*(f"c0 mood/{day}/0" for day in range(6, 15)), "c0 week-2/14/0"])


def test_an_infusion_recorded_late_lapses_what_is_over_and_asks_the_rest_together() -> None:
    patient = Patient(infusions={"c0": START}, now=START + 3 * DAY + 3 * HOUR)
    decision = patient.refit()
    assert [each.planned.key for each in decision.lapsed] == [
        "settle+14400",
        "mood/1/0",
        "side-effects/1/0",
        "mood/2/0",
    ]
    late = [each.planned for each in decision.add if each.planned.moved_because == LATE]
    assert [each.key for each in late] == ["mood/3/0", "side-effects/3/0"]
    assert {each.due_at for each in late} == {patient.now}
    assert {each.remind_at for each in late} == {patient.now + 3 * HOUR}


def test_what_is_late_at_night_waits_for_the_morning_or_lapses() -> None:
    night = datetime(2026, 5, 4, 21, tzinfo=UTC)
    decision = Patient(infusions={"c0": START}, now=night).refit()
    assert decision.lapsed == ()
    settle = decision.add[0].planned
    assert (settle.key, settle.local) == ("settle+14400", datetime(2026, 5, 5, 8))  # noqa: DTZ001
    day_later = Patient(infusions={"c0": START}, now=night + DAY).refit()
    assert [each.planned.key for each in day_later.lapsed] == ["settle+14400", "mood/1/0"]
    checklist = day_later.add[0].planned
    assert (checklist.key, checklist.local) == ("side-effects/1/0", datetime(2026, 5, 6, 8))  # noqa: DTZ001


def test_a_mood_asked_today_is_not_asked_again_by_a_course_recorded_late() -> None:
    patient = recorded(0)
    patient.advance(START + 5 * DAY + HOUR)
    patient.infusions["c1"] = START + 4 * DAY
    patient.refit()
    assert "c1 mood/1/0" not in patient.rows
    assert "c1 mood/2/0" in patient.rows


def test_a_postponed_infusion_takes_its_slots_along() -> None:
    patient = Patient(infusions={"c0": START + 2 * DAY})
    patient.refit()
    patient.infusions["c0"] = START + 5 * DAY
    decision = patient.refit()
    assert (len(decision.move), decision.add, decision.cancel) == (19, (), ())
    assert patient.rows["c0 mood/1/0"].day_on == date(2026, 5, 10)


def test_a_cancelled_infusion_gives_the_older_course_its_slots_back() -> None:
    patient = recorded(0)
    before = {id_: row.planned for id_, row in patient.rows.items()}
    patient.infusions["c1"] = START + 5 * DAY
    patient.refit()
    del patient.infusions["c1"]
    patient.refit()
    assert {id_: row.planned for id_, row in patient.rows.items()} == before


def test_what_staff_moved_or_skipped_stays_so() -> None:
    patient = recorded(0)
    patient.rows["c0 week-1/7/0"].pinned = True
    patient.rows["c0 mood/2/0"].done = True
    patient.preferred = time(18)
    patient.infusions["c1"] = START + 3 * DAY
    decision = patient.refit()
    assert "c0 week-1/7/0" not in {*decision.cancel, *(each.id for each in decision.move)}
    assert patient.rows["c0 mood/2/0"].done


def test_nothing_missed_in_a_pause_is_asked_after_it() -> None:
    patient = recorded(0)
    patient.now = START + 4 * DAY
    swallowed = passed_over(patient.existing(), now=patient.now)
    assert sorted(swallowed) == [
        "c0 mood/1/0", "c0 mood/2/0", "c0 mood/3/0", "c0 mood/4/0", "c0 settle+14400",
        "c0 side-effects/1/0", "c0 side-effects/3/0",
    ]  # fmt: skip
    for id_ in swallowed:
        patient.rows[id_].done = True
    assert patient.refit() == Fit()


def test_an_earlier_preferred_time_is_asked_now_and_not_twice() -> None:
    patient = recorded(0, preferred=time(18))
    patient.advance(START + 2 * DAY)
    patient.preferred = time(10)
    patient.refit()
    row = patient.rows["c0 mood/2/0"].planned
    assert (row.due_at, row.moved_because) == (patient.now, LATE)
    assert patient.rows["c0 mood/3/0"].planned.local == datetime(2026, 5, 7, 10)  # noqa: DTZ001
    patient.advance(START + 20 * DAY)
    assert len(patient.asked("mood")) == 14


def test_a_phq9_that_was_asked_spares_the_next_one() -> None:
    patient = recorded(0, 5, 7)
    patient.advance(START + 30 * DAY)
    asked = [(row.day_on - START.date()).days for row in patient.asked() if "phq9" in row.planned.asks]
    assert asked == [7, 14, 21]


def test_a_prompt_that_is_over_is_not_brought_back_at_night() -> None:
    patient = recorded(0)
    patient.now = datetime(2026, 5, 6, 4, 30, tzinfo=UTC)
    row = patient.rows["c0 mood/1/0"].planned
    assert row.expires_at <= patient.now
    patient.infusions["c1"] = patient.now
    assert "c0 mood/1/0" not in {each.id for each in patient.refit().move}


def test_the_reminder_of_a_late_prompt_keeps_quiet_hours() -> None:
    patient = recorded(0, preferred=time(20))
    patient.advance(datetime(2026, 5, 6, 17, tzinfo=UTC))
    patient.preferred = time(10)
    patient.refit()
    late = patient.rows["c0 mood/2/0"].planned
    assert late.due_at == patient.now
    assert late.remind_at == datetime(2026, 5, 7, 6, tzinfo=UTC)


def test_a_course_moved_to_another_protocol_asks_what_that_one_asks() -> None:
    patient = recorded(0)
    slots = tuple(replace(each, optional=()) if each.name == "mood" else each for each in DEFAULT.slots)
    more = tuple(replace(each, asks=("mood", "sleep")) if each.name == "mood" else each for each in slots)
    patient.protocol = replace(DEFAULT, slots=more)
    decision = patient.refit()
    assert [each.id for each in decision.move] == [f"c0 mood/{day}/0" for day in range(1, 15)]
    assert {each.planned.asks for each in decision.move} == {("mood", "sleep")}


gaps = st.lists(st.floats(2, 4), min_size=1, max_size=6)


@settings(max_examples=40, deadline=None)
@given(gaps)
def test_a_series_recorded_one_by_one_never_goes_a_week_without_a_phq9(between: list[float]) -> None:
    days = [0.0]
    for gap in between:
        days.append(days[-1] + gap)
    patient = recorded(*days)
    patient.advance(START + (days[-1] + 20) * DAY)
    asked = [START.date(), *(row.day_on for row in patient.asked() if "phq9" in row.planned.asks)]
    assert all((two - one).days <= 7 for one, two in pairwise(asked))
    moods = Counter(row.day_on for row in patient.asked("mood"))
    assert set(moods.values()) == {1}
    assert len(moods) == (to_local(patient.infusions[f"c{len(between)}"], patient.zone).date() - START.date()).days + 14


def to_be_asked(patient: Patient) -> dict[str, PlannedSlot]:
    """What is asked and when; not why then, which a row keeps where its time happens to stay the same."""
    return {id_: replace(row.planned, day=0, moved_because=None, meant=None) for id_, row in patient.rows.items()}


@settings(max_examples=120, deadline=None)
@given(st.integers(1, 90 * 24), st.integers(-90 * 24, 90 * 24), st.sampled_from(["restart", "merge", "both"]))
def test_a_moved_infusion_asks_what_it_would_if_it_had_been_recorded_then(ahead: int, by: int, overlap: str) -> None:
    protocol = replace(DEFAULT, overlap=overlap)
    moved = Patient(protocol=protocol, infusions={"c0": START + ahead * HOUR})
    moved.refit()
    moved.infusions["c0"] = START + by * HOUR
    moved.refit("c0")
    fresh = Patient(protocol=protocol, infusions={"c0": START + by * HOUR})
    fresh.refit()
    assert to_be_asked(moved) == to_be_asked(fresh)
    assert all(row.planned.expires_at > moved.now for row in moved.rows.values())


events = st.tuples(
    st.sampled_from(["record", "plan", "late", "postpone", "cancel", "zone", "preferred", "pause"]),
    st.integers(0, 60),
    st.integers(0, 5 * 24),
)


@settings(max_examples=120, deadline=None)
@given(st.lists(events, min_size=2, max_size=9), st.sampled_from(["restart", "merge", "both"]))
def test_whatever_happens_nothing_is_asked_twice_or_at_night(story: list[tuple[str, int, int]], overlap: str) -> None:
    patient = recorded(0, protocol=replace(DEFAULT, overlap=overlap))
    for number, (event, hours, amount) in enumerate(story):
        patient.advance(patient.now + hours * HOUR)
        happen(patient, event, f"e{number}", amount)
        patient.refit()
    patient.advance(patient.now + 40 * DAY)
    asked = patient.asked()
    assert all(not is_quiet(row.planned.due_at, row.asked_in, DEFAULT.quiet_hours) for row in asked)
    assert all(row.planned.expires_at > row.planned.due_at for row in asked)
    travelled = {"zone", "preferred"} & {event for event, *_ in story}
    if overlap != "both" and not travelled:
        daily = Counter((row.day_on, row.planned.slot) for row in asked if row.planned.moved_because != LATE)
        assert all(count == 1 for (_, slot), count in daily.items() if slot == "mood")


def happen(patient: Patient, event: str, name: str, amount: int) -> None:
    """One event of a patient's course; `amount` is hours, or a choice."""
    if event == "record":
        patient.infusions[name] = patient.now
    elif event == "plan":
        patient.infusions[name] = patient.now + amount * HOUR
    elif event == "late":
        patient.infusions[name] = patient.now - amount * HOUR
    elif event == "postpone":
        for planned in [each for each, at in patient.infusions.items() if at > patient.now][:1]:
            patient.infusions[planned] += amount * HOUR
    elif event == "cancel":
        for planned in [each for each, at in patient.infusions.items() if at > patient.now][:1]:
            del patient.infusions[planned]
    elif event == "zone":
        patient.zone = ("Asia/Tokyo", "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago")[amount % 4]
    elif event == "preferred":
        patient.preferred = time(8 + amount % 13)
    else:
        for id_ in passed_over(patient.existing(), now=patient.now):
            patient.rows[id_].done = True
