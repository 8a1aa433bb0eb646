"""Protocols change in versions: seen before they are made, and nothing that was asked is asked again."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from content.protocols import shipped
from rules.protocol import Protocol, parse
from services import comparing, protocols, versions
from services.clinic import Clinic
from services.comparing import Comparison
from services.errors import Refused
from store import audit, checkins, courses
from store import versions as stored
from store.database import Transaction
from store.patients import Patient
from tests.builders import add_patient, record_infusion

DAY = timedelta(days=1)
EVENING = """
extends = "ketamine-14d"
id = "ketamine-14d"
without = ["mood", "side-effects"]
[[slot]]
name = "evening"
days = "1-7"
at = "19:00"
asks = ["mood"]
[[slot]]
name = "week-2"
remind_after = "1h"
"""


def protocol(text: str = EVENING) -> Protocol:
    return parse(text, "mine.toml", bases=shipped())


async def in_course(clinic: Clinic, tx: Transaction, now: datetime) -> Patient:
    patient = await add_patient(clinic, tx, now)
    await record_infusion(clinic, tx, patient, now)
    return patient


async def asked_until(tx: Transaction, patient: Patient, at: datetime) -> None:
    due = [row.id for row in await checkins.of_patient(tx, patient.id) if row.due_at <= at]
    await checkins.change_all(tx, due, state="sent", queued_at=at, sent_at=at)


async def moved(clinic: Clinic, now: datetime, **more: object) -> Comparison:
    values: dict[str, object] = {"to": None, "only": (), "reason": "signed off", "actor": "cli", "now": now, **more}
    return await versions.move(clinic, "ketamine-14d", **values)  # type: ignore[arg-type]


async def test_new_courses_stand_on_what_was_published_and_running_ones_stay(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        before = await in_course(clinic, tx, now)
        kept = await versions.publish(tx, protocol(), actor="cli", now=now)
        after = await in_course(clinic, tx, now)
        slots = [{row.slot for row in await checkins.of_patient(tx, each.id)} for each in (before, after)]
        (entry,) = [each for each in await audit.read(tx, audit.CLINIC_STREAM) if "published" in each.action]
    assert kept.version == 2
    assert ("mood" in slots[0], "evening" in slots[0]) == (True, False)
    assert ("mood" in slots[1], "evening" in slots[1]) == (False, True)
    assert (entry.subject, entry.detail) == ("ketamine-14d", {"version": 2})


async def test_an_older_text_published_again_is_its_old_version(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        numbers = [
            (await versions.publish(tx, each, actor="cli", now=now + n * DAY)).version
            for n, each in enumerate((protocol(), shipped()["ketamine-14d"], protocol()))
        ]
        pinned = await protocols.pin(tx, clinic.protocols, None, now)
    assert numbers == [1, 2, 1]
    assert pinned.version == 1


async def test_a_protocol_that_is_only_published_can_be_used_and_an_unknown_one_cannot(
    clinic: Clinic, now: datetime
) -> None:
    async with clinic.database.transaction() as tx:
        patient = await add_patient(clinic, tx, now)
        named = protocol(EVENING.replace('id = "ketamine-14d"', 'id = "evenings"'))
        await versions.publish(tx, named, actor="cli", now=now)
        assert (await record_infusion(clinic, tx, patient, now, protocol_id="evenings")).slots == 10
        with pytest.raises(Refused) as refused:
            await record_infusion(clinic, tx, patient, now + DAY, protocol_id="mornings")
    assert refused.value.mend == "use one of: evenings, ketamine-14d"


async def test_a_diff_shows_what_a_move_then_does_and_itself_does_nothing(clinic: Clinic, now: datetime) -> None:
    later = now + 3 * DAY
    async with clinic.database.transaction() as tx:
        patient = await in_course(clinic, tx, now)
        await asked_until(tx, patient, later)
        rows = await checkins.of_patient(tx, patient.id)
        shown = await comparing.diff(tx, "ketamine-14d", protocol(), later)
        assert await checkins.of_patient(tx, patient.id) == rows
        await versions.publish(tx, protocol(), actor="cli", now=later)
    assert await moved(clinic, later) == replace(shown, to="ketamine-14d 2")
    assert await moved(clinic, later) == Comparison(to="ketamine-14d 2")
    # today's mood was asked at ten, so that the evening's first is tomorrow's
    assert Counter((each.change, each.slot) for each in shown.changes) == {
        ("added", "evening"): 4,
        ("dropped", "mood"): 11,
        ("changed", "week-2"): 1,
    }
    assert min(each.day for each in shown.changes if each.change == "added") == 4


async def test_a_move_is_kept_with_its_reason_and_may_be_for_one_patient(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        one, two = await in_course(clinic, tx, now), await in_course(clinic, tx, now)
        kept = await versions.publish(tx, protocol(), actor="cli", now=now)
    await moved(clinic, now, only=[two.id])
    async with clinic.database.reading() as tx:
        stands_on = {each.patient_id: each.protocol_version_id for each in await courses.active(tx)}
        entries = [each for each in await audit.read(tx, audit.stream_of(two.id)) if each.action == "protocol-moved"]
    assert stands_on[two.id] == kept.id != stands_on[one.id]
    assert [(each.detail["from"], each.detail["to"], each.detail["reason"]) for each in entries] == [
        ("ketamine-14d 1", "ketamine-14d 2", "signed off")
    ]


async def test_courses_may_move_to_another_protocol(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        patient = await in_course(clinic, tx, now)
        short = EVENING.replace('id = "ketamine-14d"', 'id = "evenings"')
        await versions.publish(tx, protocol(short), actor="cli", now=now)
    await moved(clinic, now, to="evenings")
    async with clinic.database.reading() as tx:
        waiting = {row.slot for row in await checkins.unsent_of(tx, patient.id)}
        (course,) = await courses.active_on(tx, "evenings")
    assert waiting == {"settle", "evening", "week-1", "week-2"}
    assert course.patient_id == patient.id


async def test_a_course_can_leave_a_version_that_cannot_be_read_any_more(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        patient = await in_course(clinic, tx, now)
        old = await stored.keep(tx, protocol="old", body='["id = 1"]', now=now)
        (course,) = await courses.active_of(tx, patient.id)
        await courses.stand_on(tx, course.id, old.id)
        found = await comparing.diff(tx, "old", shipped()["ketamine-14d"], now)
        assert [(each.version, each.courses, each.rules) for each in found.stands] == [("old 1", 1, None)]
    values = {"to": "ketamine-14d", "only": (), "reason": "it cannot be read", "actor": "cli", "now": now}
    await versions.move(clinic, "old", **values)  # type: ignore[arg-type]
    async with clinic.database.reading() as tx:
        assert await protocols.unreadable(tx) == []


async def test_a_move_without_a_reason_or_of_a_protocol_that_nobody_stands_on_is_refused(
    clinic: Clinic, now: datetime
) -> None:
    async with clinic.database.transaction() as tx:
        await in_course(clinic, tx, now)
    with pytest.raises(Refused, match="reason"):
        await moved(clinic, now, reason=" ")
    async with clinic.database.reading() as tx:
        with pytest.raises(Refused, match="No course"):
            await comparing.diff(tx, "other", protocol(), now)


async def test_who_has_ended_is_left_alone(clinic: Clinic, now: datetime) -> None:
    from services import participation

    async with clinic.database.transaction() as tx:
        patient = await in_course(clinic, tx, now)
        await participation.end(tx, patient, actor="cli", now=now)
        assert await comparing.diff(tx, "ketamine-14d", protocol(), now) == Comparison()


PAGING = """
id = "ketamine-14d"
extends = "ketamine-14d"
[thresholds]
mood_fall = 5
"""


async def test_a_change_of_paging_alone_is_told_of_each_version_with_its_courses(clinic: Clinic, now: datetime) -> None:
    async with clinic.database.transaction() as tx:
        await in_course(clinic, tx, now)
        await in_course(clinic, tx, now)
        await versions.publish(tx, protocol(PAGING), actor="cli", now=now)
        await in_course(clinic, tx, now)
        sixth = protocol(PAGING.replace("5", "6"))
        shown = await comparing.diff(tx, "ketamine-14d", sixth, now)
        same = await comparing.diff(tx, "ketamine-14d", protocol(PAGING), now)
        await versions.publish(tx, sixth, actor="cli", now=now)
    told = [
        (each.version, each.courses, [(rule.name, rule.before, rule.after) for rule in each.rules or ()])
        for each in shown.stands
    ]
    assert told == [
        ("ketamine-14d 1", 2, [("thresholds.mood_fall", "3", "6")]),
        ("ketamine-14d 2", 1, [("thresholds.mood_fall", "5", "6")]),
    ]
    assert [each.version for each in same.stands] == ["ketamine-14d 1"]  # the others stand on it already
    assert shown.changes == ()
    assert await moved(clinic, now) == replace(shown, to="ketamine-14d 3")


async def test_who_is_named_without_a_course_on_it_is_said_before_anybody_is_moved(
    clinic: Clinic, now: datetime
) -> None:
    async with clinic.database.transaction() as tx:
        one, other = await in_course(clinic, tx, now), await add_patient(clinic, tx, now)
        await versions.publish(tx, protocol(), actor="cli", now=now)
    with pytest.raises(Refused, match=f"^{other.alias} has no running course on 'ketamine-14d'"):
        await moved(clinic, now, only=[one.id, other.id])
    assert (await moved(clinic, now, only=[one.id])).courses == 1


async def test_a_move_to_another_protocol_that_was_cut_short_goes_on_when_it_is_repeated(
    clinic: Clinic, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with clinic.database.transaction() as tx:
        people = [await in_course(clinic, tx, now) for _ in range(2)]
        await versions.publish(tx, replace(protocol(), id="mine"), actor="cli", now=now)
    only, carry_out, calls = [each.id for each in people], versions.scheduling.carry_out, list[str]()

    async def die_at_the_second(tx: Transaction, patient: Patient, outlook: Any) -> None:
        calls.append(patient.id)
        if len(calls) == 2:
            raise KeyError
        await carry_out(tx, patient, outlook)

    monkeypatch.setattr(versions.scheduling, "carry_out", die_at_the_second)
    with pytest.raises(KeyError):
        await moved(clinic, now, to="mine", only=only)
    monkeypatch.setattr(versions.scheduling, "carry_out", carry_out)
    assert (await moved(clinic, now, to="mine", only=only)).courses == 1
    async with clinic.database.reading() as tx:
        assert len(await courses.active_on(tx, "mine")) == 2
