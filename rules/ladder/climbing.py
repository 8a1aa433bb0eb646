"""The ladder of an alert: whom to page now, whom next, and when to look again, until a human has acted.

A ring is one moment at which people are paged. While a round is unanswered it rings at every step and every `repeat`;
each ring pages all whom the steps taken so far lead to, as the rota stands now. A later red message rings at once, but
at most once in any `repeat`, and never starts an unanswered round afresh, so that messages cannot hold the climb back.
Source: clinical.md, "Tiers and clocks"; an empty step is skipped (goalert #4548), an acknowledgement runs out (#3378).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from rules.clinic_hours import ClinicHours
from rules.ladder.values import AlertFacts, Decision, Ladder, Progress, Reach
from rules.tier import Tier

FAR_OPENING = timedelta(hours=12)
INSTANTS = ("round_started_at", "last_ring_at", "extra_ring_at", "topped_at", "answered_at", "offered_at")
_NONE = timedelta(0)


def opened(tier: Tier, *, now: datetime, hours: ClinicHours | None = None, at_any_hour: bool = False) -> Progress:
    """The progress of a new alert: its round starts now, or for an ordinary amber at an opening within 12 h."""
    opening = None if tier is Tier.RED or at_any_hour or hours is None else hours.next_opening(now)
    deferred = opening is not None and opening - now <= FAR_OPENING
    return Progress(round_started_at=opening if deferred and opening else now)


def acknowledged(progress: Progress, now: datetime) -> Progress:
    """The progress once somebody has acknowledged: rings stop, the clock of the follow-up starts."""
    return withdrawn(replace(progress, answered_at=now, ring_wanted=False, reminded=False))


def offered(progress: Progress, by: str, to: str, now: datetime) -> Progress:
    """The progress once somebody has offered the alert to a colleague; it rings and is followed up as before."""
    return replace(progress, offered_at=now, offered_by=by, offered_to=to)


def withdrawn(progress: Progress) -> Progress:
    """The progress without an offer: it was taken, declined or not heard."""
    return replace(progress, offered_at=None, offered_by=None, offered_to=None)


def contacted(progress: Progress, now: datetime) -> Progress:
    """The progress once a contact with the patient is recorded: no follow-up any more."""
    return replace(progress, answered_at=progress.answered_at or now, contacted=True, ring_wanted=False)


def joined(alert: AlertFacts, ladder: Ladder, reach: Reach, now: datetime, *, was: Tier) -> Progress:
    """The progress once a later red has joined an alert whose tier `was` as given; `ladder` is the red one."""
    if was is not Tier.RED or alert.progress.answered_at is not None:
        return restarted(alert, ladder, reach, now)
    return replace(alert.progress, ring_wanted=True)


def restarted(alert: AlertFacts, ladder: Ladder, reach: Reach, now: datetime) -> Progress:
    """A new round at the owner's level, also for a reopening."""
    reached = frozenset({alert.owner}) if alert.owner else frozenset()
    return Progress(round_started_at=now, level=_owner_level(alert.owner, ladder, reach), reached=reached)


def next_step(
    alert: AlertFacts, ladder: Ladder, reach: Reach, now: datetime, hours: ClinicHours | None = None
) -> Decision:
    """What the ladder does at `now`; store the decision's progress with it, and look again at its `due_at`."""
    if alert.state == "closed":
        return Decision(due_at=None, progress=alert.progress)
    level = min(alert.progress.level, len(ladder.steps) - 1)  # a ladder that was cut short
    alert = replace(alert, progress=replace(_set_back(alert, now), level=level))
    return _look_after_offer(_look(alert, ladder, reach, now, hours), ladder, reach, now)


def _look(alert: AlertFacts, ladder: Ladder, reach: Reach, now: datetime, hours: ClinicHours | None) -> Decision:
    if alert.progress.answered_at is None:
        return _ring(alert, ladder, reach, now, hours)
    if alert.progress.contacted:
        return Decision(due_at=None, progress=alert.progress)
    return _follow_up(alert, alert.progress.answered_at, ladder, reach, now, hours)


def _look_after_offer(decision: Decision, ladder: Ladder, reach: Reach, now: datetime) -> Decision:
    """Beside all else: an offer that nobody has taken in time, or nobody can take any more, comes back."""
    progress = decision.progress
    if progress.offered_at is None:
        return decision
    lapses_at = progress.offered_at + ladder.accept_within
    if now >= lapses_at or progress.offered_to not in reach.reachable:
        return replace(decision, progress=withdrawn(progress), came_back=True)
    return replace(decision, due_at=min(decision.due_at or lapses_at, lapses_at))


def _follow_up(
    alert: AlertFacts, since: datetime, ladder: Ladder, reach: Reach, now: datetime, hours: ClinicHours | None
) -> Decision:
    progress, remind_at = alert.progress, since + ladder.remind_after
    lost = alert.owner not in reach.reachable and now >= remind_at
    gone = alert.owner not in reach.named.values() or lost
    if gone or now >= since + ladder.follow_up:
        fresh = restarted(alert, ladder, reach, now)
        return _ring(replace(alert, progress=replace(fresh, at_once=fresh.level + 2)), ladder, reach, now, hours)
    if progress.reminded or now < remind_at:
        due_at = since + ladder.follow_up if progress.reminded else remind_at
        return Decision(due_at=due_at, progress=progress)
    return Decision(
        due_at=since + ladder.follow_up,
        progress=replace(progress, reminded=True),
        page=frozenset({alert.owner}) if alert.owner else frozenset(),
        second_channel=not reach.telegram_up,
        remind_owner=True,
    )


def _ring(alert: AlertFacts, ladder: Ladder, reach: Reach, now: datetime, hours: ClinicHours | None) -> Decision:
    clock = None if alert.presses else hours
    before = alert.progress
    done = _climbed(before, ladder, reach, now, clock)
    topped_at = before.topped_at or (now if done >= len(ladder.steps) else None)
    progress = replace(before, steps_done=done, topped_at=topped_at, ring_wanted=False)
    extra = _rings_extra(before, ladder, now)
    repeats = before.last_ring_at is not None and now >= _later(before.last_ring_at, ladder.repeat, clock)
    if done == before.steps_done and not extra and not repeats:
        return Decision(due_at=_due_at(progress, ladder, clock), progress=progress)
    progress = replace(progress, last_ring_at=now, extra_ring_at=now if extra else before.extra_ring_at)
    went_round = topped_at is not None and now >= _later(topped_at, ladder.repeat, clock)
    return _rung(alert, progress, ladder, reach, clock, went_round=went_round)


def _rung(
    alert: AlertFacts, progress: Progress, ladder: Ladder, reach: Reach, clock: ClinicHours | None, *, went_round: bool
) -> Decision:
    """The ring itself; with nobody reachable, or once round for nothing, everyone and everything is tried."""
    taken = ladder.steps[progress.level : progress.steps_done]
    page = (progress.reached | frozenset().union(*(reach.meant(step.to) for step in taken))) & reach.reachable
    desperate = not page or (went_round and alert.presses)
    page = frozenset(reach.everyone) if desperate else page
    told = progress.told or (desperate and alert.presses)
    progress = replace(progress, reached=progress.reached | (page & reach.reachable), told=told)
    return Decision(
        due_at=_due_at(progress, ladder, clock),
        progress=progress,
        page=page,
        second_channel=desperate or alert.tier is Tier.RED or not reach.telegram_up,
        tell_patient=told and not alert.progress.told,
        alarm_operator=desperate,
    )


def _climbed(progress: Progress, ladder: Ladder, reach: Reach, now: datetime, clock: ClinicHours | None) -> int:
    """How many steps are taken by `now`: those due, and with each empty one at once the next."""
    done, reached = max(progress.steps_done, progress.level), progress.reached
    started, empty = progress.steps_done > progress.level, False
    while done < len(ladder.steps):
        stranded = empty or (started and not reached & reach.reachable)
        if not stranded and now < _step_at(done, progress, ladder, clock):
            break
        who = reach.who(ladder.steps[done].to)
        reached, started, empty, done = reached | who, True, not who, done + 1
    return done if started else progress.steps_done


def _rings_extra(progress: Progress, ladder: Ladder, now: datetime) -> bool:
    if not progress.ring_wanted or progress.last_ring_at is None:
        return False
    return progress.extra_ring_at is None or now - progress.extra_ring_at >= ladder.repeat


def _due_at(progress: Progress, ladder: Ladder, clock: ClinicHours | None) -> datetime:
    looks = [] if progress.last_ring_at is None else [_later(progress.last_ring_at, ladder.repeat, clock)]
    if progress.steps_done < len(ladder.steps):
        looks.append(_step_at(max(progress.steps_done, progress.level), progress, ladder, clock))
    return min(looks, default=progress.round_started_at)


def _step_at(index: int, progress: Progress, ladder: Ladder, clock: ClinicHours | None) -> datetime:
    if index < progress.at_once or index >= len(ladder.steps):
        return progress.round_started_at
    base = ladder.steps[progress.level].after if progress.level else _NONE
    return _later(progress.round_started_at, ladder.steps[index].after - base, clock)


def _later(at: datetime, length: timedelta, clock: ClinicHours | None) -> datetime:
    """`length` after `at`, counted in open time if there is a clock of clinic hours."""
    if clock is None or not length:
        return at + length
    return clock.after_open_time(at, length) or at + length


def _owner_level(owner: str | None, ladder: Ladder, reach: Reach) -> int:
    """The first step that leads to the owner other than among everyone; the first of all if none does."""
    levels = (n for n, step in enumerate(ladder.steps) if step.to != "everyone" and owner in reach.meant(step.to))
    return next(levels, 0)


def _set_back(alert: AlertFacts, now: datetime) -> Progress:
    """The progress with its instants moved back, all alike, when the clock was: its latest past event is `now`."""
    progress = alert.progress
    marks = [progress.last_ring_at, progress.extra_ring_at, progress.topped_at, progress.answered_at]
    marks.append(progress.offered_at)
    if alert.presses or progress.last_ring_at is not None:
        marks.append(progress.round_started_at)
    ahead = max((mark - now for mark in marks if mark is not None), default=_NONE)
    if ahead <= _NONE:
        return progress
    moved = {name: at - ahead for name in INSTANTS if (at := getattr(progress, name)) is not None}
    return replace(progress, **moved)
