"""A hand-over on the ladder: it holds nothing up, and comes back unless it is taken in time."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from rules import ladder as rungs
from rules.ladder import DEFAULT_RED, AlertFacts, Decision, Reach, next_step
from rules.tier import Tier

T0 = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
ALL = frozenset({"ann", "bob", "cyd"})
REACH = Reach(
    primary=("ann",), backup=("bob",), everyone=tuple(sorted(ALL)), reachable=ALL, named={name: name for name in ALL}
)


def after(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def look(alert: AlertFacts, minutes: float, reach: Reach = REACH) -> Decision:
    return next_step(alert, DEFAULT_RED, reach, after(minutes))


def offered(*, owned: bool, at: float = 0) -> AlertFacts:
    """A red alert, rung at 0 and taken then if `owned`, that ann offers to bob."""
    alert = AlertFacts(tier=Tier.RED, state="open", progress=rungs.opened(Tier.RED, now=T0))
    alert = replace(alert, progress=look(alert, 0).progress)
    if owned:
        alert = replace(alert, state="acknowledged", owner="ann", progress=rungs.acknowledged(alert.progress, T0))
    return replace(alert, progress=rungs.offered(alert.progress, "ann", "bob", after(at)))


def test_an_offer_comes_back_when_its_time_is_over_and_not_before() -> None:
    alert = offered(owned=True)
    step = look(alert, 4.9)
    assert (step.came_back, step.due_at, step.progress.offered_to) == (False, after(5), "bob")
    step = look(alert, 5)
    assert (step.came_back, step.due_at, step.progress.offered_to) == (True, after(30), None)
    assert not look(replace(alert, progress=step.progress), 5).came_back  # once


def test_an_offer_to_somebody_who_can_be_reached_no_more_comes_back_at_once() -> None:
    assert look(offered(owned=True), 1, replace(REACH, reachable=ALL - {"bob"})).came_back


def test_an_offer_holds_neither_rings_nor_follow_up_back() -> None:
    step = look(offered(owned=False), 2)
    assert (step.page, step.came_back) == ({"ann"}, False)
    step = look(offered(owned=True, at=28), 30)
    assert (step.remind_owner, step.due_at) == (True, after(33))
    step = look(offered(owned=True, at=58), 60)  # the acknowledgement runs out: a new round, in which bob is paged
    assert (step.page, step.progress.offered_to) == ({"ann", "bob"}, None)


def test_the_offer_of_an_alert_that_rests_is_still_looked_after() -> None:
    alert = offered(owned=True)
    alert = replace(alert, progress=rungs.contacted(alert.progress, after(1)))
    assert look(alert, 1).due_at == after(5)
    step = look(alert, 5)
    assert (step.came_back, step.due_at) == (True, None)


@pytest.mark.parametrize("owned", [True, False])
def test_an_acknowledgement_or_a_new_round_ends_an_offer(owned: bool) -> None:
    alert = offered(owned=owned)
    assert rungs.acknowledged(alert.progress, after(1)).offered_to is None
    assert rungs.restarted(alert, DEFAULT_RED, REACH, after(1)).offered_to is None
    assert rungs.withdrawn(alert.progress).offered_at is None


def test_an_offer_outlives_a_clock_that_goes_back_no_longer_than_it_stands() -> None:
    step = look(offered(owned=True), -120)
    assert (step.came_back, step.due_at) == (False, after(-115))


def test_a_closed_alert_is_offered_to_nobody() -> None:
    assert not look(replace(offered(owned=True), state="closed"), 10).came_back


def test_how_long_an_offer_stands_is_configured_and_kept_with_the_alert() -> None:
    policy = {"steps": [{"to": "primary", "after": "0s"}], "repeat": "2m", "follow_up": "1h"}
    assert rungs.parse(policy).accept_within == timedelta(minutes=5)
    short = rungs.parse({**policy, "accept_within": "30s"})
    assert rungs.parse(json.loads(json.dumps(rungs.to_mapping(short)))) == short
    assert next_step(offered(owned=True), short, REACH, after(0.5)).came_back
    with pytest.raises(ValueError, match="accept_within cannot be nothing"):
        rungs.parse({**policy, "accept_within": "0s"})
    progress = offered(owned=True).progress
    assert rungs.progress_of(json.loads(json.dumps(rungs.progress_to_mapping(progress)))) == progress
