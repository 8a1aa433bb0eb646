"""Keeps what is in memory there, and what is written to files for this account alone."""

from __future__ import annotations

import ctypes
import os
import resource
import sys

PR_SET_DUMPABLE = 4


def stay_private() -> None:
    """Forbid core dumps, and others to read a new file; on Linux also debuggers and /proc/PID/environ to this user's
    other processes.

    A limit of nothing does not hold for a dump that the kernel pipes to a program; not being dumpable does.
    """
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
