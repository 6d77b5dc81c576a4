"""Telegram's HTML: which tags it knows, how it complains, and what it makes of a text."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from tests.fakes.telegram.refusal import bad

TAG = re.compile(r"<(/?)([^<>\s/]*)([^<>]*)>|<")
KINDS = {"b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "s": "strikethrough"}
KINDS |= {"code": "code", "pre": "pre", "a": "text_link", "blockquote": "blockquote"}
HREF = re.compile(r'\s+href="([^"]*)"\s*')
LONGEST = 4096


def utf16(text: str) -> int:
    """The length Telegram counts in."""
    return len(text.encode("utf-16-le")) // 2


def read(text: str, mode: str | None) -> tuple[str, list[dict[str, Any]]]:
    """Plain text and its entities; raises what Telegram answers to a text it cannot take."""
    plain, entities = _html(text) if mode == "HTML" else (text, [])
    if not plain.strip():
        raise bad("message text is empty")
    if utf16(plain) > LONGEST:
        raise bad("message is too long")
    return plain, entities


def _html(text: str) -> tuple[str, list[dict[str, Any]]]:
    plain, entities, open_tags, at = "", [], [], 0
    for found in TAG.finditer(text):
        plain += unescape(text[at : found.start()])
        offset, at = len(text[: found.start()].encode()), found.end()
        closes, name, rest = found[1], found[2], found[3]
        if name not in KINDS:
            raise bad(f'can\'t parse entities: Unsupported start tag "{name or ""}" at byte offset {offset}')
        if not closes:
            open_tags.append((name, utf16(plain), rest))
            continue
        if not open_tags:
            raise bad(f"can't parse entities: Unexpected end tag at byte offset {offset}")
        opened, start, rest = open_tags.pop()
        if opened != name:
            wanted = f'expected "</{opened}>", found "</{name}>"'
            raise bad(f"can't parse entities: Unmatched end tag at byte offset {offset}, {wanted}")
        if utf16(plain) > start:
            link = HREF.fullmatch(rest)
            more = {"url": unescape(link[1])} if link else {}
            entities.append({"type": KINDS[name], "offset": start, "length": utf16(plain) - start, **more})
    plain += unescape(text[at:])
    if open_tags:
        raise bad(f"can't parse entities: Can't find end tag corresponding to start tag \"{open_tags[-1][0]}\"")
    return plain, entities
