"""How long a red text waits for its page while 2,000 check-ins fall due in one minute and Telegram throttles them.

    python -m bench.page_storm [--quick]

The check-ins go out at the pace that is shipped. One in twenty is refused with 429 and a wait of two seconds, which
stops the lane of the check-ins, and must not stop the page's.
"""

from __future__ import annotations

import argparse
import asyncio
from itertools import islice

from app.settings import Telegram
from bench.clinic import CLINICIAN, fill, new_site, now
from bench.page_latency import SETTLE, WARM_UP, page_times
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


def main() -> None:
    """Measure as the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a smoke run, whose figures mean little")
    quick = parser.parse_args().quick
    times, throttled = asyncio.run(storm(200, 100) if quick else storm(CHECKINS, WRITERS))
    p99 = percentile(times, 0.99)
    what = f"first page amid {200 if quick else CHECKINS} check-ins, {throttled} × 429"
    show(
        [
            Line(what=f"{what}: median of {len(times)}", ours=ms(percentile(times, 0.5))),
            Line(what=f"{what}: p99", ours=ms(p99), bar=f"under {ms(BAR)}", met=p99 < BAR),
            Line(what=f"{what}: worst", ours=ms(max(times))),
        ]
    )


if __name__ == "__main__":
    main()
