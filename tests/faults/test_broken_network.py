"""Rows 15 and 16: the way to Telegram does not resolve, speaks no TLS, is reset in mid-course or hangs half open."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.faults.network import Network, between
from tests.faults.oracle import all_is_well
from tests.faults.process import Engine, until
from tests.faults.stage import Stage, staged

pytestmark = pytest.mark.process


@dataclass(frozen=True, slots=True, kw_only=True)
class Far:
    """A clinic on the embedded database, and the network between it and Telegram."""

    stage: Stage
    network: Network
    config: Path

    def leads_to(self, url: str) -> None:
        """Let the configuration name another way to Telegram."""
        lines = self.config.read_text().splitlines()
        self.config.write_text("\n".join(f'base_url = "{url}/bot"' if "base_url" in each else each for each in lines))


@pytest.fixture
async def far(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Far]:
    """That clinic."""
    async with staged(sqlite_url, tmp_path) as stage:
        config = tmp_path / "config.toml"
        (line,) = [each for each in config.read_text().splitlines() if "base_url" in each]
        address = urlsplit(line.split('"')[1])
        async with between(str(address.hostname), int(address.port or 0)) as network:
            far = Far(stage=stage, network=network, config=config)
            far.leads_to(network.url)
            yield far


def failures(engine: Engine) -> int:
    """How many polls have failed."""
    return sum(line.get("action") == "poll-failed" for line in engine.lines)


@pytest.mark.parametrize("way", ["no-such-host.invalid", "tls"])
async def test_row_15_it_starts_without_a_name_or_a_certificate_and_works_once_there_is_a_way(
    far: Far, way: str
) -> None:
    await far.stage.clinician()
    (patient,) = await far.stage.enrolled(1, in_course=False)
    far.leads_to(f"https://{urlsplit(far.network.url).netloc}" if way == "tls" else f"http://{way}")
    patient.cries_for_help()
    engine = await far.stage.engine()
    await until(lambda: failures(engine) >= 2)
    assert engine.is_alive
    await engine.kill()
    far.leads_to(far.network.url)
    await far.stage.engine()
    await all_is_well(far.stage, within=timedelta(seconds=30))


async def test_row_15_connections_that_are_reset_in_mid_course_lose_nothing(far: Far) -> None:
    await far.stage.clinician()
    people = await far.stage.enrolled(10)
    engine = await far.stage.engine()
    await until(lambda: all("5" in each.buttons for each in people))
    for each in people:
        each.cries_for_help()
        await asyncio.sleep(0.05)
        far.network.reset()
        await asyncio.sleep(0.2)
        far.network.recover()
    assert far.network.resets >= len(people)
    await all_is_well(far.stage, within=timedelta(seconds=40), patience=60)
    assert engine.is_alive


async def test_row_16_a_poll_that_hangs_half_open_is_given_up_and_asked_anew(far: Far) -> None:
    await far.stage.clinician()
    (patient,) = await far.stage.enrolled(1, in_course=False)
    engine = await far.stage.engine()
    await asyncio.sleep(1)  # a poll is under way
    far.network.fall_silent()
    patient.cries_for_help()
    await asyncio.sleep(3)  # its answer has been swallowed
    far.network.recover()
    assert failures(engine) == 0  # it still waits
    await all_is_well(far.stage, within=timedelta(seconds=30), patience=40)
    assert failures(engine) >= 1
