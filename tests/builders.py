"""Builds clinics and the people in them for tests, through the services where there is one."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from content import instruments, protocols, screening
from rules.clinic_hours import parse_clinic_hours
from rules.ladder import DEFAULT_AMBER, DEFAULT_RED
from rules.tier import Tier
from services import enrolment, infusions
from services.clinic import Clinic
from services.protocols import Shelf
from store import patients, rota, staff
from store.database import Database, Transaction
from store.patients import Patient
from store.staff import Member

Found = TypeVar("Found")
USER_IDS = count(7_000_001)  # Telegram users, each new one another
HOURS = parse_clinic_hours("mon-fri", ["09:00", "17:00"], "Europe/Madrid")


def make_clinic(database: Database, **changes: Any) -> Clinic:
    """A clinic in Madrid with the shipped content and the default ladders; `changes` are fields of Clinic."""
    clinic = Clinic(
        database=database,
        name="Example Clinic",
        timezone="Europe/Madrid",
        region="ES",
        hours=HOURS,
        call_within={"en": "within the hour", "es": "en la próxima hora"},
        caller={"en": "A clinician", "es": "Una persona del equipo clínico"},
        ladders={Tier.RED: DEFAULT_RED, Tier.AMBER: DEFAULT_AMBER},
        load_screening=screening.load,
        instruments=instruments.load(),
        protocols=shelf(),
    )
    return replace(clinic, **changes)


def shelf(**texts: str) -> Shelf:
    """The shipped protocols and those of the given texts (id=TOML)."""
    folder = Path(protocols.__file__).parent
    shipped = {path.stem: (path.read_text("utf-8"),) for path in folder.glob("*.toml")}
    return Shelf(texts={**shipped, **{name: (text,) for name, text in texts.items()}}, default="ketamine-14d")


async def add_patient(
    clinic: Clinic,
    tx: Transaction,
    now: datetime,
    *,
    state: str = "consented",
    timezone: str = "Europe/Madrid",
    language: str = "en",
    preferred: time | None = None,
    contact: Mapping[str, str] | None = None,
) -> Patient:
    """A patient who has come as far as `state`; from "linked" on with a Telegram user of their own."""
    enrolled, _ = await enrolment.enrol_patient(
        clinic,
        tx,
        name=f"Patient {now:%H%M%S}",
        timezone=timezone,
        language=language,
        contact=contact or {},
        actor="cli",
        now=now,
    )
    values: dict[str, Any] = {"state": state, "preferred": preferred.strftime("%H:%M") if preferred else None}
    if state != "enrolled":
        user_id = next(USER_IDS)
        values |= {"user_id": user_id, "chat_id": user_id}
    if state not in ("enrolled", "linked"):
        values["consented_at"] = now
        await patients.add_consent(
            tx, patient_id=enrolled.id, version=clinic.consent_version, language=language, now=now
        )
    await patients.change(tx, enrolled.id, **values)
    return await _there(patients.get(tx, enrolled.id))


async def add_member(
    clinic: Clinic,
    tx: Transaction,
    now: datetime,
    *,
    name: str = "Clinician One",
    role: str = "clinician",
    language: str = "en",
    linked: bool = True,
    tested: bool = True,
    on_call: str | None = None,
    days: int = 30,
) -> Member:
    """A staff member, linked and tested unless told otherwise; `on_call` at a level from now for some days."""
    added, _ = await enrolment.add_staff(clinic, tx, name=name, role=role, language=language, actor="cli", now=now)
    if linked:
        user_id = next(USER_IDS)
        await staff.change(tx, added.id, user_id=user_id, chat_id=user_id, tested_at=now if tested else None)
    if on_call is not None:
        end = now + timedelta(days=days)
        await rota.add(tx, staff_id=added.id, level=on_call, from_at=now, to_at=end, override=False, now=now)
    return await _there(staff.get(tx, added.id))


async def record_infusion(
    clinic: Clinic, tx: Transaction, patient: Patient, now: datetime, **changes: Any
) -> infusions.Recorded:
    """An infusion that ends now at 0.5 mg/kg on the default protocol; `changes` are arguments of infusions.record."""
    arguments = {
        "ended_at": now,
        "dose_mg_per_kg": 0.5,
        "protocol_id": None,
        "uncovered": "a test",
        "actor": "cli",
        "now": now,
    }
    return await infusions.record(clinic, tx, patient, **{**arguments, **changes})


async def _there(found: Awaitable[Found | None]) -> Found:
    value = await found
    assert value is not None
    return value
