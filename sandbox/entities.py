"""Entities of a text: the commands in what people write, and the markup in what bots send. Offsets are UTF-16 units."""

from __future__ import annotations

import re
from html import unescape

from sandbox.errors import Refused, bad_request
from sandbox.params import Json, Params, objects, text

COMMAND = re.compile(r"(?<![\w/])/[A-Za-z0-9_]{1,32}(?:@[A-Za-z0-9_]{3,32})?(?!\w)")
HTML = re.compile(
    r"""<(?P<closes>/?)(?P<tag>[a-zA-Z-]+)(?:\s+href="(?P<url>[^"<>]*)"|\s[^<>]*)?>|<"""
    r"|&(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);"
)
HTML_KINDS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "tg-spoiler": "spoiler",
    "blockquote": "blockquote",
}
MARKDOWN = re.compile(
    r"\\(?P<escaped>.)|\[(?P<link>[^\[\]]+)\]\((?P<url>[^()]+)\)|(?P<mark>```|__|\|\||[*_~`])|(?P<reserved>[\[\]()>#+\-=|{}.!])",
    re.DOTALL,
)
MARKDOWN_KINDS = {
    "*": "bold",
    "_": "italic",
    "__": "underline",
    "~": "strikethrough",
    "||": "spoiler",
    "`": "code",
    "```": "pre",
}
LEGACY = ("*", "_", "`", "```")


def units(words: str) -> int:
    """How many UTF-16 units a text has."""
    return len(words) if words.isascii() else len(words.encode("utf-16-le", "surrogatepass")) // 2


def commands_in(words: str) -> list[Json]:
    """The bot commands in a text."""
    return [
        {"type": "bot_command", "offset": units(words[: found.start()]), "length": units(found[0])}
        for found in COMMAND.finditer(words)
    ]


def formatted(params: Params, name: str) -> tuple[str, list[Json]]:
    """The text that a bot sends under a name, without its markup, and its entities; raises Refused."""
    words = text(params, name).strip()
    mode = text(params, "parse_mode").lower()
    if mode == "html":
        return _html(words)
    if mode in ("markdown", "markdownv2"):
        return _markdown(words, strict=mode == "markdownv2")
    if mode:
        raise bad_request("unsupported parse_mode")
    entities = objects(params, "entities" if name == "text" else f"{name}_entities")
    for entity in entities:
        _check(entity, units(words))
    return words, entities


def _check(entity: Json, length: int) -> None:
    offset, size = entity.get("offset"), entity.get("length")
    if not isinstance(entity.get("type"), str) or not isinstance(offset, int) or not isinstance(size, int):
        raise bad_request("can't parse MessageEntity: it needs a type, an offset and a length")
    if offset < 0 or size <= 0 or offset + size > length:
        raise bad_request("can't parse entities: an entity lies outside of the text")


def _unparsable(why: str) -> Refused:
    return bad_request(f"can't parse entities: {why}")


def _html(source: str) -> tuple[str, list[Json]]:
    words, last = "", 0
    entities: list[Json] = []
    open_tags: list[tuple[str, Json]] = []
    for found in HTML.finditer(source):
        words += source[last : found.start()]
        last = found.end()
        place = len(source[: found.start()].encode())
        closes, tag = found["closes"], (found["tag"] or "").lower()
        if found[0] == "<":
            raise _unparsable(f"unclosed start tag at byte offset {place}")
        if not tag:
            words += unescape(found[0])
        elif tag not in HTML_KINDS:
            raise _unparsable(f'unsupported start tag "{tag}" at byte offset {place}')
        elif not closes:
            open_tags.append((tag, _entity(HTML_KINDS[tag], words, found["url"])))
        elif not open_tags or open_tags[-1][0] != tag:
            raise _unparsable(f"unexpected end tag at byte offset {place}")
        else:
            entities.append(_ended(open_tags.pop()[1], words))
    if open_tags:
        raise _unparsable(f'can\'t find end tag corresponding to start tag "{open_tags[-1][0]}"')
    return words + source[last:], [entity for entity in entities if entity["length"]]


def _markdown(source: str, *, strict: bool) -> tuple[str, list[Json]]:
    words, last = "", 0
    entities: list[Json] = []
    open_marks: list[tuple[str, Json]] = []
    for found in MARKDOWN.finditer(source):
        words += source[last : found.start()]
        last = found.end()
        mark = found["mark"]
        if found["link"]:
            opened = _entity("text_link", words, found["url"])
            words += found["link"]
            entities.append(_ended(opened, words))
        elif found["reserved"] and strict:
            raise _unparsable(f"character '{found[0]}' is reserved and must be escaped with the preceding '\\'")
        elif found["escaped"] or found["reserved"] or (not strict and mark not in LEGACY):
            words += found["escaped"] or found[0]
        elif open_marks and open_marks[-1][0] == mark:
            entities.append(_ended(open_marks.pop()[1], words))
        else:
            open_marks.append((mark, _entity(MARKDOWN_KINDS[mark], words)))
    if open_marks:
        raise _unparsable(f"can't find end of {open_marks[-1][1]['type']} entity")
    return words + source[last:], [entity for entity in entities if entity["length"]]


def _entity(kind: str, before: str, url: str | None = None) -> Json:
    return {"type": kind, "offset": units(before), **({"url": url} if url else {})}


def _ended(entity: Json, words: str) -> Json:
    return {**entity, "length": units(words) - entity["offset"]}
