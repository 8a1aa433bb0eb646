"""The file of an instrument: its keys, what each may say, and what must go together to be asked in a chat."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StrictInt, model_validator

from rules.instrument import Instrument, Item, Option, Scoring
from rules.protocol.fields import problem
from rules.protocol.places import Path

Language = Literal["en", "es"]  # what an instrument must be worded in: a patient may read either
LANGUAGES: tuple[Language, ...] = get_args(Language)
LONGEST_NAME, LONGEST_ANSWER = 23, 28  # characters of instrument/item and of it with /value: a button has 64 bytes
MOST_OPTIONS = 24
TITLE, LABEL, QUESTION, NOTE = 80, 60, 1000, 1000  # characters; a message holds a recall, a question and more
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")


def _at_most(longest: int, *, least: int = 1) -> Callable[[str], str]:
    def checked(text: str) -> str:
        if len(text.strip()) < least:
            raise problem("nothing is written here", mend='write it in the quotes: "…"')
        if len(text) > longest:
            raise problem(f"this has {len(text)} characters", mend=f"use {longest} at most")
        return text

    return checked


def _name(text: str) -> str:
    if not _NAME.fullmatch(text) or len(text) > LONGEST_NAME - 2:
        mend = f"write small letters, digits and hyphens, {LONGEST_NAME - 2} at most"
        raise problem(f"{text!r} is no id", mend=mend)
    return text


Name = Annotated[str, AfterValidator(_name)]
Title = Annotated[str, AfterValidator(_at_most(TITLE))]
Label = Annotated[str, AfterValidator(_at_most(LABEL))]
Question = Annotated[str, AfterValidator(_at_most(QUESTION))]
Above = Annotated[str, AfterValidator(_at_most(QUESTION, least=0))]
Said = Annotated[str, AfterValidator(_at_most(NOTE))]
Note = Annotated[str, AfterValidator(_at_most(NOTE, least=0))]


class _Table(BaseModel):
    """A table of the file. An unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Titles(_Table):
    """What the instrument is called."""

    en: Title
    es: Title


class Recall(_Table):
    """The sentence above the first item; empty in both languages where there is none."""

    en: Above
    es: Above

    @model_validator(mode="after")
    def _in_both(self) -> Recall:
        for language, text in self:
            if not text.strip() and (self.en + self.es).strip():
                raise problem("the recall is worded in one language only", mend="write it in both", key=language)
        return self


class Choice(_Table):
    """An answer that can be chosen."""

    value: Annotated[StrictInt, Field(ge=0)]
    en: Label
    es: Label


class ItemTable(_Table):
    """A question: with a `scale`, a named list of `choices`, or neither for free words."""

    id: Name
    choices: str | None = None
    scale: tuple[StrictInt, StrictInt] | None = None
    en: Question
    es: Question
    optional: StrictBool = False

    @model_validator(mode="after")
    def _is_answered_in_one_way(self) -> ItemTable:
        if self.scale is None:
            return self
        if self.choices is not None:
            raise problem("it has both a scale and choices", mend="keep one of them", key="scale")
        low, high = self.scale
        if low < 0 or not 0 < high - low < MOST_OPTIONS:
            mend = "write the lowest and the highest value, such as [0, 10]"
            raise problem(f"{[low, high]} is no scale", mend=mend, key="scale")
        return self


class File(_Table):
    """The whole file."""

    id: Name
    languages: tuple[Language, ...]
    scoring: Scoring
    bands: tuple[StrictInt, ...] = ()
    licence: Said
    credit: Note
    source: Said
    needs_licence: StrictBool = False
    titles: Titles
    recall: Recall
    choices: Mapping[str, tuple[Choice, ...]] = {}
    item: tuple[ItemTable, ...] = ()

    @model_validator(mode="after")
    def _can_be_asked(self) -> File:
        for language in LANGUAGES:
            if language not in self.languages:
                mend = "add it, for a patient may read either"
                raise problem(f"it has no wording in {language!r}", mend=mend, key="languages")
        if not self.item:
            raise problem("nothing is asked", mend="add an [[item]]", key="item")
        for name, choices in self.choices.items():
            _refuse_choices(name, choices)
        for place, item in enumerate(self.item):
            self._refuse_item(place, item)
        self._refuse_bands()
        return self

    def _refuse_item(self, place: int, item: ItemTable) -> None:
        if item.id in [each.id for each in self.item[:place]]:
            raise problem(f"two items have the id {item.id!r}", mend="give each its own", key=f"item.{place}.id")
        if item.choices is not None and item.choices not in self.choices:
            known = ", ".join(self.choices) or "(none)"
            raise problem(f"there are no choices {item.choices!r}", mend=f"use {known}", key=f"item.{place}.choices")
        name, longest = f"{self.id}/{item.id}", max((len(str(each.value)) for each in self._options(item)), default=0)
        if len(name) > LONGEST_NAME or len(name) + longest >= LONGEST_ANSWER:
            mend = f"shorten the ids to {LONGEST_NAME - 1} letters in both together, or the values to 4 digits"
            raise problem(f"{name!r} does not fit on a button", mend=mend, key=f"item.{place}.id")

    def _refuse_bands(self) -> None:
        if not self.bands:
            return
        if self.scoring == "none":
            raise problem("nothing is summed that could be in a band", mend='write scoring = "sum"', key="bands")
        scored = [self._options(item) for item in self.item if not item.optional and self._options(item)]
        lowest = sum(min(each.value for each in options) for options in scored)
        highest = sum(max(each.value for each in options) for options in scored)
        if list(self.bands) != sorted(set(self.bands)):
            mend = "write the lowest score of each band above the first, in order"
            raise problem("the bands do not rise", mend=mend, key="bands")
        if not lowest < self.bands[0] <= self.bands[-1] <= highest:
            mend = f"write scores above {lowest} and up to {highest}, the sum of the highest answers"
            raise problem("no sum of the answers begins such a band", mend=mend, key="bands")

    def _options(self, item: ItemTable) -> tuple[Option, ...]:
        """The numbers of a scale, a named list of choices, or nothing for free words."""
        if item.scale is not None:
            low, high = item.scale
            return tuple(Option(value=n, labels=dict.fromkeys(LANGUAGES, str(n))) for n in range(low, high + 1))
        chosen = self.choices[item.choices] if item.choices is not None else ()
        return tuple(Option(value=each.value, labels=_worded(each)) for each in chosen)

    def instrument(self) -> Instrument:
        """The instrument that the file describes."""
        return Instrument(
            id=self.id,
            titles=_worded(self.titles),
            items=tuple(
                Item(id=each.id, texts=_worded(each), options=self._options(each), optional=each.optional)
                for each in self.item
            ),
            recall=_worded(self.recall),
            scoring=self.scoring,
            bands=self.bands,
            licence=self.licence,
            credit=self.credit,
            source=self.source,
            needs_licence=self.needs_licence,
            languages=self.languages,
        )


def keys_of(place: Path) -> Sequence[str]:
    """The keys of the table in which a key at `place` of the file stands."""
    tables: dict[str, type[_Table]] = {"titles": Titles, "recall": Recall, "choices": Choice, "item": ItemTable}
    return [*(tables.get(str(place[0]), File) if len(place) > 1 else File).model_fields]


def _refuse_choices(name: str, choices: Sequence[Choice]) -> None:
    if not 0 < len(choices) <= MOST_OPTIONS:
        mend = f"offer {MOST_OPTIONS} at most, and one at least"
        raise problem(f"the choices {name!r} are {len(choices)} answers", mend=mend, key=f"choices.{name}")
    for place, choice in enumerate(choices):
        if choice.value in [each.value for each in choices[:place]]:
            mend, key = "give each its own", f"choices.{name}.{place}.value"
            raise problem(f"two choices of {name!r} have the same value", mend=mend, key=key)


def _worded(table: Titles | Recall | Choice | ItemTable) -> dict[str, str]:
    return {language: getattr(table, language) for language in LANGUAGES}
