"""What an answer means: which findings it makes, and whether a safety question must follow it at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from rules import second_stage
from rules.finding import Finding
from rules.protocol import Thresholds
from rules.tier import Tier

LOOKS_BACK = frozenset({"mood", "phq9"})  # instruments whose rules compare with what was answered before
YES = 1
STRONG = 2
NEXT_DAY = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """A mood of 0 to 10 that was answered before."""

    at: datetime
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreAt:
    """A complete PHQ-9 of this course, `day` days after its infusion."""

    at: datetime
    day: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """An answer with all that it is judged by.

    `values` are the answers to this check-in's `instrument` that stand now; `day` counts from the infusion's local
    day; `moods` are the ratings before this one, at most one a day, oldest first, of which those from `infusion_at` on
    are of this course; `baseline_moods` those given before treatment.
    """

    thresholds: Thresholds
    instrument: str
    values: Mapping[str, int]
    day: int | None = None
    infusion_at: datetime | None = None
    moods: tuple[Rating, ...] = ()
    baseline_moods: tuple[int, ...] = ()
    phq9_baseline: int | None = None
    phq9_scores: tuple[ScoreAt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What was found, and for which cause the safety conversation must start at once (none: it need not)."""

    findings: tuple[Finding, ...] = ()
    ask: second_stage.Cause | None = None


def assess(facts: Facts) -> Assessment:
    """The findings of the answers as they stand, by clinical.md, "Thresholds". Partial questionnaires count as well."""
    rules = {
        "mood": _mood,
        "phq9": _phq9,
        "gad7": _gad7,
        "settle": _checklist,
        "side-effects": _checklist,
        "safety": _safety,
        "asq": _safety,
        "bladder": _bladder,
        "craving": _craving,
        "cognition": _cognition,
    }
    rule = rules.get(facts.instrument)
    if rule is None:
        return Assessment()
    return Assessment(findings=tuple(rule(facts)), ask=_ask(facts))


def _ask(facts: Facts) -> second_stage.Cause | None:
    """The question that cannot wait."""
    limits, values = facts.thresholds, facts.values
    if facts.instrument == "mood" and "rating" in values and values["rating"] <= limits.mood_safety:
        return "mood"
    if facts.instrument == "phq9" and limits.item9_questions <= values.get("9", 0) < limits.item9_red:
        return "item9" if values["9"] == 1 else "item9-2"
    if facts.instrument == "safety" and values.get("now") == YES:
        return "yes"
    return None


def _mood(facts: Facts) -> Iterator[Finding]:
    if "rating" not in facts.values:
        return
    limits, value = facts.thresholds, facts.values["rating"]
    earlier = [rating.value for rating in facts.moods]
    if value <= limits.mood_safety:
        yield Finding(rule="mood-very-low", tier=Tier.NOTE, detail={"value": value})
    if earlier:
        own = median(earlier[-limits.mood_median_answers :])
        if own - value >= limits.mood_fall:
            yield Finding(rule="mood-fall", tier=Tier.AMBER, detail={"value": value, "fall": own - value, "own": own})
    if facts.baseline_moods:
        baseline = median(facts.baseline_moods)
        yield from _running_low(limits, [*earlier, value], baseline)
        yield from _rebound(facts, value, baseline)


def _running_low(limits: Thresholds, ratings: list[int], baseline: float) -> Iterator[Finding]:
    """Low answers running, from someone who was not that low before."""
    last = ratings[-limits.mood_low_answers :]
    running = len(last) == limits.mood_low_answers and max(last) <= limits.mood_low
    if running and baseline >= limits.mood_low_baseline:
        yield Finding(rule="mood-low", tier=Tier.AMBER, detail={"values": last, "baseline": baseline})


def _rebound(facts: Facts, value: int, baseline: float) -> Iterator[Finding]:
    """Relief in this course, then back near the baseline: found on the day on which it has lasted long enough."""
    limits = facts.thresholds
    course = [each.value for each in facts.moods if facts.infusion_at is None or each.at >= facts.infusion_at]
    days = [*course, value]
    back = [each <= baseline + limits.rebound_within for each in days]
    before = days[: -limits.rebound_days]
    if not before or not all(back[-limits.rebound_days :]) or back[len(before) - 1]:
        return
    if max(before) >= baseline + limits.rebound_rise:
        detail = {"value": value, "relief": max(before), "baseline": baseline, "days": limits.rebound_days}
        yield Finding(rule="mood-rebound", tier=Tier.AMBER, detail=detail)


def _phq9(facts: Facts) -> Iterator[Finding]:
    limits, item9 = facts.thresholds, facts.values.get("9", 0)
    if item9 >= limits.item9_red:
        yield Finding(rule="item9-3", tier=Tier.RED, detail={"value": item9})
    known: list[tuple[int, str, int | None]] = [(score.total, "best", score.day) for score in facts.phq9_scores]
    if facts.phq9_baseline is not None:
        known.append((facts.phq9_baseline, "baseline", None))
    if not known:
        return
    reference, against, day = min(known, key=lambda each: each[0])
    total = sum(facts.values.values())
    rise = total - reference
    detail = {"total": total, "answered": len(facts.values), "rise": rise, "against": against, "day": day}
    if rise >= limits.phq9_rise_red and total >= limits.phq9_red_score:
        yield Finding(rule="phq9-rise-red", tier=Tier.RED, detail=detail)
    elif rise >= limits.phq9_rise:
        yield Finding(rule="phq9-rise", tier=Tier.AMBER, detail=detail)


def _gad7(facts: Facts) -> Iterator[Finding]:
    """Severe anxiety is worth knowing; no source makes it a page."""
    total = sum(facts.values.values())
    if total >= facts.thresholds.gad7_bands[-1]:
        yield Finding(rule="gad7-severe", tier=Tier.NOTE, detail={"total": total, "answered": len(facts.values)})


def _checklist(facts: Facts) -> Iterator[Finding]:
    """Strong side effects, unreality on the next day or later, and what is a medical emergency."""
    late = facts.day is not None and facts.day >= NEXT_DAY
    for item in ("dizziness", "nausea", "unreal"):
        value = facts.values.get(item, 0)
        if value >= STRONG:
            yield Finding(rule=f"{facts.instrument}-strong-{item}", tier=Tier.AMBER, detail={"item": item})
        elif item == "unreal" and value and late:
            yield Finding(rule="side-effects-unreal", tier=Tier.AMBER, detail={"day": facts.day})
    if facts.values.get("heart") == YES:
        yield Finding(rule="emergency-heart", tier=Tier.RED)
    if facts.values.get("home", YES) != YES:
        yield Finding(rule="settle-not-home", tier=Tier.NOTE)


def _safety(facts: Facts) -> Iterator[Finding]:
    """The same meaning as in a safety conversation, when a protocol asks these questions at a time of its own."""
    yield from second_stage.assess("note", facts.values)


def _bladder(facts: Facts) -> Iterator[Finding]:
    if facts.values.get("blood") == YES:
        yield Finding(rule="bladder-blood", tier=Tier.AMBER)
    yield from _worth_knowing(facts, "pain", "urgency")


def _craving(facts: Facts) -> Iterator[Finding]:
    if facts.values.get("use") == YES:
        yield Finding(rule="craving-use", tier=Tier.NOTE)
    yield from _worth_knowing(facts, "urge")


def _cognition(facts: Facts) -> Iterator[Finding]:
    yield from _worth_knowing(facts, "memory", "focus")


def _worth_knowing(facts: Facts, *items: str) -> Iterator[Finding]:
    """A long-term risk answered with "a lot"."""
    for item in items:
        if facts.values.get(item, 0) >= STRONG:
            yield Finding(rule=f"{facts.instrument}-{item}", tier=Tier.NOTE)
