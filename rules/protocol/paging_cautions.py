"""What is unwise in whom a protocol pages, how often, and from which figures on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from rules.durations import format_duration
from rules.ladder import Ladder
from rules.protocol.caution import Caution
from rules.protocol.schedule_cautions import prompts
from rules.protocol.thresholds import Thresholds
from rules.protocol.values import Protocol
from rules.tier import Tier

LONGEST_WAIT = timedelta(hours=12)  # clinical.md: imminent risk is reviewed within twelve hours
_HIGHEST = {"item9_questions": 3, "item9_red": 3, "phq9_rise": 27, "phq9_rise_red": 27, "phq9_red_score": 27} | {
    "mood_fall": 10,
    "rebound_rise": 10,
}
_WAITS = ("item9_amber_after", "item9_red_after", "mood_amber_after", "mood_red_after", "note_silence")
SHORTEST_REPEAT = timedelta(seconds=30)
LONGEST_REPEAT = {Tier.RED: timedelta(hours=1), Tier.AMBER: LONGEST_WAIT}
LONGEST_FOLLOW_UP = timedelta(hours=24)
_TO = re.compile(r"primary|backup|everyone|S-\d+|[0-9a-f]{32}", re.ASCII)  # a level, or an alias or id of staff
_IN_ORDER = {
    "missed_note": ("missed_amber", "prompts missed running are amber before they are a note"),
    "mood_amber_after": ("mood_red_after", "a very low mood and then silence is red before it is amber"),
    "item9_amber_after": ("item9_red_after", "an item 9 and then silence is red before it is amber"),
}


def of_paging(protocol: Protocol) -> Iterator[Caution]:
    """What is unwise in the ladders and thresholds of a protocol."""
    yield from _slow_red(protocol)
    for tier in (Tier.RED, Tier.AMBER):
        if (ladder := protocol.escalation.ladder(tier)) is not None:
            yield from _of_ladder(tier, ladder)
    yield from _out_of_reach(protocol)
    yield from _slow_questions(protocol)
    yield from _out_of_order(protocol)
    yield from _silence_unfound(protocol)


def _slow_red(protocol: Protocol) -> Iterator[Caution]:
    red = protocol.escalation.red
    if red is not None and red.steps[0].after:
        yield Caution(
            code="slow-red",
            key="escalation.red.steps",
            sentence="a red alert pages nobody at once",
            mend='let the first step be after = "0s"',
        )


def _of_ladder(tier: Tier, ladder: Ladder) -> Iterator[Caution]:
    key = f"escalation.{tier.word}"
    for place, step in enumerate(ladder.steps):
        if not _TO.fullmatch(step.to):
            yield Caution(
                code="step-to-nobody",
                key=f"{key}.steps.{place}",
                sentence=f"a step leads to {step.to!r}, which is nobody, so it is skipped",
                mend="write primary, backup, everyone or a member of staff such as S-2",
            )
    if ladder.repeat > LONGEST_REPEAT[tier]:
        yield _too_long(f"{key}.repeat", "nobody is paged again for", ladder.repeat, LONGEST_REPEAT[tier])
    if ladder.repeat < SHORTEST_REPEAT:
        yield Caution(
            code="quick-repeat",
            key=f"{key}.repeat",
            sentence=f"it pages again every {format_duration(ladder.repeat)}, faster than anybody can answer",
            mend=f"write {format_duration(SHORTEST_REPEAT)} at least",
        )
    if ladder.follow_up > LONGEST_FOLLOW_UP:
        yield _too_long(
            f"{key}.follow_up", "a contact that is never made is missed only after", ladder.follow_up, LONGEST_FOLLOW_UP
        )


def _too_long(key: str, what: str, length: timedelta, most: timedelta) -> Caution:
    return Caution(
        code="slow-ladder",
        key=key,
        sentence=f"{what} {format_duration(length)}",
        mend=f"write {format_duration(most)} at most",
    )


def _out_of_reach(protocol: Protocol) -> Iterator[Caution]:
    for name, most in _HIGHEST.items():
        if (value := getattr(protocol.thresholds, name)) > most:
            yield Caution(
                code="out-of-reach",
                key=f"thresholds.{name}",
                sentence=f"no answer reaches {name} = {value}, so it never finds anything",
                mend=f"write {most} at most",
            )


def _slow_questions(protocol: Protocol) -> Iterator[Caution]:
    for name in _WAITS:
        if (wait := getattr(protocol.thresholds, name)) > LONGEST_WAIT:
            yield Caution(
                code="slow-questions",
                key=f"thresholds.{name}",
                sentence=f"a risky answer, and then silence, waits {format_duration(wait)} before anybody is paged",
                mend=f"write {format_duration(LONGEST_WAIT)} at most",
            )


def _out_of_order(protocol: Protocol) -> Iterator[Caution]:
    for first, (second, sentence) in _IN_ORDER.items():
        if getattr(protocol.thresholds, first) > getattr(protocol.thresholds, second):
            yield Caution(
                code="out-of-order",
                key=f"thresholds.{first}",
                or_key=f"thresholds.{second}",
                sentence=sentence,
                mend=f"make {first} smaller than {second}",
            )


def _silence_unfound(protocol: Protocol) -> Iterator[Caution]:
    missed, most = protocol.thresholds.missed_amber, prompts(protocol)
    if missed > max(most, Thresholds().missed_amber):
        yield Caution(
            code="silence-unfound",
            key="thresholds.missed_amber",
            sentence=f"a course sends {most} prompts at most, so {missed} missed running are never found",
            mend=f"write a small number, such as {Thresholds().missed_amber}",
        )
