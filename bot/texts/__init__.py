"""Makes the words of every outgoing message: kind and figures in, text, buttons and picture out.

A message that cannot be made still goes out, as the plain fallback of its lane: never dropped for a template.
"""

from __future__ import annotations

import logging

from bot.texts import digest, forms, lists, patient, rota, staff
from bot.texts.rendered import Button, Maker, Rendered
from content.messages import say
from services.clinic import Clinic
from services.delivery import Claimed

__all__ = ["Button", "Rendered", "render"]

log = logging.getLogger(__name__)

PARTS = (patient, staff, lists, rota, digest, forms)
MAKERS: dict[str, Maker] = {kind: maker for part in PARTS for kind, maker in part.MAKERS.items()}


def render(clinic: Clinic, message: Claimed) -> Rendered:
    """The message to send."""
    try:
        return MAKERS[message.kind](clinic, message)
    except Exception as error:  # a bad template must not hold back a page
        log.error("a text failed", extra={"action": "text-failed", "kind": message.kind}, exc_info=error)
        return _fallback(clinic, message)


def _fallback(clinic: Clinic, message: Claimed) -> Rendered:
    if message.staff_id or message.lane == "page":
        return Rendered(text=f"{message.params.get('alert', '')} {message.kind}: {clinic.name}".strip())
    if message.lane == "crisis":
        return patient.bare_crisis(clinic, message.language)
    return Rendered(text=say("en", "patient.help"))
