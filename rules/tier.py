"""How urgent something is: the four answers that every rule gives."""

from __future__ import annotations

import enum


class Tier(enum.IntEnum):
    """Urgency, ordered so that `max` of several findings is the tier of them all (clinical.md, "Tiers and clocks")."""

    NONE = 0
    NOTE = 1
    AMBER = 2
    RED = 3

    @property
    def word(self) -> str:
        """The tier as it is written in JSON, in tables and in rule files: none, note, amber or red."""
        return self.name.lower()

    @classmethod
    def of(cls, word: str) -> Tier:
        """The tier of a word; raises ValueError for any other."""
        try:
            return cls[word.upper()]
        except KeyError:
            raise ValueError(f"{word!r} is no tier: write none, note, amber or red") from None
