"""Drafts of what goes out: who it is for, in which lane, and the figures that bot/texts.py makes the words of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from store.outbox import Draft
from store.patients import Patient
from store.staff import Member


def to_patient(
    patient: Patient,
    lane: str,
    kind: str,
    *,
    checkin_id: str | None = None,
    alert_id: str | None = None,
    once: str | None = None,
    edits: int | None = None,
    due_at: datetime | None = None,
    expires_at: datetime | None = None,
    **params: Any,
) -> Draft:
    """A message to a patient, in their language."""
    return Draft(
        lane=lane,
        kind=kind,
        chat_id=patient.chat_id,
        language=patient.language,
        params=params,
        edits=edits,
        patient_id=patient.id,
        checkin_id=checkin_id,
        alert_id=alert_id,
        once=once,
        due_at=due_at,
        expires_at=expires_at,
    )


def to_staff(
    member: Member,
    lane: str,
    kind: str,
    *,
    alert_id: str | None = None,
    once: str | None = None,
    edits: int | None = None,
    **params: Any,
) -> Draft:
    """A message to a staff member's private chat; a page comes from the page bot, if they have opened it."""
    return Draft(
        lane=lane,
        kind=kind,
        chat_id=member.chat_id,
        language=member.language,
        params=params,
        channel="page-bot" if lane == "page" and member.page_bot_at else "telegram",
        edits=edits,
        staff_id=member.id,
        alert_id=alert_id,
        once=once,
    )
