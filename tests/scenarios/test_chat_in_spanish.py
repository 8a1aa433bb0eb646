"""Staff whose language is Spanish read nothing in English: refusals, dates, findings."""

from __future__ import annotations

from store import audit
from tests.world import World


async def test_the_days_list_has_the_date_as_people_write_it(world: World) -> None:
    await world.clinician()
    desk = await world.member("Coordinator", role="coordinator", language="es")
    other = await world.member("Coordinator", role="coordinator")
    patient = await world.patient()
    await world.infusion(patient)
    await desk.says("/today")
    assert desk.received("today").text.startswith("Hoy, lunes, 4 de mayo\n")
    await other.says("/today")
    assert other.received("today").text.startswith("Today, Monday, 4 May\n")


async def test_what_is_refused_in_a_conversation_is_said_in_spanish_with_its_mend(world: World) -> None:
    await world.clinician()
    desk, patient = await world.member("Coordinator", role="coordinator", language="es"), await world.patient()
    await world.infusion(patient)
    await desk.says(f"/infusion {patient.alias}")
    await desk.says("2026-05-04T12:00+02:00")
    await desk.presses("0.5 mg/kg")
    assert "lun 4 may 2026, 12:00" in desk.last.text
    desk.reads()
    await desk.presses("Sí")
    refused = desk.received("form-refused").text
    assert (
        refused
        == f"{patient.alias} ya tiene una infusión a esa misma hora.\n→ /infusion muestra lo que tiene planeado."
    )
    await desk.says(f"/infusion {patient.alias}")
    await desk.says("2020-05-04 12:00")
    await desk.presses("0.5 mg/kg")
    desk.reads()
    await desk.presses("Sí")
    assert desk.received("form-refused").text.endswith("→ Empieza de nuevo y fíjate en el año.")


async def test_an_alert_is_read_in_spanish_down_to_the_findings(world: World) -> None:
    clinician = await world.clinician(language="es")
    patient = await world.patient()
    await world.infusion(patient)
    await patient.says("I want to kill myself")
    page = clinician.received("page").text
    assert "desde" in page
    assert "lun 4 may, 12:00" in page
    await clinician.presses("Confirmar")
    clinician.reads()
    await clinician.presses("Ver detalles")
    details = "\n".join(each.text for each in clinician.reads())
    assert "4 de mayo de 2026" in details
    assert "lun 4 may, 12:00" in details
    assert "Texto libre: matarse" in details
    for english in ("Mon ", "May", "Seen", "suicide", "killing", "asking"):
        assert english not in details
    patient.reads()


async def test_a_staff_member_chooses_their_language_and_reads_on_in_it(world: World) -> None:
    clinician = await world.clinician()
    await clinician.says("/language")
    await clinician.presses("Español")
    clinician.received("language-ask", "language-set")
    await clinician.says("/oncall")
    assert "De guardia ahora" in clinician.received("oncall").text
    async with world.transaction() as tx:
        entry = (await audit.read(tx, audit.CLINIC_STREAM))[-1]
    assert (entry.action, entry.detail) == ("staff-language", {"language": "es"})
    await clinician.says("/language klingon")
    assert clinician.received("language-ask").labels == ("English", "Español")


async def test_the_days_list_says_who_has_not_agreed_yet(world: World) -> None:
    await world.clinician()
    desk = await world.member("Coordinator", role="coordinator", language="es")
    patient, other = await world.patient(joined="linked"), await world.patient(joined="enrolled")
    await world.infusion(patient)
    await world.infusion(other)
    await desk.says("/today")
    text = desk.reads("today")[0].text
    assert f"{patient.alias} · la infusión termina a las 12:00 · aún no ha aceptado" in text
    assert f"{other.alias} · la infusión termina a las 12:00 · no ha abierto el enlace" in text
