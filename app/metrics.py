"""The engine's figures as Prometheus reads them: every promise has one, and none is about anybody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from rules.alert_report import Life
from rules.lifecycle import OUTCOMES
from rules.tier import Tier
from services.figures import WAITS, Figures

BUCKETS = tuple(
    timedelta(seconds=seconds) for seconds in (1, 5, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 86400)
)
TOOK = {
    "page": "From when an alert was to ring to its first page.",
    "acknowledge": "From when an alert was to ring to its first acknowledgement.",
    "contact": "From when an alert was to ring to the first contact with the patient.",
    "close": "From when an alert was to ring to its close.",
}


class _OfFigures(Collector):
    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        """The families of metrics, read once."""
        figures = self._figures
        for name, waited, said in (
            ("inbox_oldest_unhandled", figures.inbox, "How long the oldest unhandled update has waited."),
            ("page_oldest_unsent", figures.page, "How long the oldest unsent page has waited."),
            ("deadline_overdue", figures.deadline, "By how much a ladder's next look at an alert is late."),
        ):
            yield GaugeMetricFamily(f"fortnight_{name}_seconds", said, value=waited.total_seconds())
        yield _beats(figures)
        yield _standing(figures)
        yield from _counted(figures.lives)
        for wait in WAITS:
            yield _took(wait, figures.lives)


def exposition(figures: Figures) -> bytes:
    """The figures in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_OfFigures(figures))
    return generate_latest(registry)


def _beats(figures: Figures) -> Metric:
    """poll, tick and auditor; synthetic-written and synthetic-paged tell of the synthetic patient's last round."""
    family = GaugeMetricFamily("fortnight_sign_of_life_age_seconds", "Since a part last worked.", labels=["part"])
    for name, age in sorted(figures.beats.items()):
        family.add_metric([name], age.total_seconds())
    return family


def _standing(figures: Figures) -> Metric:
    family = GaugeMetricFamily("fortnight_alerts_unclosed", "Alerts not closed yet.", labels=["tier", "state"])
    for tier in ("red", "amber"):
        for state in ("open", "acknowledged"):
            family.add_metric([tier, state], figures.standing.get((tier, state), 0))
    return family


def _counted(lives: Sequence[Life]) -> Iterator[Metric]:
    alerts = CounterMetricFamily("fortnight_alerts", "Alerts opened.", labels=["tier"])
    unanswered = CounterMetricFamily("fortnight_alerts_unanswered", "Everybody had to be tried.", labels=["tier"])
    climbs = CounterMetricFamily("fortnight_alert_climbs", "Rings that went to somebody new.", labels=["tier"])
    closed = CounterMetricFamily("fortnight_alerts_closed", "Alerts closed.", labels=["tier", "outcome"])
    for tier, of_tier in _by_tier(lives):
        alerts.add_metric([tier], len(of_tier))
        unanswered.add_metric([tier], sum(life.unanswered for life in of_tier))
        climbs.add_metric([tier], sum(life.climbs for life in of_tier))
        for outcome in OUTCOMES:
            closed.add_metric([tier, outcome], sum(life.outcome == outcome for life in of_tier))
    yield from (alerts, unanswered, climbs, closed)


def _took(wait: str, lives: Sequence[Life]) -> Metric:
    family = HistogramMetricFamily(f"fortnight_alert_{wait}_seconds", TOOK[wait], labels=["tier"])
    for tier, of_tier in _by_tier(lives):
        times = [life.waits()[wait] for life in of_tier if wait in life.waits()]
        buckets = [(f"{limit.total_seconds():.1f}", sum(time <= limit for time in times)) for limit in BUCKETS]
        total = sum(times, timedelta(0)).total_seconds()
        family.add_metric([tier], [*buckets, ("+Inf", len(times))], sum_value=total)
    return family


def _by_tier(lives: Iterable[Life]) -> list[tuple[str, list[Life]]]:
    every = list(lives)
    return [(tier.word, [life for life in every if life.tier is tier]) for tier in (Tier.RED, Tier.AMBER)]
