"""The ladder under random reach, messages, acknowledgements, clock jumps and an engine that sleeps."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from rules import ladder as rungs
from rules.ladder import DEFAULT_RED, AlertFacts, Reach, next_step
from rules.tier import Tier

T0 = datetime(2026, 3, 4, 10, tzinfo=UTC)
STAFF = ("ann", "bob", "cyd", "dee")
people = st.frozensets(st.sampled_from(STAFF))
reaches = st.builds(
    Reach,
    primary=st.sampled_from([(), ("ann",), ("bob",), ("left",)]),
    backup=st.sampled_from([(), ("bob",), ("cyd",)]),
    everyone=st.just(STAFF),
    named=st.just({name: name for name in STAFF}),
    reachable=people,
)
events = st.lists(
    st.tuples(
        st.integers(0, 400),  # seconds of real time to the next look, at most
        st.sampled_from(["look", "look", "look", "red", "ack", "jump", "sleep"]),
        st.sampled_from([-7200, -60, 60, 7200]),
        st.none() | reaches,
    ),
    max_size=60,
)


@settings(max_examples=300, deadline=None)
@given(reach=reaches, story=events)
def test_somebody_reachable_has_always_rung_and_silence_never_outlasts_repeat(
    reach: Reach, story: list[tuple[int, str, int, Reach | None]]
) -> None:
    alert = AlertFacts(tier=Tier.RED, state="open", progress=rungs.opened(Tier.RED, now=T0))
    now = looks_due = T0
    for seconds, event, jump, changed in story:
        if event == "sleep":
            now += timedelta(seconds=seconds * 20)
        elif event == "jump":
            now += timedelta(seconds=jump)
        else:
            now = min(now + timedelta(seconds=seconds), max(now, looks_due))
        reach = changed or reach
        if event == "red":
            alert = replace(alert, progress=rungs.joined(alert, DEFAULT_RED, reach, now, was=Tier.RED))
        if event == "ack":
            alert = replace(alert, owner="ann", state="acknowledged", progress=rungs.acknowledged(alert.progress, now))
        step = next_step(alert, DEFAULT_RED, reach, now)
        ringing = step.progress.answered_at is None
        alert = replace(alert, progress=step.progress)
        assert step.due_at is not None
        assert now < step.due_at <= now + (DEFAULT_RED.repeat if ringing else DEFAULT_RED.follow_up)
        if ringing:
            last = step.progress.last_ring_at
            assert last is not None
            assert now - last < DEFAULT_RED.repeat
            assert step.progress.told or step.progress.reached or step.alarm_operator
            if step.page and reach.reachable:
                assert step.page & reach.reachable or step.alarm_operator
            if reach.reachable and step.alarm_operator:
                assert step.page >= reach.reachable
        again = next_step(alert, DEFAULT_RED, reach, now)
        assert not again.page
        assert not again.alarm_operator
        looks_due = step.due_at


@settings(max_examples=100, deadline=None)
@given(seconds=st.lists(st.integers(0, 2000), min_size=1, max_size=1000), reach=reaches)
def test_messages_bring_at_most_one_extra_ring_a_repeat(seconds: list[int], reach: Reach) -> None:
    alert = AlertFacts(tier=Tier.RED, state="open", progress=rungs.opened(Tier.RED, now=T0))
    rings, due_at, end = 0, T0, T0 + timedelta(seconds=2000)
    messages = sorted(T0 + timedelta(seconds=each) for each in seconds)
    while (now := min(messages[0], due_at) if messages else due_at) <= end:
        if messages and messages[0] == now:
            messages.pop(0)
            alert = replace(alert, progress=rungs.joined(alert, DEFAULT_RED, reach, now, was=Tier.RED))
        step = next_step(alert, DEFAULT_RED, reach, now)
        rings += bool(step.page or step.alarm_operator)
        alert, due_at = replace(alert, progress=step.progress), step.due_at or end
    intervals = 2000 // 120 + 1
    assert rings <= intervals + (len(DEFAULT_RED.steps) - 1) + intervals
    assert alert.progress.steps_done == len(DEFAULT_RED.steps)
