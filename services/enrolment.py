"""Enrolling patients and staff, and the one-time links by which they join."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from rules.forms import LONGEST_NAME, name_in, phone_in
from rules.local_time import zone_of
from services import drills, nudges
from services.clinic import Clinic
from services.errors import Refused
from services.outgoing import to_patient, to_staff
from store import alerts, audit, keeping, links, outbox, patients, staff
from store.database import Transaction

Someone = TypeVar("Someone", patients.Patient, staff.Member)
LANGUAGES = ("en", "es")
ROLES = ("admin", "coordinator", "clinician", "auditor")


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Who opened a link: a patient or a staff member."""

    patient: patients.Patient | None = None
    member: staff.Member | None = None


async def enrol_patient(
    clinic: Clinic,
    tx: Transaction,
    *,
    name: str,
    timezone: str,
    language: str,
    contact: Mapping[str, str],
    actor: str,
    now: datetime,
) -> tuple[patients.Patient, str]:
    """Enrol a patient; returns them and the code of their link. Raises Refused."""
    _refuse_language(language)
    named, particulars = _particulars(name, contact)
    try:
        zone_of(timezone)
    except ValueError:
        mend = "give --timezone an IANA name such as Europe/Madrid"
        raise Refused.of("no-zone", mend, zone=repr(timezone)) from None
    enrolled = await patients.add(tx, name=named, timezone=timezone, language=language, contact=particulars, now=now)
    await _note(tx, actor, "patient-enrolled", enrolled, now)
    return enrolled, await _issue(clinic, tx, "patient", enrolled.id, now)


async def relink_patient(clinic: Clinic, tx: Transaction, who: patients.Patient, *, actor: str, now: datetime) -> str:
    """A new link for a patient, which makes the old ones useless; returns its code."""
    await _note(tx, actor, "patient-relinked", who, now)
    return await _issue(clinic, tx, "patient", who.id, now)


async def add_staff(
    clinic: Clinic, tx: Transaction, *, name: str, role: str, language: str, actor: str, now: datetime
) -> tuple[staff.Member, str]:
    """Add a staff member; returns them and the code of their link. Raises Refused."""
    _refuse_language(language)
    if role not in ROLES:
        raise Refused(f"There is no role {role!r}.", f"use one of: {', '.join(ROLES)}")
    member = await staff.add(tx, name=name, role=role, language=language, now=now)
    await audit.record(tx, stream=audit.CLINIC_STREAM, actor=actor, action="staff-added", subject=member.alias, now=now)
    return member, await _issue(clinic, tx, "staff", member.id, now)


async def relink_staff(clinic: Clinic, tx: Transaction, member: staff.Member, *, actor: str, now: datetime) -> str:
    """A new link for a staff member; returns its code. Raises Refused for one who is disabled."""
    if member.disabled_at is not None:
        raise Refused(f"{member.alias} is disabled.", "`fortnight staff add` makes somebody a member again")
    await audit.record(
        tx, stream=audit.CLINIC_STREAM, actor=actor, action="staff-relinked", subject=member.alias, now=now
    )
    return await _issue(clinic, tx, "staff", member.id, now)


async def disable_staff(tx: Transaction, member: staff.Member, *, actor: str, now: datetime) -> None:
    """Take everything from a staff member at once, links and what is on its way too; their shifts become gaps."""
    await keeping.revoke_links(tx, member.id, now)
    await outbox.drop_to(tx, member.id, "disabled")
    await staff.change(tx, member.id, disabled_at=now, user_id=None, chat_id=None)
    await audit.record(
        tx, stream=audit.CLINIC_STREAM, actor=actor, action="staff-disabled", subject=member.alias, now=now
    )
    await nudges.say_gaps(tx, now)
    await alerts.look_again(tx, now)


async def join(
    clinic: Clinic, tx: Transaction, code: str, *, user_id: int, chat_id: int, now: datetime
) -> Joined | None:
    """Use a link up: link the Telegram user to the patient or the staff member; none when the link is not good."""
    link = await links.open_once(tx, code, now)
    if link is None:
        return None
    if link.kind == "patient":
        return await _join_patient(clinic, tx, link.subject_id, user_id, chat_id, now)
    if link.kind == "staff":
        return await _join_staff(clinic, tx, link.subject_id, user_id, chat_id, now)
    await staff.change(tx, link.subject_id, page_bot_at=now)
    member = await staff.get(tx, link.subject_id)
    if member is not None:  # whether pages reach them this way too
        await drills.send(tx, member, "link", now)
    return Joined(member=member)


async def _join_patient(
    clinic: Clinic, tx: Transaction, patient_id: str, user_id: int, chat_id: int, now: datetime
) -> Joined:
    before = await patients.get(tx, patient_id)
    assert before is not None  # noqa: S101 - links are issued for patients there are
    earlier = await patients.by_user(tx, user_id)
    if earlier is not None and earlier.id != patient_id:
        await patients.change(tx, earlier.id, user_id=None, chat_id=None)
    state = "linked" if before.state == "enrolled" else before.state
    await patients.change(tx, patient_id, user_id=user_id, chat_id=chat_id, blocked_at=None, state=state)
    after = await patients.get(tx, patient_id)
    assert after is not None  # noqa: S101 - read above
    await _note(tx, f"patient:{patient_id}", "patient-linked", after, now)
    kind = "consent" if after.state == "linked" else "welcome-back"
    await outbox.queue(tx, [to_patient(after, "reply", kind)], now)
    return Joined(patient=after)


async def _join_staff(
    clinic: Clinic, tx: Transaction, member_id: str, user_id: int, chat_id: int, now: datetime
) -> Joined:
    earlier = await staff.by_user(tx, user_id)
    if earlier is not None and earlier.id != member_id:
        await staff.change(tx, earlier.id, user_id=None, chat_id=None, tested_at=None)
    await staff.change(tx, member_id, user_id=user_id, chat_id=chat_id, blocked_at=None, tested_at=None)
    member = await staff.get(tx, member_id)
    assert member is not None  # noqa: S101 - links are issued for staff there are
    await audit.record(
        tx,
        stream=audit.CLINIC_STREAM,
        actor=f"staff:{member_id}",
        action="staff-linked",
        subject=member.alias,
        now=now,
    )
    drafts = [to_staff(member, "reply", "staff-welcome", role=member.role)]
    if clinic.page_bot:
        code = await links.issue(tx, kind="page-bot", subject_id=member_id, now=now, valid=clinic.link_valid)
        drafts.append(to_staff(member, "reply", "page-bot-link", code=code))
    await outbox.queue(tx, drafts, now)
    await drills.send(tx, member, "link", now)
    await alerts.look_again(tx, now)
    return Joined(member=member)


async def _issue(clinic: Clinic, tx: Transaction, kind: str, subject_id: str, now: datetime) -> str:
    return await links.issue(tx, kind=kind, subject_id=subject_id, now=now, valid=clinic.link_valid)


async def _note(tx: Transaction, actor: str, action: str, who: patients.Patient, now: datetime) -> None:
    stream = audit.stream_of(who.id)
    await audit.record(tx, stream=stream, actor=actor, action=action, subject=who.alias, now=now)


def _particulars(name: str, contact: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """Name and contact as they are kept. Raises Refused for a name that is none, and a phone that cannot be called."""
    named = name_in(name)
    if named is None:
        raise Refused.of("no-name", f"give --name 1 to {LONGEST_NAME} letters")
    particulars = dict(contact)
    if "phone" in particulars:
        phone = phone_in(particulars["phone"])
        if phone is None:
            raise Refused.of("no-phone", 'give --phone a number such as "+34 600 000 000", or leave it out')
        particulars["phone"] = phone
    return named, particulars


def _refuse_language(language: str) -> None:
    if language not in LANGUAGES:
        raise Refused.of("no-language", f"use one of: {', '.join(LANGUAGES)}", wanted=repr(language))
