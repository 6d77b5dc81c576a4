"""Place phrases: a preposition and what people call a place ("bij de glasbak op het Parijsplein")."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from bot.model.reading import Extent
from nlp.rules.words import LONGEST_TEXT, Token, tokens

PREPOSITIONS = frozenset((
    "bij", "op", "in", "aan", "achter", "naast", "voor", "langs", "onder", "tegenover", "tussen", "om",
    "boven", "rond", "vanaf", "nabij", "thv", "t.h.v", "hoek", "ter", "an", "op't", "by", "near", "behind",
    "van", "richting",
))  # fmt: skip
_LEADS = frozenset((
    "de", "het", "een", "'t", "t", "die", "dat", "deze", "dit", "onze", "ons", "den", "ut", "der", "the",
    "hoogte", "van", "hoek", "ingang",
))  # fmt: skip
_JOINERS = frozenset((
    "en", "met",
))  # fmt: skip
STREET_TAILS = (
    "straat", "straatje", "laan", "plein", "pleintje", "weg", "kade", "pad", "hof", "singel", "gracht", "dreef",
    "dijk", "steeg", "plantsoen", "markt", "baan", "haven", "burg", "veld", "poort", "ring", "erf", "wal",
    "oord", "passage", "allee", "boulevard", "promenade", "kanaal", "brink", "park", "brug", "plaats", "strjitte",
)  # fmt: skip
_NO_STREET = frozenset((
    "weg", "onderweg", "straat", "laan", "pad", "plein", "hof", "kade", "baan", "veld", "markt", "haven",
    "ring", "wal", "dijk", "steeg", "gracht", "singel", "park", "brug", "poort", "plaats", "parkeerplaats",
    "werkplaats", "vandaan", "handbal", "snelweg", "fietspad", "voetpad", "zebrapad", "achterpad",
    "klotenweg", "terugweg", "heenweg", "halverwege", "voetbalveld", "sportveld", "woonplaats", "speelplaats",
    "omweg", "ondergrond", "loopbaan", "rijbaan", "glijbaan", "busbaan", "ijsbaan", "zwembad", "autoweg",
    "uitweg", "buurt", "overweg", "kleinpad", "supermarkt", "rommelmarkt", "kerstmarkt", "marktplaats",
    "achteraf", "dwarsweg", "thuishaven", "vliegveld", "spoorweg", "slaappad",
))  # fmt: skip
_POSTCODE = re.compile(r"\b[1-9]\d{3} ?[A-Z]{2}\b")
_POLE = re.compile(r"\b(?:lantaarn)?paal(?:nummer)? (?:nr\.? ?|nummer )?\d{1,6}\b", re.IGNORECASE)
_NUMBER = re.compile(r"\d{1,4}[a-z]?(?:-\d{1,4})?")
_BREAKS = re.compile(r"[.!?\n;:,]")
_MAX_NAME = 4
_NO_TAILS = ("ering", "oring", "uring", "aring")
"""So end deeds, not streets: "aflevering", "storing"."""
SHORTEST_STREET = 6

IsLandmark = Callable[[str], bool]


def places(text: str, landmark: IsLandmark) -> tuple[Extent, ...]:
    """Where the text says something is, in order, without overlaps. `landmark` knows folded words."""
    text = text[:LONGEST_TEXT]
    found = _phrases(text, tokens(text), landmark) + [(one.start, one.end) for one in codes(text)]
    kept: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return tuple(Extent(start=start, end=end, kind="place") for start, end in kept)


def codes(text: str) -> Iterator[Extent]:
    """Postcodes and lamp-post numbers."""
    for pattern in (_POSTCODE, _POLE):
        for match in pattern.finditer(text):
            yield Extent(start=match.start(), end=match.end(), kind="place")


def is_street(token: Token) -> bool:
    """Does this word look like a street's name?"""
    word = token.word
    if word in _NO_STREET or len(word) < SHORTEST_STREET or word.endswith(_NO_TAILS):
        return False
    return word.endswith(STREET_TAILS)


def _phrases(text: str, found: Sequence[Token], landmark: IsLandmark) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    at = 0
    while at < len(found):
        end = _phrase(text, found, at, landmark)
        if end is None:
            at += 1
            continue
        last = end
        while (more := _phrase(text, found, last + 1, landmark)) is not None and _joined(text, found, last):
            last = more
        spans.append((found[at].start, found[last].end))
        at = last + 1
    return spans


def _phrase(text: str, found: Sequence[Token], at: int, landmark: IsLandmark) -> int | None:
    """Index of the last word of the place phrase that starts at word `at`, if one does."""
    if at >= len(found):
        return None
    here = at
    if found[here].word in PREPOSITIONS:
        here += 1
        while here < len(found) and found[here].word in _LEADS | PREPOSITIONS and _joined(text, found, here - 1):
            here += 1
    elif not (is_street(found[at]) or _named_street(text, found, at)):
        return None
    head = _head(text, found, here, landmark)
    if head is None:
        return None
    return _second(text, found, _numbered(text, found, head), landmark)


def _head(text: str, found: Sequence[Token], here: int, landmark: IsLandmark) -> int | None:
    """The street or landmark itself: at most three names or describing words before it."""
    for step in range(_MAX_NAME):
        spot = here + step
        if spot >= len(found) or (step and not _joined(text, found, spot - 1)):
            return None
        token = found[spot]
        if token.word in PREPOSITIONS - {"van", "op"} and step:
            return None
        if is_street(token) or _two_word_street(text, found, spot):
            return spot + (0 if is_street(token) else _two_word_street(text, found, spot))
        if landmark(token.word):
            return _proper_tail(text, found, spot)
    return None


def _two_word_street(text: str, found: Sequence[Token], at: int) -> int:
    """ "Laan der Continenten", "Plein 1944": how many words follow the generic one."""
    token = found[at]
    if not (token.raw[0].isupper() and token.word in {"laan", "plein", "weg", "park", "hof"}):
        return 0
    for more in range(1, 4):
        if at + more >= len(found) or not _joined(text, found, at + more - 1):
            return 0
        after = found[at + more]
        if after.raw[0].isupper() or after.raw.isdigit():
            return more
        if after.word not in {"van", "der", "de", "den", "het"}:
            return 0
    return 0


def _named_street(text: str, found: Sequence[Token], at: int) -> bool:
    """Capitalised words that end in a street ("Hoge Rijndijk", "Van Musschenbroekstraat")."""
    if not found[at].raw[0].isupper():
        return False
    if _two_word_street(text, found, at):
        return True
    nxt = at + 1
    return nxt < len(found) and _joined(text, found, at) and is_street(found[nxt]) and found[nxt].raw[0].isupper()


def _proper_tail(text: str, found: Sequence[Token], at: int) -> int:
    """Names after a landmark ("flat Schieringerweg", "school De Regenboog")."""
    last = at
    for spot in range(at + 1, min(at + 3, len(found))):
        if not (_joined(text, found, spot - 1) and (found[spot].raw[0].isupper() or is_street(found[spot]))):
            break
        last = spot
    return last


def _numbered(text: str, found: Sequence[Token], at: int) -> int:
    """A house number after the name belongs to it."""
    spot = at + 1
    if spot < len(found) and found[spot].word in {"nr", "nummer"}:
        spot += 1
    if spot < len(found) and _NUMBER.fullmatch(found[spot].word) and _joined(text, found, spot - 1):
        return spot
    return at


def _second(text: str, found: Sequence[Token], at: int, landmark: IsLandmark) -> int:
    """ "hoek X en Y", "hoek X/Y"."""
    spot = at + 1
    if spot < len(found) and found[spot].word in _JOINERS:
        spot += 1
        while spot < len(found) and found[spot].word in _LEADS:
            spot += 1
    elif not (spot < len(found) and text[found[at].end : found[spot].start].strip() in {"/", "-"}):
        return at
    if spot < len(found) and is_street(found[spot]) and _joined(text, found, spot - 1, "/-"):
        return spot
    return at


def _joined(text: str, found: Sequence[Token], at: int, allowed: str = "") -> bool:
    """Do word `at` and the next one stand in one phrase?"""
    if at + 1 >= len(found):
        return False
    between = text[found[at].end : found[at + 1].start]
    return len(between.strip(allowed + " ")) == 0 and not _BREAKS.search(between)
