"""What the shipped frames leave of a find without the model's word: a joke, means kept by another, what is over."""

from __future__ import annotations

from dataclasses import replace

import pytest

from content.screening import load
from rules.screening import screen
from rules.tier import Tier


def seen(text: str) -> Tier:
    """What the rules alone see."""
    return screen(text, replace(load(), model=replace(load().model, steps=()))).tier


@pytest.mark.parametrize(
    "text",
    [
        "I want to die lol, the printer again",
        "me quiero morir jajaja le di like",
        "if there is one more assembly I'm jumping off the roof",
        "si mi jefe manda otro informe me tiro por la ventana",
        "leg day, I want to die in a good way",
    ],
)
def test_a_joke_is_asked_about_and_no_more(text: str) -> None:
    assert seen(text) is Tier.NOTE


@pytest.mark.parametrize(
    "text",
    [
        "I want to die, and I'm not even joking lol",
        "lol I want to die tonight",
        "if one more infusion fails I'm jumping off the bridge",
        "me quiero morir jaja en serio",
    ],
)
def test_a_joke_that_is_none_pages(text: str) -> None:
    assert seen(text) is Tier.RED


def test_means_that_another_keeps_are_asked_about() -> None:
    assert seen("went through my safety plan, she got the spare pills") is Tier.NOTE
    assert seen("handed my extra pills to my husband") is Tier.NOTE


def test_means_that_can_be_had_back_page() -> None:
    assert seen("my sister has the spare pills but I know where she hid the pills in my drawer") is Tier.RED
    assert seen("handed my extra pills to my husband except enough pills to die") is Tier.RED


def test_a_wish_that_is_over_is_asked_about_and_one_that_is_back_pages() -> None:
    assert seen("antes me quería morir, hoy ya no") is Tier.NOTE
    assert seen("antes me quería morir y hoy me quiero morir") is Tier.RED


@pytest.mark.parametrize("text", ["Hice tamales con mi suegra", "Cambié las sábanas y puse lavadoras"])
def test_spanish_that_shares_words_with_a_foreign_language_is_read(text: str) -> None:
    assert seen(text) is Tier.NONE


@pytest.mark.parametrize("text", ["Ho dormito poco e sono molto stanco oggi", "nao consigo dormir e estou muito mal"])
def test_a_foreign_language_still_goes_to_a_human(text: str) -> None:
    assert seen(text) >= Tier.AMBER


@pytest.mark.parametrize(
    "text",
    [
        "Suicidal? No.",
        "Self harm: no. Suicide: no. Sleep: yes",
        "¿Ideas de muerte? No. ¿Ganas de dormir? Sí",
        "no intention of hurting myself",
        "the urge to hurt myself has passed",
        "se me fueron las ideas de morir",
    ],
)
def test_a_no_that_answers_is_a_denial(text: str) -> None:
    assert seen(text) is Tier.NONE


@pytest.mark.parametrize("text", ["Suicidal? Yes.", "Suicidal? No one asked me", "I want to die. No."])
def test_a_no_that_answers_nothing_is_none(text: str) -> None:
    assert seen(text) is Tier.RED


@pytest.mark.parametrize(
    "text",
    [
        "Thoughts of ending it gone? nope.",
        "Can I stop wanting to die? No.",
        "Have I stopped thinking about killing myself? No.",
        "¿Se me fueron las ganas de morir? No.",
        "¿He dejado de pensar en matarme? No.",
    ],
)
def test_a_no_to_its_having_gone_is_no_denial(text: str) -> None:
    assert seen(text) is Tier.RED


@pytest.mark.parametrize(
    "text",
    [
        "back in oh four I put a pistol in my mouth, glad it jammed",
        "I overdosed at twenty-six",
        "when my twins were little I tried to end it",
        "con treinta años me tomé un frasco entero",
        "al salir de la cárcel me corté las venas",
        "no doctora, de matarme nada",
        "ganas de morirme no tengo",
        "de suicidarme ni loca",
        "hoy se acaba el curso",
        "me quiero morir del lumbago",
        "I have a plan for Friday",
        "took all the pills like I was told",
        "knife in my hand, was slicing onions",
        "a lad on my landing tried to hang himself",
        "se me ahorcó uno en el pabellón",
    ],
)
def test_what_is_over_denied_or_anothers_leaves_nothing(text: str) -> None:
    assert seen(text) is Tier.NONE


@pytest.mark.parametrize(
    "text",
    [
        "back in oh four I put a pistol in my mouth and tonight it is in my mouth again",
        "used to want to die, and now I want to die more than ever",
        "tengo ganas de matarme nada me importa",
        "me quiero matar no hay salida",
        "hoy se acaba",
        "I have a plan",
        "took all the pills",
        "cut my thigh again in the toilet at work",
    ],
)
def test_its_twin_that_is_danger_pages(text: str) -> None:
    assert seen(text) is Tier.RED


@pytest.mark.parametrize("text", ["After my second baby I wanted to die", "Counted 3000 pills for stocktake"])
def test_a_wish_of_a_time_gone_by_and_what_is_counted_at_work_are_asked_about(text: str) -> None:
    assert seen(text) is Tier.NOTE


@pytest.mark.parametrize(
    "text",
    [
        "I wanted to die",
        "When the class ended today I wanted to die",
        "Senior year, and I want to kill myself",
        "16 year old me wants to die",
        "Counted the pills in the dispensary, enough for tonight",
        "me quiero matar, no pienso seguir",
    ],
)
def test_a_wish_of_now_and_what_is_counted_for_oneself_page(text: str) -> None:
    assert seen(text) is Tier.RED


@pytest.mark.parametrize(
    "text",
    [
        "In 2014 I had a barrel in my mouth, my daughter knocked",
        "I hoarded pills at sixteen, my roommate flushed them",
        "didn't want to be here in year 11",
        "el 88 quise tirarme al río y aquí estoy",
        "a los 17 me quise matar, ahora me da risa",
        "a girl from antenatal tried to kill herself",
        'my patient always says "I want to die"',
        "un alumno escribió que quería morirse",
        "mi vecino se suicidó en abril",
        "had an overdose come in on shift",
        "I was in a dark hole before, now mowing the lawn and whistling",
    ],
)
def test_what_is_told_of_long_ago_or_of_a_stranger_never_pages_by_its_words_alone(text: str) -> None:
    assert seen(text) <= Tier.NOTE


@pytest.mark.parametrize(
    "text",
    [
        "In 2014 I had a barrel in my mouth, and today I want it there again",
        "at sixteen I hoarded pills and I am hoarding pills again",
        "number of times I thought of killing myself today, I stopped at twenty",
        "3 years clean ended, cut my arms last night",
        "ten years now I have wanted to die",
        "since 2019 I have wanted to kill myself",
        "after my second I wanted to die",
        "in year 11 science I teach and I want to die",
        "after school I hang myself",
        "the fall from the bridge would be enough, I am going to jump",
        "I told my neighbour I want to die",
        "le dije a mi vecina que me quiero matar",
        "le dije a mi amiga que yo ya no quiero vivir",
        "el año que viene me mato",
        "ya diez años queriendo matarme",
        "al llegar a casa quise matarme",
        "I came in with an overdose, took all my pills",
        "took two overdoses this week",
        "I'm going to walk off the wharf tonight and drown myself",
        "estoy con la soga al cuello en la viga",
        "me puse la soga al cuello por el banco",
        "me mato el viernes",
        "I overdosed in 2016 and I have just taken the same",
        "tried to kill myself in 2010, will try once more",
        "lost my job in 2023 and have been suicidal",
        "my wife died ten years ago and I want to die",
        "hace diez años que quiero morirme",
        "cuando llegue a casa me mato",
        "when I was 20 I had hope, I am going to end it all",
        "in lockdown I have tied a noose, I want to die",
        "I took an overdose, breaths left zero",
        "I want to die no doctor can help me",
        "quiero morir ni modo",
        "quiero morirme se me fue mi hija",
        "our neighbour is a doctor, I took an overdose",
        "I am a patient on ward three and I want to die",
        "soy una señora que se quiere morir",
        'my last poem says "I want to die"',
        "just put me down for good, I want to die",
        "mi vida quiere morir conmigo",
        "que va me quiero matar",
        "tengo ganas de matarme, nada, eso",
        "a los 17 me quise matar y anoche otra vez",
        "a girl from antenatal wants to die and so do I",
        'I told the nurse "I want to die"',
        "the voice says kill yourself",
        "yo quiere morir",
    ],
)
def test_its_twin_of_now_or_of_oneself_pages(text: str) -> None:
    assert seen(text) is Tier.RED


@pytest.mark.parametrize(
    "text",
    [
        "to kill myself never, I have my daughter",
        "matarme no, qué disparate",
        "no notion of harming myself",
        "no tengo intención alguna de quitarme la vida",
        "de morirme no tengo ganas",
        "descarto cualquier idea de autolesión",
        "esa etapa de querer morirme quedó atrás",
        "negative on the suicidal thoughts",
        "out with me mate tonight",
        "me mato estudiando",
        "put me down for Tuesday",
        "tore the arm off meself with the grinder",
    ],
)
def test_a_plain_denial_and_a_way_of_speaking_leave_nothing(text: str) -> None:
    assert seen(text) is Tier.NONE


@pytest.mark.parametrize(
    "text", ["I wanted to be dead, no, to make myself dead", "matarme no me da miedo", "me mato hoy", "me maté casi"]
)
def test_a_no_that_belongs_to_what_follows_denies_nothing(text: str) -> None:
    assert seen(text) is Tier.RED
