"""From which figures on an answer, or a silence, is a finding: a clinic's settings, with proposals as defaults."""

from __future__ import annotations

from dataclasses import field
from datetime import timedelta

from pydantic.dataclasses import dataclass

from rules.protocol.fields import CONFIG, Band, Count, Duration, Points, Share


@dataclass(frozen=True, slots=True, kw_only=True, config=CONFIG)
class Thresholds:
    """The figures of clinical.md, "Thresholds": each default is a proposal that a clinic's clinician signs off.

    Scores and ratings in points, `*_bands` the lowest score of each band above the first, `response_fall` a share
    of the baseline, times as durations, the rest counts of answers, days or prompts. At nought some would
    find something in every answer, and others nothing ever.
    """

    phq9_rise: Count = 5
    phq9_rise_red: Count = 10
    phq9_red_score: Points = 20
    phq9_bands: Band = (5, 10, 15, 20)
    gad7_bands: Band = (5, 10, 15)
    response_fall: Share = 0.5
    remission_below: Points = 5
    item9_questions: Count = 1
    item9_red: Count = 3
    item9_amber_after: Duration = field(default=timedelta(minutes=10))
    item9_red_after: Duration = field(default=timedelta(minutes=30))
    mood_fall: Count = 3
    mood_median_answers: Count = 7
    mood_low: Points = 2
    mood_low_answers: Count = 2
    mood_low_baseline: Points = 4
    mood_safety: Points = 1
    rebound_rise: Points = 3
    rebound_within: Points = 1
    rebound_days: Count = 2
    note_silence: Duration = field(default=timedelta(minutes=10))
    note_repeat: Duration = field(default=timedelta(hours=2))
    mood_amber_after: Duration = field(default=timedelta(minutes=10))
    mood_red_after: Duration = field(default=timedelta(minutes=30))
    missed_note: Count = 2
    missed_amber: Count = 3
    missed_after_alert: Duration = field(default=timedelta(hours=48))
