"""Whether asking what is due stays as quick with a million slots as with a thousand, and what the engine needs for it.

    python -m bench.due [--quick]

The other side is the same clinic when it was small. The memory is that of the whole engine while it runs.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import pairwise
from time import perf_counter

from bench.clinic import CLINICIAN, Site, fill, new_site, now
from bench.stand_in import serving
from bench.table import Line, middle, show
from store import prompts
from store.database import Transaction

SLOTS = 19  # of one course
COHORT = 1000  # patients whose infusion was at the same instant
BATCH = 500  # how many prompts a pass takes at once
TIMES = 100
FLAT, LARGEST = 3.0, 200
MEMORY_COURSES = 10_000

Query = Callable[[Transaction], Awaitable[object]]
QUERIES: dict[str, Query] = {
    "what is due now": lambda tx: prompts.to_ask(tx, now(), BATCH),
    "when anything is due next": lambda tx: prompts.next_at(tx, now()),
}


async def measure(steps: list[int], memory_courses: int) -> None:
    """Let one clinic grow, ask at each step, and look at the engine's memory on the way."""
    async with new_site() as site:
        small: dict[str, float] = {}
        lines = []
        for before, courses in pairwise([0, *steps]):
            await _grow(site, before, courses)
            for name, query in QUERIES.items():
                seconds = await _asking_time(site, query)
                first = small.setdefault(name, seconds)
                lines.append(_line(name, courses * SLOTS, seconds, first, last=courses == steps[-1]))
            if courses == memory_courses:
                lines.append(_memory_line(courses, await _memory(site)))
        show(lines)


async def _grow(site: Site, before: int, courses: int) -> None:
    for first in range(before + 1, courses + 1, COHORT):
        numbers = range(first, min(first + COHORT, courses + 1))
        await fill(site.clinic, numbers, now() + timedelta(hours=1))  # nothing of it is due yet


async def _asking_time(site: Site, query: Query) -> float:
    times = []
    for _ in range(TIMES):
        async with site.clinic.database.reading() as tx:
            began = perf_counter()
            await query(tx)
            times.append(perf_counter() - began)
    return middle(times)


async def _memory(site: Site) -> float:
    """Megabytes that the engine holds once it has come round a few times."""
    async with serving() as stand_in:
        stand_in.people([CLINICIAN])
        with site.engine(stand_in.base_url) as process:
            await asyncio.sleep(15)
            return float(process.memory_info().rss) / 2**20


def _line(name: str, slots: int, seconds: float, small: float, *, last: bool) -> Line:
    ratio = seconds / small
    return Line(
        what=f"{name}, {slots:,} slots",
        ours=f"{1000 * seconds:.2f} ms",
        plain=f"{1000 * small:.2f} ms",
        ratio=f"{ratio:.1f}",
        bar=f"at most {FLAT:.0f} × the small clinic's" if last else "",
        met=ratio <= FLAT if last else None,
    )


def _memory_line(courses: int, megabytes: float) -> Line:
    what, bar = f"memory with {courses:,} courses", f"under {LARGEST} MB"
    return Line(what=what, ours=f"{megabytes:.0f} MB", bar=bar, met=megabytes < LARGEST)


def main() -> None:
    """Measure as the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a smoke run, whose figures mean little")
    if parser.parse_args().quick:
        asyncio.run(measure([53, 530], 530))
    else:
        asyncio.run(measure([53, 530, 5_300, MEMORY_COURSES, 53_000], MEMORY_COURSES))


if __name__ == "__main__":
    main()
