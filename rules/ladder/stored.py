"""Ladders and their progress as JSON values: written in a configuration, frozen with each alert, read again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime, timedelta
from itertools import pairwise

from rules.durations import format_duration, parse_duration
from rules.ladder.climbing import INSTANTS
from rules.ladder.values import Ladder, Progress, Step

SOURCE = "proposal: clinical.md, Tiers and clocks; a clinic's clinician must sign it off"
_KEYS = {"steps", "repeat", "follow_up", "remind_after", "accept_within", "source"}


def to_mapping(ladder: Ladder) -> dict[str, object]:
    """The ladder as JSON values, which `parse` reads."""
    return {
        "steps": [{"to": step.to, "after": format_duration(step.after)} for step in ladder.steps],
        "repeat": format_duration(ladder.repeat),
        "follow_up": format_duration(ladder.follow_up),
        "remind_after": format_duration(ladder.remind_after),
        "accept_within": format_duration(ladder.accept_within),
        "source": ladder.source,
    }


def parse(config: Mapping[str, object]) -> Ladder:
    """The ladder that a configuration or a stored policy says; raises ValueError, one sentence with the mend."""
    unknown = sorted(set(config) - _KEYS)
    if unknown:
        raise ValueError(f"a ladder has no {unknown[0]!r}: write {', '.join(sorted(_KEYS - {'source'}))}")
    steps = config.get("steps")
    if not isinstance(steps, (list, tuple)) or not steps:
        raise ValueError('a ladder needs steps: write at least { to = "primary", after = "0s" }')
    read = tuple(_step(each) for each in steps)
    if any(later.after < earlier.after for earlier, later in pairwise(read)):
        raise ValueError("the steps of a ladder must be in order of time: put the one with the shorter `after` first")
    follow_up = _length(config, "follow_up")
    remind_after = _length(config, "remind_after") if "remind_after" in config else _half(follow_up)
    if remind_after > follow_up:
        raise ValueError("a ladder's remind_after must not be longer than its follow_up: shorten it")
    optional = {"accept_within": _length(config, "accept_within")} if "accept_within" in config else {}
    source = str(config.get("source", "configuration"))
    repeat = _length(config, "repeat")
    return Ladder(steps=read, repeat=repeat, follow_up=follow_up, remind_after=remind_after, source=source, **optional)


def _step(step: object) -> Step:
    to = step.get("to") if isinstance(step, Mapping) else None
    if not isinstance(step, Mapping) or set(step) != {"to", "after"} or not isinstance(to, str) or not to.strip():
        raise ValueError(f'{step!r} is no step of a ladder: write such as {{ to = "primary", after = "0s" }}')
    return Step(to=to.strip(), after=parse_duration(step["after"]))


def _length(config: Mapping[str, object], key: str) -> timedelta:
    if key not in config:
        raise ValueError(f'a ladder needs {key}: write a duration, such as {key} = "30m"')
    length = parse_duration(config[key])
    if not length:
        raise ValueError(f'a ladder\'s {key} cannot be nothing: write a duration, such as "2m"')
    return length


def _half(length: timedelta) -> timedelta:
    return timedelta(seconds=max(1, int(length.total_seconds()) // 2))


def progress_to_mapping(progress: Progress) -> dict[str, object]:
    """The progress as JSON values, which `progress_of` reads."""
    values = {each.name: getattr(progress, each.name) for each in fields(progress)}
    values["reached"] = sorted(progress.reached)
    return {name: at.isoformat() if isinstance(at, datetime) else at for name, at in values.items()}


def progress_of(stored: Mapping[str, object]) -> Progress:
    """The progress that was stored; raises TypeError or ValueError if it was not written by `progress_to_mapping`."""
    values = dict(stored)
    for name in INSTANTS:
        if isinstance(at := values.get(name), str):
            values[name] = datetime.fromisoformat(at)
    reached = values.pop("reached", ())
    if not isinstance(reached, (list, tuple)):
        raise TypeError("stored progress without a list of those reached")
    return Progress(reached=frozenset(map(str, reached)), **values)  # type: ignore[arg-type]


DEFAULT_RED = parse(
    {
        "steps": [
            {"to": "primary", "after": "0s"},
            {"to": "backup", "after": "5m"},
            {"to": "everyone", "after": "10m"},
        ],
        "repeat": "2m",
        "follow_up": "60m",
        "source": SOURCE,
    }
)
DEFAULT_AMBER = parse(
    {
        "steps": [
            {"to": "primary", "after": "0s"},
            {"to": "backup", "after": "60m"},
            {"to": "everyone", "after": "120m"},
        ],
        "repeat": "30m",
        "follow_up": "4h",
        "source": SOURCE,
    }
)
