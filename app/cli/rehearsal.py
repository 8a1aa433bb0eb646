"""`fortnight rehearse`: a simulated clinic goes through its fortnight, and tells what that came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import tomlkit
import typer
from rich.console import Group, RenderableType
from rich.text import Text

from app.cli.desk import bare
from app.cli.printing import Shown, counted, table, written
from app.cli.protocols import named
from rules.protocol import INSTRUMENTS, as_data
from services.errors import Refused

DEFAULT = "ketamine-14d"
ALERTS = {
    "opened_at": "opened (UTC)",
    "patient": "patient",
    "tier": "tier",
    "reasons": "why",
    "rings": "rings",
    "acknowledged_at": "acknowledged",
    "owner": "by",
    "outcome": "outcome",
}
TIMELINE = {"on": "day", "red": "red", "amber": "amber", "closed": "closed", "rings": "pages"}
LOAD = {
    "clinician": "clinician",
    "pages": "pages",
    "at_night": "at night",
    "busiest_day": "most in a day",
    "owned": "alerts",
}
RATES = {"asked": "went out", "answered": "answered", "rate": "rate"}


@bare
async def rehearse(
    path: Path | None,
    patients: Annotated[int, typer.Option("--patients", min=1, max=5000, help="How many patients.")] = 20,
    seed: Annotated[int, typer.Option("--seed", help="Decides all chances: the same seed, the same rehearsal.")] = 1,
    protocol: Annotated[str, typer.Option("--protocol", help="The id of a protocol, or a file.")] = DEFAULT,
    days: Annotated[int, typer.Option("--days", min=1, max=60, help="How long, from the infusions on.")] = 14,
    html: Annotated[Path | None, typer.Option("--html", help="Write the report there, with charts.")] = None,
) -> Shown:
    """Let made-up patients and clinicians go through a fortnight on the real engine; needs no configuration or token.

    Example: fortnight rehearse --patients 40 --seed 7 --html rehearsal.html
    """
    from app.rehearsal import groups  # late: the whole engine
    from app.rehearsal.playing import Script
    from content.pages import page

    spread = replace(await named(protocol, path), jitter=timedelta(0))  # what is spread over a minute goes out in one
    if unknown := {name for slot in spread.slots for name in (*slot.asks, *slot.optional)} - INSTRUMENTS:
        raise Refused(
            f"Nobody in a rehearsal knows how to answer {min(unknown)!r}.", "ask only shipped instruments in it"
        )
    text = tomlkit.dumps(as_data(spread))
    script = Script(patients=patients, seed=seed, days=days, protocol=text, protocol_id=spread.id)
    report = await groups.rehearse(script)
    if html is not None:
        written(html, page("rehearsal", **report))
    return Shown(document=report, people=_for_people(report, html))


def _for_people(report: Mapping[str, Any], html: Path | None) -> RenderableType:
    size = f"{counted(report['patients'], 'patient')} over {counted(report['days'], 'day')}"
    head = f"{size} on {report['protocol']}, seed {report['seed']}"
    parts: list[RenderableType] = [Text(head, style="bold"), ""]
    parts += [table(report["timeline"], TIMELINE, empty="No alerts."), ""]
    parts += [table(report["alerts"], ALERTS, empty=""), ""] if report["alerts"] else []
    parts += [table(report["load"], LOAD, empty=""), ""]
    parts += [table(report["slots"], {"slot": "slot", **RATES}, empty="Nothing was asked."), ""]
    personas = {"persona": "persona", "patients": "patients", **RATES, "red": "red", "amber": "amber"}
    parts.append(table(report["personas"], personas, empty=""))
    if html is not None:
        parts += ["", f"The report is in {html}."]
    return Group(*parts)
