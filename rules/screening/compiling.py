"""Makes the rule set from its data: checks it, reads every pattern, and indexes the wordings by their rarest word."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rules.screening.clauses import Turns
from rules.screening.model import Model, read_model
from rules.screening.patterns import Nodes, Parser, PatternError, required
from rules.screening.tokens import canonical
from rules.screening.values import Frame, Override, Pattern, Rule, Where, Wording
from rules.screening.vocabulary import Vocabulary
from rules.tier import Tier

_COMMON = 40  # an anchor word this ordinary costs as much as so many rare ones


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """The compiled rules; `hash` names them. `index` leads from a word to the wordings that need it."""

    hash: str
    vocabulary: Vocabulary
    index: Mapping[str, tuple[Pattern, ...]]
    anywhere: tuple[Pattern, ...]
    frames: tuple[Frame, ...]
    overrides: tuple[Override, ...]
    turns: Turns
    foreign: Mapping[str, frozenset[str]]
    model: Model


def compile_rules(data: Mapping[str, Any]) -> RuleSet:
    """The rules in `data`, ready to screen with; raises PatternError, naming the rule, for one that cannot be read.

    The rule set's hash is the one that `data` brings, of the files it came from, or else that of `data` itself.
    """
    spelling = data["spelling"]
    drafts = Vocabulary(known=(), rules=(), core=(), glue=(), chat={}, contractions=spelling["contractions"])
    parser = Parser(
        words=lambda sign: canonical(sign, drafts), sets=data["set"], stops=frozenset(spelling["gap_stops"])
    )
    patterns = [pattern for rule in data["rule"] for pattern in _patterns(rule, parser)]
    words = parser.literals
    frames = tuple(_frame(entry, parser) for entry in data["frame"])
    overrides = tuple(_override(entry, parser) for entry in data["override"])
    vocabulary = Vocabulary(
        known=data["words"],
        rules=words,
        core=spelling["core"],
        glue=spelling["glue"],
        chat=spelling["chat"],
        contractions=spelling["contractions"],
        stems=parser.stems,
    )
    return RuleSet(
        hash=data.get("hash") or hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:32],
        vocabulary=vocabulary,
        index=_index(patterns, frozenset(spelling["glue"])),
        anywhere=tuple(pattern for pattern in patterns if pattern.anywhere),
        frames=frames,
        overrides=overrides,
        turns=_turns(spelling["turns"], data["answer"], parser),
        foreign={language: frozenset(words) for language, words in data["foreign"].items()},
        model=read_model(data["model"]),
    )


def _turns(words: Iterable[str], answer: Mapping[str, Any], parser: Parser) -> Turns:
    said: dict[str, dict[str, list[list[str]]]] = {"no": {}, "over": {}}
    for kind, phrases in said.items():
        for phrase in answer[kind]:
            first, *rest = (word for sign in phrase.split() for word in parser.words(sign))
            phrases.setdefault(first, []).append(rest)
    heard = {kind: frozenset(answer[kind]) for kind in ("asking", "saying")}
    return Turns(words=frozenset(words), no=said["no"], over=said["over"], **heard)


def _patterns(entry: Mapping[str, Any], parser: Parser) -> Iterable[Pattern]:
    rule = Rule(id=entry["id"], tier=Tier.of(entry["tier"]), deaf_to=frozenset(entry.get("deaf_to", ())))
    yield from _wordings(rule, entry["any"], parser)
    yield from _wordings(replace(rule, tier=Tier.NOTE), entry.get("doubtful", ()), parser)


def _wordings(rule: Rule, texts: Iterable[str], parser: Parser) -> Iterable[Pattern]:
    for text in texts:
        anywhere = "&&" in text
        parts = tuple(_read(part, parser, rule.id) for part in text.split("&&" if anywhere else "&"))
        needs = tuple(table for part in parts for table in required(part))
        yield Pattern(rule=rule, parts=parts, anywhere=anywhere, needs=needs)


def _frame(entry: Mapping[str, Any], parser: Parser) -> Frame:
    return Frame(
        id=entry["id"],
        where=Where(entry["where"]),
        wordings=tuple(_wording(text, parser, entry["id"]) for text in entry["any"]),
        also=tuple(_wording(text, parser, entry["id"]) for text in entry.get("also", ())),
        only=tuple(entry.get("only", ())),
        crosses=entry.get("crosses", False),
        leaves=Tier.of(entry.get("leaves", "none")),
    )


def _override(entry: Mapping[str, Any], parser: Parser) -> Override:
    wordings = tuple(_wording(text, parser, entry["id"]) for text in entry["any"])
    return Override(id=entry["id"], cancels=frozenset(entry["cancels"]), wordings=wordings)


def _wording(text: str, parser: Parser, owner: str) -> Wording:
    nodes = _read(text, parser, owner)
    return Wording(nodes=nodes, needs=tuple(required(nodes)))


def _read(text: str, parser: Parser, owner: str) -> Nodes:
    try:
        return parser.read(text)
    except PatternError as error:
        raise PatternError(f"{owner}, `{text}`: {error}") from None


def _index(patterns: Sequence[Pattern], ordinary: frozenset[str]) -> dict[str, tuple[Pattern, ...]]:
    index: dict[str, list[Pattern]] = {}
    for pattern in patterns:
        if not pattern.anywhere:
            rarest = min(pattern.needs, key=lambda table: sum(_COMMON if word in ordinary else 1 for word in table))
            for word in rarest:
                index.setdefault(word, []).append(pattern)
    return {word: tuple(found) for word, found in index.items()}
