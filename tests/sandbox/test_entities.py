"""Markup in what bots send."""

from __future__ import annotations

import pytest

from sandbox.entities import formatted
from sandbox.errors import Refused


@pytest.mark.parametrize(
    ("mode", "source", "words", "kinds"),
    [
        ("HTML", "<b>Hi</b> &amp; <i>bye</i>", "Hi & bye", [("bold", 0, 2), ("italic", 5, 3)]),
        ("HTML", '<a href="https://x.org">here</a>', "here", [("text_link", 0, 4)]),
        ("HTML", "😀<u>a</u>", "😀a", [("underline", 2, 1)]),
        ("MarkdownV2", "*Hi* __you__ 1\\.", "Hi you 1.", [("bold", 0, 2), ("underline", 3, 3)]),
        ("MarkdownV2", "[here](https://x.org)", "here", [("text_link", 0, 4)]),
        ("Markdown", "*Hi*. (you)", "Hi. (you)", [("bold", 0, 2)]),
        ("", "*Hi* <b>", "*Hi* <b>", []),
    ],
)
def test_markup_becomes_entities(mode: str, source: str, words: str, kinds: list[tuple[str, int, int]]) -> None:
    text, entities = formatted({"text": source, "parse_mode": mode}, "text")
    assert text == words
    assert [(each["type"], each["offset"], each["length"]) for each in entities] == kinds


@pytest.mark.parametrize(
    ("mode", "source"),
    [
        ("HTML", "<b>open"),
        ("HTML", "a < b"),
        ("HTML", "<b><i>crossed</b></i>"),
        ("HTML", "<h1>unknown</h1>"),
        ("MarkdownV2", "*open"),
        ("MarkdownV2", "no dots."),
        ("Markdown", "snake_case"),
    ],
)
def test_markup_that_does_not_close_is_refused(mode: str, source: str) -> None:
    with pytest.raises(Refused, match="can't parse entities"):
        formatted({"text": source, "parse_mode": mode}, "text")


@pytest.mark.parametrize("entity", [{"type": "bold", "offset": 3, "length": 9}, {"type": "bold"}])
def test_an_entity_outside_of_the_text_is_refused(entity: dict[str, object]) -> None:
    with pytest.raises(Refused, match="can't parse"):
        formatted({"text": "short", "entities": [entity]}, "text")


def test_a_parse_mode_that_is_none_is_refused() -> None:
    with pytest.raises(Refused, match="unsupported parse_mode"):
        formatted({"text": "x", "parse_mode": "TeX"}, "text")
