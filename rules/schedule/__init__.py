"""The schedule: what is asked when, over one course or several, and what changes when something moves."""

from rules.schedule.fitting import ExistingSlot, Fit, Move, fit, passed_over
from rules.schedule.overlap import Asked, CoursePlan, Prompt, combine
from rules.schedule.planning import DEFAULT_TIME, DST_GAP, LATE, QUIET_HOURS, PlannedSlot, plan, window_end
from rules.schedule.previewing import PreviewRow, preview

__all__ = [
    "DEFAULT_TIME",
    "DST_GAP",
    "LATE",
    "QUIET_HOURS",
    "Asked",
    "CoursePlan",
    "ExistingSlot",
    "Fit",
    "Move",
    "PlannedSlot",
    "PreviewRow",
    "Prompt",
    "combine",
    "fit",
    "passed_over",
    "plan",
    "preview",
    "window_end",
]
