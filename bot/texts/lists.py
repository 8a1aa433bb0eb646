"""The lists that staff ask for or get: open alerts, the caseload, the day, what waits, a group's counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.texts.dates import day, moment, time_of
from bot.texts.rendered import Button, Maker, Rendered
from bot.texts.staff import clip
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
            at=moment(clinic, language, row["at"]),
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


def today(clinic: Clinic, message: Claimed) -> Rendered:
    """Who starts, who ends, who is silent; and whose consent is to an older version, if anybody's is."""
    language, params = message.language, message.params
    lines = {
        "starts": [_start(clinic, language, each) for each in params["starts"]],
        "ends": [
            say(language, "today.end", patient=each["patient"], at=moment(clinic, language, each["at"]))
            for each in params["ends"]
        ],
        "silent": [say(language, "today.quiet", **each) for each in params["silent"]],
    }
    parts = [say(language, "today.head", on=day(language, params["on"]))]
    parts += ["\n".join((say(language, f"today.{key}", count=len(each)), *each)) for key, each in lines.items()]
    if older := params.get("consent"):
        parts.append(say(language, "today.consent", count=len(older), patients=", ".join(older)))
    return Rendered(text=clip("\n\n".join(parts)))


def _start(clinic: Clinic, language: str, line: Mapping[str, Any]) -> str:
    key = "today.start" if line.get("agreed", True) else "today.start_unagreed"
    key = key if line["linked"] else "today.start_unlinked"
    return say(language, key, patient=line["patient"], at=time_of(clinic, line["at"]))


MAKERS: dict[str, Maker] = {
    "alerts": alerts,
    "opening": opening,
    "caseload": caseload,
    "counts": counts,
    "today": today,
}
