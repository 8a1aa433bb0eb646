"""The report over alerts: weeks of the clinic's zone, medians that were really taken, climbs, false pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from rules.alert_report import Life, by_week, climbs, spread, week_of
from rules.tier import Tier

T0 = datetime(2026, 5, 4, 10, tzinfo=UTC)  # a Monday


def life(minutes: float | None = None, *, tier: Tier = Tier.RED, weeks: int = 0, **more: object) -> Life:
    due_at = T0 + timedelta(weeks=weeks)
    taken = None if minutes is None else due_at + timedelta(minutes=minutes)
    return Life(tier=tier, due_at=due_at, acknowledged_at=taken, **more)  # type: ignore[arg-type]


def test_each_week_and_tier_has_a_line_in_order_of_time_and_red_first() -> None:
    lines = by_week([life(weeks=1), life(tier=Tier.AMBER), life(), life()], "Europe/Madrid")
    assert [(line.week, line.tier, line.alerts) for line in lines] == [
        ("2026-W19", Tier.RED, 2),
        ("2026-W19", Tier.AMBER, 1),
        ("2026-W20", Tier.RED, 1),
    ]


def test_a_week_is_the_clinics_own() -> None:
    sunday_night = datetime(2026, 5, 3, 22, 30, tzinfo=UTC)
    assert week_of(sunday_night, "UTC") == "2026-W18"
    assert week_of(sunday_night, "Europe/Madrid") == "2026-W19"


def test_median_and_nine_in_ten_are_times_that_were_taken() -> None:
    minutes = [timedelta(minutes=n) for n in (9, 1, 2, 3, 4, 5, 6, 7, 8, 60)]
    assert (spread(minutes).median, spread(minutes).p90) == (timedelta(minutes=5), timedelta(minutes=9))
    assert spread(minutes[:1]).p90 == timedelta(minutes=9)
    assert spread([]).median is None


def test_what_has_not_come_is_in_no_median_and_a_page_before_its_time_took_nothing() -> None:
    early = Life(tier=Tier.AMBER, due_at=T0, paged_at=T0 - timedelta(hours=1))
    (line,) = by_week([early, life(4, tier=Tier.AMBER)], "UTC")
    assert line.waits["acknowledge"].median == timedelta(minutes=4)
    assert line.waits["page"].median == timedelta(0)
    assert line.waits["close"].median is None


def test_outcomes_are_counted_and_no_concern_is_a_false_page() -> None:
    (line,) = by_week([life(outcome="no-concern"), life(outcome="reached-safe"), life(outcome="no-concern")], "UTC")
    assert (line.false, dict(line.outcomes)) == (2, {"no-concern": 2, "reached-safe": 1})


def test_a_climb_is_a_later_ring_at_somebody_new() -> None:
    rings = [{"ann"}, {"ann"}, {"ann", "bob"}, {"ann", "bob"}, {"cyd"}]
    assert climbs([frozenset(ring) for ring in rings]) == 2
    assert climbs([]) == 0


def test_climbs_and_what_nobody_answered_are_added_up() -> None:
    (line,) = by_week([life(climbs=2, unanswered=True), life(climbs=1)], "UTC")
    assert (line.climbs, line.unanswered) == (3, 1)
