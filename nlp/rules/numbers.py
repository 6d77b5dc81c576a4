"""Personal data that one knows by its form: mail addresses, numbers of all kinds, plates, dates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from bot.model.reading import Extent

_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_SPELT = re.compile(
    r"\b[\w.+-]{2,64}(?: ?[(\[] ?(?:at|apenstaartje) ?[)\]] ?| (?:at|apenstaartje|@) | ?@ )"
    r"[\w-]{2,63}(?:\.| ?[(\[](?:dot|punt)[)\]] ?| (?:dot|punt) )(?:nl|com|org|net|eu|be|frl|me|info)\b",
    re.IGNORECASE,
)
""" "wubbo at voorbeeld punt nl"."""
_LOOKED_AT = re.compile(r" at [\w-]+\.", re.IGNORECASE)
"""English for looking at a site, unless the site gives out mail addresses."""
_MAILERS = re.compile(
    r"gmail|hotmail|outlook|live|ziggo|kpn|xs4all|icloud|proton|yahoo|planet|hetnet|mail", re.IGNORECASE
)
NETWORKS = frozenset(("insta", "instagram", "snap", "snapchat", "tiktok", "facebook", "telegram", "twitter"))
_HANDLE = re.compile(
    rf"\b(?:{'|'.join(sorted(NETWORKS, reverse=True))})"
    r"(?: ?[:=] ?@?| naam:? ?@?| @)([\w.]{3,40}\w)",
    re.IGNORECASE,
)
_GAP = r"[ .\-–/()]{0,3}"
_PHONES = (
    re.compile(rf"(?<![\w+])(?:(?:\+|00) ?31{_GAP}(?:\(?0\)?)?|31 ?(?=6)|0){_GAP}[1-9](?:{_GAP}\d){{8}}(?![\w])"),
    re.compile(r"(?<![\w])(?:\+|00)?\d(?:[ .\-()]{0,2}\d){7,13}(?![\w])"),
)
_SERVICE = ("0800", "0900", "0906", "0909", "088", "084", "085", "087")
_MOBILE = range(9, 12)
"""Digits of a number from 06: people drop one or type one twice."""
_IBANS = (
    re.compile(r"\b[A-Z]{2}\d{2}(?:[ .-]?[A-Z0-9]{4}){2,7}(?:[ .-]?[A-Z0-9]{1,3})?\b"),
    re.compile(r"\bNL ?\d{2}[ .-]?[A-Z]{4}(?:[ .-]?\d){9,10}\b", re.IGNORECASE),
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
_ABROAD = re.compile(r"(?<![\w-])(?:[1-9]-[A-Z]{3}-\d{3}|[A-ZÄÖÜ]{1,3}-[A-Z]{1,2}[ -]?\d{2,4})(?![\w-])")
"""Belgian and German plates."""
_OF_A_CAR = re.compile(
    r"kentek|nummerbord|nummerplaat|\bplaat|\bplate|begin|begon|eindig|stuk|deel|numme|letters", re.IGNORECASE
)
_PIECES = re.compile(
    r"(?<![\w-])(?=[A-Z\d -]{0,8}\d)(?:(?=[\d -]{0,8}[A-Z])[A-Z\d]{1,3}(?:-[A-Z\d]{1,3}){1,2}"
    r"|[A-Z]{1,3} \d{2,3}(?: [A-Z]{1,2})?)(?![\w-])"
)
"""What somebody could read of a plate; only near words that say that it is one."""
_WHOLE = re.compile(
    r"\b(?:kenteken\w*|nummerbord|nummerplaat|plaat|plate)(?: is|:| was)? "
    r"([a-z\d]{1,3}(?:[ -][a-z\d]{1,3}){1,2})\b",
    re.IGNORECASE,
)
_MONTHS = "jan|feb|mrt|maart|apr|mei|jun|jul|aug|sep|okt|nov|dec"
_DATES = re.compile(
    rf"\b[0-3]?\d(?:[-/. ][01]?\d[-/. ]| ?(?:{_MONTHS})[a-z]* )((?:19|20)\d{{2}}|\d{{2}})\b", re.IGNORECASE
)
_BORN = re.compile(r"\b(?:geboren|geb\.?|geboortedatum|geboortedag|born)\b", re.IGNORECASE)
GROWN_UP = 2008
"""A whole date up to this year is taken for a birth date, a later one only after "geboren"."""
FIRST_YEAR = 1930
_NINE = re.compile(r"(?<![\w.])\d{4}[ .]?\d{2}[ .]?\d{3}(?![\w])|(?<![\w.])\d{3}[ .]\d{3}[ .]\d{3}(?![\w])")
_DOCUMENT = re.compile(
    r"\b(?:bsn|sofi|burgerservicenummer|rijbewijs|paspoort|id-kaart|documentnummer)"
    r"(?:nummer|nr)?\.?(?: is|:| van mij is| nr\.?| nummer)? "
    r"((?=[A-Z]{0,3}\d)[A-Z\d]{8,10})\b",
    re.IGNORECASE,
)


def numbers(text: str, said: Iterable[str]) -> Iterator[Extent]:
    """Personal data with a form of its own, in no order; pieces may overlap. `said` are the folded words."""
    if "@" in text or " at " in text or "(at)" in text or "[at]" in text or "apenst" in text:
        yield from _mail(text)
    if not NETWORKS.isdisjoint(said):
        yield from (_extent(match, "handle", 1) for match in _HANDLE.finditer(text))
    if any(map(str.isdigit, text)):
        yield from _accounts(text)
        yield from _plates(text)
        yield from _dates(text)
        yield from _documents(text)


def _extent(match: re.Match[str], kind: str, group: int = 0) -> Extent:
    return Extent(start=match.start(group), end=match.end(group), kind=kind)


def _mail(text: str) -> Iterator[Extent]:
    yield from (_extent(match, "email") for match in _EMAIL.finditer(text))
    for match in _SPELT.finditer(text):
        if not _LOOKED_AT.search(match[0]) or _MAILERS.search(match[0]):
            yield _extent(match, "email")


def _accounts(text: str) -> Iterator[Extent]:
    """Accounts and phone numbers. A Dutch account with a typing error is somebody's all the same."""
    foreign, dutch = _IBANS
    yield from (_extent(match, "iban") for match in foreign.finditer(text) if is_iban(match[0]))
    yield from (_extent(match, "iban") for match in dutch.finditer(text))
    for pattern in _PHONES:
        yield from (_extent(match, "phone") for match in pattern.finditer(text) if is_phone(match[0]))


def _plates(text: str) -> Iterator[Extent]:
    for pattern in _PLATES:
        yield from (_extent(match, "plate") for match in pattern.finditer(text) if is_plate(match[0]))
    yield from (_extent(match, "plate") for match in _ABROAD.finditer(text))
    if _OF_A_CAR.search(text):
        yield from (_extent(match, "plate") for match in _PIECES.finditer(text))
        for match in _WHOLE.finditer(text):
            if any(map(str.isdigit, match[1])) and any(map(str.isalpha, match[1])):
                yield _extent(match, "plate", 1)


def _dates(text: str) -> Iterator[Extent]:
    born = bool(_BORN.search(text))
    for match in _DATES.finditer(text):
        if born or (len(match[1]) == len("2000") and FIRST_YEAR <= int(match[1]) <= GROWN_UP):
            yield _extent(match, "birth_date")


def _documents(text: str) -> Iterator[Extent]:
    yield from (_extent(match, "id_number") for match in _NINE.finditer(text) if is_bsn(match[0]))
    yield from (_extent(match, "id_number", 1) for match in _DOCUMENT.finditer(text))


def is_plate(plate: str) -> bool:
    """Is it one of the series that Dutch plates have? Without "-" or spaces between the parts is fine."""
    series = "".join("9" if char.isdigit() else "X" if char.isalpha() else "-" for char in plate)
    return series in _SERIES or series in _BARE_SERIES


def is_phone(number: str) -> bool:
    """A Dutch number of a person: ten digits from 0, or with the country code; no service numbers."""
    digits = "".join(char for char in number if char.isdigit())
    if number.startswith("+") or digits.startswith("00"):
        return 9 <= len(digits.removeprefix("00")) <= 14
    if digits.startswith("06") or digits.startswith("316"):
        return len(digits) in _MOBILE
    return len(digits) == 10 and digits.startswith("0") and not digits.startswith(_SERVICE)


def is_iban(number: str) -> bool:
    """Does the checksum hold (ISO 13616, remainder 1 modulo 97)?"""
    plain = "".join(char for char in number if char not in " .-").upper()
    if not 15 <= len(plain) <= 34 or not plain.isascii() or not plain.isalnum():
        return False
    return int("".join(str(int(char, 36)) for char in plain[4:] + plain[:4])) % 97 == 1


def is_bsn(number: str) -> bool:
    """Does the eleven-test of citizens' numbers hold (weights 9 to 2 and -1)?"""
    digits = [int(char) for char in number if char.isdigit()]
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    total = sum(digit * weight for digit, weight in zip(digits, weights, strict=False))
    return len(digits) == len(weights) and total > 0 and total % 11 == 0
