"""Who owns an alert: one of two who press at once, until it is handed over, closed with an outcome, or rings again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.texts import render
from rules.finding import Finding
from rules.tier import Tier
from services import alerting, closing, handing_over, ownership, pages, presses, safety
from services.clinic import Clinic
from services.errors import Refused
from services.turn import Incoming, Turn
from store import alerts, staff
from store.alerts import Alert
from store.ids import InboxId
from store.patients import Patient
from store.schema import outbox
from store.staff import Member
from tests.builders import add_member, add_patient
from tests.wire import deliver

RED = Finding(rule="free-text-plan", tier=Tier.RED)
Press = Callable[..., Awaitable[Any]]


@dataclass(kw_only=True)
class Desk:
    """A red alert about a patient, two clinicians on call who were paged, and a coordinator."""

    clinic: Clinic
    now: datetime
    patient: Patient
    one: Member
    two: Member
    coordinator: Member

    async def find(self, finding: Finding = RED) -> None:
        async with self.clinic.database.transaction() as tx:
            await safety.act(self.clinic, tx, self.patient, [finding], now=self.now)

    async def press(self, member: Member, button: Press, *arguments: object, said: str | None = None) -> Any:
        """A member presses a button of the alert, or says something."""
        async with self.clinic.database.transaction() as tx:
            kind, chat = ("message" if said else "press"), member.chat_id
            incoming = Incoming(kind=kind, user_id=member.user_id, chat_id=chat, private=True, text=said)
            turn = Turn(
                clinic=self.clinic,
                tx=tx,
                now=self.now,
                incoming=incoming,
                inbox_id=InboxId("inbox"),
                patient=None,
                member=await staff.get(tx, member.id),
            )
            answered: Any = await button(turn, *arguments)
            return answered

    async def alert(self) -> Alert:
        """The only alert, as it stands."""
        async with self.clinic.database.reading() as tx:
            (only,) = await alerts.every(tx)
        return only

    async def code(self, member: Member, button: Press, *more: object) -> str | None:
        """What the press is answered with."""
        said = await self.press(member, button, (await self.alert()).id, *more)
        return said.code if said else None

    async def closes(self, member: Member, outcome: str, sentence: str = "Spoke by phone.") -> bool:
        """A member presses an outcome and writes a sentence; whether that was taken for one."""
        assert await self.code(member, closing.outcome_pressed, outcome) == "write_sentence"
        return bool(await self.press(member, closing.take_sentence, said=sentence))

    async def told(self, *lanes: str) -> dict[str, list[str | None]]:
        """What went out: kind → to whom."""
        kinds: dict[str, list[str | None]] = {}
        for message in await deliver(self.clinic, self.now, *lanes):
            kind = "edit" if message.edits is not None else message.kind
            kinds.setdefault(kind, []).append(message.staff_id or message.patient_id)
        return kinds


@pytest.fixture
async def desk(clinic: Clinic, now: datetime) -> Desk:
    async with clinic.database.transaction() as tx:
        desk = Desk(
            clinic=clinic,
            now=now,
            patient=await add_patient(clinic, tx, now),
            one=await add_member(clinic, tx, now, on_call="primary"),
            two=await add_member(clinic, tx, now, name="Clinician Two", on_call="primary"),
            coordinator=await add_member(clinic, tx, now, name="Coordinator", role="coordinator"),
        )
    await desk.find()
    await deliver(clinic, now)
    return desk


async def test_two_who_press_at_once_get_one_owner_and_both_are_told(desk: Desk) -> None:
    alert = await desk.alert()
    said = await asyncio.gather(
        desk.press(desk.one, presses.acknowledge_pressed, alert.id),
        desk.press(desk.two, presses.acknowledge_pressed, alert.id),
    )
    assert sorted(each.code for each in said if each) == ["acknowledged", "taken"]
    owner = (await desk.alert()).owner_id
    loser = desk.two.id if owner == desk.one.id else desk.one.id
    told = await desk.told()
    assert told["taken-by-other"] == [loser]
    assert told["seen"] == [desk.patient.id]  # once
    assert set(told["edit"]) == {desk.one.id, desk.two.id}


async def test_pages_still_waiting_are_dropped_when_somebody_takes_the_alert(desk: Desk) -> None:
    desk.now += timedelta(minutes=2)
    async with desk.clinic.database.transaction() as tx:
        alert = await desk.alert()
        await alerts.change(tx, alert.id, due_at=desk.now)
        await alerting.climb(desk.clinic, tx, alert.id, desk.now)
    await desk.code(desk.one, presses.acknowledge_pressed)
    async with desk.clinic.database.reading() as tx:
        new = (outbox.c.kind == "page") & outbox.c.edits.is_(None)
        states = [row.state for row in await tx.rows(select(outbox.c.state).where(new).order_by(outbox.c.id))]
    assert states == ["sent", "sent", "dropped", "dropped"]
    assert "page" not in await desk.told("page")


async def test_only_an_acknowledged_alert_is_called_about_and_closed(desk: Desk) -> None:
    assert await desk.code(desk.one, presses.called_pressed) == "first_acknowledge"
    assert await desk.code(desk.one, closing.outcome_pressed, "reached-safe") == "first_acknowledge"
    assert await desk.code(desk.one, presses.acknowledge_pressed) == "acknowledged"
    assert await desk.code(desk.one, presses.acknowledge_pressed) == "yours"
    assert await desk.code(desk.one, presses.called_pressed) == "called"
    assert await desk.closes(desk.one, "reached-safe")
    alert = await desk.alert()
    assert (alert.state, alert.outcome, alert.due_at) == ("closed", "reached-safe", None)
    assert "closed" in await desk.told("crisis")
    assert await desk.code(desk.two, presses.acknowledge_pressed) == "gone"


async def test_a_red_message_that_comes_before_the_close_is_not_closed_with_it(desk: Desk) -> None:
    await desk.code(desk.one, presses.acknowledge_pressed)
    seen = await desk.alert()
    await desk.find()
    with pytest.raises(Refused):
        async with desk.clinic.database.transaction() as tx:
            await ownership.close(tx, seen, desk.one, "no-concern", "Spoke by phone.", desk.now)
    assert (await desk.alert()).state == "open"


async def test_a_coordinator_may_press_nothing(desk: Desk) -> None:
    for button in (
        presses.acknowledge_pressed,
        presses.called_pressed,
        handing_over.choose_successor,
        pages.show_page,
    ):
        assert await desk.code(desk.coordinator, button) == "refused"
    assert (await desk.alert()).state == "open"


async def test_a_clinician_who_was_not_paged_and_is_not_on_call_is_refused(desk: Desk) -> None:
    async with desk.clinic.database.transaction() as tx:
        passer_by = await add_member(desk.clinic, tx, desk.now, name="Clinician Three")
    assert await desk.code(passer_by, presses.acknowledge_pressed) == "not_concerned"


async def test_an_alert_is_handed_over_only_when_the_colleague_accepts(desk: Desk) -> None:
    await desk.code(desk.one, presses.acknowledge_pressed)
    await desk.told()
    assert await desk.code(desk.one, handing_over.choose_successor) is None
    asked = [m for m in await deliver(desk.clinic, desk.now) if m.kind == "hand-over-ask"]
    assert [each["name"] for each in asked[0].params["colleagues"]] == ["Clinician Two"]
    assert await desk.code(desk.two, handing_over.accept) == "offer_gone"  # nobody has asked them
    assert await desk.code(desk.one, handing_over.offer, desk.two.number) == "handed"
    assert (await desk.alert()).owner_id == desk.one.id
    assert (await desk.told())["hand-over-offer"] == [desk.two.id]
    assert await desk.code(desk.two, handing_over.accept) == "acknowledged"
    assert (await desk.alert()).owner_id == desk.two.id
    assert (await desk.told())["hand-over-done"] == [desk.one.id]


async def test_a_hand_over_starts_the_follow_up_of_its_new_owner(desk: Desk) -> None:
    await desk.code(desk.one, presses.acknowledge_pressed)
    desk.now += timedelta(minutes=50)
    async with desk.clinic.database.transaction() as tx:
        await ownership.hand_over(desk.clinic, tx, await desk.alert(), desk.two, "cli", desk.now)
    assert (await desk.alert()).due_at == desk.now + timedelta(minutes=30)


async def test_a_reopened_alert_rings_at_its_owner(desk: Desk) -> None:
    await desk.code(desk.one, presses.acknowledge_pressed)
    await desk.closes(desk.one, "not-reached")
    await desk.told()
    assert await desk.code(desk.one, presses.reopen_pressed) is None
    told = await desk.told("page")
    assert desk.one.id in told["page"]
    assert (await desk.alert()).state == "open"
    assert await desk.code(desk.one, presses.reopen_pressed) == "gone"


async def test_an_alert_is_not_reopened_beside_another_about_the_same_person(desk: Desk) -> None:
    await desk.code(desk.one, presses.acknowledge_pressed)
    await desk.closes(desk.one, "reached-safe")
    closed = await desk.alert()
    await desk.find()
    with pytest.raises(Refused):
        async with desk.clinic.database.transaction() as tx:
            await ownership.reopen(desk.clinic, tx, closed, "cli", desk.now)


async def test_an_unknown_outcome_is_refused_with_the_known_ones(desk: Desk) -> None:
    with pytest.raises(Refused) as refused:
        async with desk.clinic.database.transaction() as tx:
            await ownership.close(tx, await desk.alert(), None, "fine", "Spoke by phone.", desk.now)
    assert "reached-safe" in refused.value.mend


async def test_the_choice_of_outcomes_can_be_shown(desk: Desk) -> None:
    await desk.code(desk.one, presses.acknowledge_pressed)
    await desk.told()
    await desk.code(desk.one, closing.choose_outcome)
    (message,) = [each for each in await deliver(desk.clinic, desk.now) if each.kind == "outcomes"]
    assert len(render(desk.clinic, message).rows) == 5
