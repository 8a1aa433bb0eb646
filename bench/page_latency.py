"""How long it takes from a red text to the page in the clinician's chat, idle and while check-ins go out.

    python -m bench.page_latency [--quick]

Beside it a plain bot's echo after one committed write, idle and while it broadcasts with ten sends in flight. The
check-ins go out at the pace that is shipped, which is what Telegram allows, and then as fast as the process can.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import islice

from app.settings import Telegram
from bench.clinic import CLINICIAN, Site, fill, new_site, now, running
from bench.stand_in import StandIn, serving
from bench.table import Line, middle, ms, percentile, show

RED = "I am going to kill myself tonight"
ENROLLED, CHECKINS, BUSY_FROM = 1000, 5000, 100_001
SETTLE = timedelta(hours=4)  # the first slot of a course comes so long after the infusion
WARM_UP, PAUSE = 20, 0.2  # red texts do not come one upon the other
SHIPPED = float(Telegram.model_fields["bulk_rate"].default)
IDLE, PACED, FLAT_OUT = "idle", "check-ins at the shipped pace", "check-ins as fast as can be"
IDLE_BAR, BUSY_BAR = 6.0, 0.150

Times = Mapping[str, Sequence[float]]  # the seconds that it took, by state


async def ours(count: int, checkins: int) -> Times:
    """The times of an engine in each state; each time with patients who have not written before."""
    async with new_site() as site, serving() as stand_in:
        numbers = range(1, ENROLLED + 1)
        stand_in.people([CLINICIAN, *numbers])
        await fill(site.clinic, numbers, now())
        patients = iter(numbers)
        with site.engine(stand_in.base_url):
            await page_times(stand_in, islice(patients, WARM_UP))
            idle = await page_times(stand_in, islice(patients, count))
            flat_out, last = [], await _make_due(site, stand_in, range(BUSY_FROM, BUSY_FROM + checkins))
            while len(stand_in.arrived) < last:
                flat_out += await page_times(stand_in, islice(patients, 1))
                last += 2  # the page itself and the crisis reply
        with site.engine(stand_in.base_url, SHIPPED):
            others = range(BUSY_FROM + checkins, BUSY_FROM + 2 * checkins)
            await _make_due(site, stand_in, others)
            paced = await page_times(stand_in, islice(patients, count))
        return {IDLE: idle, PACED: paced, FLAT_OUT: flat_out}


async def _make_due(site: Site, stand_in: StandIn, numbers: range) -> int:
    """Let check-ins fall due and wait for the first; returns how many messages will have come with the last."""
    stand_in.people(numbers)
    before = len(stand_in.arrived)
    await fill(site.clinic, numbers, now() - SETTLE)
    await stand_in.until_arrived(before + 1)
    return before + len(numbers)


async def page_times(stand_in: StandIn, numbers: Iterator[int]) -> list[float]:
    """Seconds from a red text of each of these patients to its page, one after the other."""
    times = []
    for number in numbers:
        times.append(await stand_in.answer_time(number, RED, chat_id=CLINICIAN, holding=f"P-{number}\n"))
        await asyncio.sleep(PAUSE)
    return times


async def plain(count: int, checkins: int) -> Times:
    """The times of a plain bot, which knows no pace."""
    with tempfile.TemporaryDirectory() as folder:
        async with serving() as stand_in:
            stand_in.people(range(1, ENROLLED + 1))
            with running([sys.executable, "-m", "bench.plain", stand_in.base_url, f"{folder}/plain.db"]):
                await echo_times(stand_in, WARM_UP)
                idle = await echo_times(stand_in, count)
                last, busy = len(stand_in.arrived) + checkins, []
                stand_in.say(1, f"ten {checkins} 2 {ENROLLED}")
                while len(stand_in.arrived) < last:
                    busy += await echo_times(stand_in, 1)
                    last += 1
            return {IDLE: idle, PACED: busy, FLAT_OUT: busy}


async def echo_times(stand_in: StandIn, count: int) -> list[float]:
    """Seconds from a text to its echo, one after the other."""
    times = []
    for _ in range(count):
        times.append(await stand_in.answer_time(1, RED, chat_id=1, holding=RED))
        await asyncio.sleep(PAUSE)
    return times


async def measure(count: int, checkins: int, runs: int) -> None:
    """Run both sides in turn, and print the medians of the runs."""
    pairs = [(await ours(count, checkins), await plain(count, checkins)) for _ in range(runs)]
    lines = []
    for state in (IDLE, PACED, FLAT_OUT):
        for name, share in (("median", 0.5), ("p99", 0.99)):
            mine, theirs = (middle([percentile(pair[side][state], share) for pair in pairs]) for side in (0, 1))
            lines.append(_line(f"{state}: {name}", mine, theirs, idle=state == IDLE, judged=share > 0.5))
    show(lines)


def _line(what: str, mine: float, theirs: float, *, idle: bool, judged: bool) -> Line:
    bar = f"at most {IDLE_BAR:.0f} × plain" if idle else f"under {ms(BUSY_BAR)}"
    met = mine <= IDLE_BAR * theirs if idle else mine < BUSY_BAR
    return Line(
        what=what,
        ours=ms(mine),
        plain=ms(theirs),
        ratio=f"{mine / theirs:.1f}",
        bar=bar if judged else "",
        met=met if judged else None,
    )


def main() -> None:
    """Measure as the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a smoke run, whose figures mean little")
    quick = parser.parse_args().quick
    asyncio.run(measure(10, 200, 1) if quick else measure(100, CHECKINS, 3))


if __name__ == "__main__":
    main()
