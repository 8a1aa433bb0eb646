"""The ladder of an alert: whom to page now, whom next, and when to look again, until a human has acted."""

from rules.ladder.climbing import (
    acknowledged,
    contacted,
    joined,
    next_step,
    offered,
    opened,
    restarted,
    withdrawn,
)
from rules.ladder.stored import DEFAULT_AMBER, DEFAULT_RED, parse, progress_of, progress_to_mapping, to_mapping
from rules.ladder.values import AlertFacts, Decision, Ladder, Progress, Reach, Step

__all__ = [
    "DEFAULT_AMBER",
    "DEFAULT_RED",
    "AlertFacts",
    "Decision",
    "Ladder",
    "Progress",
    "Reach",
    "Step",
    "acknowledged",
    "contacted",
    "joined",
    "next_step",
    "offered",
    "opened",
    "parse",
    "progress_of",
    "progress_to_mapping",
    "restarted",
    "to_mapping",
    "withdrawn",
]
