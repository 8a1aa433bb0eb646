"""Silence: how many prompts a patient has missed running, and what that means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rules.finding import Finding
from rules.protocol import Thresholds
from rules.tier import Tier

RUNNING, AFTER_ALERT = "missed-running", "missed-after-alert"


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedPrompt:
    """A prompt that was sent and is over: `missed` when nothing of it was answered, `fresh` when it ended just now."""

    due_at: datetime
    missed: bool
    fresh: bool = False


def assess(prompts: Sequence[AskedPrompt], thresholds: Thresholds, *, last_alarm_at: datetime | None) -> Finding | None:
    """What the prompts of a patient, oldest first, say by their silence; none when nothing was missed just now.

    `last_alarm_at` is when a rule other than these last found an amber or a red. Two missed running are a note; three,
    and every three more, amber; any one within 48 h of an amber or red, amber. Source: clinical.md, "Thresholds".
    """
    running = missed_running(prompts)
    fresh = [prompt for prompt in prompts if prompt.fresh and prompt.missed]
    if not fresh or not running:
        return None
    if last_alarm_at is not None and any(
        prompt.due_at - last_alarm_at <= thresholds.missed_after_alert for prompt in fresh
    ):
        return Finding(rule=AFTER_ALERT, tier=Tier.AMBER, detail={"running": running})
    before = max(0, running - len(fresh))
    if running // thresholds.missed_amber > before // thresholds.missed_amber:
        return Finding(rule=RUNNING, tier=Tier.AMBER, detail={"running": running})
    if before < thresholds.missed_note <= running:
        return Finding(rule=RUNNING, tier=Tier.NOTE, detail={"running": running})
    return None


def missed_running(prompts: Sequence[AskedPrompt]) -> int:
    """How many were missed running, up to the latest."""
    count = 0
    for prompt in reversed(prompts):
        if not prompt.missed:
            break
        count += 1
    return count
