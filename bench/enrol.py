"""How many slots a second enrolling writes, each patient's durable before the next.

    python -m bench.enrol [--quick]

Beside it the jobs a second that APScheduler's SQLAlchemyJobStore takes, in plain SQLite with the same WAL and the same
synchronisation to the disk.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from datetime import UTC, timedelta
from time import perf_counter
from typing import Any

from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import create_engine, event

from bench.clinic import ZONE, Site, new_site, now
from bench.table import Line, middle, show
from services import enrolment, infusions
from store.patients import Patient

BAR = 10
DOSE = 0.5


async def ours(count: int) -> tuple[float, float]:
    """Slots a second: of recorded infusions alone, and with the enrolment of each patient before."""
    async with new_site() as site:
        began = perf_counter()
        patients = [await _enrol(site, number) for number in range(count)]
        enrolled = perf_counter()
        slots = sum([await _record(site, patient) for patient in patients])
        ended = perf_counter()
        return slots / (ended - enrolled), slots / (ended - began)


async def _enrol(site: Site, number: int) -> Patient:
    async with site.clinic.database.transaction() as tx:
        patient, _ = await enrolment.enrol_patient(
            site.clinic, tx, name=f"Patient {number}", timezone=ZONE, language="en", contact={}, actor="cli", now=now()
        )
    return patient


async def _record(site: Site, patient: Patient) -> int:
    at = now()
    async with site.clinic.database.transaction() as tx:
        recorded = await infusions.record(
            site.clinic,
            tx,
            patient,
            ended_at=at,
            dose_mg_per_kg=DOSE,
            protocol_id=None,
            uncovered=None,
            actor="cli",
            now=at,
        )
    return recorded.slots


def plain(jobs: int) -> float:
    """Jobs a second of APScheduler."""
    with tempfile.TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{folder}/jobs.db")
        event.listen(engine, "connect", _as_ours)
        scheduler = BackgroundScheduler(jobstores={"default": SQLAlchemyJobStore(engine=engine)}, timezone=UTC)
        scheduler.start(paused=True)
        at = now() + timedelta(days=1)
        began = perf_counter()
        for number in range(jobs):
            scheduler.add_job("os:getpid", "date", run_date=at + timedelta(seconds=number))
        took = perf_counter() - began
        scheduler.shutdown()
        return jobs / took


def _as_ours(connection: Any, _: object) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")


async def measure(patients: int, jobs: int, runs: int) -> None:
    """Run both sides in turn, and print the medians."""
    pairs = [(await ours(patients), plain(jobs)) for _ in range(runs)]
    theirs = middle([other for _, other in pairs])
    lines = []
    for place, what in enumerate(("infusions recorded", "patients enrolled and infusions recorded")):
        ratio = middle([own[place] / other for own, other in pairs])
        line = Line(
            what=f"slots, or jobs, a second: {what}",
            ours=f"{middle([own[place] for own, _ in pairs]):.0f}",
            plain=f"{theirs:.0f}",
            ratio=f"{ratio:.1f}",
            bar=f"at least {BAR} × plain",
            met=ratio >= BAR,
        )
        lines.append(line)
    show(lines)


def main() -> None:
    """Measure as the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a smoke run, whose figures mean little")
    quick = parser.parse_args().quick
    asyncio.run(measure(10, 20, 1) if quick else measure(200, 500, 5))


if __name__ == "__main__":
    main()
