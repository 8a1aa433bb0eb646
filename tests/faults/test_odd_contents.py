"""Rows 19, 27, 28 and 38: Telegram away for long, and contents that nobody expects."""

from __future__ import annotations

import random
import string
from datetime import timedelta

import pytest

from sandbox import faults
from store import answers, audit
from tests.world import Phone, World
from tests.world.clinic import TOKEN

MINUTE = timedelta(minutes=1)
HELP = "I want to kill myself"


async def in_course(world: World) -> tuple[Phone, Phone]:
    """A clinician on call and a patient in a course."""
    clinician, patient = await world.clinician(), await world.patient()
    await world.infusion(patient)
    return clinician, patient


async def test_row_19_while_telegram_is_down_pages_go_another_way_and_nothing_is_lost(world: World) -> None:
    clinician, patient = await in_course(world)
    world.telegram.faults.add(faults.failing(502))
    patient.app().say(HELP)
    await world.settle()
    world.telegram.faults.clear()
    world.telegram.faults.add(faults.failing(502).on("sendMessage"))  # it gives updates again, and takes nothing yet
    await world.settle()
    world.pager.texts.clear()
    await world.advance(20 * MINUTE)
    assert world.pager.texts  # the page is repeated there for as long as it lasts
    world.telegram.faults.clear()
    await world.advance(5 * MINUTE)
    assert clinician.reads("page")
    assert "crisis" in [each.kind for each in patient.reads()]


@pytest.mark.parametrize(
    "sent", ["voice", "photo", "sticker", "video_note", "caption", "4096 characters", "emoji", "zero-width"]
)
async def test_row_27_whatever_is_sent_is_stored_and_what_cannot_be_read_goes_to_a_human(
    world: World, sent: str
) -> None:
    clinician, patient = await in_course(world)
    match sent:
        case "caption":
            await patient.sends("photo", HELP)
        case "4096 characters":
            await patient.says("all is well today " * 227)
        case "emoji":
            await patient.says("\N{FACE WITH TEARS OF JOY}" * 500)
        case "zero-width":
            await patient.says("I want to k\N{ZERO WIDTH SPACE}ill my\N{ZERO WIDTH JOINER}self")
        case _:
            await patient.sends(sent)
    patient.reads()
    paged = bool(clinician.reads("page"))
    assert paged is (sent in ("voice", "photo", "video_note", "caption", "zero-width"))
    if sent in ("4096 characters", "emoji", "zero-width", "caption"):
        async with world.clinic.database.reading() as tx:
            assert await answers.texts_of(tx, patient.id)


async def test_row_28_forged_callback_data_does_nothing_and_is_in_the_audit(world: World) -> None:
    clinician, patient = await in_course(world)
    await patient.says("/now")
    patient.reads()
    dice = random.Random(28)
    real = next(
        button["callback_data"]
        for each in clinician.app().messages
        for row in each.get("reply_markup", {}).get("inline_keyboard", [])
        for button in row
    )
    message = clinician.last.id
    for _ in range(40):
        place = dice.randrange(len(real))
        letters = [c for c in string.ascii_letters + string.digits + ":-_" if c != real[place]]
        forged = dice.choice(
            [
                real[:place] + dice.choice(letters) + real[place + 1 :],
                real[:place],
                "".join(dice.choices(string.printable.strip(), k=dice.randint(1, 64))),
                f"ack:{real.split(':')[1]}::AAAAAAAAAA",
            ]
        )
        clinician.app().press(data=forged, message_id=message, forged=True)
    await world.settle()
    assert [alert.state for alert in await world.alerts()] == ["open"]
    async with world.clinic.database.reading() as tx:
        entries = await audit.read(tx, audit.CLINIC_STREAM)
    assert [entry.action for entry in entries].count("press-refused") == 40
    clinician.reads()


async def test_row_38_a_group_that_becomes_a_supergroup_is_noted(world: World) -> None:
    patient = await world.patient()
    message = {
        "message_id": 1,
        "date": int(world.now.timestamp()),
        "from": {"id": patient.user_id, "is_bot": False, "first_name": "x"},
        "chat": {"id": -77, "type": "group", "title": "g"},
        "migrate_to_chat_id": -100_77,
    }
    world.telegram.inject(TOKEN, {"message": message})
    await world.settle()
    async with world.clinic.database.reading() as tx:
        entries = await audit.read(tx, audit.CLINIC_STREAM)
    (noted,) = [entry for entry in entries if entry.action == "group-migrated"]
    assert (noted.subject, noted.detail) == ("-77", {"to": -100_77})
