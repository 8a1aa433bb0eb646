"""What a protocol may say, but had better not: told to staff before they publish it."""

from __future__ import annotations

from rules.protocol.caution import Caution
from rules.protocol.paging_cautions import of_paging
from rules.protocol.schedule_cautions import of_schedule
from rules.protocol.values import Protocol


def warnings(protocol: Protocol) -> tuple[Caution, ...]:
    """All that is unwise in `protocol`.

    Judged on the protocol's own figures, with the default preferred time; quiet hours move prompts afterwards.
    """
    return (*of_schedule(protocol), *of_paging(protocol))


def standing_in(protocol: Protocol) -> Caution:
    """That a protocol has the id of a shipped one, which nobody gets any more."""
    return Caution(
        code="stands-in",
        key="id",
        sentence=f"it stands in for the shipped protocol wherever a course names {protocol.id!r}",
        mend="give it an id of its own if both are wanted",
    )


def losing(protocol: Protocol, before: Protocol, called: str) -> tuple[Caution, ...]:
    """That slots of `before` fall away, which people know as `called`, if some do."""
    kept = {slot.name for slot in protocol.slots}
    lost = [slot.name for slot in before.slots if slot.name not in kept]
    if not lost:
        return ()
    asks = f"it asks no more what {called} asks as {', '.join(lost)}"
    mend = "add them, or extend it, unless they are to fall away"
    return (Caution(code="slots-lost", key="without", or_key="id", sentence=asks, mend=mend),)
