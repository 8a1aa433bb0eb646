"""The lists that staff ask for or get: open alerts, the caseload, what waits at the opening, a group's counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.texts.rendered import Button, Maker, Rendered
from bot.texts.staff import clip, moment
from content.messages import say
from services.clinic import Clinic
from services.delivery import Claimed

TIER_STYLES = {"red": "danger", "amber": "primary"}
MOST_BUTTONS = 50


def alerts(clinic: Clinic, message: Claimed) -> Rendered:
    """What is open, a button for each."""
    language, rows = message.language, message.params["alerts"]
    if not rows:
        return Rendered(text=say(language, "staff.alerts_none"))
    return _alert_list(clinic, message, say(language, "staff.alerts_head", count=len(rows)))


def opening(clinic: Clinic, message: Claimed) -> Rendered:
    """What waits when the clinic opens."""
    count = len(message.params["alerts"])
    return _alert_list(clinic, message, say(message.language, "staff.opening_head", count=count))


def _alert_list(clinic: Clinic, message: Claimed, head: str) -> Rendered:
    language, rows = message.language, message.params["alerts"]
    shown = [
        say(
            language,
            "staff.alerts_line",
            urgency=say(language, f"staff.page_{row['tier']}"),
            alert=row["alert"],
            patient=row["patient"],
            state=say(language, f"staff.list_{row['state']}", owner=row["owner"]),
            at=moment(clinic, row["at"]),
        )
        for row in rows
    ]
    return Rendered(text=clip("\n".join((head, *shown))), rows=_alert_buttons(rows))


def _alert_buttons(rows: Sequence[Mapping[str, Any]]) -> tuple[tuple[Button, ...], ...]:
    """A button for each alert that shows it: in its tier's colour as long as nobody has taken it."""
    return tuple(
        (
            Button(
                label=f"{row['alert']} · {row['patient']}",
                verb="show",
                subject=row["row"],
                style=TIER_STYLES.get(row["tier"]) if row["state"] == "open" else None,
            ),
        )
        for row in rows[:MOST_BUTTONS]
    )


def caseload(clinic: Clinic, message: Claimed) -> Rendered:
    """Who is in a course, by alias; a button for each of their alerts, if the reader may see those."""
    language, params = message.language, message.params
    if not params["patients"]:
        return Rendered(text=say(language, "staff.caseload_none"))
    none = say(language, "staff.details_none")
    shown = [
        say(
            language,
            "staff.caseload_line",
            patient=row["patient"],
            day=row["day"],
            mood=none if row["mood"] is None else row["mood"],
            alerts=_of_alert(language, row["alert"]),
        )
        for row in params["patients"]
    ]
    head = say(language, "staff.caseload_head", count=params["count"])
    rows = [row["alert"] for row in params["patients"] if row["alert"]] if params["shows_alerts"] else []
    return Rendered(text=clip("\n".join((head, *shown))), rows=_alert_buttons(rows))


def _of_alert(language: str, row: Mapping[str, Any] | None) -> str:
    if row is None:
        return say(language, "staff.caseload_quiet")
    return f"{say(language, 'staff.page_' + row['tier'])} {row['alert']}"


def counts(clinic: Clinic, message: Claimed) -> Rendered:
    """What a group may know: how many, never who."""
    return Rendered(text=say(message.language, "staff.counts", clinic=clinic.name, **message.params))


MAKERS: dict[str, Maker] = {"alerts": alerts, "opening": opening, "caseload": caseload, "counts": counts}
