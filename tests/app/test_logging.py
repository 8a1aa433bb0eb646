"""Log lines: in one form, and without what no log may show."""

from __future__ import annotations

import json
import logging

import pytest

from app.logging import HIDDEN, JsonLines, PlainLines, set_up
from tests.databases import KEY_TEXT

TOKEN = "123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc"


def _record(message: str, **extra: object) -> logging.LogRecord:
    record = logging.LogRecord("bot.send", logging.ERROR, __file__, 1, message, None, None)
    vars(record).update(extra)
    return record


@pytest.mark.parametrize("lines", [JsonLines, PlainLines])
@pytest.mark.parametrize(
    "secret",
    [
        TOKEN,
        f"https://api.telegram.org/bot{TOKEN}/getMe",
        "https://t.me/example_bot?start=XlkeX3kX_nS1hZ2Ymc3dDw",
        "/start XlkeX3kX_nS1hZ2Ymc3dDw",
        "mailto://user:password@host?to=oncall@example.org",
        "postgresql://fortnight:password@database/fortnight",
        KEY_TEXT,
    ],
)
def test_tokens_codes_keys_and_urls_are_hidden(lines: type[JsonLines], secret: str) -> None:
    shown = lines(()).format(_record(f"failed with {secret} today", detail=secret))
    assert HIDDEN in shown
    for word in secret.removeprefix("/start ").split("?start="):
        assert word not in shown


def test_the_configurations_own_secrets_are_hidden_whatever_they_look_like() -> None:
    assert "hunter2-hunter2" not in JsonLines(["hunter2-hunter2"]).format(_record("with hunter2-hunter2"))


def test_an_exception_is_told_by_its_kind_and_place_not_by_its_words(capsys: pytest.CaptureFixture[str]) -> None:
    set_up(as_json=True)
    try:
        raise ValueError("I want to die")
    except ValueError as error:
        logging.getLogger("bot.inbox").error("handler failed", extra={"action": "handler-failed"}, exc_info=error)
    line = json.loads(capsys.readouterr().err)
    assert (line["action"], line["error"]) == ("handler-failed", "ValueError")
    assert "test_logging.py" in line["where"][-1]
    assert "die" not in json.dumps(line)


def test_an_id_and_an_ordinary_sentence_stay_as_they_are() -> None:
    line = json.loads(
        JsonLines(()).format(_record("a pass failed", alert="A-17", row="01a20fd39a6e88f68d8b29b7f3a84738"))
    )
    assert line["message"] == "a pass failed"
    assert (line["alert"], line["row"]) == ("A-17", "01a20fd39a6e88f68d8b29b7f3a84738")


def test_libraries_that_write_addresses_are_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    set_up(as_json=False)
    logging.getLogger("httpx").info("HTTP Request: POST https://api.telegram.org/bot1:x/getMe")
    logging.getLogger("apprise").error("Failed to send to mailto://user@host")
    assert capsys.readouterr().err == ""


@pytest.fixture(autouse=True)
def as_before() -> object:
    """Put the root logger back as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers, root.level = handlers, level
    for name in ("httpx", "apprise"):
        logging.getLogger(name).setLevel(logging.NOTSET)


def test_no_figure_stands_in_for_the_level_of_a_line() -> None:
    line = json.loads(JsonLines(()).format(_record("not ready", level="primary", at="noon", action="not-ready")))
    assert (line["level"], line["action"]) == ("error", "not-ready")
    assert line["at"] != "noon"
