"""The ladder, sentence by sentence."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from rules import ladder as rungs
from rules.clinic_hours import parse_clinic_hours
from rules.ladder import DEFAULT_AMBER, DEFAULT_RED, AlertFacts, Decision, Progress, Reach, next_step
from rules.tier import Tier

T0 = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)  # a Wednesday
ALL = frozenset({"ann", "bob", "cyd"})
NAMED = {name: name for name in (*ALL, "root")}
REACH = Reach(primary=("ann",), backup=("bob",), everyone=tuple(sorted(ALL)), reachable=ALL, named=NAMED)
HOURS = parse_clinic_hours(days="mon-fri", hours=["09:00", "17:00"], zone="UTC")


def after(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def red(**changes: object) -> AlertFacts:
    progress = replace(rungs.opened(Tier.RED, now=T0), **changes)  # type: ignore[arg-type]
    return AlertFacts(tier=Tier.RED, state="open", progress=progress)


def look(alert: AlertFacts, minutes: float, reach: Reach = REACH, ladder: rungs.Ladder = DEFAULT_RED) -> Decision:
    return next_step(alert, ladder, reach, after(minutes), HOURS)


def follow(alert: AlertFacts, until: float, reach: Reach = REACH) -> list[tuple[float, Decision]]:
    """Every ring up to a minute, looking exactly when told to."""
    rings, at = list[tuple[float, Decision]](), alert.progress.round_started_at
    while at <= after(until):
        step = next_step(alert, DEFAULT_RED if alert.tier is Tier.RED else DEFAULT_AMBER, reach, at, HOURS)
        if step.page or step.alarm_operator:
            rings.append(((at - T0).total_seconds() / 60, step))
        alert = replace(alert, progress=step.progress)
        if step.due_at is None:
            break
        assert step.due_at > at
        at = step.due_at
    return rings


def owned(minutes: float = 0, owner: str = "ann") -> AlertFacts:
    alert = replace(red(), progress=look(red(), 0).progress)
    done = rungs.acknowledged(alert.progress, after(minutes))
    return replace(alert, state="acknowledged", owner=owner, progress=done)


def test_a_red_rings_each_step_and_every_repeat_and_tells_the_truth_once_it_has_gone_round() -> None:
    rings = follow(red(), 16)
    assert [(at, "".join(sorted(who[0] for who in step.page))) for at, step in rings] == [
        (0, "a"), (2, "a"), (4, "a"), (5, "ab"), (7, "ab"), (9, "ab"), (10, "abc"),
        (12, "abc"), (14, "abc"), (16, "abc"),
    ]  # fmt: skip
    assert [at for at, step in rings if step.tell_patient] == [12]
    assert [at for at, step in rings if step.alarm_operator] == [12, 14, 16]
    assert all(step.second_channel for _, step in rings)


@pytest.mark.parametrize(
    ("reach", "expected"),
    [
        (replace(REACH, primary=()), {"bob"}),
        (replace(REACH, reachable=frozenset({"bob", "cyd"})), {"bob"}),
        (replace(REACH, primary=(), backup=()), ALL),
        (replace(REACH, primary=("left",)), {"bob"}),
    ],
)
def test_an_empty_or_unreachable_step_is_skipped_in_the_same_decision(reach: Reach, expected: set[str]) -> None:
    assert look(red(), 0, reach).page == expected


def test_an_empty_step_that_falls_due_later_is_skipped_at_once_too() -> None:
    assert [at for at, step in follow(red(), 6, replace(REACH, backup=())) if step.page == ALL] == [5]


def test_when_the_one_who_was_paged_turns_out_to_be_unreachable_the_next_is_paged_now() -> None:
    alert = red()
    alert = replace(alert, progress=look(alert, 0).progress)
    assert look(alert, 0.1, replace(REACH, reachable=frozenset({"bob", "cyd"}))).page == {"bob"}


def test_with_nobody_reachable_everyone_the_second_channel_and_the_operator_are_tried_at_once() -> None:
    step = look(red(), 0, replace(REACH, reachable=frozenset()))
    assert (step.page, step.second_channel, step.alarm_operator, step.tell_patient) == (ALL, True, True, True)
    assert step.due_at == after(2)
    again = look(red(), 0, Reach())
    assert (again.page, again.alarm_operator, again.due_at) == (frozenset(), True, after(2))


def test_after_a_sleep_all_overdue_steps_are_taken_in_one_ring() -> None:
    step = look(red(), 300)
    assert (step.page, step.progress.steps_done) == (ALL, 3)
    assert look(replace(red(), progress=step.progress), 300).page == frozenset()


def test_a_ladder_that_was_cut_short_is_never_stuck() -> None:
    short = rungs.parse({"steps": [{"to": "left", "after": "0s"}], "repeat": "2m", "follow_up": "1h"})
    for done, level in [(0, 0), (0, 2), (3, 0), (3, 2)]:
        alert = red(steps_done=done, level=level, last_ring_at=after(0) if done else None)
        step = look(alert, 2, ladder=short)
        assert step.page == ALL
        assert step.due_at == after(4)


def test_the_clock_going_back_neither_rings_again_nor_hangs() -> None:
    alert = replace(red(), progress=look(red(), 0).progress)
    back = look(alert, -120)
    assert (back.page, back.due_at) == (frozenset(), after(-118))
    alert = replace(alert, progress=back.progress)
    assert [look(alert, at).page for at in (-118, -115)] == [{"ann"}, {"ann", "bob"}]
    assert look(red(), -120).page == {"ann"}
    assert look(owned(), -120).due_at == after(-90)


def test_an_acknowledgement_stops_the_rings_and_the_owner_is_reminded_once_at_half() -> None:
    assert look(owned(), 10).page == frozenset()
    step = look(owned(), 30)
    assert (step.page, step.remind_owner, step.due_at) == (frozenset({"ann"}), True, after(60))
    assert look(replace(owned(), progress=step.progress), 45).page == frozenset()


def test_without_a_contact_owner_and_next_level_are_paged_then_the_ladder_goes_on_and_so_on() -> None:
    step = look(owned(), 60)
    assert step.page == {"ann", "bob"}
    alert = replace(owned(), progress=step.progress)
    assert look(alert, 69).page == {"ann", "bob"}
    assert look(alert, 70).page == ALL
    again = replace(alert, progress=rungs.acknowledged(step.progress, after(61)))
    assert look(again, 62).page == frozenset()
    assert look(again, 121).page == {"ann", "bob"}
    assert look(owned(owner="bob"), 60).page == ALL


def test_a_recorded_contact_ends_the_follow_up() -> None:
    alert = replace(owned(), progress=rungs.contacted(owned().progress, after(5)))
    assert (look(alert, 600).page, look(alert, 600).due_at) == (frozenset(), None)
    closed = replace(red(), state="closed")
    assert (look(closed, 5).page, look(closed, 5).due_at) == (frozenset(), None)


def test_an_owner_who_left_or_can_no_longer_be_reached_is_not_waited_for() -> None:
    assert look(owned(), 1, replace(REACH, named={"bob": "bob"}, reachable=ALL - {"ann"})).page == {"bob"}
    assert look(owned(), 29, replace(REACH, reachable=ALL - {"ann"})).page == frozenset()
    assert look(owned(), 30, replace(REACH, reachable=ALL - {"ann"})).page == {"bob"}


def test_the_acknowledgement_of_an_admin_outside_the_rota_stops_the_rings() -> None:
    assert look(owned(owner="root"), 1, replace(REACH, reachable=ALL | {"root"})).page == frozenset()


def test_a_later_red_on_an_acknowledged_alert_or_a_reopening_starts_a_round_at_the_owners_level() -> None:
    alert = owned(owner="bob")
    fresh = replace(alert, progress=rungs.joined(alert, DEFAULT_RED, REACH, after(20), was=Tier.RED))
    assert look(fresh, 20).page == {"bob"}
    assert look(fresh, 25).page == ALL
    done = replace(alert, progress=rungs.contacted(alert.progress, after(5)))
    assert rungs.restarted(done, DEFAULT_RED, REACH, after(20)) == fresh.progress


def test_a_later_red_on_an_open_alert_rings_at_once_and_a_thousand_no_more_than_once_a_repeat() -> None:
    alert = replace(red(), progress=look(red(), 0).progress)
    rings: list[int] = []
    for second in range(1, 1000):
        now = after(second / 60)
        wanted = rungs.joined(alert, DEFAULT_RED, REACH, now, was=Tier.RED)
        step = next_step(replace(alert, progress=wanted), DEFAULT_RED, REACH, now, HOURS)
        alert = replace(alert, progress=step.progress)
        if step.page:
            rings.append(second)
    assert rings[0] == 1
    extra_allowed = 1000 // 120 + 1
    assert len(rings) <= len(follow(red(), 1000 / 60)) + extra_allowed
    assert alert.progress.reached == ALL


def test_a_red_on_an_open_amber_starts_the_red_ladder_now() -> None:
    late = datetime(2026, 3, 4, 23, tzinfo=UTC)
    amber = AlertFacts(tier=Tier.AMBER, state="open", progress=rungs.opened(Tier.AMBER, now=late, hours=HOURS))
    raised = rungs.joined(amber, DEFAULT_RED, REACH, late, was=Tier.AMBER)
    assert next_step(AlertFacts(tier=Tier.RED, state="open", progress=raised), DEFAULT_RED, REACH, late).page == {"ann"}


@pytest.mark.parametrize(
    ("day", "hour", "any_hour", "expected"),
    [
        (4, 10, False, (4, 10)),  # in hours
        (4, 22, False, (5, 9)),  # opens within 12 h
        (6, 18, False, (6, 18)),  # Friday evening: Monday is too far
        (4, 22, True, (4, 22)),  # not sure of being safe, or a worried relative
    ],
)
def test_an_amber_is_paged_by_the_clinics_hours(day: int, hour: int, any_hour: bool, expected: tuple[int, int]) -> None:
    now = datetime(2026, 3, day, hour, tzinfo=UTC)
    progress = rungs.opened(Tier.AMBER, now=now, hours=HOURS, at_any_hour=any_hour)
    alert = AlertFacts(tier=Tier.AMBER, state="open", progress=progress, at_any_hour=any_hour)
    step = next_step(alert, DEFAULT_AMBER, REACH, now, HOURS)
    first = datetime(2026, 3, expected[0], expected[1], tzinfo=UTC)
    assert step.page == ({"ann"} if first == now else frozenset())
    assert step.page or step.due_at == first
    assert progress.round_started_at == first
    assert next_step(alert, DEFAULT_AMBER, REACH, first, HOURS).page == {"ann"}


def test_an_amber_is_reminded_and_climbs_after_sixty_minutes_in_hours() -> None:
    now = datetime(2026, 3, 6, 16, 40, tzinfo=UTC)  # a Friday
    alert = AlertFacts(tier=Tier.AMBER, state="open", progress=rungs.opened(Tier.AMBER, now=now, hours=HOURS))
    rings, at = list[tuple[int, ...]](), now
    while len(rings) < 3:
        step = next_step(alert, DEFAULT_AMBER, REACH, at, HOURS)
        alert = replace(alert, progress=step.progress)
        if step.page:
            rings.append((at.day, at.hour, at.minute, len(step.page)))
        assert step.due_at is not None
        at = step.due_at
    assert rings == [(6, 16, 40, 1), (9, 9, 10, 1), (9, 9, 40, 2)]


def test_policy_and_progress_pass_through_json() -> None:
    for each in (DEFAULT_RED, DEFAULT_AMBER):
        assert rungs.parse(json.loads(json.dumps(rungs.to_mapping(each)))) == each
        assert each.source.startswith("proposal")
    for progress in (look(red(), 12).progress, owned().progress, Progress(round_started_at=T0)):
        assert rungs.progress_of(json.loads(json.dumps(rungs.progress_to_mapping(progress)))) == progress


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"steps": []}, "needs steps"),
        ({"steps": [{"to": "primary"}]}, "no step"),
        ({"steps": [{"to": " ", "after": "0s"}]}, "no step"),
        ({"steps": [{"to": "primary", "after": "5m"}, {"to": "backup", "after": "1m"}]}, "order of time"),
        ({"repeat": "0s"}, "repeat cannot be nothing"),
        ({"repeat": "often"}, "no duration"),
        ({"remind_after": "2h"}, "must not be longer"),
        ({"repeats": "2m"}, "no 'repeats'"),
    ],
)
def test_a_bad_ladder_is_refused_in_one_sentence(changes: dict[str, object], words: str) -> None:
    good = {"steps": [{"to": "primary", "after": "0s"}], "repeat": "2m", "follow_up": "1h"}
    rungs.parse(good)
    with pytest.raises(ValueError, match=words):
        rungs.parse(good | changes)
    with pytest.raises(ValueError, match="needs repeat"):
        rungs.parse({"steps": good["steps"], "follow_up": "1h"})


def test_a_clinic_that_never_opens_holds_no_amber_back() -> None:
    shut = replace(HOURS, holidays=frozenset(date(2026, 1, 1) + timedelta(days=n) for n in range(900)))
    assert rungs.opened(Tier.AMBER, now=T0, hours=shut).round_started_at == T0


def test_a_red_on_an_amber_that_has_climbed_takes_every_step_of_the_red_ladder_anew() -> None:
    climbed = replace(red().progress, steps_done=3, last_ring_at=after(120), topped_at=after(120))
    amber = AlertFacts(tier=Tier.AMBER, state="open", progress=climbed)
    raised = replace(red(), progress=rungs.joined(amber, DEFAULT_RED, REACH, after(121), was=Tier.AMBER))
    assert look(raised, 121).page == {"ann"}
    assert look(raised, 126).page == {"ann", "bob"}


def test_an_owner_who_is_not_on_the_rota_starts_a_round_at_the_first_step() -> None:
    alert = owned(owner="cyd")
    fresh = replace(alert, progress=rungs.restarted(alert, DEFAULT_RED, REACH, after(20)))
    assert look(fresh, 20).page == {"cyd", "ann"}


def test_a_change_of_shift_adds_the_new_one_and_keeps_those_who_were_paged() -> None:
    alert = replace(red(), progress=look(red(), 0).progress)
    assert look(alert, 2, replace(REACH, primary=("cyd",))).page == {"ann", "cyd"}
