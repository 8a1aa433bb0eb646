"""One run of the engine as a process: opened, kept going until a signal, and a refusal told to those on the roster."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

from app import database, installation, wiring
from app import logging as log_lines
from app.clock import SystemClock
from app.config import ConfigError
from app.engine import Engine
from app.only_engine import only_engine
from app.parts import Workshop
from app.settings import Settings, secrets
from content.files import told
from rules.protocol import ProtocolError
from services.clinic import Clinic
from store import failpoints

log = logging.getLogger(__name__)

FAILPOINT = "FORTNIGHT_FAILPOINT"
HAND_OVER = 0.0005  # seconds after which a busy thread lets another in: a commit waits for that several times


async def run(settings: Settings, folder: Path, *, role: str) -> None:
    """Run a role until SIGTERM or SIGINT. Raises StoreError, ConfigError, ProtocolError or Refused when it must not."""
    if failpoint := os.environ.get(FAILPOINT):
        failpoints.arm(failpoint)
    sys.setswitchinterval(HAND_OVER)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    opened = database.open_as_it_is(settings.database, folder)
    try:
        async with only_engine(opened, role):
            clinic = _with_protocols(wiring.build_clinic(settings, folder, opened), role)
            _warn_of_wordings(settings, folder)
            _warm_up(clinic)
            clock, ours = SystemClock(), installation.of(settings.telegram, folder)
            parts = Workshop(settings, folder, clinic, clock.now).parts(role)
            beside = database.anchors_path(settings.database, folder) if opened.is_sqlite else None
            await Engine(clinic, parts, clock.now, ours, beside).run(stop)
    finally:
        await opened.close()
    log.info("ended", extra={"action": "ended", "role": role})


def _with_protocols(clinic: Clinic, role: str) -> Clinic:
    """The clinic with its protocols read. The auditor, which needs none, goes on without those that are broken."""
    try:
        clinic.protocols.get(None)
    except (ConfigError, ProtocolError) as error:
        if role != "auditor":
            raise
        log.warning("protocols cannot be used", extra={"action": "protocols-broken", "why": str(error)})
        return replace(clinic, protocols=wiring.shipped_shelf())
    return clinic


def _warn_of_wordings(settings: Settings, folder: Path) -> None:
    """Log which of the clinic's own wordings are not said, so that the shipped sentences stand; `check` says it too."""
    unfit = [f"{sentence} {mend}" for sentence, mend in map(told, wiring.known_wordings(settings, folder).problems)]
    try:
        wiring.refuse_missing("messages", settings.messages.path, settings, folder)
    except ConfigError as error:
        unfit.append(str(error))
    for why in unfit:
        log.warning("a wording is not said", extra={"action": "wording-unfit", "why": why})


def _warm_up(clinic: Clinic) -> None:
    """Read the screening rules, and take all that stays from the garbage collector, which stops for 0.2 s over it."""
    clinic.screening  # noqa: B018 - read when first asked for
    gc.collect()
    gc.freeze()


def log_to_standard_error(settings: Settings | None, *, as_json: bool, level: int = logging.INFO) -> None:
    """Set logging up, with the configuration's secrets hidden."""
    log_lines.set_up(as_json=as_json, secrets=[*secrets(settings)] if settings else (), level=level)
