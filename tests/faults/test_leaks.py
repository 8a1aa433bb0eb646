"""Row 60: markers are planted in every place that may not be seen, all is driven, and everything is looked through."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import logging as lines
from sandbox import faults
from services import export, people
from tests.faults.test_odd_updates import poison
from tests.world import World
from tests.world.clinic import TOKEN

NAME, PHONE, PLAN, WORDS = "Zyxwvu", "+34 611 222 333", "quetzalcoatl", "marzipan"
SECRETS = (NAME, PHONE, PLAN, WORDS, "Patient One", TOKEN)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that the engine writes while the test runs, as it sets its logging up itself."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    lines.set_up(as_json=True, secrets=[TOKEN])
    seen = io.StringIO()
    (handler,) = root.handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(seen)
    yield seen
    root.handlers[:] = before
    root.setLevel(level)


async def live(world: World) -> None:
    """Every flow that a marker can take, the errors too."""
    clinician, backup = await world.clinician(), await world.clinician("Backup", on_call="backup")
    patient = await world.patient(phone=PHONE, collateral=NAME)
    await world.infusion(patient)
    await patient.says(f"/plan {PLAN}")
    await patient.says(f"I want to kill myself with {WORDS}")
    await patient.sends("photo", f"{WORDS} again")
    poison(world.telegram, patient.user_id, f"{WORDS} kill myself {PHONE}")
    await world.settle()
    for label in ("Acknowledge", "Show details", "Called the patient", "Close with outcome", "Reached, and safe"):
        await clinician.presses(label)
    await clinician.says(f"She spoke of {WORDS}.")
    world.telegram.faults.add(faults.failing(400, f"Bad Request: {WORDS}").on("sendMessage", times=2))
    world.telegram.faults.add(faults.failing(502).on("getUpdates", times=1))
    await patient.says(f"I will kill myself, {WORDS}")
    await backup.says("/alerts")
    await clinician.says("/digest")
    async with world.transaction() as tx:
        found = await people.patient(tx, patient.alias)
        await export.of_patient(world.clinic, tx, found, actor="cli", now=world.now)
    for each in world.phones:
        each.reads()


async def test_row_60_no_marker_is_in_a_log_a_button_a_page_or_a_file(
    world: World, log: io.StringIO, tmp_path: Path
) -> None:
    await live(world)
    try:
        raise RuntimeError(f"{WORDS} {PHONE} {TOKEN}")
    except RuntimeError:
        logging.getLogger("tests").exception("failed", extra={"action": "failed"})
    logged = log.getvalue()
    assert "failed" in logged
    texts = "\n".join(sent.text for each in world.phones for sent in world.telegram.sent(TOKEN, each.user_id))
    assert WORDS in texts  # behind Show details: it was there to be found
    assert PHONE in texts
    seen = {"the log": logged, "the second channel": "\n".join(world.pager.texts)}
    for phone in world.phones:
        for sent in world.telegram.sent(TOKEN, phone.user_id):
            markup = sent.message.get("reply_markup", {}).get("inline_keyboard", [])
            data = [button.get("callback_data", "") for row in markup for button in row]
            assert all(len(each.encode()) <= 64 for each in data)
            seen[f"buttons of {phone.alias} {sent.message.get('message_id')}"] = "\n".join(data)
            if world.kinds.get((TOKEN, phone.user_id, int(sent.message.get("message_id", 0)))) == "page":
                seen[f"page {sent.message.get('message_id')}"] = sent.text
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    files += [Path(str(world.clinic.database.engine.url.database))]
    for path in files:
        seen[path.name] = path.read_bytes().decode("latin-1")
    found = {place: [secret for secret in SECRETS if secret in text] for place, text in seen.items()}
    assert not {place: secrets for place, secrets in found.items() if secrets}
