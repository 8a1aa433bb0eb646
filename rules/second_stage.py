"""The safety conversation: which question comes next, what the answers mean, and what silence means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from rules.finding import Finding
from rules.protocol import Thresholds
from rules.tier import Tier

Cause = Literal["note", "amber", "mood", "item9", "item9-2", "yes"]  # item9-2: item 9 of the PHQ-9 was 2, not 1

NO, YES, TALK = 0, 1, 2
NOW = "now"  # our own question: thoughts of ending your life; all others are of the ASQ and its follow-ups
ACUTE = "5"  # thoughts of killing yourself right now

GRAVITY: dict[str, int] = {"note": 0, "amber": 1, "mood": 2, "item9": 2, "item9-2": 3, "yes": 4}
ASQ = ("1", "2", "3", "4")
OPENING = {"item9": ASQ, "item9-2": ASQ, "yes": ()}  # every other cause opens with our own question
DENIED = {"item9": Tier.NOTE, "item9-2": Tier.AMBER}  # every answer no: for a 2 that does not fit, so a human looks
AFTER_A_YES = {  # in this order, each after a yes to any of those behind it
    ACUTE: ASQ,
    "plan": ("1", "2", "3", ACUTE),
    "means": ("3", ACUTE, "plan"),
    "preparation": ("3", ACUTE, "plan"),
    "4": (ACUTE,),
    "attempt": ("4",),
}
MEANINGS = {  # clinical.md, "Thresholds": second stage; an attempt longer ago is judged apart
    (NOW, YES): ("safety-yes", Tier.RED),
    (NOW, TALK): ("safety-talk", Tier.RED),
    (ACUTE, YES): ("asq-now", Tier.RED),
    ("plan", YES): ("asq-plan", Tier.RED),
    ("means", YES): ("asq-means", Tier.RED),
    ("preparation", YES): ("asq-preparation", Tier.RED),
    ("attempt", YES): ("asq-attempt-recent", Tier.RED),
    ("1", YES): ("asq-wish", Tier.AMBER),
    ("2", YES): ("asq-burden", Tier.AMBER),
    ("3", YES): ("asq-thoughts", Tier.AMBER),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """What a question without an answer means now, and when to look again (none: silence changes nothing more)."""

    findings: tuple[Finding, ...] = ()
    look_again_at: datetime | None = None


def instrument_of(item: str) -> str:
    """The instrument that a question of the conversation belongs to."""
    return "safety" if item == NOW else "asq"


def next_item(cause: str, values: Mapping[str, int]) -> str | None:
    """The question that comes next; none when all was asked, or the patient would rather talk to someone."""
    if values.get(NOW) == TALK:
        return None
    acute = cause == "yes" or values.get(NOW) == YES
    known = {**values, ACUTE: YES} if acute else values
    opening = () if acute else OPENING.get(cause, (NOW,))
    for item in opening:
        if item not in known:
            return item
    for item, reasons in AFTER_A_YES.items():
        if item not in known and any(known.get(reason) == YES for reason in reasons):
            return item
    return None


def assess(cause: str, values: Mapping[str, int], *, attempt_known: bool = False) -> tuple[Finding, ...]:
    """What the answers so far mean. A *no* lowers nothing: it only adds no finding.

    `attempt_known`: an attempt longer ago was found in this course already, and is amber once a course.
    """
    found = tuple(_meant(values, attempt_known=attempt_known))
    if not found and cause in DENIED and next_item(cause, values) is None:
        return (Finding(rule=f"{cause}-denied", tier=DENIED[cause]),)
    return found


def _meant(values: Mapping[str, int], *, attempt_known: bool) -> Iterator[Finding]:
    for answer, (rule, tier) in MEANINGS.items():
        if answer in values.items():
            yield Finding(rule=rule, tier=tier)
    if values.get("4") == YES and values.get("attempt") != YES and not attempt_known:
        yield Finding(rule="asq-attempt", tier=Tier.AMBER)


def wants_call(values: Mapping[str, int]) -> bool:
    """Whether the patient would rather talk to someone: then the clinic calls."""
    return values.get(NOW) == TALK


def graver(cause: str, than: str) -> bool:
    """Whether a cause weighs more than another: an open conversation then goes by its clock."""
    return GRAVITY[cause] > GRAVITY[than]


def silence(cause: str, since: datetime, now: datetime, tier_now: Tier, thresholds: Thresholds) -> Silence:
    """What it means that nobody has answered since `since`, when the answers before it gave `tier_now`.

    After a note it stays on top of the digest, after an amber text its alert is paged by the ladder: silence adds
    nothing, and the question stops holding back prompts. After item 9 or a very low mood it is amber, then red, also
    when some questions were answered.
    """
    item9 = (thresholds.item9_amber_after, thresholds.item9_red_after)
    mood = (thresholds.mood_amber_after, thresholds.mood_red_after)
    clocks = {"item9": item9, "item9-2": item9, "mood": mood}
    if tier_now >= Tier.RED or cause not in clocks:
        over_at = since + thresholds.note_silence
        return Silence(look_again_at=over_at if now < over_at else None)
    amber_after, red_after = clocks[cause]
    minutes = int((now - since).total_seconds() // 60)
    if now - since >= red_after:
        return Silence(findings=(Finding(rule=f"silence-{cause}-red", tier=Tier.RED, detail={"minutes": minutes}),))
    if now - since < amber_after:
        return Silence(look_again_at=since + amber_after)
    found = (Finding(rule=f"silence-{cause}", tier=Tier.AMBER, detail={"minutes": minutes}),)
    return Silence(findings=found if tier_now < Tier.AMBER else (), look_again_at=since + red_after)
