"""How long a red text waits for its page while 2,000 check-ins fall due in one minute and Telegram throttles them.

    python -m bench.page_storm [--quick]

The check-ins go out at the pace that is shipped. One in twenty is refused with 429 and a wait of two seconds, which
stops the lane of the check-ins, and must not stop the page's. Beside it a plain bot's echo after one committed write,
while it sends as many messages, ten in flight, through the library's own rate limiter, and is refused as often.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from itertools import islice

from app.settings import Telegram
from bench.clinic import CLINICIAN, fill, new_site, now, running
from bench.page_latency import SETTLE, WARM_UP, echo_times, page_times
from bench.stand_in import serving
from bench.table import Line, ms, percentile, show
from sandbox.faults import too_many_requests

CHECKINS, WRITERS, DUE_FROM = 2000, 1000, 100_001
THROTTLED, WAIT = 20, 2  # one in so many, and the seconds that Telegram asks for
SHIPPED = float(Telegram.model_fields["bulk_rate"].default)
BAR = 1.0


async def storm(checkins: int, writers: int) -> tuple[list[float], int]:
    """Seconds from each red text to its page while the check-ins go out, and how many of them were throttled."""
    due = range(DUE_FROM, DUE_FROM + checkins)
    async with new_site() as site, serving() as stand_in:
        numbers = range(1, writers + 1)
        stand_in.people([CLINICIAN, *numbers, *due])
        await fill(site.clinic, numbers, now())
        patients, times = iter(numbers), list[float]()
        throttled = stand_in.throttle(due[::THROTTLED], too_many_requests(WAIT))
        with site.engine(stand_in.base_url, SHIPPED):
            await page_times(stand_in, islice(patients, WARM_UP))
            last = len(stand_in.arrived) + checkins
            await fill(site.clinic, due, now() - SETTLE)
            while len(stand_in.arrived) < last and (more := await page_times(stand_in, islice(patients, 1))):
                times += more
                last += 2  # the page itself and the crisis reply
        return times, throttled()


async def plain(messages: int) -> list[float]:
    """Seconds from each text to its echo while a plain bot broadcasts."""
    chats = range(DUE_FROM, DUE_FROM + messages)
    with tempfile.TemporaryDirectory() as folder:
        async with serving() as stand_in:
            stand_in.people([1, *chats])
            command = [sys.executable, "-m", "bench.plain", stand_in.base_url, f"{folder}/plain.db", "limited"]
            with running(command):
                await echo_times(stand_in, WARM_UP)
                stand_in.throttle(chats[::THROTTLED], too_many_requests(WAIT))
                last, times = len(stand_in.arrived) + messages, list[float]()
                stand_in.say(1, f"ten {messages} {chats[0]} {chats[-1]}")
                while len(stand_in.arrived) < last:
                    times += await echo_times(stand_in, 1)
                    last += 1
            return times


def main() -> None:
    """Measure as the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a smoke run, whose figures mean little")
    quick = parser.parse_args().quick
    checkins, writers = (200, 100) if quick else (CHECKINS, WRITERS)
    ours, throttled = asyncio.run(storm(checkins, writers))
    theirs = asyncio.run(plain(checkins))
    what = f"first page amid {checkins} check-ins, {throttled} × 429"
    show(
        [
            _line(f"{what}: median of {len(ours)} and {len(theirs)}", ours, theirs, 0.5),
            _line(f"{what}: p99", ours, theirs, 0.99, bar=BAR),
            _line(f"{what}: worst", ours, theirs, 1.0),
        ]
    )


def _line(what: str, ours: list[float], theirs: list[float], share: float, bar: float | None = None) -> Line:
    mine, other = percentile(ours, share), percentile(theirs, share)
    return Line(
        what=what,
        ours=ms(mine),
        plain=ms(other),
        ratio=f"{mine / other:.2f}",
        bar=f"under {ms(bar)}" if bar else "",
        met=mine < bar if bar else None,
    )


if __name__ == "__main__":
    main()
