"""Who is at the command line: the account that logged in to the machine, also behind sudo."""

from __future__ import annotations

import os
import pwd
from contextlib import suppress
from pathlib import Path

LOGIN = Path("/proc/self/loginuid")  # Linux sets it at the login and keeps it through sudo and su
LONGEST = 24  # characters of a name


def account() -> str:
    """The name of the account that logged in, or that this process runs as where nobody did or nobody knows."""
    with suppress(OSError, ValueError, KeyError, OverflowError):
        return _name(int(LOGIN.read_text("ascii")))
    with suppress(KeyError):
        return _name(os.getuid())
    return str(os.getuid())


def _name(uid: int) -> str:
    return pwd.getpwuid(uid).pw_name[:LONGEST]
