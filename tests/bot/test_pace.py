"""The pace: even, and stopped for as long as Telegram asks."""

from __future__ import annotations

import asyncio

from bot.pace import Pace


class Seconds:
    """Seconds that go by only when somebody sleeps, or says so."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


async def test_messages_go_through_evenly() -> None:
    pace, loop = Pace(200.0), asyncio.get_running_loop()
    began = loop.time()
    await asyncio.gather(*(pace.wait() for _ in range(21)))
    assert loop.time() - began >= 0.1 - 0.005


async def test_without_a_rate_nothing_waits() -> None:
    pace, loop = Pace(None), asyncio.get_running_loop()
    began = loop.time()
    for _ in range(1000):
        await pace.wait()
    assert loop.time() - began < 0.1


async def test_time_in_which_nothing_was_sent_is_not_made_up_for() -> None:
    seconds = Seconds()
    pace = Pace(100.0, seconds)
    await pace.wait()
    seconds.at += 60
    await pace.wait()
    assert pace._next == seconds.at + 0.01


def test_a_stop_lasts_as_long_as_the_longest_that_was_asked_for() -> None:
    seconds = Seconds()
    pace = Pace(25.0, seconds)
    assert pace.held_for == 0
    pace.hold(35)
    pace.hold(5)
    assert pace.held_for == 35
    seconds.at += 36
    assert pace.held_for == 0


async def test_stepping_aside_makes_each_wait_once_and_holds_nothing_back() -> None:
    pace, loop = Pace(None), asyncio.get_running_loop()
    began = loop.time()
    pace.step_aside(0.05)
    waiting = [asyncio.create_task(pace.wait()) for _ in range(3)]
    await asyncio.sleep(0.03)
    pace.step_aside(0.05)
    await asyncio.gather(*waiting)
    assert 0.045 <= loop.time() - began < 0.08
    assert pace.held_for == 0


def test_a_lane_claims_no_more_than_it_can_send_soon() -> None:
    assert Pace(25.0).within(4.0, 200) == 100
    assert Pace(0.1).within(4.0, 200) == 1
    assert Pace(None).within(4.0, 200) == 200
