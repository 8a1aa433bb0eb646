"""Named places at which a test can have the process killed, to prove that nothing is lost there."""

from __future__ import annotations

import os
import signal

_armed: dict[str, int] = {}


def arm(spec: str) -> None:
    """Arm "name" or "name:n": the process kills itself (SIGKILL) when the place is reached for the n-th time."""
    name, _, times = spec.partition(":")
    _armed[name] = int(times or 1)


def reached(name: str) -> None:
    """Say that a place is reached; does nothing unless a test has armed it."""
    if name not in _armed:
        return
    _armed[name] -= 1
    if _armed[name] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
