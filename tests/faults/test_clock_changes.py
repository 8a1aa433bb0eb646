"""Row 46: clocks go forward and back in every zone of the world; each slot is asked once, and the rota has no gap."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import available_timezones

import pytest

from content import protocols
from rules.local_time import to_local
from rules.rota import gaps
from rules.rotation import Rotation, shifts_of
from rules.schedule import preview

DAY = timedelta(days=1)
ZONES = sorted(available_timezones() - {"localtime", "posixrules", "Factory"})
INFUSIONS = [datetime(2026, month, day, 9, tzinfo=UTC) for month, day in ((3, 1), (3, 20), (9, 20), (10, 18))]


@pytest.mark.parametrize("at", [time(10), time(2, 30)])
def test_row_46_each_slot_is_asked_once_in_every_zone(at: time) -> None:
    protocol = protocols.shipped()["ketamine-14d"]
    if at < time(8):
        protocol = replace(protocol, quiet_hours=None)
    for zone in ZONES:
        for infusion in INFUSIONS:
            rows = preview(protocol, [infusion], zone=zone, preferred=at)
            first = to_local(infusion, zone).date()
            moods = [row for row in rows if row.slot == "mood"]
            assert [to_local(row.due_at, zone).date() - first for row in moods] == [n * DAY for n in range(1, 15)], zone
            assert all(to_local(row.due_at, zone).time() >= at for row in moods), zone
            slots = {"settle": 1, "mood": 14, "side-effects": 2, "week-1": 1, "week-2": 1}
            assert Counter(row.slot for row in rows) == slots, zone


def test_row_46_the_rota_has_neither_gap_nor_overlap_in_any_zone() -> None:
    begin, end = datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 12, 28, tzinfo=UTC)
    for zone in ZONES:
        rotation = Rotation(order=("one", "two", "three"), at=time(2, 30), zone=zone, starts_on=date(2026, 1, 4))
        shifts = shifts_of(rotation, begin + 7 * DAY, end)
        assert gaps(shifts, begin + 7 * DAY, end) == (), zone
        assert all(a.to_at == b.from_at for a, b in pairwise(shifts)), zone
