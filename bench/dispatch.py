"""How many due check-ins a second one process sends, each recorded before and after, from the row to the settled row.

    python -m bench.dispatch [--quick]

Beside it python-telegram-bot on its default transport, which records nothing: one after the other, fifty in flight, and
by jobs of its JobQueue that are all due at once.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from dataclasses import dataclass
from time import perf_counter

import psutil
from sqlalchemy import func, select

from bench.clinic import CLINICIAN, Site, fill, new_site, now, running
from bench.page_latency import SETTLE
from bench.stand_in import serving
from bench.table import Line, middle, show
from store import schema

WAYS = {"one": "one at a time", "fifty": "fifty in flight", "jobs": "JobQueue, all due at once"}
BAR = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Messages a second, and for each second of processor time that the process took."""

    a_second: float
    a_cpu_second: float


async def ours(count: int) -> Rate:
    """Check-ins that are all due when the engine starts."""
    async with new_site() as site, serving() as stand_in:
        numbers = range(1, count + 1)
        stand_in.people([CLINICIAN, *numbers])
        await fill(site.clinic, numbers, now() - SETTLE)
        with site.engine(stand_in.base_url) as process:
            await stand_in.until_arrived(1)
            cpu = _cpu(process)
            await stand_in.until_arrived(count)
            while await _recorded(site) < count:
                await asyncio.sleep(0.02)
            return _rate(count, perf_counter() - stand_in.arrived[0], _cpu(process) - cpu)


async def _recorded(site: Site) -> int:
    async with site.clinic.database.reading() as tx:
        row = await tx.row(select(func.count()).where(schema.checkin.c.sent_at.is_not(None)))
    return int(row[0]) if row else 0


async def plain(how: str, count: int) -> Rate:
    """Messages that nobody records."""
    with tempfile.TemporaryDirectory() as folder:
        async with serving() as stand_in:
            stand_in.people(range(1, count + 1))
            with running([sys.executable, "-m", "bench.plain", stand_in.base_url, f"{folder}/plain.db"]) as process:
                await stand_in.answer_time(1, "hello", chat_id=1, holding="hello")
                stand_in.say(1, f"{how} {count} 1 {count}")
                await stand_in.until_arrived(2)
                cpu = _cpu(process)
                await stand_in.until_arrived(count + 1)
                return _rate(count, stand_in.arrived[-1] - stand_in.arrived[1], _cpu(process) - cpu)


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _rate(count: int, seconds: float, cpu: float) -> Rate:
    return Rate(a_second=count / seconds, a_cpu_second=count / max(cpu, 0.01))


async def measure(count: int, plain_count: int, runs: int) -> None:
    """Run both sides in turn, and print the medians of the runs."""
    rounds = [(await ours(count), {how: await plain(how, plain_count) for how in WAYS}) for _ in range(runs)]
    mine = Rate(
        a_second=middle([rate.a_second for rate, _ in rounds]),
        a_cpu_second=middle([rate.a_cpu_second for rate, _ in rounds]),
    )
    lines = []
    for how, name in WAYS.items():
        wall = middle([rates[how].a_second for _, rates in rounds])
        cpu = middle([rates[how].a_cpu_second for _, rates in rounds])
        for what, own, theirs in (("a second", mine.a_second, wall), ("a CPU second", mine.a_cpu_second, cpu)):
            bar = {"bar": f"at least {BAR}", "met": own >= BAR} if (how, what) == ("one", "a second") else {}
            line = Line(
                what=f"messages {what}, {name}",
                ours=f"{own:.0f}",
                plain=f"{theirs:.0f}",
                ratio=f"{own / theirs:.1f}",
                **bar,  # type: ignore[arg-type]
            )
            lines.append(line)
    show(lines)


def main() -> None:
    """Measure as the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a smoke run, whose figures mean little")
    quick = parser.parse_args().quick
    asyncio.run(measure(300, 100, 1) if quick else measure(10_000, 2_000, 3))


if __name__ == "__main__":
    main()
