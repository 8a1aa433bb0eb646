"""The updates that wait for one bot: ids that rise, kept 24 hours, given again until an offset confirms them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sandbox.params import Json

KEPT = timedelta(hours=24)
FIRST_ID = 100_000_001
FUTURE = 10  # an offset further ahead than this is of another numbering: Telegram answers from the head of the queue
MOST = 100  # in one answer
NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An update that is not confirmed yet, and when it came. One that is `stray` goes when it was given once."""

    id: int
    at: datetime
    update: Json
    stray: bool = False


class Updates:
    """One bot's queue of updates."""

    def __init__(self) -> None:
        self._waiting: list[Waiting] = []
        self._given: list[Waiting] = []
        self._next_id = FIRST_ID
        self._allowed: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return len(self._waiting)

    def allow(self, kinds: Collection[str]) -> None:
        """Which kinds are kept from now on; none means Telegram's default."""
        self._allowed = frozenset(kinds)

    def add(self, kind: str, content: Json, at: datetime) -> int | None:
        """Queue an update; none if the bot did not ask for its kind. Returns its id."""
        if kind not in self._allowed if self._allowed else kind in NOT_BY_DEFAULT:
            return None
        return self.inject({kind: content}, at)

    def inject(self, raw: Json, at: datetime) -> int:
        """Queue an update of any shape, under its own `update_id` if it names one, be it none."""
        own = raw.get("update_id", self._next_id)
        update_id = own if isinstance(own, int) else self._next_id
        self._waiting.append(Waiting(id=update_id, at=at, update={"update_id": own, **raw}))
        self._next_id = max(self._next_id, update_id + 1)
        return update_id

    def take(self, now: datetime, *, offset: int = 0, limit: int = MOST) -> list[Json]:
        """Confirm what is before the offset, and give what waits. A negative offset keeps that many of the last."""
        self._waiting = [each for each in self._waiting if now - each.at < KEPT]
        if offset < 0:
            self._confirm(self._waiting[:offset])
        elif offset <= self._next_id + FUTURE:
            self._confirm([each for each in self._waiting if each.id < offset and not each.stray])
        given = self._waiting[: min(max(limit, 1), MOST)]
        self._waiting = [*(each for each in given if not each.stray), *self._waiting[len(given) :]]
        return [each.update for each in given]

    def confirm_first(self) -> None:
        """Confirm the update that was given first, as the answer of a webhook does."""
        self._given = [*self._given, self._waiting.pop(0)][-MOST:]

    def _confirm(self, confirmed: Collection[Waiting]) -> None:
        gone = {id(each) for each in confirmed}
        self._given = [*self._given, *confirmed][-MOST:]
        self._waiting = [each for each in self._waiting if id(each) not in gone]

    def drop(self) -> None:
        """Forget all that waits."""
        self._waiting.clear()

    def restart_at(self, update_id: int) -> None:
        """Go on counting from another id, as Telegram does after an idle week."""
        self._next_id = update_id

    def repeat(self, count: int = 1) -> None:
        """Give the last updates once more, under the same ids, whether they are confirmed or not."""
        known = [*self._given, *self._waiting]
        self._waiting.extend(replace(each, stray=True) for each in known[-count:])

    def reverse(self) -> None:
        """Give what waits in the opposite order."""
        self._waiting.reverse()
