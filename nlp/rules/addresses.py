"""Private addresses: a street with one house number, unless it only says where something public stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.model.reading import Extent
from nlp.rules.places import is_street
from nlp.rules.words import Token, tokens

_NUMBER = re.compile(r"\d{1,4}(?:-?[a-df-tv-z]|-\d{1,3}|hs|bis)?")
_ADDED = frozenset(
    ("hs", "huis", "bis", "boven", "beneden", "a", "b", "c", "d", "zwart", "rood", "i", "ii", "iii")
)
_FLOORS = frozenset(("boven", "beneden"))
_PUBLIC = frozenset((
    "hoogte", "thv", "t.h.v", "voor", "tegenover", "nabij", "put", "putten", "kolk", "lantaarnpaal", "paal",
    "mast", "school", "tandarts", "huisarts", "kantoor", "praktijk", "winkel", "kerk", "flat", "container",
    "boom", "halte", "wijkcentrum", "buurthuis", "parkeerplaats", "losplek", "rotonde", "kruising", "naast",
))  # fmt: skip
"""Before a street and number: then it is a spot on a form, nobody's home."""
_NEARBY = 3
_UNITS = frozenset((
    "t/m", "tm", "tot", "t", "uur", "u", "euro", "eur", "jaar", "jr", "man", "min", "minuten", "meter", "m",
    "km", "cm", "april", "mei", "juni", "juli", "maart", "keer", "x", "graden", "personen", "to", "through",
    "weken", "dagen", "e", "verdieping", "januari", "februari", "augustus", "september", "oktober", "november",
    "december", "kilo",
))  # fmt: skip
_INSIDE = frozenset(("van", "de", "der", "den", "het", "'t", "ten", "ter", "op"))
_HOME = re.compile(
    r"\b(?:bij (?:mij|ons|mn|m'n|haar|hem|oma|opa|me)|mijn|onze?|thuis|huis|woon\w*|wone\w*|adres|deur|bel|bus|"
    r"tuin|breng\w*|"
    r"langs\w*|welkom|ophalen|afhalen|af te halen|naam|tnv|mevr\w*|meneer|familie|dhr|\d{10}|06\S*)\b",
    re.IGNORECASE,
)
_OWN = re.compile(
    r"\b(?:ik woon|wij wonen|we wonen|bij mij|bij ons|mijn huis is)\s(?:hier\s|zelf\s|ook\s)?(?:op|aan|in)\s"
    r"((?:nr\.?\s?|nummer\s|huisnummer\s)?\d{1,3}(?:-?[a-z]\b|\s(?:hs|huis|bis|boven|beneden)\b|hs\b)?)"
    r"(?![\d%]|\s?(?:hoog|uur|km|meter|e\b|%))",
    re.IGNORECASE,
)
""" "ik woon op nr 14", "bij mij op 23 hs"."""
_POSTCODE = re.compile(r"\b[1-9]\d{3} ?[A-Z]{2},? (?:nr\.? ?|nummer )?\d{1,4}(?: ?[a-zA-Z])?\b")
_BETWEEN = re.compile(r" (?:nr\.? ?|nummer )?")
_YEAR = re.compile(r"(?:19|20)\d\d")
SHORTEST = 4
LONGEST = 5
"""Words of a street's name."""


def addresses(text: str) -> Iterator[Extent]:
    """Where a home is said, in order; a digit must be in it."""
    for match in _OWN.finditer(text):
        yield Extent(start=match.start(1), end=match.end(1), kind="address")
    for match in _POSTCODE.finditer(text):
        yield Extent(start=match.start(), end=match.end(), kind="address")
    found = tokens(text)
    home = bool(_HOME.search(text))
    for at in range(1, len(found)):
        if found[at].raw[0].isdigit() and _NUMBER.fullmatch(found[at].word):
            first = _street(text, found, at, home)
            if first is not None:
                yield Extent(start=found[first].start, end=_end(text, found, at), kind="address")


def _street(text: str, found: Sequence[Token], number: int, home: bool) -> int | None:
    """The first word of the street that this number belongs to, where the two are a home."""
    last = number - 1
    if found[last].word in {"nr", "nummer"} and last:
        last -= 1
    if not _BETWEEN.fullmatch(text[found[last].end : found[number].start]) or _counts(text, found, number):
        return None
    named = found[last].raw[0].isupper() and len(found[last].raw) >= SHORTEST and not found[last].raw.isupper()
    year = _YEAR.fullmatch(found[number].word)
    if not is_street(found[last]) and not (named and home and not year and _ends(text, found, number)):
        return None
    first = last
    while first and last - first < LONGEST and _goes_on(text, found, first, last):
        first -= 1
    while first < last and found[first].word in _INSIDE and not found[first].raw[0].isupper():
        first += 1
    before = found[max(0, first - _NEARBY) : first]
    public = (one for one in before if one.word in _PUBLIC and "," not in text[one.end : found[first].start])
    return first if next(public, None) is None else None


def _goes_on(text: str, found: Sequence[Token], first: int, last: int) -> bool:
    """Is the word before `first` part of the name ("Laan van de Kroon")? "De Vlierlaan" is whole."""
    before = found[first - 1]
    if first == last and before.raw in {"de", "het", "den"} and is_street(found[last]):
        return False
    if text[before.end : found[first].start] != " ":
        return False
    return before.word in _INSIDE or (before.raw[0].isupper() and not before.raw.isupper())


def _counts(text: str, found: Sequence[Token], number: int) -> bool:
    """Is it a range, a time, a price, an age?"""
    after = text[found[number].end : found[number].end + 12].lower()
    if after[:1] in {":", "%", "/", "–"} or after.lstrip()[:1] in {"€", "&"}:
        return True
    nxt = found[number + 1].word if number + 1 < len(found) else ""
    return (after[:1] == " " and nxt in _UNITS) or after.startswith((" t/m", " - ", " en "))


def _ends(text: str, found: Sequence[Token], number: int) -> bool:
    """Does the phrase end at the number, as an address does?"""
    return (
        number + 1 == len(found)
        or text[found[number].end : found[number].end + 1] != " "
        or (found[number + 1].word in _ADDED or not found[number + 1].raw[0].isupper())
    )


def _end(text: str, found: Sequence[Token], number: int) -> int:
    nxt = number + 1
    if nxt < len(found) and found[nxt].word in _ADDED:
        between = text[found[number].end : found[nxt].start]
        if between == " " or (between == ", " and found[nxt].word in _FLOORS):
            return found[nxt].end
    return found[number].end
