"""Who has an alert: handed over and taken or given back, closed with an outcome and a sentence, opened again."""

from __future__ import annotations

from datetime import timedelta

from rules.permissions import Refused
from services import oncall
from store import alerts, staff
from tests.world import Phone, World

MINUTE = timedelta(minutes=1)


async def alarmed(world: World, *, take: bool = True, **contact: str) -> tuple[Phone, Phone, Phone]:
    """A red alert that the primary has taken (unless told otherwise), a backup, and the patient, all messages read."""
    primary = await world.clinician("Clinician One")
    backup = await world.clinician("Clinician Two", on_call="backup")
    patient = await world.patient(**contact)
    await patient.says("/now")
    if take:
        await primary.presses("Acknowledge")
    for phone in (primary, backup, patient):
        phone.reads()
    return primary, backup, patient


async def offered(primary: Phone, backup: Phone) -> None:
    """The primary asks the backup to take the alert."""
    await primary.presses("Hand over")
    assert await primary.presses("Clinician Two") == "Asked. It stays yours until they accept."
    assert "asks you to take over A-1" in backup.received("hand-over-offer").text
    primary.reads()


async def owner(world: World) -> str | None:
    (alert,) = await world.alerts("acknowledged")
    return alert.owner_id


async def test_an_alert_that_is_handed_over_is_the_others_once_they_take_it(world: World) -> None:
    primary, backup, _ = await alarmed(world)
    await offered(primary, backup)
    assert await owner(world) == primary.id
    await backup.presses("I take it")
    assert await owner(world) == backup.id
    assert "Clinician Two has taken over A-1" in primary.received("hand-over-done").text
    page = backup.received("page")
    assert "Taken by Clinician Two" in page.text
    assert {"Called the patient", "Close with outcome", "Show details"} <= set(page.labels)
    keyboards = [each.get("reply_markup", {}).get("inline_keyboard", []) for each in backup.app().messages]
    labels = {button["text"] for rows in keyboards for row in rows for button in row}
    assert labels.isdisjoint({"I take it", "I cannot"})  # the offer was answered
    await world.advance(30 * MINUTE)
    assert "No contact is recorded yet" in backup.reads("page")[-1].text  # the reminder is the new owner's
    assert not primary.reads("page")


async def test_an_alert_that_is_not_taken_in_time_comes_back_and_rings_at_whoever_offered_it(world: World) -> None:
    primary, backup, _ = await alarmed(world)
    await offered(primary, backup)
    await world.advance(4 * MINUTE)
    primary.received_nothing()
    await world.advance(MINUTE)
    back = primary.received("hand-over-back")
    assert "A-1 was not taken by Clinician Two" in back.text
    assert not back.silent
    assert await owner(world) == primary.id
    assert await backup.presses("I take it") == "That offer does not stand any more."
    assert await owner(world) == primary.id
    await world.advance(25 * MINUTE)
    assert "No contact is recorded yet" in primary.received("page").text  # the follow-up has gone on meanwhile


async def test_who_cannot_take_an_alert_says_so_and_it_comes_back_at_once(world: World) -> None:
    primary, backup, _ = await alarmed(world)
    await offered(primary, backup)
    assert await backup.presses("I cannot") == "Noted. It goes back."
    primary.received("hand-over-back")
    await world.advance(10 * MINUTE)
    primary.received_nothing()  # once


async def test_an_offer_to_somebody_who_blocks_the_bot_comes_back_at_once(world: World) -> None:
    primary, backup, _ = await alarmed(world)
    await offered(primary, backup)
    await backup.blocks()
    await world.advance(timedelta(seconds=2))
    await world.advance(5 * MINUTE)
    primary.received("hand-over-back")


async def test_an_open_alert_rings_on_while_it_is_offered(world: World) -> None:
    primary, backup, patient = await alarmed(world, take=False)
    await offered(primary, backup)
    await world.advance(2 * MINUTE)
    primary.received("page")
    await backup.presses("I take it")
    assert await owner(world) == backup.id
    patient.received("seen")


async def test_an_outcome_closes_nothing_before_its_sentence_is_written(world: World) -> None:
    primary, _, patient = await alarmed(world)
    await primary.presses("Close with outcome")
    assert await primary.presses("Not reached") == "Now write one sentence; then it is closed."
    assert any("what happens next" in text for text in primary.texts)  # in place of the page
    assert await world.alerts("acknowledged")
    patient.received_nothing()
    await primary.says("No answer at two numbers; the police look in at 22:00.")
    (alert,) = await world.alerts("closed")
    assert alert.outcome == "not-reached"
    patient.received("closed")
    async with world.clinic.database.reading() as tx:
        assert await alerts.note_of(tx, alert.id) == "No answer at two numbers; the police look in at 22:00."
    assert "is closed" in primary.reads("closing-done")[0].text


async def test_a_sentence_that_speaks_of_danger_pages_nobody_about_the_clinician_who_wrote_it(world: World) -> None:
    primary, backup, patient = await alarmed(world)
    await primary.presses("Close with outcome")
    await primary.presses("Reached, sent to care")
    primary.reads()
    await primary.says("She wants to kill herself tonight, an ambulance has taken her in.")
    assert [message.kind for message in primary.reads()] == ["closing-done"]
    backup.received_nothing()
    (alert,) = await world.alerts()
    assert (alert.state, alert.outcome) == ("closed", "reached-care")
    patient.reads()


async def test_an_outcome_waits_an_hour_for_its_sentence_and_mutes_nothing_after_it(world: World) -> None:
    primary, _, patient = await alarmed(world)
    await primary.presses("Called the patient")
    await primary.presses("Close with outcome")
    await primary.presses("Reached, and safe")
    await world.advance(61 * MINUTE)
    primary.reads()
    await primary.says("I am going to kill myself tonight")
    assert "stranger-crisis" in [message.kind for message in primary.reads()]
    assert sorted(alert.state for alert in await world.alerts()) == ["acknowledged", "open"]
    patient.reads()


async def test_a_sentence_that_comes_too_late_is_answered_with_the_alert_that_still_stands(world: World) -> None:
    clinician, patient = await world.clinician(), await world.patient()
    await patient.says("/now")
    await clinician.presses("Acknowledge")
    await clinician.presses("Called the patient")
    await clinician.presses("Close with outcome")
    await clinician.presses("Reached, and safe")
    clinician.reads()
    await world.advance(61 * MINUTE)
    await clinician.says("All is well.")
    said, page = clinician.reads()
    assert (said.kind, page.kind) == ("closing-expired", "page")
    assert "A-1 is not closed" in said.text
    await clinician.says("What now?")
    clinician.received("staff-help")
    await clinician.presses("Close with outcome", on=page)
    await clinician.presses("Reached, and safe")
    await clinician.says("All is well.")
    assert [each.state for each in await world.alerts("closed")] == ["closed"]
    patient.reads()


async def test_the_owner_reads_what_comes_next_and_a_colleague_does_not(world: World) -> None:
    primary, backup = await world.clinician("One"), await world.clinician("Two", on_call="backup")
    patient = await world.patient()
    await patient.says("/now")
    await world.advance(5 * MINUTE)
    await primary.presses("Acknowledge")
    assert any("Taken by One" in text for text in backup.texts)
    wanted = f"Next: call {patient.alias}, then press “Called the patient”."
    assert [sum(wanted in text for text in phone.texts) for phone in (primary, backup)] == [1, 0]
    await primary.presses("Called the patient")
    assert not any(wanted in text for text in primary.texts)
    patient.reads()


async def test_a_command_is_no_sentence_and_what_stands_behind_it_is_heeded(world: World) -> None:
    primary, _, patient = await alarmed(world)
    await primary.presses("Close with outcome")
    await primary.presses("Reached, and safe")
    primary.reads()
    await primary.says("/alerts I am going to kill myself tonight")
    assert "stranger-crisis" in [message.kind for message in primary.reads()]
    assert await world.alerts("acknowledged")
    patient.reads()


async def test_what_a_clinician_writes_out_of_the_blue_is_heeded_as_anybodys(world: World) -> None:
    primary = await world.clinician("Clinician One")
    await primary.says("I am going to kill myself tonight")
    assert "stranger-crisis" in [message.kind for message in primary.reads()]
    (alert,) = await world.alerts("open")
    assert alert.patient_id is None


async def test_a_clinician_in_danger_is_helped_and_the_others_are_paged_not_they(world: World) -> None:
    primary = await world.clinician("Clinician One")
    backup = await world.clinician("Clinician Two", on_call="backup")
    await primary.says("I am going to kill myself tonight")
    heard = primary.reads()
    assert [message.kind for message in heard] == ["stranger-crisis"]
    assert "I have told the staff on duty" in heard[0].text
    backup.received("page")
    await backup.presses("Acknowledge")
    await backup.presses("Show details")
    assert any("Clinician One, of your own staff, wrote" in message.text for message in backup.reads())


async def test_a_clinician_in_danger_is_paged_of_themselves_where_nobody_else_can_be(world: World) -> None:
    primary = await world.clinician("Clinician One")
    backup = await world.clinician("Clinician Two", on_call="backup")
    await backup.blocks()
    primary.reads()
    await primary.says("I am going to kill myself tonight")
    assert "page" in [message.kind for message in primary.reads()]


async def test_being_on_call_is_no_reason_to_take_the_alert_about_oneself(world: World) -> None:
    primary = await world.clinician("Clinician One")
    await world.clinician("Clinician Two", on_call="backup")
    await primary.says("I am going to kill myself tonight")
    (alert,) = await world.alerts("open")
    async with world.clinic.database.reading() as tx:
        member = await staff.get(tx, primary.id)
        assert member is not None
        may = await oncall.may_press(world.clinic, tx, member, "acknowledge-alert", alert, world.now)
    assert isinstance(may, Refused)


async def test_a_red_that_comes_before_the_sentence_keeps_the_alert_open(world: World) -> None:
    primary, _, patient = await alarmed(world)
    await primary.presses("Close with outcome")
    await primary.presses("Reached, and safe")
    await world.advance(2 * MINUTE)
    await patient.says("I am going to kill myself tonight")
    primary.reads()
    await primary.says("Spoke by phone.")
    assert [alert.state for alert in await world.alerts()] == ["open"]
    patient.reads()


async def test_a_reopened_alert_rings_again_and_keeps_both_sentences(world: World) -> None:
    primary, _, patient = await alarmed(world)
    for outcome, sentence in (("Reached, and safe", "Spoke by phone."), ("Not a concern", "It was a quote.")):
        await primary.presses("Close with outcome")
        await primary.presses(outcome)
        await primary.says(sentence)
        primary.reads()
        if outcome == "Reached, and safe":
            await primary.presses("Reopen")
            assert primary.reads("page")
            await primary.presses("Acknowledge")
    (alert,) = await world.alerts("closed")
    async with world.clinic.database.reading() as tx:
        assert await alerts.note_of(tx, alert.id) == "Spoke by phone.\nIt was a quote."
    patient.reads()


async def test_where_a_patient_lives_and_whom_they_are_close_to_is_for_the_owner_of_a_red_alert_only(
    world: World,
) -> None:
    where = {"address": "1 Sample Road", "collateral": "a sister, +34 600 000 001"}
    primary, backup, patient = await alarmed(world, take=False, phone="+34 600 000 000", **where)
    await primary.presses("Show details")
    before = primary.reads("details")[0].text
    assert "+34 600 000 000" in before
    assert "1 Sample Road" not in before
    assert "a sister" not in before
    await primary.presses("Acknowledge")
    await primary.presses("Show details")
    after = primary.reads("details")[0].text
    assert all(each in after for each in where.values())
    await world.advance(timedelta(hours=1))  # forgotten: it rings at the backup too, and is nobody's again
    await backup.presses("Show details")
    assert "1 Sample Road" not in backup.reads("details")[0].text
    async with world.clinic.database.reading() as tx:
        (alert,) = await world.alerts()
        opened = [each.detail["close"] for each in await alerts.events(tx, alert.id) if each.kind == "revealed"]
    assert opened == [False, True, False]
    patient.reads()
