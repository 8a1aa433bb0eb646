"""Finds patients, staff and alerts by the names that people type: P-1042, S-3, A-17, or an id."""

from __future__ import annotations

import re

from rules.local_time import in_words
from rules.permissions import may
from services.errors import Refused
from store import alerts, courses, patients, staff
from store.database import Transaction

NAMED = 6  # of many infusions so many are named
SHORT = 8  # characters of an infusion's id in a table
_PIECE = re.compile(r"[0-9a-f]{6,32}")
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


def short(infusion_id: str) -> str:
    """What tables show of an infusion's id: its end, since the ids of a series recorded at once begin alike."""
    return infusion_id[-SHORT:]


async def course(tx: Transaction, infusion: str) -> tuple[patients.Patient, courses.Course]:
    """The course of an infusion, with its patient; raises Refused.

    Of its id the beginning or the end is enough, six characters or more, where no other has the same.
    """
    piece = infusion.strip().lower()
    exact = await courses.by_infusion(tx, piece)
    found = [exact] if exact else await courses.by_piece(tx, piece) if _PIECE.fullmatch(piece) else []
    if not found:
        raise Refused(f"There is no infusion {infusion!r}.", "see `fortnight patient show`")
    if len(found) > 1:
        choices = "; ".join([await _told_apart(tx, each) for each in found[:NAMED]])
        raise Refused(f"{len(found)} infusions have an id with {infusion!r}.", f"say which: {choices}")
    return await patient(tx, found[0].patient_id), found[0]


async def _told_apart(tx: Transaction, of: courses.Course) -> str:
    whose = await patients.get(tx, of.patient_id)
    assert whose is not None  # noqa: S101 - courses are of patients there are
    return f"{short(of.infusion_id)} of {whose.alias}, {in_words(of.infusion_at, whose.timezone)}"


def _number(name: str, letter: str) -> int | None:
    found = _ALIAS.fullmatch(name.strip())
    return int(found[2]) if found and found[1].upper() == letter else None
