"""`fortnight rehearse`: a simulated clinic goes through its fortnight, and tells what that came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import tomlkit
import typer
from rich.console import Group, RenderableType
from rich.text import Text

from app import config
from app.cli.desk import bare
from app.cli.printing import Shown, counted, table, written
from app.cli.protocols import named
from rules.local_time import to_local
from rules.protocol import as_data

DEFAULT = "ketamine-14d"
ALERTS = {
    "opened": "opened",
    "patient": "patient",
    "tier": "tier",
    "why": "why",
    "rings": "rings",
    "taken": "taken",
    "by": "by",
    "outcome": "outcome",
}
MOST = 40  # alerts in the list for people: of more than so many only the red ones
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
    text, own = tomlkit.dumps(as_data(spread)), _own_instruments(path)
    script = Script(patients=patients, seed=seed, days=days, protocol=text, protocol_id=spread.id, **own)
    report = await groups.rehearse(script)
    if html is not None:
        written(html, page("rehearsal", **report))
    return Shown(document=report, people=_for_people(report, html))


def _own_instruments(path: Path | None) -> dict[str, Any]:
    """Where the clinic's own instruments are, if it has any."""
    if not config.is_there(path, config.environment()):
        return {}
    settings, folder = config.load(path, config.environment())
    own = settings.instruments
    return {"instruments": str((folder / own.path).resolve()), "licensed": own.licensed} if own.path else {}


def _for_people(report: Mapping[str, Any], html: Path | None) -> RenderableType:
    size = f"{counted(report['patients'], 'patient')} over {counted(report['days'], 'day')}"
    head = f"{size} on {report['protocol']}, seed {report['seed']}"
    parts: list[RenderableType] = [Text(head, style="bold"), ""]
    parts += [table(report["timeline"], TIMELINE, empty="No alerts."), ""]
    parts += _alerts(report)
    parts += [table(report["load"], LOAD, empty=""), ""]
    slots, people = map(_in_percent, report["slots"]), map(_in_percent, report["personas"])
    parts += [table(list(slots), {"slot": "slot", **RATES}, empty="Nothing was asked."), ""]
    personas = {"persona": "persona", "patients": "patients", **RATES, "red": "red", "amber": "amber"}
    parts.append(table(list(people), personas, empty=""))
    if html is not None:
        parts += ["", f"The report is in {html}."]
    return Group(*parts)


def _alerts(report: Mapping[str, Any]) -> list[RenderableType]:
    """The list of alerts, in the clinic's own time; of very many only the red ones."""
    every, zone = report["alerts"], report["timezone"]
    listed = every if len(every) <= MOST else [each for each in every if each["tier"] == "red"]
    if not every:
        return []
    lines: list[RenderableType] = [table([_line(each, zone) for each in listed], ALERTS, empty="No red alerts.")]
    if len(listed) < len(every):
        lines.append(f"Another {len(every) - len(listed)} alerts, all amber, are in the report of --html or --json.")
    return [*lines, f"Times are those of {zone}; taken is how long after.", ""]


def _line(alert: Mapping[str, Any], zone: str) -> dict[str, Any]:
    opened = datetime.fromisoformat(alert["opened_at"])
    taken = datetime.fromisoformat(alert["acknowledged_at"]) - opened if alert["acknowledged_at"] else None
    return {
        **alert,
        "opened": f"{to_local(opened, zone):%d %b %H:%M}",
        "patient": alert["patient"].removeprefix("Patient "),
        "why": ", ".join(alert["reasons"]),
        "taken": f"{round(taken.total_seconds() / 60)} min" if taken is not None else "–",
        "by": (alert["owner"] or "–").removeprefix("Clinician "),
    }


def _in_percent(rates: Mapping[str, Any]) -> dict[str, Any]:
    return {**rates, "rate": "–" if rates["rate"] is None else f"{rates['rate']:.0%}"}
