"""In which rules two protocols differ beside what they ask when: thresholds, ladders, overlap, quiet hours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rules.protocol.reading import as_data
from rules.protocol.values import Protocol

_KEYS = ("overlap", "quiet_hours", "window", "phq9_every", "jitter")


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A rule by its dotted key, and how one protocol says it and then the other, in the words of a file.

    None: the protocol leaves it to the clinic's configuration, as it may leave a ladder.
    """

    name: str
    before: str | None
    after: str | None


def differences(before: Protocol, after: Protocol) -> tuple[Difference, ...]:
    """Every rule that counts otherwise on `after` than on `before`: those that page first."""
    one, two = dict(_rules(before)), dict(_rules(after))
    names = sorted(dict.fromkeys((*one, *two)), key=lambda name: name in _KEYS)
    return tuple(
        Difference(name=name, before=one.get(name), after=two.get(name))
        for name in names
        if one.get(name) != two.get(name)
    )


def _rules(protocol: Protocol) -> Iterator[tuple[str, str]]:
    data = as_data(protocol)
    for name, value in data["thresholds"].items():
        yield f"thresholds.{name}", _listed(value)
    for tier, ladder in data["escalation"].items():
        yield from _ladder(f"escalation.{tier}", ladder)
    for name in _KEYS:
        yield name, _hours(data[name]) if name == "quiet_hours" else str(data[name])


def _ladder(name: str, ladder: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in ladder.items():
        if key == "steps":
            yield f"{name}.steps", ", ".join(f"{step['to']} {step['after']}" for step in value)
        elif key != "source":
            yield f"{name}.{key}", str(value)


def _listed(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _hours(pair: list[str]) -> str:
    return f"{pair[0]} to {pair[1]}" if pair else "none"
