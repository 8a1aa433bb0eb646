"""`extends`: a protocol file that says only what differs from another one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rules.protocol.places import Path


def inherit(data: Mapping[str, Any], bases: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """`data` laid over the base that it extends; raises LookupError(key, sentence, mend) if that cannot be.

    Single keys, single thresholds and single ladders replace the base's; a slot replaces the keys of the base's slot of
    that name, or is added; `without` names slots of the base that fall away. Id and version are never inherited.
    """
    if "extends" not in data:
        return dict(data)
    own = {key: value for key, value in data.items() if key not in ("extends", "without")}
    base = bases.get(data["extends"]) if isinstance(data["extends"], str) else None
    if base is None:
        known = ", ".join(sorted(bases)) or "(none)"
        raise LookupError("extends", f"there is no protocol {data['extends']!r}", f"choose from {known}")
    inherited = {key: value for key, value in base.items() if key not in ("id", "version")}
    whole = {**inherited, **own, "slot": _slots(data, base)}
    for table in ("thresholds", "escalation"):
        if isinstance(own.get(table, {}), dict):
            whole[table] = {**base.get(table, {}), **own.get(table, {})}
    return whole


def own_path(data: Mapping[str, Any], whole: Mapping[str, Any], path: Path, or_key: str = "") -> Path:
    """Where the key at `path` of the whole stands in `data`: slots may have moved.

    Where `data` does not say it, `or_key` is to blame, a key that it disagrees with, or else what is extended.
    """
    own = _moved(data, whole, path) if "extends" in data else path
    other = tuple(or_key.split("."))
    if _has(data, other) and (own is None or not _has(data, own)):
        return other
    return ("extends",) if own is None else own


def _moved(data: Mapping[str, Any], whole: Mapping[str, Any], path: Path) -> Path | None:
    """The path with the slot's place in `data`; none for a slot that is inherited."""
    if len(path) < 2 or path[0] != "slot" or not isinstance(path[1], int):
        return path
    name = _name(whole["slot"][path[1]])
    places = [place for place, slot in enumerate(data.get("slot", ())) if _name(slot) == name]
    return ("slot", places[0], *path[2:]) if places else None


def _has(data: Any, path: Path) -> bool:
    """Whether something stands at `path`, and not only above it."""
    for step in path:
        if isinstance(data, dict) and step in data:
            data = data[step]
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            return False
    return True


def _slots(data: Mapping[str, Any], base: Mapping[str, Any]) -> Any:
    without, own = data.get("without", []), data.get("slot", [])
    names = [_name(slot) for slot in base["slot"]]
    if not isinstance(without, list) or not set(map(str, without)) <= set(names):
        known = ", ".join(map(str, names))
        raise LookupError("without", "`without` lists slots of the protocol extended", f'write ["…"], from {known}')
    if not isinstance(own, list):
        return own
    theirs = {_name(slot): slot for slot in own if isinstance(slot, dict) and isinstance(_name(slot), str)}
    if both := theirs.keys() & set(without):
        mend = "take it out of `without`, or drop its [[slot]]"
        raise LookupError("without", f"slot {min(both)!r} is to fall away and to change", mend)
    kept = [_over(slot, theirs.get(_name(slot), {})) for slot in base["slot"] if _name(slot) not in without]
    return kept + [slot for slot in own if _name(slot) not in names]


def _over(slot: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """A slot's own keys over the base's; a slot that is placed anew loses the base's place."""
    placed = {"after", "days"} & own.keys()
    kept = {key: value for key, value in slot.items() if not placed or key not in ("after", "days", "at")}
    return {**kept, **own}


def _name(slot: Any) -> Any:
    return slot.get("name") if isinstance(slot, dict) else None
