"""Everything about one patient, in the clear, for themselves: an opening that the audit keeps."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from services import records
from services.clinic import Clinic
from services.records import stamp
from store import alerts, answers, audit, findings, keeping, patients
from store.database import Transaction
from store.patients import Patient


async def of_patient(clinic: Clinic, tx: Transaction, patient: Patient, *, actor: str, now: datetime) -> dict[str, Any]:
    """What is kept about a patient, as JSON values: who they are, what they agreed to, answered and wrote, what was
    seen in it and done about it, what was sent to them, and who has looked.
    """
    stream = audit.stream_of(patient.id)
    await audit.record(tx, stream=stream, actor=actor, action="exported", subject=patient.alias, now=now)
    particulars = await patients.particulars(tx, patient.id)
    record = await records.patient_record(clinic, tx, patient)
    words = {each.id: each.words for each in await answers.texts_of(tx, patient.id)}
    return {
        "exported_at": stamp(now),
        "clinic": clinic.name,
        "name": particulars.name,
        "contact": dict(particulars.contact),
        "safety_plan": particulars.plan,
        "telegram_user": patient.user_id,
        "consents": await _consents(tx, patient),
        **{key: record[key] for key in record if key not in ("history", "alerts")},
        "answers": [{**each, "words": words.get(each["id"])} for each in record["history"]],
        "alerts": [await _alert(tx, each) for each in await alerts.of_patient(tx, patient.id)],
        "findings": [
            {"at": stamp(each.at), "rule": each.finding.rule, "tier": each.finding.tier.word, **each.finding.detail}
            for each in await findings.of_patient(tx, patient.id)
        ],
        "messages": await _messages(tx, patient),
        "updates": await _updates(tx, patient),
        "audit": [
            {"at": stamp(each.at), "actor": each.actor, "action": each.action, "detail": dict(each.detail)}
            for each in await audit.read(tx, stream)
        ],
    }


async def _consents(tx: Transaction, patient: Patient) -> list[dict[str, Any]]:
    return [
        {
            "version": each.version,
            "language": each.language,
            "given_at": stamp(each.given_at),
            "withdrawn_at": stamp(each.withdrawn_at),
        }
        for each in await patients.consents_of(tx, patient.id)
    ]


async def _messages(tx: Transaction, patient: Patient) -> list[dict[str, Any]]:
    return [
        {"at": stamp(each.at), "kind": each.kind, "state": each.state, "figures": each.figures}
        for each in await keeping.messages_to(tx, patient.id)
    ]


async def _updates(tx: Transaction, patient: Patient) -> list[dict[str, Any]]:
    kept = await keeping.updates_of(tx, patient.chat_id) if patient.chat_id is not None else ()
    return [{"at": stamp(at), "update": json.loads(raw or "null")} for at, raw in kept]


async def _alert(tx: Transaction, alert: alerts.Alert) -> dict[str, Any]:
    record = await records.alert_record(tx, alert)
    return {**record, "note": await alerts.note_of(tx, alert.id)}
