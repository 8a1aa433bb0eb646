"""The schedule: what is asked when, over one course or several, and what changes when something moves."""

from rules.schedule.fitting import ExistingSlot, Fit, Move, fit, passed_over
from rules.schedule.overlap import Asked, CoursePlan, Prompt, combine
from rules.schedule.placing import Placement, place
from rules.schedule.planning import (
    DEFAULT_TIME,
    DST_GAP,
    LATE,
    QUIET_HOURS,
    STAFF,
    PlannedSlot,
    days_of,
    last_mood_day,
    plan,
    runs_into,
    window_end,
)
from rules.schedule.previewing import PreviewRow, clock_changes, preview

__all__ = [
    "DEFAULT_TIME",
    "DST_GAP",
    "LATE",
    "QUIET_HOURS",
    "STAFF",
    "Asked",
    "CoursePlan",
    "ExistingSlot",
    "Fit",
    "Move",
    "Placement",
    "PlannedSlot",
    "PreviewRow",
    "Prompt",
    "clock_changes",
    "combine",
    "days_of",
    "fit",
    "last_mood_day",
    "passed_over",
    "place",
    "plan",
    "preview",
    "runs_into",
    "window_end",
]
