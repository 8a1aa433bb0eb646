"""The digest's rows: every text is in exactly one, and none falls between two."""

from __future__ import annotations

from datetime import datetime, timedelta

from rules.finding import Finding
from rules.tier import Tier
from store import answers, digests, findings
from store.database import Database, Transaction
from tests.store import rows

HOUR = timedelta(hours=1)


async def write(tx: Transaction, patient_id: str, words: str, now: datetime) -> None:
    """A patient writes something."""
    place = {"checkin_id": None, "instrument": "words", "item": "words", "via": "message"}
    await answers.add(tx, patient_id=patient_id, words=words, at=now, now=now, **place)


async def words_of(tx: Transaction, digest_id: str) -> list[str]:
    return [text.words for text in await digests.texts_of(tx, digest_id)]


async def test_where_nothing_is_there_is_no_digest(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        assert await digests.gather(tx, now) is None
        assert await digests.unopened(tx) is None


async def test_what_nobody_opened_is_added_to_and_what_was_opened_is_closed(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        patient = await rows.patient(tx, now)
        await write(tx, patient.id, "one", now)
        first = await digests.gather(tx, now)
        await write(tx, patient.id, "two", now)
        again = await digests.gather(tx, now)
        assert first is not None
        assert again is not None
        assert (first.before, again.before, again.digest) == (0, 1, first.digest)
        await digests.opened(tx, first.digest.id, "member", now + HOUR)
        assert await digests.gather(tx, now) is None
        await write(tx, patient.id, "three", now)
        other = await digests.gather(tx, now)
        assert other is not None
        assert await words_of(tx, first.digest.id) == ["one", "two"]
        assert await words_of(tx, other.digest.id) == ["three"]


async def test_a_text_that_is_stored_late_under_an_earlier_time_is_in_the_next(
    database: Database, now: datetime
) -> None:
    async with database.transaction() as tx:
        patient = await rows.patient(tx, now)
        await write(tx, patient.id, "one", now)
        first = await digests.gather(tx, now)
        assert first is not None
        await digests.opened(tx, first.digest.id, "member", now)
        await write(tx, patient.id, "slow", now - HOUR)  # its transaction waited for the one that gathered
        following = await digests.gather(tx, now + HOUR)
        assert following is not None
        assert await words_of(tx, following.digest.id) == ["slow"]


async def test_who_opened_it_first_stands(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        patient = await rows.patient(tx, now)
        await write(tx, patient.id, "one", now)
        gathered = await digests.gather(tx, now)
        assert gathered is not None
        await digests.opened(tx, gathered.digest.id, "first", now)
        await digests.opened(tx, gathered.digest.id, "second", now + HOUR)
        found = await digests.get(tx, gathered.digest.id)
        assert found is not None
        assert (found.opened_by, found.opened_at) == ("first", now)


async def test_a_note_is_in_it_and_what_an_alert_shows_is_not(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        patient = await rows.patient(tx, now)
        note, red = (Finding(rule=tier.word, tier=tier) for tier in (Tier.NOTE, Tier.RED))
        await findings.add(tx, [note], now=now, patient_id=patient.id)
        await findings.add(tx, [red], now=now, patient_id=patient.id, alert_id=(await rows.alert(tx, patient, now)).id)
        gathered = await digests.gather(tx, now)
        assert gathered is not None
        assert [each.finding.rule for each in await digests.remarks_of(tx, gathered.digest.id)] == ["note"]


async def test_what_was_erased_is_in_no_digest(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        patient = await rows.patient(tx, now)
        await write(tx, patient.id, "one", now)
        gathered = await digests.gather(tx, now)
    async with database.transaction() as tx:
        await database.keyring.destroy(tx, patient.id)
    async with database.reading() as tx:
        assert gathered is not None
        assert await digests.texts_of(tx, gathered.digest.id) == []
