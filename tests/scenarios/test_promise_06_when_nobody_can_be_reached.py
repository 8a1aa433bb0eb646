"""Promise 6: when nobody can be reached, everybody and everything is tried, and the patient is told the truth."""

from __future__ import annotations

from datetime import timedelta

from sandbox.faults import Fault
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
    await world.clinician()
    patient = await world.patient()
    world.telegram.faults.add(Fault(method="sendMessage", error=502, times=None))
    await patient.says("/now")
    assert world.pager.texts
    world.telegram.faults.clear()
    await world.advance(timedelta(minutes=1))
    patient.reads()


async def test_while_telegram_takes_nothing_an_amber_alert_too_goes_by_the_second_channel_at_once(world: World) -> None:
    await world.clinician()
    red, amber, other = await world.patient(), await world.patient(), await world.patient()
    await world.infusion(amber)
    await world.infusion(other)
    await amber.sends("voice")
    assert world.pager.texts == []  # while Telegram takes it, Telegram is enough
    world.telegram.faults.add(Fault(method="sendMessage", error=502, times=None))
    await red.says("/now")
    await other.sends("voice")
    assert [text for text in world.pager.texts if "A-3 (amber)" in text]
    world.telegram.faults.clear()
    await world.advance(timedelta(minutes=1))
    for patient in (red, amber, other):
        patient.reads()


async def test_the_truth_comes_with_the_patients_own_plan_and_the_call_me_button(world: World) -> None:
    await world.clinician()
    patient = await world.patient()
    await patient.says("/plan Call my sister, then walk to the harbour.")
    patient.reads()
    await patient.says("/now")
    for kind in ("crisis", "not-reached"):
        shown = patient.received(kind)
        assert "walk to the harbour" in shown.text
        assert "Please call me" in shown.labels
        assert shown.protected
        await world.advance(timedelta(minutes=12))
    await patient.presses("Please call me")
    patient.received("call-me-noted")
    await patient.presses("Please call me")
    patient.received("call-me-again")  # nothing is asked for twice
    assert len(await world.alerts()) == 1


async def test_who_will_call_and_by_when_is_said_in_the_clinics_own_words(world: World) -> None:
    world.restart(caller={"en": "The night nurse"}, call_within={"en": "before midnight"})
    clinician = await world.clinician()
    patient = await world.patient()
    await patient.says("/now")
    await clinician.presses("Acknowledge")
    patient.received("crisis", "seen")
    assert "The night nurse of Example Clinic has seen" in patient.last.text
    assert "will call you before midnight" in patient.last.text
