"""Who may do what: one table of roles and actions, and the rule for the buttons of an alert (design.md, promise 10)."""

from __future__ import annotations

from dataclasses import dataclass

_TABLE = {
    # action               admin  coordinator clinician auditor
    "manage-staff": "admin",
    "enrol-patient": "admin coordinator clinician",
    "change-plan": "admin coordinator clinician",
    "record-infusion": "admin coordinator clinician",
    "edit-rota": "admin coordinator",
    "see-rota": "admin coordinator clinician auditor",
    "caseload": "admin coordinator clinician",
    "acknowledge-alert": "admin clinician",
    "reveal-alert": "admin clinician",
    "close-alert": "admin clinician",
    "read-digest": "admin clinician",
    "hand-over": "admin clinician",
    "publish-protocol": "admin coordinator",
    "move-protocol": "admin",
    "export-patient": "admin",
    "erase-patient": "admin",
    "read-audit": "admin auditor",
    "operate": "admin",
}
_COMMANDS = {
    # action: the commands of the command line that do it
    "manage-staff": "staff: add disable relink account",
    "enrol-patient": "patient: enrol relink",
    "change-plan": "patient: pause resume end plan extend; patient slot: skip move",
    "record-infusion": "infusion: record series postpone cancel",
    "edit-rota": "rota: add rotate override away remove import; drill: send",
    "see-rota": "rota: show gaps export; drill: list; staff: list",
    "caseload": "patient: list; protocol: list; alert: report",
    "acknowledge-alert": "alert: list show acknowledge",
    "reveal-alert": "patient: show",
    "close-alert": "alert: close reopen",
    "read-digest": "digest",
    "hand-over": "alert: hand-over",
    "publish-protocol": "protocol: diff publish move forecast",
    "export-patient": "patient: export",
    "erase-patient": "patient: erase; retention",
    "read-audit": "audit: show verify",
    "operate": "migrate; adopt; backup; restore; keys: rotate",
}
NEEDS_NOBODY = frozenset(  # they look at no patient, or start what pages
    {"demo", "run", "check", "rehearse", "screen"}
    | {"protocol validate", "protocol preview", "protocol schema", "content review"}
)
ACTIONS = frozenset(_TABLE)
ROLES = ("admin", "coordinator", "clinician", "auditor")


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """They may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """They may not; `reason` is a code: role, not-concerned, needs-reason."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """What ties a staff member to an alert: they own it, were paged for it, are on the rota now."""

    owns: bool
    paged: bool
    on_rota: bool


def may(role: str, action: str) -> bool:
    """Whether a role may do an action at all; an unknown action is nobody's."""
    return role in _TABLE.get(action, "").split()


def action_of(command: str) -> str:
    """The action that a command of the command line is, such as "staff add"; empty for one that the table lacks."""
    return next((action for action, commands in _COMMANDS.items() if command in _spelled_out(commands)), "")


def _spelled_out(commands: str) -> list[str]:
    """Every command in full: "rota: show gaps; digest" is "rota show", "rota gaps", "digest"."""
    found = []
    for each in commands.split("; "):
        group, _, names = each.rpartition(": ")
        found += [f"{group} {name}".strip() for name in names.split()]
    return found


def may_press(role: str, action: str, concern: Concern, *, reason: str | None = None) -> Allowed | Refused:
    """Whether somebody may press a button of an alert: the owner, those paged, those on the rota now, and admins
    with a reason."""
    if not may(role, action):
        return Refused(reason="role")
    if concern.owns or concern.paged or concern.on_rota:
        return Allowed()
    if role != "admin":
        return Refused(reason="not-concerned")
    return Allowed() if reason else Refused(reason="needs-reason")
