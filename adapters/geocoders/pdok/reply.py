"""Reading what Locatieserver answers: Solr documents with `weergavenaam`, `type` and `centroide_ll`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rapidfuzz import fuzz, utils

from bot.model.place import Place, Point

SOURCE = "pdok"
ALIKE = 60.0
"""Similarity (0 to 100) below which an answer is not what was asked; Locatieserver always answers something, and
its own scores differ per version, so they are not used."""
_POINT = re.compile(r"POINT\((-?\d{1,3}(?:\.\d{1,12})?) (-?\d{1,3}(?:\.\d{1,12})?)\)")


class UnreadableReplyError(Exception):
    """The answer is not what version 3.1 of the service answers; the message says what is missing."""


def documents(table: object) -> list[Mapping[str, Any]]:
    """The documents of an answer."""
    response = table.get("response") if isinstance(table, Mapping) else None
    docs = response.get("docs") if isinstance(response, Mapping) else None
    if not isinstance(docs, list) or not all(isinstance(doc, Mapping) for doc in docs):
        raise UnreadableReplyError("no list of documents")
    return docs


def place(doc: Mapping[str, Any], words: str) -> Place | None:
    """A document as a place; None where it is too unlike the words."""
    label = doc.get("weergavenaam")
    if not isinstance(label, str):
        raise UnreadableReplyError("a document without weergavenaam")
    likeness = fuzz.token_set_ratio(words, label, processor=utils.default_process) if words else 100.0
    if likeness < ALIKE:
        return None
    return Place(
        label=label,
        point=_point(doc.get("centroide_ll")),
        home=doc.get("type") == "adres",
        source=SOURCE,
        score=round(likeness / 100, 3),
    )


def _point(value: object) -> Point:
    match = _POINT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise UnreadableReplyError("a document without centroide_ll")
    return Point(lat=float(match[2]), lon=float(match[1]))
