"""Changes a tree of values here and there: bytes changed at random are seldom JSON or TOML any more."""

from __future__ import annotations

import copy
import random
from typing import Any

ODD: tuple[Any, ...] = (
    *(None, True, 0, -1, 7, 2**31, 2**63, -(2**63), 1e308, 0.5, "", " ", "a", "0", "-", "\ud800", "‮", "\0"),
    *(
        "1d",
        "0s",
        "99999999d",
        "10:00",
        "24:00",
        "1-14",
        "14-1",
        "preferred",
        "mood",
        "I want to die" * 50,
        [],
        {},
        [[]],
    ),
)
TIMES = 4  # changes at most


def mutated(tree: Any, chance: random.Random) -> Any:
    """A copy of a tree with one change or a few: a value replaced, taken away, doubled or moved elsewhere."""
    tree = {"root": copy.deepcopy(tree)}
    for _ in range(chance.randint(1, TIMES)):
        _change(tree, chance)
    return tree.get("root")


def _change(tree: Any, chance: random.Random) -> None:
    holders = [*_holders(tree)]
    holder = chance.choice(holders)
    if not holder:
        return
    key = chance.choice([*holder] if isinstance(holder, dict) else range(len(holder)))
    match chance.randrange(5):
        case 0:
            del holder[key]
        case 1 if isinstance(holder, list):
            holder.insert(key, copy.deepcopy(holder[key]))
        case 2 if isinstance(holder, dict):
            others = [name for other in holders if isinstance(other, dict) for name in other]
            holder[chance.choice(others)] = holder.pop(key)
        case 3:
            holder[key] = copy.deepcopy(chance.choice(holders[1:] or holders))
        case _:
            holder[key] = copy.deepcopy(chance.choice(ODD))


def _holders(tree: Any) -> list[Any]:
    """Every table and list of a tree, itself first."""
    found, left = [], [tree]
    while left:
        here = left.pop()
        if isinstance(here, dict | list):
            found.append(here)
            left += here.values() if isinstance(here, dict) else here
    return found
