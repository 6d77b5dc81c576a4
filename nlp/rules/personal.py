"""Personal data in a message: where it stands and what it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.model.reading import Extent
from nlp.rules.lexicon import first_names
from nlp.rules.places import STREET_TAILS
from nlp.rules.words import fold, split

_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_PHONE = re.compile(r"(?<![\w])(?:\+|00)?\d(?:[ .\-()]{0,2}\d){7,13}(?![\w])")
_IBANS = (
    re.compile(r"\bNL\d{2} ?[A-Z]{4} ?\d{4} ?\d{4} ?\d{2}\b", re.IGNORECASE),
    re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b"),
)
_PLATES = (
    re.compile(r"(?<![\w-])[A-Z0-9]{1,3}-[A-Z0-9]{2,3}-[A-Z0-9]{1,3}(?![\w-])", re.IGNORECASE),
    re.compile(r"(?<![\w-])[A-Z0-9]{1,3} [A-Z0-9]{2,3} [A-Z0-9]{1,3}(?![\w-])"),
    re.compile(r"(?<![\w-])[A-Z0-9]{6}(?![\w-])", re.IGNORECASE),
)
_SERIES = frozenset((
    "XX-99-99", "99-99-XX", "99-XX-99", "XX-99-XX", "XX-XX-99", "99-XX-XX", "99-XXX-9", "9-XXX-99",
    "XX-999-X", "X-999-XX", "XXX-99-X", "X-99-XXX", "9-XX-999", "999-XX-9", "XXX-99-9", "9-99-XXX",
))  # fmt: skip
"""Sidecodes of Dutch licence plates, 1 to 14 and the two reserved ones (RDW)."""
_BARE_SERIES = frozenset(series.replace("-", "") for series in _SERIES)
_BIRTH = re.compile(r"\b[0-3]?\d[-/. ][01]?\d[-/. ](?:19|20)\d{2}\b")
_BORN = re.compile(r"\b(?:geboren|geb\.?|geboortedatum)\b", re.IGNORECASE)
_NAME = r"[A-Z][\w'’-]{1,30}"
_NAMED = re.compile(
    r"\b(?:mijn naam is|ik heet|ik ben|m'n naam is|genaamd|heet)\s"
    rf"({_NAME}(?:\s(?:van|de|der|den|el|ten))?(?:\s{_NAME})?)"
)
_SIGNED = re.compile(
    rf"(?:\b(?:[Gg]roet(?:en|jes)?|[Gg]r|[Mm]vg|xx?)[.,!]{{0,2}}\s{{1,3}}(?:van\s)?)({_NAME}(?:\s{_NAME})?)[\s.!xX]{{0,5}}$"
)
_TITLED = re.compile(
    rf"\b(?:[Mm]evrouw|[Mm]evr|[Mm]eneer|[Dd]hr|[Ff]amilie|[Ff]am|[Bb]uurvrouw|[Bb]uurman|[Tt]ante|[Oo]om|[Oo]pa|[Oo]ma)\.?\s"
    rf"({_NAME}(?:\s{_NAME})?)"
)
_HOME = re.compile(
    r"\b(?:[Ii]k|[Ww]ij|[Ww]e|[Hh]ij|[Zz]ij)\s(?:woon|wonen|woont)\s(?:zelf\s)?(?:op|aan|in|bij)?\s?(?:de\s|het\s)?"
    r"([\w'’.-]{2,40}(?:" + "|".join(STREET_TAILS) + r")\s(?:nr\.?\s|nummer\s)?\d{1,4}\s?[a-z]?)\b",
    re.IGNORECASE,
)
_SURNAME = re.compile(
    r"(?:\s(?:van|de|der|den|el|ten|ter|te|la|le|von|vd|v\.d\.|'t|’t)){0,3}\s" rf"({_NAME})(?:\s?-\s?{_NAME})?"
)
"""What may follow a first name: "de Vries", "van der Berg", "Jansen"."""
_NAMING = frozenset((
    "naam", "heet", "ben", "genaamd", "groet", "groeten", "groetjes", "gr", "mvg", "x", "xx",
    "mevrouw", "mevr", "meneer", "dhr", "familie", "fam", "buurvrouw", "buurman", "tante", "oom", "opa", "oma",
))  # fmt: skip
LOWER_NAME = 4
"""Letters from which a name of the group counts in lower case too ("jan" is a name, "mo" often is not)."""
_DIGIT = re.compile(r"\d")
_WORD = re.compile(r"[^\W\d_]+")


def personal(text: str, roster: frozenset[str], said: Sequence[str] | None = None) -> tuple[Extent, ...]:
    """Personal data in order of place; where two kinds overlap the earlier and longer one stays. `said` are the
    folded words of the whole text, where the caller has them already.
    """
    found = sorted(
        _all(text, roster, split(text) if said is None else said), key=lambda extent: (extent.start, -extent.end)
    )
    kept: list[Extent] = []
    for extent in found:
        if not kept or extent.start >= kept[-1].end:
            kept.append(extent)
    return tuple(kept)


def _all(text: str, roster: frozenset[str], said: Sequence[str]) -> Iterator[Extent]:
    if "@" in text:
        yield from (_extent(match, "email") for match in _EMAIL.finditer(text))
    if _DIGIT.search(text):
        yield from _numbers(text)
    yield from _names(text, roster, said)


def _extent(match: re.Match[str], kind: str, group: int = 0) -> Extent:
    return Extent(start=match.start(group), end=match.end(group), kind=kind)


def _numbers(text: str) -> Iterator[Extent]:
    for pattern in _IBANS:
        yield from (_extent(match, "iban") for match in pattern.finditer(text) if is_iban(match[0]))
    for match in _PHONE.finditer(text):
        if is_phone(match[0]):
            yield _extent(match, "phone")
    for pattern in _PLATES:
        yield from (_extent(match, "plate") for match in pattern.finditer(text) if is_plate(match[0]))
    if _BORN.search(text):
        yield from (_extent(match, "birth_date") for match in _BIRTH.finditer(text))
    yield from (_extent(match, "address", 1) for match in _HOME.finditer(text))


def _names(text: str, roster: frozenset[str], said: Sequence[str]) -> Iterator[Extent]:
    here = frozenset(fold(name) for name in roster)
    hits = (first_names() | here if here else first_names()).intersection(said)
    if hits:
        for match in _WORD.finditer(text):
            raw, word = match[0], fold(match[0])
            if word in hits and (raw[0].isupper() or (len(raw) >= LOWER_NAME and word in here)):
                yield Extent(start=match.start(), end=_with_surname(text, match.end()), kind="name")
    if not _NAMING.isdisjoint(said):
        for pattern in (_NAMED, _SIGNED, _TITLED):
            yield from (_extent(match, "name", 1) for match in pattern.finditer(text))


def _with_surname(text: str, end: int) -> int:
    """Where a name ends that begins with a first name; a street after it ("bij Jan Dorpsstraat 3") is none."""
    match = _SURNAME.match(text, end)
    if match is None or match[1].lower().endswith(STREET_TAILS):
        return end
    return match.end()


def is_plate(plate: str) -> bool:
    """Is it one of the series that Dutch plates have? Without "-" or spaces between the parts is fine."""
    series = "".join("9" if char.isdigit() else "X" if char.isalpha() else "-" for char in plate)
    return series in _SERIES or series in _BARE_SERIES


def is_phone(number: str) -> bool:
    """A Dutch number of a person: ten digits from 0, or with the country code; no service numbers."""
    digits = "".join(char for char in number if char.isdigit())
    national = digits.removeprefix("00")
    if number.startswith("+") or digits.startswith("00"):
        return 9 <= len(national) <= 13
    return len(digits) == 10 and digits.startswith("0") and not digits.startswith(("0800", "0900", "088"))


def is_iban(number: str) -> bool:
    """Does the checksum hold (ISO 13616, remainder 1 modulo 97)?"""
    plain = "".join(number.split()).upper()
    if not 15 <= len(plain) <= 34 or not plain.isascii() or not plain.isalnum():
        return False
    return int("".join(str(int(char, 36)) for char in plain[4:] + plain[:4])) % 97 == 1
