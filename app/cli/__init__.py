"""The command line: `fortnight` and its commands, each parse → open → one service call → show."""

from __future__ import annotations

import sys

import typer

from app import memory
from app.cli import (
    alerts,
    audit,
    contents,
    digest,
    drills,
    engine,
    forecasting,
    infusions,
    keys,
    patients,
    protocols,
    recovery,
    rehearsal,
    rights,
    rota,
    screening,
    series,
    slots,
    staff,
    versions,
)
from app.cli.desk import ConfigOption, Everywhere, JsonOption
from app.cli.printing import Complaint, complain

app = typer.Typer(
    name="fortnight",
    help="Follows people through the two weeks after a ketamine infusion, and brings a human when it matters.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for name in ("demo", "run", "check", "migrate", "adopt"):
    app.command(name)(getattr(engine, name))
for module, name in (
    (staff, "staff"),
    (patients, "patient"),
    (infusions, "infusion"),
    (rota, "rota"),
    (drills, "drill"),
    (alerts, "alert"),
    (protocols, "protocol"),
    (contents, "content"),
):
    app.add_typer(module.group, name=name)
patients.group.add_typer(slots.group, name="slot")
patients.group.command("extend")(slots.extend)
infusions.group.command("series")(series.plan_series)
protocols.group.command("forecast")(forecasting.forecast)
for name in ("diff", "publish", "move"):
    protocols.group.command(name)(getattr(versions, name))
app.command("backup")(recovery.backup)
app.command("restore")(recovery.restore)
app.command("retention")(rights.retention)
app.command("digest")(digest.show)
app.command("rehearse")(rehearsal.rehearse)
app.command("screen")(screening.screen)
app.add_typer(audit.group, name="audit")
app.add_typer(keys.group, name="keys")


@app.callback()
def options(context: typer.Context, as_json: JsonOption = False, config_path: ConfigOption = None) -> None:
    """Keep what stands before the command for the command."""
    context.obj = Everywhere(as_json=as_json, config=config_path)


def main() -> None:
    """The `fortnight` command."""
    memory.stay_private()
    try:
        sys.exit(app(standalone_mode=False))
    except typer.TyperException as error:
        mend = f"see `{' '.join(['fortnight', *_command_words(), '--help'])}`"
        complain(Complaint(error=error.format_message(), mend=mend), as_json="--json" in sys.argv)
        sys.exit(error.exit_code)
    except typer.Abort:
        sys.exit(1)


def _command_words() -> list[str]:
    words = []
    for word in sys.argv[1:3]:
        if word.startswith("-"):
            break
        words.append(word)
    return words
