"""The digest: everything that was written and noted, the gravest first, cut into messages that Telegram takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from rules.tier import Tier

REASONS = 3  # the gravest of what was found in one text; the rest is in the details of its alert
LONGEST_REASON = 200  # in characters, as content/*/findings.toml has them
LINE = 80  # alias, tier and time


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A text, or a note about something else than a text: whose it is, its tier, the words, and what was found.

    `patient` is the alias, none for somebody without a link; `reasons` are the findings as
    `content.findings.sentence_of` reads them; `goes_on` says that a long text has a part before this one.
    """

    patient_id: str | None
    patient: str | None
    at: datetime
    tier: Tier
    words: str | None = None
    reasons: tuple[Mapping[str, Any], ...] = ()
    goes_on: bool = False


def gravest_first(entries: Iterable[Entry]) -> list[Entry]:
    """The order of a digest: by tier, then by time; so a note stays above all that raised nothing."""
    return sorted(entries, key=lambda entry: (-entry.tier, entry.at))


def messages(entries: Sequence[Entry], room: int) -> list[list[Entry]]:
    """The entries in messages of at most `room` UTF-16 units, as Telegram counts; no word is left out."""
    cut: list[list[Entry]] = []
    left = 0
    for entry in entries:
        for part in _parts(entry, room):
            needed = _length(part)
            if not cut or needed > left:
                cut.append([])
                left = room
            cut[-1].append(part)
            left -= needed
    return cut


def _parts(entry: Entry, room: int) -> Iterator[Entry]:
    """An entry whose words fit into one message, or its words in several."""
    first = replace(entry, words="" if entry.words is not None else None, reasons=entry.reasons[:REASONS])
    words, part = entry.words or "", first
    while words:
        taken = _taken(words, room - _length(part))
        yield replace(part, words=words[:taken])
        words, part = words[taken:], replace(first, reasons=(), goes_on=True)
    if not entry.words:
        yield first


def _taken(words: str, room: int) -> int:
    """How many characters fit: all, or as many as end at a space if there is one in the second half."""
    left, count = room, 0
    while count < len(words) and (left := left - _units(words[count])) >= 0:
        count += 1
    if count == len(words):
        return count
    space = words.rfind(" ", count // 2, count)
    return space + 1 if space > 0 else count


def _length(entry: Entry) -> int:
    return LINE + LONGEST_REASON * len(entry.reasons) + sum(map(_units, entry.words or ""))


def _units(char: str) -> int:
    return 2 if ord(char) > 0xFFFF else 1
