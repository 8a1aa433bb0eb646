"""Guided conversations with staff: one at most for a member, its answers sealed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, insert, select

from store.database import Transaction
from store.ids import StaffId, new_id
from store.keyring import CLINIC
from store.rota_schema import form


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A conversation that is going on: what it is about, the question asked last, the answers so far."""

    id: str
    staff_id: StaffId
    kind: str
    step: str
    changed_at: datetime
    values: Mapping[str, str] = field(default_factory=dict)


async def put(
    tx: Transaction, staff_id: StaffId, kind: str, step: str, values: Mapping[str, str], now: datetime
) -> Form:
    """Keep a conversation as it stands now, in place of whatever was going on; its buttons are new ones each time."""
    kept = Form(id=new_id(), staff_id=staff_id, kind=kind, step=step, changed_at=now, values=values)
    await end(tx, staff_id)
    sealed = await tx.seal(CLINIC, _place(kept.id), json.dumps(dict(values)))
    await tx.execute(
        insert(form),
        {"id": kept.id, "staff_id": staff_id, "kind": kind, "step": step, "answers": sealed, "changed_at": now},
    )
    return kept


async def of(tx: Transaction, staff_id: str, since: datetime) -> Form | None:
    """The conversation that a member is in, if it has gone on since an instant."""
    row = await tx.row(select(form).where(form.c.staff_id == staff_id, form.c.changed_at >= since))
    if row is None:
        return None
    values = json.loads(await tx.open(_place(row.id), row.answers) or "{}")
    return Form(
        id=row.id, staff_id=row.staff_id, kind=row.kind, step=row.step, changed_at=row.changed_at, values=values
    )


async def end(tx: Transaction, staff_id: str) -> None:
    """Forget what a member was asked and answered."""
    await tx.execute(delete(form).where(form.c.staff_id == staff_id))


async def forget(tx: Transaction, before: datetime) -> int:
    """Forget the conversations that nobody has gone on with since; returns how many."""
    return (await tx.execute(delete(form).where(form.c.changed_at < before))).rowcount


def _place(form_id: str) -> str:
    return f"form.answers:{form_id}"
