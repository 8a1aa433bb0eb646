"""Short news of a plain day pages nobody: no rule is about it, and the model once took it for danger."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from content.screening import load
from rules.screening import screen
from rules.tier import Tier

PLAIN_DAYS = """\
Terminé el informe
My next infusion is on Thursday
Vimos el fútbol en el bar
El jueves tengo la siguiente infusión
Went to the doctor and all fine
Ayer fui a la peluquería
Hemos comprado un sofá nuevo
Tengo visita con el dentista el lunes
Mi padre está mejor de la rodilla
Hoy trabajé hasta las seis y luego compré pan
Me duele un poco la espalda
Esta tarde vienen mis primos
Preparé la cena y vimos una serie
Cambié las sábanas y puse lavadoras
Voy a llevar a los niños al cole
La próxima sesión es el martes, ¿verdad?
Todo normal
Un día largo pero bueno
Fuimos al parque con el perro
He dormido regular, me desperté dos veces
Estoy contenta con el resultado
El tren llegó tarde
Mañana es el cumpleaños de mi hija
Ganamos el partido de pádel
We bought a new sofa
Picked up the kids from school
Dad's knee is better
Haircut day
My back aches a little
Cousins are visiting this weekend
Changed the sheets, did two loads of washing
Next session is Tuesday, right?
Long day but a good one
It's my daughter's birthday tomorrow
Finished the report
The train was late again
We won at bridge club
Slept so-so, woke up twice
Can I drive tomorrow?
Pretty normal day, nothing much
Planted tomatoes
Traffic was awful this morning
Bit foggy after the infusion but clear by dinner
Ordered takeaway and went to bed early
All is well today
Nothing to report
No change since yesterday
Everything under control
That is enough for today
Ran 5 kms today
I will, tomorrow
Took the tablets with the dinner
Todo en orden
Sin novedad
Hasta mañana
Buenas noches
Al rato les digo
Ya estoy en la cama
""".splitlines()
COMMANDS = ("/time 08:30", "/time 12:00", "/time 20:00", "/timezone America/New_York", "/language es")


@pytest.mark.parametrize("text", PLAIN_DAYS)
def test_a_plain_day_pages_nobody(text: str) -> None:
    assert screen(text, load()).tier < Tier.RED


def test_of_plain_days_hardly_any_is_looked_at_the_same_day() -> None:
    assert sum(screen(text, load()).tier >= Tier.AMBER for text in PLAIN_DAYS) <= len(PLAIN_DAYS) // 15


def test_of_the_plainest_replies_that_the_model_was_shown_none_pages_and_hardly_any_is_looked_at() -> None:
    with (Path(__file__).resolve().parents[3] / "content" / "corpus" / "plain.csv").open(encoding="utf-8") as file:
        tiers = [screen(row["text"], load()).tier for row in csv.DictReader(file)]
    assert sum(tier is Tier.RED for tier in tiers) == 0
    assert sum(tier is Tier.AMBER for tier in tiers) <= len(tiers) // 100


@pytest.mark.parametrize("text", COMMANDS)
def test_a_command_with_its_argument_asks_nobody_how_safe_they_are(text: str) -> None:
    assert screen(text, load()).tier is Tier.NONE
