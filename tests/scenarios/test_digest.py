"""The digest: every word that was written reaches a clinician, flagged or not, and stays unread until it is opened."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from store import audit, digests
from tests.world import Phone, World

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


async def next_opening(world: World, days: int = 1) -> None:
    """Let time go by until the clinic opens."""
    day = world.now.date() + timedelta(days=days)
    await world.until(datetime.combine(day, time(7), world.now.tzinfo))  # 09:00 in Madrid in May


async def revealed(world: World, patient: Phone) -> list[tuple[str, str]]:
    """Who saw a patient's words by a digest, by the audit."""
    async with world.transaction() as tx:
        entries = await audit.read(tx, audit.stream_of(patient.id))
    return [(each.actor, each.action) for each in entries if each.subject == "digest"]


async def test_words_that_raise_nothing_reach_the_clinician_at_the_opening(world: World) -> None:
    clinician, backup = await world.clinician(), await world.clinician("Clinician Two", on_call="backup")
    patient = await world.patient()
    await patient.says("the marmalade was good today")
    patient.reads()
    await next_opening(world)
    told = clinician.received("digest")
    backup.received_nothing()
    assert "marmalade" not in told.text
    assert patient.alias not in told.text
    assert "to read: 1 · patients: 1" in told.text

    await clinician.presses("Open the digest")
    words = clinician.received("digest-words")
    assert "marmalade" in words.text
    assert patient.alias in words.text
    assert words.protected
    assert await revealed(world, patient) == [(f"staff:{clinician.id}", "revealed")]


async def test_where_nothing_was_written_no_message_comes(world: World) -> None:
    clinician = await world.clinician()
    await world.patient()
    await next_opening(world)
    clinician.received_nothing()


async def test_what_is_written_after_the_opening_waits_for_the_next_one(world: World) -> None:
    clinician, patient = await world.clinician(), await world.patient()
    await next_opening(world)
    await world.advance(5 * MINUTE)
    await patient.says("the marmalade was good today")
    patient.reads()
    await world.advance(8 * HOUR)
    clinician.received_nothing()
    await next_opening(world)
    clinician.received("digest")


async def test_on_a_weekend_the_digest_waits_for_monday(world: World) -> None:
    clinician, patient = await world.clinician(), await world.patient()
    await next_opening(world, days=4)  # Friday
    await patient.says("the marmalade was good today")
    patient.reads()
    await next_opening(world, days=2)
    clinician.received_nothing()
    await next_opening(world, days=1)
    clinician.received("digest")


async def test_an_unopened_digest_is_carried_over_and_an_opened_one_is_not(world: World) -> None:
    clinician, patient = await world.clinician(), await world.patient()
    await patient.says("the marmalade was good today")
    await next_opening(world)
    first = clinician.received("digest")
    await next_opening(world)
    assert "Still unread from before: 1" in clinician.received("digest").text
    await patient.says("and the honey too")
    await next_opening(world)
    again = clinician.received("digest")
    assert "to read: 2 · patients: 1" in again.text
    assert "Still unread from before: 1" in again.text

    await clinician.presses("Open the digest", on=first)  # any of its messages opens it
    words = clinician.received("digest-words").text
    assert words.index("marmalade") < words.index("honey")
    await next_opening(world)
    clinician.received_nothing()
    await patient.says("plum jam today")
    patient.reads()
    await next_opening(world, days=3)
    assert "unread" not in clinician.received("digest").text
    await clinician.presses("Open the digest")
    assert "honey" not in clinician.received("digest-words").text


async def test_the_gravest_come_first_and_say_what_was_seen(world: World) -> None:
    clinician, patient = await world.clinician(), await world.patient()
    await patient.says("the marmalade was good today")
    await world.advance(HOUR)
    await patient.sends("photo")
    await world.advance(HOUR)
    await patient.says("I want to kill myself")
    patient.reads()
    await clinician.presses("Acknowledge")
    await clinician.presses("Called the patient")
    patient.reads()
    clinician.reads()
    await clinician.says("/digest")
    told = clinician.received("digest")
    assert "red: 1" in told.text
    assert "note, perhaps nothing: 1" in told.text
    await clinician.presses("Open the digest")
    words = clinician.received("digest-words").text
    assert words.index("kill myself") < words.index("photo") < words.index("marmalade")
    assert "Sent something that cannot be read (a photo)" in words


async def test_with_nobody_on_call_it_goes_to_every_clinician_who_can_be_reached(world: World) -> None:
    one = await world.clinician(on_call=None)
    two = await world.clinician("Clinician Two", on_call=None)
    coordinator = await world.member("Coordinator", role="coordinator")
    patient = await world.patient()
    await patient.says("the marmalade was good today")
    patient.reads()
    await next_opening(world)
    assert one.reads("digest")
    assert two.reads("digest")
    assert not coordinator.reads("digest")


async def test_as_long_as_nobody_can_be_told_it_stays_due(world: World) -> None:
    patient = await world.patient()
    await patient.says("the marmalade was good today")
    patient.reads()
    await next_opening(world)
    await world.advance(HOUR)
    clinician = await world.clinician()
    await world.advance(MINUTE)
    assert any("to read: 1" in text for text in clinician.texts)


async def test_a_digest_is_not_for_a_coordinator_nor_for_a_borrowed_button(world: World) -> None:
    clinician, coordinator = await world.clinician(), await world.member("Coordinator", role="coordinator")
    patient = await world.patient()
    await patient.says("the marmalade was good today")
    patient.reads()
    await coordinator.says("/digest")
    coordinator.received("no-role")
    await clinician.says("/digest")
    clinician.received("digest")
    shown = clinician.app().messages[-1]
    data = shown["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    coordinator.app().press(data=data, forged=True)
    await world.settle()
    assert not coordinator.reads("digest-words")
    async with world.transaction() as tx:
        (standing,) = [await digests.gather(tx, world.now)]
    assert standing is not None
    assert standing.digest.opened_at is None


async def test_a_clinician_who_became_a_coordinator_can_open_it_no_more(world: World) -> None:
    from store import staff

    clinician, patient = await world.clinician(), await world.patient()
    await patient.says("the marmalade was good today")
    patient.reads()
    await clinician.says("/digest")
    clinician.received("digest")
    async with world.transaction() as tx:
        await staff.change(tx, clinician.id, role="coordinator")
    assert await clinician.presses("Open the digest") == "This is not for you to press."
    clinician.received_nothing()
    assert await revealed(world, patient) == []


async def test_with_words_in_telegram_they_come_along_and_are_read_when_that_is_said(world: World) -> None:
    object.__setattr__(world.clinic, "digest_words", True)
    clinician, patient = await world.clinician(), await world.patient()
    await patient.says("the marmalade was good today")
    patient.reads()
    await next_opening(world)
    assert "marmalade" in clinician.received("digest", "digest-words").text
    assert await revealed(world, patient) == [("engine", "words-sent")]
    await next_opening(world)
    clinician.received("digest", "digest-words")
    await clinician.presses("I have read it")
    await next_opening(world)
    clinician.received_nothing()


async def test_the_digest_can_have_an_hour_of_its_own(world: World) -> None:
    object.__setattr__(world.clinic, "digest_at", time(14))
    clinician, patient = await world.clinician(), await world.patient()
    await world.advance(MINUTE)
    await patient.says("the marmalade was good today")
    patient.reads()
    await world.advance(119 * MINUTE - timedelta(seconds=1))
    clinician.received_nothing()
    await world.advance(timedelta(seconds=1))
    clinician.received("digest")


async def test_long_texts_come_whole_in_several_messages(world: World) -> None:
    clinician, patient = await world.clinician(), await world.patient()
    text = "jam and honey " * 290
    await patient.says(text)
    patient.reads()
    await clinician.says("/digest")
    await clinician.presses("Open the digest")
    pages = clinician.reads("digest-words")
    assert len(pages) == 2
    assert all(len(page.text) <= 3900 for page in pages)
    assert sum(page.text.count("honey") for page in pages) == 290
    assert "continued" in pages[1].text
