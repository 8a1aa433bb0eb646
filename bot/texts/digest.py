"""The digest as clinicians read it: how many to read, and once opened the words, not to be forwarded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.texts.dates import moment
from bot.texts.rendered import Button, Maker, Rendered
from content.findings import sentence_of
from content.messages import say
from rules.digest import LONGEST_REASON, REASONS
from services.clinic import Clinic
from services.delivery import Claimed

TIERS = ("red", "amber", "note", "none")
SIGNS = {"red": "🔴", "amber": "🟠", "note": "🟡", "none": "⚪"}


def told(clinic: Clinic, message: Claimed) -> Rendered:
    """How many there are to read, by tier, with the button that opens them; no words."""
    language, params = message.language, message.params
    tiers = {tier: count for tier in TIERS if (count := params["tiers"][tier])}
    lines = [say(language, "digest.head", count=sum(tiers.values()), patients=params["patients"])]
    lines += [say(language, f"digest.{tier}", count=count) for tier, count in tiers.items()]
    if params["carried"]:
        lines.append(say(language, "digest.carried", count=params["carried"]))
    key, verb = ("read", "digested") if params["words"] else ("open", "digest")
    button = Button(label=say(language, f"digest.{key}"), verb=verb, subject=params["row"], style="primary")
    return Rendered(text="\n".join(lines), rows=((button,),))


def words(clinic: Clinic, message: Claimed) -> Rendered:
    """Some of the words, by alias, with what was found in them."""
    language, params = message.language, message.params
    parts = [say(language, "digest.words_head", number=params["number"], of=params["of"])]
    parts += ["\n".join(_lines(clinic, language, entry)) for entry in params["entries"]]
    if params["number"] == params["of"]:
        parts.append(say(language, "digest.words_note"))
    return Rendered(text="\n\n".join(parts), protected=True)


def _lines(clinic: Clinic, language: str, entry: Mapping[str, Any]) -> list[str]:
    patient = entry["patient"] or say(language, "digest.someone")
    key = "digest.line_goes_on" if entry["goes_on"] else "digest.line"
    lines = [say(language, key, sign=SIGNS[entry["tier"]], patient=patient, at=moment(clinic, language, entry["at"]))]
    if entry["words"] is not None:
        lines.append(say(language, "digest.words", words=entry["words"]))
    sentences = (sentence_of(each, language) for each in entry["reasons"][:REASONS])
    return lines + [say(language, "digest.reason", sentence=each)[:LONGEST_REASON] for each in sentences]


def nothing(clinic: Clinic, message: Claimed) -> Rendered:
    """Nothing is unread."""
    return Rendered(text=say(message.language, "digest.nothing"))


MAKERS: dict[str, Maker] = {"digest": told, "digest-words": words, "digest-none": nothing}
