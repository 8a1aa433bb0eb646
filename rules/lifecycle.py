"""Lifecycles: the states of alerts, check-ins, courses and patients, and the ways between them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

OUTCOMES = ("reached-safe", "reached-care", "not-reached", "no-concern")
SENTENCE_WITHIN = timedelta(hours=1)  # proposal; later on what its presser writes is not about an outcome any more

ALERT: Mapping[str, tuple[str, ...]] = {
    "open": ("acknowledged",),
    "acknowledged": ("closed",),
    "closed": ("open",),  # reopened
}
CHECKIN: Mapping[str, tuple[str, ...]] = {
    "scheduled": ("sent", "partial", "answered", "expired", "missed_by_us", "cancelled"),  # before the sending is noted
    "sent": ("partial", "answered", "expired", "missed_by_us", "cancelled"),  # missed by us: after a restore
    "partial": ("answered", "expired", "missed_by_us", "cancelled"),
    "answered": (),
    "expired": ("partial", "answered"),  # late answers are taken
    "missed_by_us": ("sent", "partial", "answered", "expired"),  # one combined prompt after an outage
    "cancelled": ("scheduled",),  # a newer infusion that displaced it was cancelled
}
COURSE: Mapping[str, tuple[str, ...]] = {
    "active": ("ended", "cancelled"),
    "ended": ("active", "cancelled"),  # a later infusion was taken back, or its date corrected; or it was a mistake
    "cancelled": (),
}
PATIENT: Mapping[str, tuple[str, ...]] = {
    "enrolled": ("linked", "ended", "erased"),
    "linked": ("consented", "ended", "erased"),
    "consented": ("paused", "ended", "erased"),
    "paused": ("consented", "ended", "erased"),
    "ended": ("linked", "consented", "erased"),  # comes back for another series
    "erased": (),
}
KINDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "alert": ALERT,
    "checkin": CHECKIN,
    "course": COURSE,
    "patient": PATIENT,
}


def allowed(kind: str, from_: str, to: str) -> bool:
    """Whether an alert, checkin, course or patient may go from a state to another; staying put is no transition.

    Raises ValueError for a kind or a state that does not exist.
    """
    if kind not in KINDS:
        raise ValueError(f"{kind!r} has no lifecycle: take one of {', '.join(KINDS)}")
    states = KINDS[kind]
    for state in (from_, to):
        if state not in states:
            raise ValueError(f"{state!r} is no state of {kind}: take one of {', '.join(states)}")
    return to in states[from_]
