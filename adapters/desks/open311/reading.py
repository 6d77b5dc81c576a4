"""Reading answers: JSON or XML, bare or wrapped, and nothing that only looks like one.

In JSON the outer element is dropped, except by FixMyStreet, which keeps it. XML is read without document types,
so that no entity is ever expanded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from html import unescape
from typing import Any
from xml.parsers import expat

LARGEST = 16 * 1024 * 1024
"""Bytes of an answer; a thousand requests, the most that a list holds, are about one."""
DEEPEST = 12
LISTS = frozenset(
    {"service_requests", "services", "attributes", "values", "errors", "service_request_updates", "groups"}
)
"""Elements that hold a list of others."""
WRAPPERS = (
    "service_requests",
    "services",
    "service_definition",
    "service_request_updates",
    "errors",
    "requests",
    "request",
    "service",
    "request_update",
    "error",
)
LONGEST_NOTE = 1000
_TAG = re.compile(r"<[^<>]{0,200}>")
_HTML = re.compile(rb"\s*<(?:!doctype\s+html|html)", re.IGNORECASE)


class UnreadableAnswerError(Exception):
    """It is not what the specification says; the message says what it is, without any of its words."""


def parse(body: bytes) -> Any:
    """The answer as lists, tables and texts, whichever form it came in. An empty answer is an empty list."""
    if len(body) > LARGEST:
        raise UnreadableAnswerError(f"an answer of more than {LARGEST} bytes")
    if _HTML.match(body):
        raise UnreadableAnswerError("a page for people (HTML)")
    if not body.strip():
        return []
    if body.lstrip().startswith((b"<", b"\xef\xbb\xbf<")):
        return _Reader().read(body)
    try:
        return json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise UnreadableAnswerError("neither JSON nor XML") from None


def records(answer: Any) -> list[Mapping[str, Any]]:
    """The tables of an answer, whatever is wrapped around them."""
    if isinstance(answer, Mapping):
        for name in WRAPPERS:
            if name in answer and isinstance(answer[name], Mapping | list):
                return records(answer[name])
        return [answer] if answer else []
    if isinstance(answer, list):
        # XML read by a careless server into JSON: each in an element of its own.
        return [table for one in answer if isinstance(one, Mapping) for table in records(one)]
    return []


def words(table: Mapping[str, Any], name: str) -> str:
    """A value as text: ids are strings or numbers, what is absent is null, "" or missing."""
    value = table.get(name)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value).strip()
    return ""


def truth(table: Mapping[str, Any], name: str) -> bool:
    """Booleans are often words."""
    return words(table, name).lower() in {"true", "1", "yes"}


def moment(table: Mapping[str, Any], name: str) -> datetime | None:
    """A time with its zone; one without is taken as UTC; what is none is None."""
    try:
        found = datetime.fromisoformat(words(table, name))
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def number(table: Mapping[str, Any], name: str) -> float | None:
    """A number, with a point or by mistake a comma."""
    try:
        return float(words(table, name).replace(",", "."))
    except ValueError:
        return None


def note(text: str) -> str:
    """What staff explain, fit to be read by residents: no markup, one line, not endless."""
    plain = "".join(char if char.isprintable() else " " for char in unescape(_TAG.sub(" ", unescape(text))))
    return " ".join(plain.split())[:LONGEST_NOTE]


class _Reader:
    """One XML document as tables: an element with others in it is a table, or a list where its name says so."""

    def __init__(self) -> None:
        self._open: list[tuple[str, list[str], list[tuple[str, Any]]]] = []
        self._root: Any = []

    def read(self, body: bytes) -> Any:
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        try:
            parser.Parse(body, True)
        except expat.ExpatError as error:
            raise UnreadableAnswerError(f"broken XML at line {error.lineno}") from None
        return self._root

    def _doctype(self, *_: object) -> None:
        raise UnreadableAnswerError("XML with a document type")

    def _start(self, name: str, _: dict[str, str]) -> None:
        if len(self._open) >= DEEPEST:
            raise UnreadableAnswerError("XML that is too deep")
        self._open.append((name, [], []))

    def _text(self, text: str) -> None:
        self._open[-1][1].append(text)

    def _end(self, _: str) -> None:
        name, texts, children = self._open.pop()
        value: Any
        if name in LISTS:
            value = [child for _, child in children]
        elif children:
            value = dict(children)
        else:
            value = "".join(texts).strip()
        if self._open:
            self._open[-1][2].append((name, value))
        else:
            self._root = value
