"""Finding features by what people type: exact, with typos, "glasbak Parijsplein", corners, house numbers."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz, process

from adapters.geocoders.gazetteer.features import OUTLINE, PLACE, STREET, Feature
from adapters.geocoders.gazetteer.geometry import METRES_PER_DEGREE, along, closest, meeting, offset
from bot.model.place import Place, Point
from bot.model.reading import Area

SOURCE = "gazetteer"
MOST = 5
LONGEST_QUERY = 100
ALIKE = 87.0
"""rapidfuzz similarity (0 to 100) from which a name is taken for a misspelling of another. One wrong letter in
seven stays above it; streets that look alike (Eikenlaan and Beukenlaan: 84) stay below."""
SAME_M = 300.0
"""Streets of one name nearer than this are pieces of the same street."""
CORNER_M = 60.0
BESIDE_M = 80.0
NEAR_PLACE_M = 20.0
NEAR_M = 150.0
AMBIGUOUS = 0.7
_FAR = 0.1

_IDLE = frozenset((
    "de", "het", "een", "'t", "t", "bij", "op", "aan", "in", "van", "naast", "achter", "voor", "langs", "ter",
    "hoogte", "tegenover", "onder", "rond", "om", "den", "der", "ons", "onze", "dat", "die", "deze", "dit",
    "nr", "nummer", "thv", "te", "tussen",
))  # fmt: skip
_WORD = re.compile(r"[^\W_]+")
_CORNERS = (
    re.compile(
        r"\b(?:hoek|kruising|kruispunt|splitsing)(?: van)?(?: de| het)? (.{2,60}?)"
        r"(?: ?[/&-] ?| en (?:de |het )?| met (?:de |het )?)(.{2,60})$"
    ),
    re.compile(
        r"^(.{2,60}?),? (?:(?:op de |de )?hoek(?: van| met)?|kruising(?: met)?|ter hoogte van|thv|t\.h\.v\.) "
        r"(?:de |het )?(.{2,60})$"
    ),
    re.compile(r"^(.{2,60}?) ?/ ?(.{2,60})$"),
)
"""Two streets: "hoek A en B", "A hoek B", "A/B"."""
_NUMBERED = re.compile(r"^(.{2,80}?) (?:nr |nummer )?(\d{1,5})(?: ?([a-z]))?$")
_RANGE = re.compile(
    r"^(.{2,80}?) (?:(?:nrs?|nummers?|huisnummers?)\.? ?)?(\d{1,4}) ?([a-z])?"
    r" ?(t/m|tot en met|tot|en|&|-|–) ?(\d{1,4}) ?([a-z])?$"
)
_POST = re.compile(
    r"\b(?:lantaarn(?:paal)?|lichtmast|lantaarnmast|mast|paal|lamp)(?:nummer)?s?(?: met)?"
    r"(?: nr\.?| nummer| no\.?)? ?(\d{2,6})\b"
)
_POSTS = ("lantaarnpaal", "lichtmast", "lantaarn", "mast", "paal")
"""What a gazetteer calls a lamp post."""


def fold(text: str) -> list[str]:
    """Lower-case words without accents."""
    parts = unicodedata.normalize("NFKD", text)
    return _WORD.findall("".join(char for char in parts if not unicodedata.combining(char)).casefold())


def _key(text: str) -> str:
    """A name without articles and prepositions: what is compared."""
    found = fold(text)
    return " ".join([word for word in found if word not in _IDLE] or found)


def _digits(key: str) -> list[str]:
    """Numbers are never misspelt: lamp post 1013 is not 1012."""
    return [word for word in key.split() if word.isdigit()]


@dataclass(frozen=True, slots=True)
class Hit:
    """A feature and how sure it is meant, 0 to 1."""

    feature: Feature
    score: float


class Index:
    """All features in memory; a query is one pass of rapidfuzz over their names."""

    def __init__(self, features: Iterable[Feature]) -> None:
        self._named = [one for one in features if one.kind != OUTLINE]
        self._keys: list[str] = []
        self._owners: list[Feature] = []
        self._exact: defaultdict[str, list[Feature]] = defaultdict(list)
        self._words: defaultdict[str, list[Feature]] = defaultdict(list)
        for feature in self._named:
            for key in dict.fromkeys(_key(name) for name in (feature.name, *feature.aliases)):
                self._keys.append(key)
                self._owners.append(feature)
                self._exact[key].append(feature)
            for word in dict.fromkeys(fold(feature.name)):
                self._words[word].append(feature)
        self._street_keys = [
            key if owner.kind == STREET else None for key, owner in zip(self._keys, self._owners, strict=True)
        ]
        self._boxes = [_box(feature) for feature in self._named]

    def find(self, words: str, area: Area) -> tuple[Place, ...]:
        """Best first, at most five."""
        text = " ".join(words[:LONGEST_QUERY].split()).lower()
        if not _WORD.search(text):
            return ()
        corner = self._corner(text, area) or self._post(text, area) or self._range(text, area)
        if corner:
            return corner
        places = [_place(hit) for hit in self._ranked(self._hits(text), area)]
        return tuple(places[:MOST]) or self._address(text, area)

    def nearest(self, point: Point) -> Place | None:
        """A place people name when it is within 20 m, else the street, within 150 m."""
        best: tuple[float, Feature] | None = None
        for feature, box in zip(self._named, self._boxes, strict=True):
            if _outside(box, point, NEAR_M):
                continue
            metres = distance(feature, point)
            if feature.kind == PLACE and metres > NEAR_PLACE_M:
                continue
            # A named place wins from the street it stands on.
            rank = metres - (NEAR_PLACE_M if feature.kind == PLACE else 0.0)
            if metres <= NEAR_M and (best is None or rank < best[0]):
                best = (rank, feature)
        if best is None:
            return None
        return Place(label=best[1].name, point=point, source=SOURCE)

    def _hits(self, text: str) -> list[Hit]:
        key = _key(text)
        exact = self._exact.get(key)
        if exact:
            return [Hit(one, 1.0) for one in exact]
        if _NUMBERED.match(key) and self._last_street(_NUMBERED.sub(r"\1", key)):
            return []
        return self._alike(key) or self._thing_on_street(key) or self._things(key.split())

    def _alike(self, key: str) -> list[Hit]:
        found = process.extract(key, self._keys, scorer=fuzz.token_sort_ratio, score_cutoff=ALIKE, limit=3 * MOST)
        digits = _digits(key)
        return [Hit(self._owners[at], score / 100) for name, score, at in found if _digits(name) == digits]

    def _thing_on_street(self, key: str) -> list[Hit]:
        """Such things along the street that is named with it; else the street itself."""
        words = key.split()
        for size in (3, 2, 1):
            for start in range(len(words) - size + 1):
                street = self._street(" ".join(words[start : start + size]))
                rest = words[:start] + words[start + size :]
                if street:
                    beside = [
                        Hit(thing.feature, 0.9)
                        for thing in self._things(rest)
                        if _apart(thing.feature, street) <= BESIDE_M
                    ]
                    return beside or [Hit(one.feature, 0.8 * one.score) for one in street]
        return []

    def _things(self, words: Sequence[str]) -> list[Hit]:
        """Places that have all these words in their name; ambiguous where there are several."""
        groups = [self._words.get(word, []) for word in words]
        if not groups or not all(groups):
            return []
        found = [one for one in groups[0] if all(one in other for other in groups[1:])]
        return [Hit(one, 0.9 if len(found) == 1 else AMBIGUOUS) for one in found if one.kind == PLACE]

    def _street(self, key: str) -> list[Hit]:
        exact = [Hit(one, 1.0) for one in self._exact.get(key, ()) if one.kind == STREET]
        if exact or len(key) < 5:
            return exact
        found = process.extract(key, self._street_keys, scorer=fuzz.ratio, score_cutoff=ALIKE, limit=MOST)
        best = max((score for _, score, _ in found), default=0.0)
        return [Hit(self._owners[at], score / 100) for _, score, at in found if score == best]

    def _last_street(self, key: str) -> list[Hit]:
        """The street that these words end with: what comes before a number ("stoep Romestraat")."""
        words = key.split()
        tails = (
            " ".join(words[-size:]) for size in dict.fromkeys((len(words), *range(min(len(words), 4), 0, -1)))
        )
        return next((hits for tail in tails if (hits := self._street(tail))), [])

    def _ranked(self, hits: Sequence[Hit], area: Area) -> list[Hit]:
        """By score, then by distance; pieces of one street and a name's aliases only once."""
        scored = [Hit(hit.feature, hit.score - _far(hit.feature, area)) for hit in hits]
        scored.sort(key=lambda hit: (-hit.score, _metres(hit.feature, area), hit.feature.name))
        kept: list[Hit] = []
        for hit in scored:
            if not any(_same(hit.feature, other.feature) for other in kept):
                kept.append(hit)
        return kept

    def _corner(self, text: str, area: Area) -> tuple[Place, ...]:
        """Where two streets meet; both of them where they do not, to pick from."""
        for pattern in _CORNERS:
            match = pattern.search(text)
            if match is None:
                continue
            one = self._ranked(self._last_street(_key(match[1])), area)
            other = self._ranked(self._street(_key(match[2])), area)
            if not one or not other or one[0].feature.name == other[0].feature.name:
                continue
            metres, spot = meeting(one[0].feature.lines, other[0].feature.lines)
            if metres > CORNER_M:
                return tuple(_place(Hit(hit.feature, AMBIGUOUS)) for hit in (one[0], other[0]))
            score = round(min(one[0].score, other[0].score), 3)
            label = f"hoek {one[0].feature.name} en {other[0].feature.name}"
            return (Place(label=label, point=spot, source=SOURCE, score=score),)
        return ()

    def _post(self, text: str, area: Area) -> tuple[Place, ...]:
        """The lamp post of this number, whatever people call it."""
        match = _POST.search(text)
        named = self._words.get(match[1], []) if match else []
        posts = [Hit(one, 1.0) for one in named if one.kind == PLACE and one.name.lower().startswith(_POSTS)]
        return tuple(_place(hit) for hit in self._ranked(posts, area)[:MOST])

    def _range(self, text: str, area: Area) -> tuple[Place, ...]:
        """From one house to another: the middle between them."""
        match = _RANGE.match(text)
        if match is None:
            return ()
        first, last = int(match[2]), int(match[5])
        if last < first:
            # An addition ("12-2", two floors up) and no range.
            return ()
        between = "en" if match[4] in ("en", "&") else "t/m"
        found = []
        for hit in self._ranked(self._last_street(_key(match[1])), area)[:MOST]:
            middle = _numbered(hit, (first + last) // 2, "")
            label = f"{hit.feature.name} {first}{match[3] or ''} {between} {last}{match[6] or ''}"
            found.append(replace(middle, label=label))
        return tuple(found)

    def _address(self, text: str, area: Area) -> tuple[Place, ...]:
        match = _NUMBERED.match(_key(text))
        if match is None:
            return ()
        number, letter = int(match[2]), match[3] or ""
        streets = self._ranked(self._last_street(match[1]), area)[:MOST]
        return tuple(_numbered(hit, number, letter) for hit in streets)


def distance(feature: Feature, point: Point) -> float:
    """Metres from a feature to a point."""
    if not feature.lines:
        return feature.point.metres_to(point)
    return min(closest(line, point)[0] for line in feature.lines)


def _numbered(hit: Hit, number: int, letter: str) -> Place:
    """A house: a point along the street where the data has numbers, else the middle of the street."""
    feature, point, score = hit.feature, hit.feature.point, 0.85 * hit.score
    if feature.numbers and min(feature.numbers) <= number <= max(feature.numbers):
        first, last = feature.numbers
        point = along(feature.lines[0], (number - first) / (last - first) if last != first else 0.5)
        score = hit.score
    label = f"{feature.name} {number}{letter}"
    return Place(label=label, point=point, home=True, source=SOURCE, score=round(max(0.0, score), 3))


def _place(hit: Hit) -> Place:
    return Place(
        label=hit.feature.name,
        point=hit.feature.point,
        source=SOURCE,
        score=round(max(0.0, min(1.0, hit.score)), 3),
    )


def _metres(feature: Feature, area: Area) -> float:
    return feature.point.metres_to(area.centre) if area.centre else 0.0


def _far(feature: Feature, area: Area) -> float:
    return _FAR if _metres(feature, area) > area.radius_m else 0.0


def _same(one: Feature, other: Feature) -> bool:
    return one.kind == other.kind and one.name == other.name and one.point.metres_to(other.point) < SAME_M


def _apart(feature: Feature, street: Sequence[Hit]) -> float:
    return min(distance(hit.feature, feature.point) for hit in street)


Box = tuple[float, float, float, float]


def _box(feature: Feature) -> Box:
    points = [point for line in feature.lines for point in line] or [feature.point]
    lats, lons = [point.lat for point in points], [point.lon for point in points]
    return min(lats), max(lats), min(lons), max(lons)


def _outside(box: Box, point: Point, metres: float) -> bool:
    low_lat, high_lat, low_lon, high_lon = box
    margin = metres / METRES_PER_DEGREE
    if not low_lat - margin <= point.lat <= high_lat + margin:
        return True
    east, _ = offset(Point(lat=point.lat, lon=max(low_lon, min(high_lon, point.lon))), point)
    return abs(east) > metres
