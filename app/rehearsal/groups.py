"""Plays a rehearsal in as many processes as there are groups: a group is told and tells what happened as JSON."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
from dataclasses import asdict, replace
from typing import Any

from app.rehearsal.playing import Script, play
from app.rehearsal.report import report

AT_ONCE = 2  # always as many, whatever the machine: so that the same seed is the same rehearsal everywhere


class RehearsalFailed(Exception):
    """A group did not come to its end."""


async def rehearse(script: Script) -> dict[str, Any]:
    """Play all of it and return the report. Raises RehearsalFailed."""
    groups = min(AT_ONCE, script.patients)
    shares = [replace(script, group=group, groups=groups) for group in range(groups)]
    return report(script, await asyncio.gather(*map(_aside, shares)))


async def _aside(share: Script) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app.rehearsal.groups", stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        told, _ = await process.communicate(json.dumps(asdict(share)).encode())
    except BaseException:
        process.kill()
        raise
    if process.returncode:
        raise RehearsalFailed(f"group {share.group + 1} ended with {process.returncode}")
    return dict(json.loads(told))


def main() -> None:
    """One group: its script on standard input, what happened on standard output."""
    logging.basicConfig(level=logging.ERROR)
    script = Script(**json.load(sys.stdin))
    json.dump(asyncio.run(play(script)), sys.stdout)


if __name__ == "__main__":
    main()
