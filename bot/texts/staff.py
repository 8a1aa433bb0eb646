"""What staff read about an alert: pages with its tier and an alias, hand-overs, the close, the reveal; and notices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.texts import questions
from bot.texts.dates import day_and_year, moment
from bot.texts.rendered import Button, Maker, Rendered
from content.findings import sentence_of
from content.messages import say
from rules.permissions import may
from services.clinic import Clinic
from services.delivery import Claimed

LONGEST = 3900
OUTCOME_STYLES = {"reached-safe": "success", "reached-care": "success", "not-reached": "danger", "no-concern": None}
CONTACT = ("phone", "email", "address", "collateral")


def page(clinic: Clinic, message: Claimed) -> Rendered:
    """A page, as the alert stands now; edited in place while its state changes."""
    language, params = message.language, message.params
    head = say(
        language,
        "staff.page",
        urgency=say(language, f"staff.page_{params['tier']}"),
        alert=params["alert"],
        patient=params["patient"],
        reasons=" · ".join(reason(language, code) for code in params["reasons"]),
        opened_at=moment(clinic, language, params["opened_at"]),
    )
    parts = [head, _state(clinic, language, params)]
    if params["state"] == "acknowledged" and params.get("owner_id") == message.staff_id and params["patient"] != "–":
        parts.append(say(language, "staff.next_owner", patient=params["patient"]))
    if params.get("why"):
        parts.insert(
            0, say(language, f"staff.page_{params['why']}", number=params.get("number"), owner=params["owner"])
        )
    return Rendered(text="\n".join(parts), rows=_page_rows(language, params))


def _state(clinic: Clinic, language: str, params: Mapping[str, Any]) -> str:
    at = moment(clinic, language, params["state_at"]) if params.get("state_at") else ""
    outcome = say(language, f"staff.outcome_{params['outcome']}") if params.get("outcome") else ""
    return say(language, f"staff.state_{params['state']}", owner=params.get("owner") or "", at=at, outcome=outcome)


def _page_rows(language: str, params: Mapping[str, Any]) -> tuple[tuple[Button, ...], ...]:
    def button(key: str, verb: str, style: str | None = None) -> Button:
        return Button(label=say(language, f"staff.{key}"), verb=verb, subject=params["row"], style=style)

    details = button("details", "details")
    if params["state"] == "open":
        return ((button("acknowledge", "ack", "success"),), (details, button("hand_over", "handover")))
    if params["state"] == "closed":
        return ((details, button("reopen", "reopen", "danger")),)
    called = button("called", "called", "success")
    return ((called,), (button("close", "close", "primary"), details), (button("hand_over", "handover"),))


def page_folded(clinic: Clinic, message: Claimed) -> Rendered:
    """What is left of a page that has rung again since."""
    return Rendered(text=say(message.language, "staff.page_folded", alert=message.params["alert"]))


def outcomes(clinic: Clinic, message: Claimed) -> Rendered:
    """The outcomes to close with."""
    language, params = message.language, message.params
    rows = [
        (
            Button(
                label=say(language, f"staff.outcome_{code}"),
                verb="outcome",
                subject=params["row"],
                argument=code,
                style=style,
            ),
        )
        for code, style in OUTCOME_STYLES.items()
    ]
    rows.append((Button(label=say(language, "staff.back"), verb="back", subject=params["row"]),))
    return Rendered(text=say(language, "staff.choose_outcome", alert=params["alert"]), rows=tuple(rows))


def hand_over_ask(clinic: Clinic, message: Claimed) -> Rendered:
    """The colleagues who could take an alert over."""
    language, params = message.language, message.params
    rows = [
        (Button(label=each["name"], verb="offer", subject=params["row"], argument=str(each["number"])),)
        for each in params["colleagues"]
    ]
    rows.append((Button(label=say(language, "staff.back"), verb="back", subject=params["row"]),))
    return Rendered(text=say(language, "staff.hand_over_ask", alert=params["alert"]), rows=tuple(rows))


def hand_over_offer(clinic: Clinic, message: Claimed) -> Rendered:
    """The question to the colleague, with the button that accepts until they have answered."""
    language, params = message.language, message.params
    text = say(
        language, "staff.hand_over_offer", owner=params["owner"], alert=params["alert"], patient=params["patient"]
    )
    accept = Button(label=say(language, "staff.accept"), verb="accept", subject=params["row"], style="success")
    decline = Button(label=say(language, "staff.decline"), verb="decline", subject=params["row"])
    return Rendered(text=text, rows=() if params.get("answered") else ((accept,), (decline,)))


def hand_over_back(clinic: Clinic, message: Claimed) -> Rendered:
    """Nobody has taken what was offered: whoever offered it goes on with it."""
    language, params = message.language, message.params
    colleague = params["colleague"] or say(language, "staff.nobody")
    text = say(language, "staff.hand_over_back", alert=params["alert"], colleague=colleague)
    return Rendered(text=text, rows=((Button(label=params["alert"], verb="show", subject=params["row"]),),))


def closing_ask(clinic: Clinic, message: Claimed) -> Rendered:
    """Which sentence is wanting before the alert is closed, and the way back to the outcomes."""
    language, params = message.language, message.params
    key = "staff.closing_ask_next" if params["outcome"] == "not-reached" else "staff.closing_ask"
    back = Button(label=say(language, "staff.back"), verb="close", subject=params["row"])
    return Rendered(text=_outcome(message, key), rows=((back,),))


def closing_done(clinic: Clinic, message: Claimed) -> Rendered:
    """Closed, with what was written."""
    return Rendered(text=_outcome(message, "staff.closing_done"))


def _outcome(message: Claimed, key: str) -> str:
    language, params = message.language, message.params
    return say(language, key, alert=params["alert"], outcome=say(language, f"staff.outcome_{params['outcome']}"))


def details(clinic: Clinic, message: Claimed) -> Rendered:
    """The reveal: name, contact, what was seen, the words and the scores. Logged, and not to be forwarded."""
    language, params = message.language, message.params
    none = say(language, "staff.details_none")
    if params.get("colleague"):
        head = [say(language, "staff.details_colleague", alert=params["alert"], name=params["colleague"])]
    elif not params.get("patient"):
        head = [say(language, "staff.details_stranger", alert=params["alert"], user=params["stranger"])]
    else:
        name = params["name"] or none
        head = [
            say(language, "staff.details_head", alert=params["alert"], patient=params["patient"], name=name),
            *_contact(language, params["contact"], close=params["close"]),
        ]
    seen = "\n".join(
        f"• {moment(clinic, language, each['at'])} {sentence_of(each, language)}" for each in params["findings"]
    )
    parts = [*head, *_course(clinic, language, params), say(language, "staff.details_findings", findings=seen or none)]
    words = "\n".join(f"{moment(clinic, language, each['at'])} “{each['words']}”" for each in params["words"])
    parts.append(
        say(language, "staff.details_words", words=words) if words else say(language, "staff.details_words_none")
    )
    if params.get("plan"):
        parts.append(say(language, "staff.details_plan", plan=params["plan"]))
    if params.get("sentence"):
        parts.append(say(language, "staff.details_outcome", sentence=params["sentence"]))
    parts.append(say(language, "staff.details_note"))
    return Rendered(text=clip("\n\n".join(parts)), protected=True)


def _contact(language: str, contact: Mapping[str, str], *, close: bool) -> list[str]:
    """How to reach the patient; where they live and whom they are close to only if `close`."""
    known = {key: contact.get(key) or say(language, "staff.details_none") for key in CONTACT}
    own = say(language, "staff.details_contact", phone=known["phone"], email=known["email"])
    if not close:
        return [own, say(language, "staff.details_close_hidden")]
    return [own, say(language, "staff.details_close", address=known["address"], collateral=known["collateral"])]


def _course(clinic: Clinic, language: str, params: Mapping[str, Any]) -> list[str]:
    parts = []
    if params.get("course"):
        key = "details_planned" if params["course"].get("planned") else "details_course"
        on = day_and_year(language, params["course"]["infusion_on"])
        parts.append(say(language, f"staff.{key}", **{**params["course"], "infusion_on": on}))
    if params.get("scores"):
        scores = " · ".join(_score(clinic, language, each) for each in params["scores"])
        parts.append(say(language, "staff.details_scores", scores=scores))
    return parts


def _score(clinic: Clinic, language: str, score: Mapping[str, Any]) -> str:
    """A total with its day; one that was not answered in full says so."""
    title = clinic.instruments[score["instrument"]].titles[language]
    on = moment(clinic, language, score["at"])
    key = "staff.score" if score["answered"] == score["of"] else "staff.score_partial"
    return say(language, key, title=title, on=on, **{name: score[name] for name in ("total", "answered", "of")})


def details_chart(clinic: Clinic, message: Claimed) -> Rendered:
    """The chart that goes with a reveal."""
    caption = say(message.language, "staff.chart_caption", patient=message.params["patient"])
    axis = say(message.language, "patient.mood_axis")
    return Rendered(text=caption, photo=questions.picture(message.params, axis), protected=True)


def reason(language: str, code: str) -> str:
    """The kind of reason, without a word of the patient's."""
    try:
        return say(language, f"reason.{code}")
    except KeyError:
        return say(language, "reason.other")


def clip(text: str) -> str:
    """As much of a text as one message may have."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _plain(key: str, *names: str) -> Maker:
    def make(clinic: Clinic, message: Claimed) -> Rendered:
        figures = {name: message.params.get(name) or say(message.language, "staff.nobody") for name in names}
        return Rendered(text=say(message.language, f"staff.{key}", clinic=clinic.name, **figures))

    return make


def welcome(clinic: Clinic, message: Claimed) -> Rendered:
    """The first message to a staff member who has just linked."""
    role = message.params["role"]
    key = "staff.welcome" if may(role, "acknowledge-alert") else "staff.welcome_desk"
    return Rendered(text=say(message.language, key, clinic=clinic.name, role=say(message.language, f"role.{role}")))


def staff_help(clinic: Clinic, message: Claimed) -> Rendered:
    """What the bot can do for a role."""
    role = "coordinator" if message.params["role"] in ("coordinator", "auditor") else "clinician"
    return Rendered(text=say(message.language, f"staff.help_{role}"))


def _lost(key: str) -> Maker:
    """After a long outage or a restore: from when to when answers may be lost, and whose."""

    def make(clinic: Clinic, message: Claimed) -> Rendered:
        language, params = message.language, message.params
        spans = {"from": moment(clinic, language, params["from"]), "to": moment(clinic, language, params["to"])}
        counted = {"count": params["count"], "patients": params["patients"] or say(language, "staff.nobody")}
        return Rendered(text=clip(say(language, f"staff.{key}", **spans, **counted)))

    return make


def erase_ask(clinic: Clinic, message: Claimed) -> Rendered:
    """The question to an admin whether a patient is to be erased, with the button that agrees."""
    language, params = message.language, message.params
    button = Button(label=say(language, "staff.erase_agree"), verb="erase", subject=params["row"], style="danger")
    return Rendered(text=say(language, "staff.erase_ask", patient=params["patient"]), rows=((button,),))


def move_ask(clinic: Clinic, message: Claimed) -> Rendered:
    """The question to an admin whether running courses are to move, with the button that agrees."""
    language, params = message.language, message.params
    button = Button(label=say(language, "staff.move_agree"), verb="move", subject=params["row"], style="primary")
    figures = {key: params[key] for key in ("count", "protocol", "to", "reason")}
    said = [say(language, "staff.move_ask", **figures)]
    if params.get("rules"):
        said.append(say(language, "staff.move_rules", rules=params["rules"]))
    elif "rules" in params:  # of a question that an older version has asked nobody knows
        said.append(say(language, "staff.move_no_rules"))
    return Rendered(text=clip("\n\n".join(said)), rows=((button,),))


MAKERS: dict[str, Maker] = {
    "page": page,
    "page-folded": page_folded,
    "staff-welcome": welcome,
    "staff-help": staff_help,
    "page-bot-link": _plain("page_bot_link", "link"),
    "outcomes": outcomes,
    "hand-over-ask": hand_over_ask,
    "hand-over-offer": hand_over_offer,
    "hand-over-back": hand_over_back,
    "closing-ask": closing_ask,
    "closing-done": closing_done,
    "closing-expired": _plain("closing_expired", "alert"),
    "closing-too-late": _plain("closing_too_late", "alert"),
    "hand-over-done": _plain("hand_over_done", "owner", "alert"),
    "taken-by-other": _plain("taken_by_other", "owner", "alert"),
    "details": details,
    "details-chart": details_chart,
    "no-role": _plain("no_role"),
    "patient-blocked": _plain("patient_blocked", "patient"),
    "patient-unlinked": _plain("patient_unlinked", "patient"),
    "missed-by-us": _plain("missed_by_us", "count", "patients"),
    "lost-updates": _lost("lost_updates"),
    "restored": _lost("restored"),
    "erase-ask": erase_ask,
    "move-ask": move_ask,
}
