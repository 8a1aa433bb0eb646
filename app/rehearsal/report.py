"""The report of a rehearsal: answer rates, alerts from page to outcome, load on each clinician, and the timeline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from app.rehearsal.playing import BEGINS_AT, CLINICIANS, ZONE, Script
from rules.local_time import local_day

ASKED = ("answered", "partial", "expired", "sent")
ANSWERED = ("answered", "partial")
TIERS = ("red", "amber")

Facts = Mapping[str, Any]
Checkins = Iterable[Sequence[Any]]  # each slot, day, state


def report(script: Script, groups: Sequence[Facts]) -> dict[str, Any]:
    """What all groups came to, as one JSON document; the same for the same facts, in whatever order they came."""
    patients = sorted((each for group in groups for each in group["patients"]), key=lambda each: each["number"])
    found = [each for group in groups for each in group["alerts"]]
    alerts = sorted(found, key=lambda each: (each["opened_at"], each["patient"]))
    checkins = [row for each in patients for row in each["checkins"]]
    slots, days = dict.fromkeys(row[0] for row in checkins), range(script.days + 1)
    return {
        "seed": script.seed,
        "protocol": script.protocol_id,
        "patients": len(patients),
        "days": script.days,
        "timezone": ZONE,
        "starts_at": BEGINS_AT.isoformat(),
        "ends_at": script.ends_at.isoformat(),
        "checkins": {**_answered(checkins), "states": dict(sorted(Counter(row[2] for row in checkins).items()))},
        "slots": [{"slot": slot, **_answered(row for row in checkins if row[0] == slot)} for slot in slots],
        "days_after": [_day(day, patients) for day in days],
        "personas": _personas(patients, alerts),
        "paging": [{"tier": tier, **_paging([each for each in alerts if each["tier"] == tier])} for tier in TIERS],
        "load": [_load(number, groups, alerts) for number in range(CLINICIANS)],
        "timeline": _timeline(script, alerts),
        "alerts": [_alert(each) for each in alerts],
    }


def _answered(checkins: Checkins) -> dict[str, Any]:
    """How many went out, how many of them were answered, at least in part."""
    states = Counter(row[2] for row in checkins)
    asked, answered = sum(states[state] for state in ASKED), sum(states[state] for state in ANSWERED)
    return {"asked": asked, "answered": answered, "rate": round(answered / asked, 3) if asked else None}


def _day(day: int, patients: Sequence[Facts]) -> dict[str, Any]:
    """A day after the infusion: answers, and the middle mood of each persona."""
    rows = [row for each in patients for row in each["checkins"] if row[1] == day]
    moods: dict[str, list[int]] = {}
    for each in patients:
        moods.setdefault(each["persona"], []).extend(value for on, value in each["moods"] if on == day)
    return {"day": day, **_answered(rows), "mood": {name: median(given) for name, given in moods.items() if given}}


def _personas(patients: Sequence[Facts], alerts: Sequence[Facts]) -> list[dict[str, Any]]:
    of = {each["number"]: each["persona"] for each in patients}
    opened = Counter((of[each["patient"]], each["tier"]) for each in alerts)
    return [
        {
            "persona": name,
            "patients": sum(persona == name for persona in of.values()),
            **_answered(row for each in patients if each["persona"] == name for row in each["checkins"]),
            **{tier: opened[name, tier] for tier in TIERS},
        }
        for name in sorted(set(of.values()))
    ]


def _paging(alerts: Sequence[Facts]) -> dict[str, Any]:
    """The alerts of a tier: how many, and the minutes from the opening, in the middle and at worst."""
    spans = {
        "paged": [_minutes(each["opened_at"], each["first_page_at"]) for each in alerts if each["first_page_at"]],
        "acknowledged": [
            _minutes(each["opened_at"], each["acknowledged_at"]) for each in alerts if each["owner"] is not None
        ],
        "closed": [_minutes(each["opened_at"], each["closed_at"]) for each in alerts if each["closed_at"]],
    }
    return {
        "alerts": len(alerts),
        "rings": sum(each["rings"] for each in alerts),
        "unpaged": sum(each["first_page_at"] is None for each in alerts),
        "unclosed": sum(each["closed_at"] is None for each in alerts),
        **{f"{name}_median": median(each) if each else None for name, each in spans.items()},
        **{f"{name}_longest": max(each, default=None) for name, each in spans.items()},
    }


def _load(number: int, groups: Sequence[Facts], alerts: Sequence[Facts]) -> dict[str, Any]:
    """What one clinician had to do."""
    mine = [each for group in groups for each in group["clinicians"] if each["number"] == number]
    rings = [ring for each in mine for ring in each["rings"]]
    by_day = Counter(local_day(datetime.fromisoformat(at), ZONE) for at, _ in rings)
    return {
        "clinician": f"Clinician {number + 1}",
        "pages": len(rings),
        "at_night": sum(night for _, night in rings),
        "busiest_day": max(by_day.values(), default=0),
        "owned": sum(each["owner"] == number for each in alerts),
    }


def _timeline(script: Script, alerts: Sequence[Facts]) -> list[dict[str, Any]]:
    """Each calendar day of the clinic: alerts opened and closed, and pages that rang."""
    opened, closed, rang = Counter[tuple[str, str]](), Counter[str](), Counter[str]()
    for each in alerts:
        opened[_date(each["opened_at"]), each["tier"]] += 1
        rang[_date(each["opened_at"])] += each["rings"]
        if each["closed_at"]:
            closed[_date(each["closed_at"])] += 1
    first, last = local_day(BEGINS_AT, ZONE), local_day(script.ends_at, ZONE)
    dates = [(first + timedelta(days=day)).isoformat() for day in range((last - first).days + 1)]
    return [
        {"on": on, **{tier: opened[on, tier] for tier in TIERS}, "closed": closed[on], "rings": rang[on]}
        for on in dates
    ]


def _alert(alert: Facts) -> dict[str, Any]:
    owner = alert["owner"]
    return {
        **{key: value for key, value in alert.items() if key not in ("patient", "owner")},
        "patient": f"Patient {alert['patient'] + 1}",
        "owner": None if owner is None else f"Clinician {owner + 1}",
    }


def _minutes(since: str, until: str) -> float:
    return round((datetime.fromisoformat(until) - datetime.fromisoformat(since)).total_seconds() / 60, 1)


def _date(instant: str) -> str:
    return local_day(datetime.fromisoformat(instant), ZONE).isoformat()
