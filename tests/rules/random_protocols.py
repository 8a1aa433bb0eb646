"""Protocols, zones and infusions drawn at random, for the property tests of the schedule."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import available_timezones

from hypothesis import strategies as st

from rules.local_time import Hours
from rules.protocol import INSTRUMENTS, Protocol, Slot

zones = st.sampled_from(sorted(available_timezones()))
walls = st.times().map(lambda wall: wall.replace(second=0, microsecond=0))
preferred = st.none() | walls
infusions = st.datetimes(datetime(1975, 1, 2), datetime(2037, 11, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda instant: instant.replace(second=0, microsecond=0)
)
quiet_hours = st.none() | st.tuples(walls, walls).filter(lambda pair: pair[0] != pair[1]).map(
    lambda pair: Hours(start=pair[0], end=pair[1])
)
minutes = st.integers(1, 36 * 60).map(lambda count: timedelta(minutes=count))


@st.composite
def slots(draw: st.DrawFn, name: str) -> Slot:
    """A slot placed by hours after the infusion or by local days, of a window of fourteen days."""
    expires = draw(minutes)
    shared = {
        "name": name,
        "asks": tuple(draw(st.sets(st.sampled_from(sorted(INSTRUMENTS)), min_size=1, max_size=3))),
        "expires_after": expires,
        "remind_after": draw(st.none() | st.just(expires / 2)),
    }
    if draw(st.integers(0, 4)) == 0:
        shared["infusions"] = draw(st.sampled_from(["first", "later"]))
    if draw(st.booleans()):
        return Slot(after=tuple(draw(st.sets(minutes, min_size=1, max_size=3))), **shared)
    days = tuple(sorted(draw(st.sets(st.integers(-2, 14), min_size=1, max_size=5))))
    at = tuple(draw(st.lists(st.just("preferred") | walls, min_size=1, max_size=2, unique=True)))
    return Slot(days=days, at=at, **shared)


@st.composite
def protocols(draw: st.DrawFn) -> Protocol:
    """A valid protocol of one to four slots."""
    count = draw(st.integers(1, 4))
    always = Slot(name="always", after=(draw(minutes),), asks=("settle",))
    return Protocol(
        id="random",
        title="Random",
        window=timedelta(days=14),
        overlap=draw(st.sampled_from(["restart", "merge", "both"])),
        quiet_hours=draw(quiet_hours),
        slots=(*(draw(slots(f"slot-{n}")) for n in range(count)), always),
    )
