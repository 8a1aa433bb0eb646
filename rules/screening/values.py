"""What a screening gives back, and the rules, frames and overrides that it goes by."""

from __future__ import annotations

from collections.abc import KeysView
from dataclasses import dataclass
from enum import StrEnum

from rules.finding import Finding
from rules.screening.patterns import Nodes
from rules.tier import Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening:
    """The answer for one text: the highest tier of its findings; `emergency` opens the medical route.

    `ruleset` is the hash of the rules: the same text gives the same answer for ever under one hash.
    """

    tier: Tier
    findings: tuple[Finding, ...]
    emergency: bool
    ruleset: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A meaning that a human must see; `deaf_to` are the frames that do not cancel it."""

    id: str
    tier: Tier
    deaf_to: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """One wording of a rule: parts that all stand in one clause, or, `anywhere`, in one text.

    `needs` are the choices of first words of which the clause must hold one each.
    """

    rule: Rule
    parts: tuple[Nodes, ...]
    anywhere: bool
    needs: tuple[KeysView[str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """One wording of a frame or an override; `needs` are choices of words of which the clause must hold one each."""

    nodes: Nodes
    needs: tuple[KeysView[str], ...]


class Where(StrEnum):
    """Where a frame must stand to cancel: around the find, over a word of it, or anywhere in its clause."""

    AROUND = "around"
    OVER = "over"
    CLAUSE = "clause"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A benign reading: a denial, a past that is over, a film, an idiom.

    It `leaves` a tier, if any; `crosses` commas or not; needs one of `also` in the clause, if there are any; and is
    for rules whose id begins with one of `only`, if there are any.
    """

    id: str
    where: Where
    wordings: tuple[Wording, ...]
    also: tuple[Wording, ...]
    only: tuple[str, ...]
    crosses: bool
    leaves: Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """Words that take a benign reading back: a double negative, a refusal to deny, "yet"."""

    id: str
    cancels: frozenset[str]
    wordings: tuple[Wording, ...]
