"""Questions as a patient sees them: the sentence, the scale or the choices, and what was noted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.texts.rendered import Button, Rendered
from content.messages import say
from rules.instrument import Item, Option
from services.clinic import Clinic
from services.delivery import Claimed

SCALE_ROW = 6  # 0 to 10 stand in two rows
SHORT, SHORT_ROW = 12, 3  # short labels share a row, long ones get one each
OPENINGS = {"reminder": "patient.reminder", "catch-up": "patient.catch_up"}


def question(clinic: Clinic, message: Claimed) -> Rendered:
    """One question; above it what was just noted, or why it comes, and how far along it is."""
    language, params = message.language, message.params
    item = _item(clinic, params)
    instrument = clinic.instruments[params["instrument"]]
    parts = [say(language, OPENINGS[message.kind])] if message.kind in OPENINGS else []
    if params.get("noted"):
        parts.append(say(language, "patient.noted", answer=_label(clinic, language, params["noted"])))
    if instrument.recall.get(language) and params["number"] == 1:
        parts.append(instrument.recall[language])
    if params["of"] > 1:
        parts.append(say(language, "patient.progress", number=params["number"], of=params["of"]))
    parts.append(item.texts[language])
    rows = (*_options(language, params, item), *_ways_out(language, params))
    return Rendered(text="\n\n".join(parts), rows=rows)


def safety_question(clinic: Clinic, message: Claimed) -> Rendered:
    """A question of a safety conversation, with a gentle opening before the first."""
    language, params = message.language, message.params
    item = _item(clinic, params)
    opening = f"crisis.opening_{params['opening']}" if params.get("opening") else "crisis.opening_next"
    parts = [say(language, opening), item.texts[language]]
    return Rendered(text="\n\n".join(parts), rows=_options(language, params, item))


def answered(clinic: Clinic, message: Claimed) -> Rendered:
    """The thanks, with the way to change the answer or to go on with what was left."""
    language, params = message.language, message.params
    parts = []
    if params.get("noted"):
        key = "patient.corrected" if params.get("corrected") else "patient.noted"
        parts.append(say(language, key, answer=_label(clinic, language, params["noted"])))
    if params.get("left"):
        parts.append(say(language, "patient.left"))
    else:
        parts.append(say(language, "patient.done_late" if params.get("late") else "patient.done"))
    rows = []
    for key, place in (("patient.go_on", params.get("left")), ("patient.change", params.get("change"))):
        if place:
            rows.append((_change(language, key, place),))
    return Rendered(text="\n\n".join(parts), rows=tuple(rows))


def picture(params: Mapping[str, Any], axis: str) -> Mapping[str, Any]:
    """The figures of a chart, for bot/chart.py to draw."""
    return {"points": params["points"], "infusions": params["infusions"], "axis": axis}


def _item(clinic: Clinic, params: Mapping[str, Any]) -> Item:
    item = clinic.instruments[params["instrument"]].item(params["item"])
    if item is None:
        raise KeyError(params["item"])
    return item


def _label(clinic: Clinic, language: str, noted: Sequence[Any]) -> str:
    instrument, item_id, value = noted
    item = clinic.instruments[instrument].item(item_id)
    option = item.option(value) if item else None
    return option.labels[language] if option else str(value)


def _options(language: str, params: Mapping[str, Any], item: Item) -> tuple[tuple[Button, ...], ...]:
    buttons = [_option(language, params, option) for option in item.options]
    if item.is_scale:
        return _in_rows(buttons, SCALE_ROW)
    short = len(buttons) <= SHORT_ROW and all(len(button.label) <= SHORT for button in buttons)
    return _in_rows(buttons, SHORT_ROW if short else 1)


def _option(language: str, params: Mapping[str, Any], option: Option) -> Button:
    argument = f"{params['instrument']}/{params['item']}/{option.value}"
    return Button(label=option.labels[language], verb="a", subject=params["checkin"], argument=argument)


def _ways_out(language: str, params: Mapping[str, Any]) -> tuple[tuple[Button, ...], ...]:
    """Back to the question before, and past one that may be left out."""
    row = [_change(language, "patient.back", params["back"])] if params.get("back") else []
    if params.get("optional"):
        argument = f"{params['instrument']}/{params['item']}"
        row.append(
            Button(label=say(language, "patient.skip"), verb="skip", subject=params["checkin"], argument=argument)
        )
    return (tuple(row),) if row else ()


def _change(language: str, key: str, place: Sequence[str]) -> Button:
    checkin, instrument, item = place
    return Button(label=say(language, key), verb="change", subject=checkin, argument=f"{instrument}/{item}")


def _in_rows(buttons: Sequence[Button], width: int) -> tuple[tuple[Button, ...], ...]:
    return tuple(tuple(buttons[i : i + width]) for i in range(0, len(buttons), width))
