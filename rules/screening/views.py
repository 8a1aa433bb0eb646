"""Undoes disguises letter by letter: accents, look-alikes, full-width and invisible characters, with a way back."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_APOSTROPHES = frozenset("'’‘‛`´ʼʹ′ˈ＇")
_DROPPED = frozenset(("Mn", "Me", "Cf"))  # accents, enclosing marks, zero-width characters
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_LOOKALIKES = str.maketrans(
    "авеѕіјкмнорсԁгтуԛһԝхӏзɑɡıłøʟɪᴋᴅᴇᴍᴏᴛᴜᴠɴʀɢʜᴀʙᴄꜱʏᴡᴢᴊᴘαβειкνορτυχωηγικ",
    "abesijkmhopcdrtyqhwxlzagilolikdemotuvnrghabcsywzjpabeiknoptuxwnyik",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """A text in plain small letters; `places` leads from each of its characters to the raw one it came from."""

    text: str
    places: tuple[int, ...]


def fold(text: str) -> Folded:
    """The text without disguises; apostrophes become ', everything else that is no letter stays as it is."""
    folded: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        plain = char if "a" <= char <= "z" or char == " " else _plain(char)
        folded.append(plain)
        places.extend([place] * len(plain))
    return Folded(text="".join(folded), places=tuple(places))


def fold_word(word: str) -> str:
    """A word of the rules in the same plain letters."""
    return fold(word).text


@lru_cache(maxsize=4096)
def _plain(char: str) -> str:
    if char in _APOSTROPHES:
        return "'"
    if ord(char) in _SKIN_TONES:
        return ""
    decomposed = unicodedata.normalize("NFKD", char).casefold()
    kept = (each for each in decomposed if unicodedata.category(each) not in _DROPPED)
    return "".join(kept).translate(_LOOKALIKES)
