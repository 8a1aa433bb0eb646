"""Promise 6: when nobody can be reached, everybody and everything is tried, and the patient is told the truth."""

from __future__ import annotations

from datetime import timedelta

from tests.world import World


async def test_every_clinician_blocked_the_bot(world: World) -> None:
    one = await world.clinician("One")
    two = await world.clinician("Two", on_call="backup")
    patient = await world.patient()
    await one.blocks()
    await two.blocks()
    await patient.says("/now")
    assert any("no clinician who can be reached" in text for text in world.pager.texts)
    truth = patient.received("crisis", "not-reached")
    assert "I have not reached anyone" in truth.text
    assert "024" in truth.text


async def test_the_ladder_went_round_once_for_nothing(world: World) -> None:
    await world.clinician()
    await world.clinician("Backup", on_call="backup")
    patient = await world.patient()
    await patient.says("/now")
    patient.received("crisis")
    await world.advance(timedelta(minutes=11, seconds=59))
    patient.received_nothing()
    await world.advance(timedelta(seconds=1))
    patient.received("not-reached")
    await world.advance(timedelta(minutes=10))
    patient.received_nothing()  # said once


async def test_the_second_channel_carries_no_patient_data(world: World) -> None:
    await world.clinician()
    patient = await world.patient()
    await patient.says("I want to kill myself with marmalade")
    assert world.pager.texts
    for text in world.pager.texts:
        assert "marmalade" not in text
        assert patient.alias not in text
    patient.reads()


async def test_a_red_alert_goes_out_by_the_second_channel_while_telegram_is_down(world: World) -> None:
    from sandbox.faults import Fault

    await world.clinician()
    patient = await world.patient()
    world.telegram.faults.add(Fault(method="sendMessage", error=502, times=None))
    await patient.says("/now")
    assert world.pager.texts
    world.telegram.faults.clear()
    await world.advance(timedelta(minutes=1))
    patient.reads()
