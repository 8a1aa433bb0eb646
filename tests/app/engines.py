"""`fortnight run` as a process of its own, against a local Telegram in the test's."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PATIENCE = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A running engine and what it has logged so far."""

    process: asyncio.subprocess.Process
    lines: list[dict[str, Any]]
    reader: asyncio.Task[None]

    async def logs(self, action: str) -> dict[str, Any]:
        """The first log line of an action, as soon as it is there."""
        async with asyncio.timeout(PATIENCE):
            while True:
                for line in self.lines:
                    if line.get("action") == action:
                        return line
                assert not self.reader.done(), f"it ended before {action}: {self.lines}"
                await asyncio.sleep(0.05)

    @property
    def complaint(self) -> dict[str, Any]:
        """The error that it ended with."""
        return next(line for line in self.lines if "error" in line)

    async def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, and wait for the exit code."""
        if self.process.returncode is None:
            self.process.send_signal(number)
        return await self.ended()

    async def ended(self) -> int:
        """Wait for the exit code."""
        code = await asyncio.wait_for(self.process.wait(), PATIENCE)
        await self.reader
        return code


@asynccontextmanager
async def running(folder: Path, *words: str, **environment: str) -> AsyncIterator[Process]:
    """An engine in a clinic's folder, killed at the end if it still runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-c", "from app.cli import main; main()", "run", "--json", "--log", "json", *words),
        cwd=folder,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path), **environment},
    )
    lines: list[dict[str, Any]] = []
    reader = asyncio.create_task(_read(process, lines))
    engine = Process(process=process, lines=lines, reader=reader)
    try:
        yield engine
    finally:
        await engine.end(signal.SIGKILL)


async def _read(process: asyncio.subprocess.Process, lines: list[dict[str, Any]]) -> None:
    assert process.stderr is not None
    async for raw in process.stderr:
        text = raw.decode()
        lines.append(json.loads(text) if text.startswith("{") else {"text": text})
