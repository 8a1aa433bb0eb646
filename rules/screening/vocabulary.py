"""The words that the rules know, and which of them a disguised or misspelt word may mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain

_LEET = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"})
_LEET_L = str.maketrans({"1": "l", "!": "l", "|": "l", "+": "t", "0": "o", "3": "e", "4": "a", "5": "s", "@": "a"})
_STRETCHED = re.compile(r"([a-z])\1{2,}")
_DOUBLED = re.compile(r"([a-z])\1+")
_WILD = re.compile(r"[*#]+")
_SOUNDS = (("qu", "k"), ("ch", "§"), ("h", ""), ("§", "ch"), ("z", "s"), ("ce", "se"), ("ci", "si"), ("v", "b"))
_SOUNDS_TOO = (("ph", "f"), ("c", "k"), ("y", "i"))
_ENDINGS = {"n't": ("not",), "'m": ("am",), "'re": ("are",), "'ve": ("have",), "'ll": ("will",), "'d": ("would",)}
_HOSTS = {"ca": "can", "wo": "will", "sha": "will", "ai": "is"}  # before n't
_IS_HOSTS = frozenset(("it", "that", "there", "he", "she", "what", "who", "here", "where", "how", "life", "everything"))
_ONE_EDIT, _TWO_EDITS = 5, 8
_REMEMBERED = 8192  # words whose forms are kept
LONGEST_WORD = 28  # letters; what is longer is no word, and is not bent into one
_LONGEST_PART = 14  # letters
_RUN_TOGETHER = range(12, 401)  # letters of what may be a whole sentence without its spaces
_SHORTEST_PART = 3  # letters on average, in such a sentence


class Vocabulary:
    """`known` are ordinary words, never bent; `rules` the words of the rules; `core` the few that are looked for
    inside others and with letters left out; `chat` what short spellings stand for; `stems` the beginnings of words.
    """

    def __init__(
        self,
        *,
        known: Iterable[str],
        rules: Iterable[str],
        core: Iterable[str],
        glue: Iterable[str],
        chat: Mapping[str, list[str]],
        contractions: Mapping[str, str],
        stems: Iterable[str] = (),
    ) -> None:
        self.rules = frozenset(rules) | frozenset(core)
        self.known = frozenset(chain(known, self.rules))
        self.core = frozenset(core)
        self.chat = chat
        self._contractions = {word: tuple(meaning.split()) for word, meaning in contractions.items()}
        self._stems = frozenset(stems)
        self._parts = self.core | frozenset(glue)
        spoken = "\n".join(sorted(word for word in self.rules if len(word) >= _ONE_EDIT))
        self._sounds = dict(zip(_sound(spoken).split("\n"), spoken.split("\n"), strict=True))  # at one go, for speed
        self._near = _neighbourhoods(self.rules, self.core)
        self._jumbled = {_letters(word): word for word in sorted(self.core) if len(word) >= _ONE_EDIT}
        self.forms: Callable[[str], Mapping[str, str]] = lru_cache(maxsize=_REMEMBERED)(self._forms)
        """The forms that a word may be matched as, each with the view that found it."""

    def spelled_out(self, word: str) -> tuple[str, ...]:
        """A contraction as the words it stands for (can't: can not; gonna: going to), any other word as itself."""
        bare = word.replace("'", "")
        if "'" in word:
            for ending, meaning in _ENDINGS.items():
                host = word.removesuffix(ending)
                if host != word and host:
                    return (_HOSTS.get(host, host).replace("'", ""), *meaning)
            if word.endswith("'s") and word[:-2] in _IS_HOSTS:
                return (word[:-2], "is")
        return self._contractions.get(bare, (bare,))

    def meant(self, word: str) -> str:
        """What a word most likely means: itself, or for one that is no word the first that it may be bent into."""
        if word in self.known:
            return word
        return next((form for form, view in self.forms(word).items() if view not in ("plain", "stem")), word)

    def _forms(self, word: str) -> Mapping[str, str]:
        forms = {word: "plain"}
        for meaning in self.chat.get(word, ()):
            forms.setdefault(meaning, "chat")
        for length in range(3, len(word) + 1):
            if f"{word[:length]}*" in self._stems:
                forms.setdefault(f"{word[:length]}*", "stem")
        if word in self.known or word.isdigit() or not word.isascii() or len(word) > LONGEST_WORD:
            return forms
        for bent, view in self._bent(word):
            if bent in self.known:
                forms.setdefault(bent, view)
                return forms
        for bent, view in self._guessed(word):
            forms.setdefault(bent, view)
        return forms

    def _bent(self, word: str) -> Iterator[tuple[str, str]]:
        for table in (_LEET, _LEET_L):
            plain = word.translate(table)
            if plain != word:
                yield plain, "leet"
            if _STRETCHED.search(plain):
                yield _STRETCHED.sub(r"\1", plain), "squeezed"
                yield _STRETCHED.sub(r"\1\1", plain), "squeezed"
        if _DOUBLED.search(word):
            yield _DOUBLED.sub(r"\1", word), "squeezed"
        yield word.strip("#@$*+"), "bare"

    def _guessed(self, word: str) -> Iterator[tuple[str, str]]:
        if _WILD.search(word.strip("#*")):
            pattern = re.compile("".join("[a-z]{1,3}" if char in "*#" else re.escape(char) for char in word.strip("#")))
            yield from ((each, "wildcard") for each in sorted(self.core) if pattern.fullmatch(each))
            return
        plain = _STRETCHED.sub(r"\1", word.translate(_LEET).strip("#@$*+!|"))
        if not plain.isalpha():
            return
        sound = self._sounds.get(_sound(plain)) if len(plain) >= _ONE_EDIT else None
        if sound:
            yield sound, "sound"
        if _letters(plain) in self._jumbled:
            yield self._jumbled[_letters(plain)], "jumbled"
        yield from ((each, "fuzzy") for each in self._nearest(plain))

    def _nearest(self, word: str) -> list[str]:
        candidates = {
            each for cut in _cuts(word, 2 if len(word) >= _TWO_EDITS - 1 else 1) for each in self._near.get(cut, ())
        }
        near = [(edits(word, each), each) for each in candidates if _same_start(word, each)]
        allowed = sorted(
            (count, each) for count, each in near if count <= (2 if min(len(each), len(word) + 1) >= _TWO_EDITS else 1)
        )
        return [each for count, each in allowed if count == allowed[0][0]]

    def parts(self, word: str) -> tuple[str, ...]:
        """The words that a run-together word is made of; nothing if it is none.

        A short one (killmyself) has a core word and else small ones, a long one (iamgoingtobedeadbysunday) any.
        """
        word = word.translate(_LEET).strip("#@$*+")
        if len(word) <= LONGEST_WORD:
            whole = _cut(word, self._is_small)
            if any(part in self.core for part in whole) and len(whole) < len(word) / 2:
                return whole
        if len(word) in _RUN_TOGETHER and word.isascii() and word.isalpha():
            whole = _cut(word, self._may_stand_in_a_run)
            if any(part in self.rules for part in whole) and len(whole) <= len(word) / _SHORTEST_PART:
                return whole
        return ()

    def _is_small(self, word: str) -> bool:
        return word in self._parts or word in self._contractions

    def _may_stand_in_a_run(self, word: str) -> bool:
        return self._is_small(word) or (len(word) >= _SHORTEST_PART and word in self.known)


def _cut(word: str, is_part: Callable[[str], bool]) -> tuple[str, ...]:
    """The fewest parts that a word is made of; none if it cannot be cut into parts."""
    best: list[tuple[str, ...] | None] = [()] + [None] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - _LONGEST_PART), end):
            head, current = best[start], best[end]
            if head is not None and (current is None or len(head) + 1 < len(current)) and is_part(word[start:end]):
                best[end] = (*head, word[start:end])
    return best[-1] or ()


def _letters(word: str) -> tuple[str, ...]:
    """What stays when the letters inside a word are jumbled: its first, its last, and which there are."""
    return (word[0], word[-1], *sorted(word))


def edits(one: str, other: str) -> int:
    """How many letters are dropped, added, changed or swapped with their neighbour between two words."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, char in enumerate(one, 1):
        row = [i]
        for j, target in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (char != target))
            if i > 1 and j > 1 and char == other[j - 2] and one[i - 2] == target:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]


def _same_start(word: str, other: str) -> bool:
    return word[0] == other[0] or word[:2] == other[1::-1] or (len(other) >= _TWO_EDITS - 1 and word[1:3] == other[1:3])


def _cuts(word: str, depth: int) -> set[str]:
    layer = {word[:i] + word[i + 1 :] for i in range(len(word))}
    if depth == 1:
        return {word, *layer}
    return {word, *layer, *(each[:i] + each[i + 1 :] for each in layer for i in range(len(each)))}


def _neighbourhoods(rules: frozenset[str], core: frozenset[str]) -> dict[str, tuple[str, ...]]:
    near: dict[str, tuple[str, ...]] = {}
    for word in sorted(rules):
        if len(word) >= _ONE_EDIT or (word in core and len(word) == 4):
            alone = (word,)
            for cut in _cuts(word, 2 if len(word) >= _TWO_EDITS and word in core else 1):
                near[cut] = near[cut] + alone if cut in near else alone
    return near


def _sound(word: str) -> str:
    for written, spoken in (*_SOUNDS, *_SOUNDS_TOO):
        word = word.replace(written, spoken)
    return _DOUBLED.sub(r"\1", word)
