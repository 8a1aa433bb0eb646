"""An instrument: its questions in every language, what may be answered, and how the answers are scored."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Scoring = Literal["sum", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One answer that can be chosen: the value that is stored and the label of its button, by language."""

    value: int
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One question. Without options it is answered in the patient's own words."""

    id: str
    texts: Mapping[str, str]
    options: tuple[Option, ...] = ()
    optional: bool = False

    @property
    def low(self) -> int:
        """The lowest value; raises ValueError where words are asked for."""
        return min(option.value for option in self.options)

    @property
    def high(self) -> int:
        """The highest value; raises ValueError where words are asked for."""
        return max(option.value for option in self.options)

    @property
    def is_scale(self) -> bool:
        """Whether the labels are the numbers themselves."""
        return bool(self.options) and all(
            label == str(option.value) for option in self.options for label in option.labels.values()
        )

    def option(self, value: int) -> Option | None:
        """The option of a value; none when it is not among those offered."""
        return next((option for option in self.options if option.value == value), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A sum of item values: `answered` of `of` items; `band` counts from 0 and waits for the last answer."""

    total: int
    answered: int
    of: int
    band: int | None = None

    @property
    def complete(self) -> bool:
        """Whether every scored item was answered."""
        return self.answered == self.of


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """A questionnaire, from one question to a validated scale.

    `recall` is the sentence above the items (empty where there is none); `bands` the lowest score of each band above
    the first; `licence`, `credit` and `source` say where the wording comes from and what allows its use, and
    `needs_licence` that whoever uses it must hold one.
    """

    id: str
    titles: Mapping[str, str]
    items: tuple[Item, ...]
    recall: Mapping[str, str] = field(default_factory=dict)
    scoring: Scoring = "none"
    bands: tuple[int, ...] = ()
    licence: str
    credit: str
    source: str
    languages: tuple[str, ...]
    needs_licence: bool = False

    def item(self, id: str) -> Item | None:  # noqa: A002 - the word of the domain
        """The item of an id."""
        return next((item for item in self.items if item.id == id), None)

    def first_open(self, values: Mapping[str, int]) -> Item | None:
        """The first required item without an answer; none when the instrument is answered."""
        return next((item for item in self.items if not item.optional and item.id not in values), None)

    def score(self, values: Mapping[str, int]) -> Score | None:
        """The sum of the answers that are there; none where nothing is summed or nothing was answered yet."""
        scored = [item for item in self.items if item.options and not item.optional]
        given = [values[item.id] for item in scored if item.id in values]
        if self.scoring == "none" or not given:
            return None
        total, complete = sum(given), len(given) == len(scored)
        band = bisect_right(self.bands, total) if self.bands and complete else None
        return Score(total=total, answered=len(given), of=len(scored), band=band)
