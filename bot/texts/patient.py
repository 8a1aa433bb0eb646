"""What patients read: consent, settings, thanks, and the crisis reply."""

from __future__ import annotations

from dataclasses import replace

from bot.texts import questions
from bot.texts.hours import in_words
from bot.texts.rendered import Button, Maker, Rendered
from content.crisis_lines import crisis_lines
from content.messages import say
from services.clinic import Clinic
from services.delivery import Claimed

TIMES = ("08:00", "09:00", "10:00", "12:00", "17:00", "19:00", "20:00")
ZONES = {
    "US": ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"),
    "GB": ("Europe/London", "Europe/Madrid", "America/New_York"),
    "ES": ("Europe/Madrid", "Atlantic/Canary", "Europe/London"),
}
WORLD = ("Europe/London", "Europe/Madrid", "America/New_York", "America/Los_Angeles", "Australia/Sydney")
PER_ROW = 4


def _plain(key: str, *names: str) -> Maker:
    """A sentence with the clinic's name, its emergency number, and the given figures."""

    def make(clinic: Clinic, message: Claimed) -> Rendered:
        figures = {name: message.params[name] for name in names}
        return Rendered(text=_say(clinic, message.language, key, **figures))

    return make


def consent(clinic: Clinic, message: Claimed) -> Rendered:
    """The consent, with the hours in which staff read along and what this is not."""
    language = message.language
    hours = in_words(language, clinic.hours)
    text = _say(clinic, language, "patient.consent", hours=hours)
    label, version = say(language, "patient.agree"), clinic.consent_version
    return Rendered(text=text, rows=((Button(label=label, verb="agree", argument=version, style="success"),),))


def consent_again(clinic: Clinic, message: Claimed) -> Rendered:
    """The consent for those who have agreed to an older version."""
    asked = consent(clinic, message)
    return replace(asked, text=f"{_say(clinic, message.language, 'patient.consent_again')}\n\n{asked.text}")


def welcome(clinic: Clinic, message: Claimed) -> Rendered:
    """After the consent: the time of the daily prompt and the baseline, both left to the patient."""
    language = message.language
    rows = (
        (_button(language, "patient.pick_time", "times"),),
        (_button(language, "patient.give_baseline", "baseline"),),
        (_button(language, "patient.later", "later"),),
    )
    return Rendered(text=_say(clinic, language, "patient.welcome", time=message.params["time"]), rows=rows)


def time_ask(clinic: Clinic, message: Claimed) -> Rendered:
    """The times to choose from."""
    buttons = [Button(label=time, verb="time", argument=time.replace(":", "")) for time in TIMES]
    return Rendered(text=say(message.language, "patient.time_ask"), rows=_grid(buttons))


def timezone_ask(clinic: Clinic, message: Claimed) -> Rendered:
    """The zones to choose from."""
    zones = ZONES.get(clinic.region, WORLD)
    rows = tuple((Button(label=zone.replace("_", " "), verb="zone", argument=zone),) for zone in zones)
    return Rendered(text=say(message.language, "patient.timezone_ask"), rows=rows)


def language_ask(clinic: Clinic, message: Claimed) -> Rendered:
    """The languages to choose from."""
    names = {"en": "English", "es": "Español"}
    buttons = tuple(Button(label=name, verb="language", argument=code) for code, name in names.items())
    return Rendered(text=say(message.language, "patient.language_ask"), rows=(buttons,))


def crisis(clinic: Clinic, message: Claimed) -> Rendered:
    """The reply to a red answer: a calm sentence, the region's lines, the plan, and the call-me button."""
    language, params = message.language, message.params
    key = "crisis.reply" if params.get("covered") else "crisis.reply_uncovered"
    if params.get("emergency"):
        key = "crisis.emergency"
    return _with_plan(message, _say(clinic, language, key), lines(clinic, language))


def _with_plan(message: Claimed, *parts: str) -> Rendered:
    """What somebody in danger reads: the patient's own plan below it, and the call-me button."""
    language, plan = message.language, message.params.get("plan")
    shown = (*parts, say(language, "crisis.plan", plan=plan)) if plan else parts
    return Rendered(text="\n\n".join(shown)[:4000], rows=call_me(language), protected=True)


def call_me(language: str) -> tuple[tuple[Button, ...], ...]:
    """The call-me button, and the way to say that it was a slip."""
    return (
        (_button(language, "crisis.call_me", "callme", style="danger"),),
        (_button(language, "crisis.safe_button", "mistake"),),
    )


def stranger_crisis(clinic: Clinic, message: Claimed) -> Rendered:
    """The reply to somebody whom the clinic does not know, or to one of its own staff."""
    told = "crisis.colleague" if message.params.get("colleague") else "crisis.stranger"
    key = told if message.params.get("told") else "crisis.stranger_plain"
    return _with_lines(clinic, message, key)


def not_reached(clinic: Clinic, message: Claimed) -> Rendered:
    """The truth, when the ladder has gone round once."""
    return _with_plan(message, _with_lines(clinic, message, "crisis.not_reached").text)


def bare_crisis(clinic: Clinic, language: str) -> Rendered:
    """The crisis reply with nothing in it that could fail."""
    found = crisis_lines(clinic.region, "en") or crisis_lines("US", "en")
    return Rendered(text="\n".join((*found.lines, found.emergency)) if found else "112 / 911")


def lines(clinic: Clinic, language: str) -> str:
    """The region's crisis lines and emergency number."""
    found = crisis_lines(clinic.region, language) or crisis_lines("US", language)
    assert found is not None  # noqa: S101 - the United States are in the file
    return say(language, "crisis.lines", lines="\n".join(found.lines), emergency=found.emergency)


def chart(clinic: Clinic, message: Claimed) -> Rendered:
    """The patient's own mood as a picture, with the infusions marked."""
    language, params = message.language, message.params
    if not params["points"]:
        return Rendered(text=say(language, "patient.mood_none"))
    key = "patient.summary" if params.get("summary") else "patient.mood_caption"
    return Rendered(text=say(language, key), photo=questions.picture(params, say(language, "patient.mood_axis")))


def plan_shown(clinic: Clinic, message: Claimed) -> Rendered:
    """The patient's own safety plan."""
    return Rendered(
        text=say(message.language, "patient.plan_shown", plan=message.params["plan"])[:4000], protected=True
    )


def _with_lines(clinic: Clinic, message: Claimed, key: str) -> Rendered:
    found = crisis_lines(clinic.region, message.language) or crisis_lines("US", message.language)
    assert found is not None  # noqa: S101 - the United States are in the file
    text = say(message.language, key, clinic=clinic.name, lines="\n".join(found.lines), emergency=found.emergency)
    return Rendered(text=text)


def _say(clinic: Clinic, language: str, key: str, **values: object) -> str:
    found = crisis_lines(clinic.region, language) or crisis_lines("US", language)
    emergency = found.emergency if found else "911"
    within = clinic.call_within.get(language) or next(iter(clinic.call_within.values()))
    who = clinic.caller.get(language) or next(iter(clinic.caller.values()))
    return say(language, key, clinic=clinic.name, emergency=emergency, within=within, who=who, **values)


def _button(language: str, key: str, verb: str, style: str | None = None) -> Button:
    return Button(label=say(language, key), verb=verb, style=style)


def _grid(buttons: list[Button]) -> tuple[tuple[Button, ...], ...]:
    return tuple(tuple(buttons[i : i + PER_ROW]) for i in range(0, len(buttons), PER_ROW))


MAKERS: dict[str, Maker] = {
    "consent": consent,
    "consent-again": consent_again,
    "welcome": welcome,
    "time-ask": time_ask,
    "timezone-ask": timezone_ask,
    "language-ask": language_ask,
    "crisis": crisis,
    "stranger-crisis": stranger_crisis,
    "not-reached": not_reached,
    "chart": chart,
    "plan-shown": plan_shown,
    "prompt": questions.question,
    "question": questions.question,
    "reminder": questions.question,
    "catch-up": questions.question,
    "answered": questions.answered,
    "safety-question": questions.safety_question,
    "time-set": _plain("patient.time_set", "time"),
    "time-quiet": _plain("patient.time_quiet", "time"),
    "timezone-set": _plain("patient.timezone_set", "zone"),
    "out-of-range": _plain("patient.out_of_range", "low", "high"),
    "ask-again": _plain("patient.ask_again", "low", "high"),
    **{
        key: _plain(f"{section}.{key.replace('-', '_')}")
        for section, keys in {
            "patient": (
                "consent-renewed",
                "welcome-back",
                "baseline-later",
                "link-bad",
                "stranger",
                "help",
                "not-yet",
                "words-thanks",
                "words-and-number",
                "ask-again-choice",
                "nothing-open",
                "media",
                "sticker",
                "paused",
                "resumed",
                "stopped",
                "time-unclear",
                "timezone-unclear",
                "language-set",
                "plan-none",
                "plan-saved",
                "pause-needs-course",
            ),
            "crisis": (
                "mistake-noted",
                "call-me-noted",
                "call-me-again",
                "seen",
                "closed",
                "joined",
                "gentle-no-thanks",
                "second-stage-done",
            ),
        }.items()
        for key in keys
    },
}
