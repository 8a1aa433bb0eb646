"""Finds patients, staff and alerts by the names that people type: P-1042, S-3, A-17, or an id."""

from __future__ import annotations

import re

from rules.permissions import may
from services.errors import Refused
from store import alerts, courses, patients, staff
from store.database import Transaction

_ALIAS = re.compile(r"([PSA])-?(\d{1,9})", re.ASCII | re.IGNORECASE)


async def patient(tx: Transaction, name: str, *, erased: bool = False) -> patients.Patient:
    """The patient of an alias or an id, also an erased one if asked for; raises Refused."""
    number = _number(name, "P")
    found = await (patients.by_number(tx, number) if number is not None else patients.get(tx, name))
    if found is None or (found.state == "erased" and not erased):
        raise Refused.of("no-patient", "see `fortnight patient list`", name=repr(name))
    return found


async def member(tx: Transaction, name: str) -> staff.Member:
    """The staff member of an alias or an id; raises Refused."""
    number = _number(name, "S")
    found = await (staff.by_number(tx, number) if number is not None else staff.get(tx, name))
    if found is None:
        raise Refused(f"There is no staff member {name!r}.", "see `fortnight staff list`")
    return found


async def alert(tx: Transaction, name: str) -> alerts.Alert:
    """The alert of an alias or an id; raises Refused."""
    number = _number(name, "A")
    found = await (alerts.by_number(tx, number) if number is not None else alerts.get(tx, name))
    if found is None:
        raise Refused(f"There is no alert {name!r}.", "see `fortnight alert list`")
    return found


async def responder(tx: Transaction, name: str) -> staff.Member:
    """The staff member of an alias or an id, who may own an alert; raises Refused."""
    found = await member(tx, name)
    if found.disabled_at is not None or not may(found.role, "acknowledge-alert"):
        raise Refused(f"{found.alias} cannot own an alert.", "name a clinician who is not disabled")
    return found


async def entitled(tx: Transaction, name: str, action: str) -> staff.Member:
    """The staff member of an alias or an id, who may do an action; raises Refused."""
    found = await member(tx, name)
    if found.disabled_at is not None or not may(found.role, action):
        raise Refused(f"{found.alias} may not do that.", "name somebody who may, see `fortnight staff list`")
    return found


async def course(tx: Transaction, infusion: str) -> tuple[patients.Patient, courses.Course]:
    """The course of an infusion's id, with its patient; raises Refused."""
    found = await courses.by_infusion(tx, infusion)
    if found is None:
        raise Refused(f"There is no infusion {infusion!r}.", "see `fortnight patient show`")
    return await patient(tx, found.patient_id), found


def _number(name: str, letter: str) -> int | None:
    found = _ALIAS.fullmatch(name.strip())
    return int(found[2]) if found and found[1].upper() == letter else None
