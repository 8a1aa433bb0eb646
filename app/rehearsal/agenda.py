"""What the people of a rehearsal are going to do, by the instant at which they do it."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime
from itertools import count

Act = Callable[[], None]


class Agenda:
    """Acts in the order of their time, those of one instant in the order in which they were put down."""

    def __init__(self) -> None:
        self._acts: list[tuple[datetime, int, Act]] = []
        self._order = count()

    def put(self, at: datetime, act: Act) -> None:
        """Put an act down."""
        heapq.heappush(self._acts, (at, next(self._order), act))

    @property
    def next_at(self) -> datetime | None:
        """When the next act is due; none when there is none."""
        return self._acts[0][0] if self._acts else None

    def take(self, now: datetime) -> list[Act]:
        """What is due by now; it is no longer on the agenda."""
        due = []
        while self._acts and self._acts[0][0] <= now:
            due.append(heapq.heappop(self._acts)[2])
        return due
