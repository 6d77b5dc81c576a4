"""Where a message says something is: the words for a geocoder, as people write them. Beside the chain.

Whatever interpreter marked the places, house numbers "12 t/m 20", corners and lamp posts are whole here, and the
most exact comes first. Every phrase is a piece of the text itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from bot.model.place import Point
from bot.model.reading import Extent

LATITUDES = (50.7, 53.7)
LONGITUDES = (3.2, 7.3)
"""The European Netherlands with its coastal waters."""
PAIR = 2
"""Numbers of decimal coordinates."""
READS = 2000
"""Characters of a message that are looked at."""

_DECIMAL = re.compile(r"(?<![\d.])(5[0-3]\.\d{3,15})(?:°? ?N)?[,;/]? ?(?:[EO] ?)?([3-7]\.\d{3,15})(?![\d.])")
"""52.0405, 4.3712; also inside links of maps: `?q=52.0405,4.3712`, `@52.0405,4.3712`, `#map=19/52.0405/4.3712`."""
_OSM = re.compile(r"mlat=(5[0-3]\.\d{3,15})&mlon=([3-7]\.\d{3,15})")
_SEXAGESIMAL = re.compile(
    r"(5[0-3])° ?(\d{1,2})['′’] ?(\d{1,2}(?:\.\d{1,3})?)[\"″”] ?N[,;]? ?"
    r"([3-7])° ?(\d{1,2})['′’] ?(\d{1,2}(?:\.\d{1,3})?)[\"″”] ?[EO]\b",
    re.IGNORECASE,
)
_RANGE = re.compile(
    r" ?(?:(?:t/m|t\.?m\.?|tot en met|tot|-|–) ?(?:nr\.? ?|nummer )?\d{1,4}[a-z]?\b(?! ?(?:uur|:\d))"
    r"|(?:en|&) (?:nr\.? ?|nummer )?\d{1,4}[a-z]?(?=\s*(?:$|[.,!?;:)\n])))",
    re.I,
)
"""After "en" a number ends the phrase: else it counts something ("Londenlaan 12 en 3 fietsen")."""
_NUMBERS = re.compile(
    r" ?(?:nrs?\.?|nummers?|huisnummers?) ?\d{1,4}[a-z]?\b(?: ?(?:t/m|tot en met|tot|-|–|en|&) ?\d{1,4}[a-z]?\b)?",
    re.I,
)
_NUMBER_SIGN = re.compile(r" ?(?:nrs?\.?|nummers?|huisnummers?)$", re.I)
_POST = re.compile(
    r"\b(?:lantaarn(?:paal)?|lichtmast|lantaarnmast|mast|paal|lamp)(?:nummer)?s?"
    r"(?: met)?(?: nr\.?| nummer| no\.?)? ?\d{2,6}\b(?! ?(?:uur|watt|dagen|weken))",
    re.I,
)
_CORNER_GAP = re.compile(
    r"[ ,]{0,2}(?:(?:op )?(?:de )?hoek(?: van)?|kruising(?: met)?|thv|t\.h\.v\.|ter hoogte van|/)?"
    r" ?(?:de |het )?",
    re.I,
)
_CORNER = re.compile(r"\b(?:hoek|kruising|kruispunt|splitsing|thv|t\.h\.v|ter hoogte van)\b|/", re.I)

Span = tuple[int, int]


def point_in(text: str) -> Point | None:
    """The coordinates that stand in a text, if they are in the Netherlands."""
    found = _coordinates(text)
    if found is None:
        return None
    if len(found.groups()) == PAIR:
        lat, lon = float(found[1]), float(found[2])
    else:
        lat, lon = _degrees(*found.groups()[:3]), _degrees(*found.groups()[3:])
    inside = LATITUDES[0] <= lat <= LATITUDES[1] and LONGITUDES[0] <= lon <= LONGITUDES[1]
    return Point(lat=lat, lon=lon) if inside else None


def point_words(text: str) -> str:
    """The word or link that the coordinates stand in, to its spaces; "" where there are none."""
    found = _coordinates(text)
    if found is None:
        return ""
    start = text.rfind(" ", 0, found.start()) + 1
    end = text.find(" ", found.end())
    return text[start : end if end >= 0 else len(text)]


def _coordinates(text: str) -> re.Match[str] | None:
    text = text[:READS]
    return _DECIMAL.search(text) or _OSM.search(text) or _SEXAGESIMAL.search(text)


def spoken(text: str, extents: Sequence[Extent]) -> tuple[str, ...]:
    """The place phrases of a text, the most exact first, each once."""
    text = text[:READS]
    whole = [_grown(text, one.start, one.end) for one in extents if one.kind == "place" and one.end <= len(text)]
    posts = [match.span() for match in _POST.finditer(text)]
    ordered = [*posts, *_corners(text, whole), *whole]
    return tuple(dict.fromkeys(text[start:end] for start, end in ordered))


def _degrees(degrees: str, minutes: str, seconds: str) -> float:
    return int(degrees) + int(minutes) / 60 + float(seconds) / 3600


def _grown(text: str, start: int, end: int) -> Span:
    """With the house numbers that go on after it."""
    if text[start:end][-1:].isdigit() or re.search(r"\d[a-z]$", text[start:end], re.I):
        more = _RANGE.match(text, end)
    else:
        sign = _NUMBER_SIGN.search(text, start, end)
        more = _NUMBERS.match(text, sign.start() if sign else end)
    return start, more.end() if more else end


def _corners(text: str, spans: Sequence[Span]) -> list[Span]:
    """Two phrases that stand beside each other as a corner ("Londenlaan, hoek Romestraat")."""
    found: list[Span] = []
    for (start, end), (then, last) in pairwise(spans):
        beside = end <= then and _CORNER_GAP.fullmatch(text, end, then) is not None
        if beside and _CORNER.search(text[start:last]):
            found.append((start, last))
    return found
