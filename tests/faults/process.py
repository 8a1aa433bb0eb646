"""`fortnight run` as a process of its own that can be killed, stopped and started again, hundreds of times a minute.

It is the program itself, from its command line on; only its imports are done beforehand, in the server that forks it.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.cli import main

PATIENCE = 30.0
FORKING = multiprocessing.get_context("forkserver")
FORKING.set_forkserver_preload(["pytest", "tests.faults.preloaded", __name__])


class Engine:
    """A running engine. Its log lines are JSON, one a line, in a file of its own."""

    def __init__(self, folder: Path, log: Path, *words: str, **environment: str) -> None:
        self._log = log
        self._process = FORKING.Process(target=_become_engine, args=(folder, log, words, environment), daemon=True)
        self._process.start()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """What it has logged so far, but for a line that it was killed in."""
        whole = self._log.read_text("utf-8").split("\n")[:-1] if self._log.exists() else []
        return [json.loads(line) if line.startswith("{") else {"text": line} for line in whole]

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid or 0

    @property
    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self._process.is_alive()

    def logged(self, action: str) -> bool:
        """Whether it has logged an action."""
        return any(line.get("action") == action for line in self.lines)

    async def started(self) -> bool:
        """Wait until it says that it runs; False if it has ended instead."""
        await until(lambda: self.logged("running") or not self.is_alive)
        return self.logged("running")

    def send(self, number: int) -> None:
        """Send it a signal."""
        if self.is_alive and self._process.pid:
            os.kill(self._process.pid, number)

    async def ended(self) -> int:
        """Wait until it has ended; returns the exit code, -9 when it was killed."""
        await until(lambda: not self.is_alive)
        return int(self._process.exitcode or 0)

    async def kill(self) -> int:
        """Kill it with SIGKILL."""
        self.send(signal.SIGKILL)
        return await self.ended()


async def until(holds: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Wait until something holds, or fail."""
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.01)


def _become_engine(folder: Path, log: Path, words: tuple[str, ...], environment: dict[str, str]) -> None:
    """In the forked process: be `fortnight run`, as if started from a shell in the clinic's folder."""
    with log.open("ab") as file:
        for number in (sys.stdout.fileno(), sys.stderr.fileno()):
            os.dup2(file.fileno(), number)
    os.chdir(folder)
    os.environ |= environment
    sys.argv = ["fortnight", "run", "--log", "json", *words]
    main()
