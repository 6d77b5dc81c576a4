"""Personal data in a message: where it stands and what it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from bot.model.reading import Extent
from nlp.rules.addresses import addresses
from nlp.rules.lexicon import first_names, surnames
from nlp.rules.numbers import numbers
from nlp.rules.places import STREET_TAILS
from nlp.rules.words import fold, split

PARTICLES = frozenset(
    ("van", "de", "der", "den", "het", "el", "al", "ten", "ter", "te", "la", "le", "von", "vd", "da", "dos", "di")
)
TITLES = frozenset((
    "mevrouw", "mevr", "mw", "mvr", "meneer", "mijnheer", "dhr", "heer", "heren", "familie", "fam", "buurvrouw",
    "buurman", "tante", "tant", "ome", "oom", "opa", "oma", "opoe", "pake", "beppe", "juf", "meester", "dokter",
    "dominee", "ds", "pastoor", "zuster", "weduwe", "wed", "mr", "mrs", "ms", "miss", "madam", "neef", "nicht",
    "overbuurvrouw", "onderbuurvrouw", "bovenbuurvrouw", "overbuurman", "onderbuurman", "bovenbuurman",
    "collega", "trainer", "coach", "zwager", "schoonzus", "kleinzoon", "kleindochter", "zoon", "zoontje",
    "dochter", "dochtertje", "nichtje", "neefje", "broer", "broertje", "brouwer", "zus", "zusje", "vrouw",
    "man", "vriend", "vriendin", "oppas", "moeder", "vader", "buurmeisje", "buurjongen", "boer", "frou", "son",
    "daughter", "scheids", "kind", "jochie", "meisje", "jongen", "kleuter", "buuf", "baas",
))  # fmt: skip
"""A name follows these; the title itself is nobody's name."""
OFFICES = frozenset((
    "gemeente", "politie", "wijkagent", "beheer", "beheerder", "bestuur", "huismeester", "vve", "bot",
    "buurtbot", "admin", "wijkteam", "stadsdeel", "woningbouw", "brandweer", "dorpsraad", "dorpsbelang",
    "buurtpreventie", "groepsapp", "info", "nieuws", "student", "snackbar", "winkeliersver", "moeder", "vader",
    "koerier", "hovenier", "havendienst", "wijkbureau", "koster", "en", "nl", "op", "in", "bij", "noord",
    "zuid", "oost", "west", "kapper", "bakkerij", "hart", "pastor", "wijkvereniging",
))  # fmt: skip
"""Parts of what people call themselves in a group that are nobody's name."""
_NAME = r"[A-ZÀ-Þ][\w'’-]{1,30}"
_PARTICLE = (
    r"(?:(?:[Vv]an|[Dd]e|[Dd]er|[Dd]en|[Ee]l|[Tt]en|[Tt]er|[Tt]e|[Ll]a|[Vv]d|[Vv]\.d\.|'t|’t|[Dd]a)\s){0,3}"
)
_NAMED = re.compile(
    rf"\b(?:mijn naam is|[Ii]k heet|[Ii]k ben|m'n naam is|genaamd|[Hh]eet|noemt zich|op naam van|t\.?n\.?v\.?)"
    rf"\s({_PARTICLE}{_NAME}(?:\s{_PARTICLE}{_NAME})?)"
)
_SIGNED = re.compile(
    r"(?:\b(?:[Gg]roet(?:en|jes)?|[Gg]r|[Mm]vg|[Kk]us(?:jes)?|[Ll]iefs|[Gg]roetnis)[.,!]{0,2}\s{1,3}(?:van\s)?)"
    rf"({_NAME}(?:\s{_PARTICLE}{_NAME})?|[a-z]{{3,12}})[\s.!xX]{{0,5}}$"
)
_SHORT = frozenset(("mevr", "mw", "mvr", "dhr", "fam", "ds", "wed", "mr", "mrs", "ms"))
"""Titles that may end in a dot."""
_TITLED = re.compile(rf",?\s({_PARTICLE}(?:[A-Z]\.\s?){{0,3}}{_NAME}(?:\s{_PARTICLE}{_NAME})?)")
"""What follows a title, after its dot."""
_AGED = re.compile(rf"(?<![\w.])({_NAME})(?:,? \(\d{{1,2}}[,)]|,? (?:van )?\d{{1,2}} (?:jaar|jr|jaor|years)\b)")
""" "Tibor (12)", "Tibor van 4 jaar"."""
_FAMOUS = re.compile(
    r"(?:albert heijn|albert cuyp|ferdinand bol|max verstappen|andr[eé] (?:hazes|van duin|rieu)"
    r"|johan crui[jf]+|bert en ernie|jan klaassen|jan smit|sint jan|sint maarten|willem[- ]alexander"
    r"|koning willem|willem ii|dick bruna|anton pieck|anne frank|nelson mandela|guus meeuwis"
    r"|frans bauer|sweet caroline|(?<=de )dirk|jan steen|karel de grote)\b",
    re.IGNORECASE,
)
"""Shops, streets, songs and people of public life that begin as a private person's name does."""
_INITIALS = re.compile(rf"(?<![\w.])((?:[A-Z]\.\s?){{1,4}}{_PARTICLE}{_NAME})")
_BEGIN = frozenset((
    "albert", "ferdinand", "max", "andre", "johan", "bert", "ernie", "jan", "sint", "willem", "dick", "anton",
    "anne", "nelson", "guus", "frans", "caroline", "dirk", "karel", "maarten", "alexander", "bol", "steen",
))  # fmt: skip
_SURNAME = re.compile(
    r"(?:\s(?:van|de|der|den|el|ten|ter|te|la|le|von|vd|v\.d\.|'t|’t)){0,3}\s" rf"({_NAME})(?:\s?-\s?{_NAME})?"
)
"""What may follow a first name: "de Vries", "van der Berg", "Jansen"."""
_STREET_AFTER = re.compile(
    r"(?:(?: (?:van|de|der|den|het|ten|ter|te|la|le)){1,3} |-)(?:[A-ZÀ-Þ][\w'’]* )?[\w'’]*"
    rf"(?:{'|'.join(STREET_TAILS)}|kerk)(?![\w])",
    re.IGNORECASE,
)
"""After a first name: it is a street's ("Jan van Galenstraat")."""
_STREET_NEXT = re.compile(rf" [A-ZÀ-Þ][\w'’]*(?:{'|'.join(STREET_TAILS)})(?![\w])")
_PERSON_AFTER = ("bij ", "van ", "en ", "naar ", "met ", "door ")
_SIGNS = frozenset((
    "naam", "heet", "genaamd", "groet", "groeten", "groetjes", "gr", "mvg", "kus", "kusjes", "liefs",
    "groetnis", "noemt", "tnv", "t", "ben",
))  # fmt: skip
IDLE = frozenset((
    "niet", "groot", "klein", "jong", "oud", "hoek", "wit", "zwart", "rood", "goed", "dag", "mooi", "wel",
    "ook", "hier", "een", "het", "ons", "onze", "mijn", "weer", "voor", "naar", "door", "dan", "wat", "wie",
    "dit", "dat", "die", "deze", "bent", "buurt", "straat", "groep", "chat", "jouw", "uit", "aan", "met", "bos",
    "berg", "meer", "veld", "huis", "dam", "duif",
))  # fmt: skip
"""Parts of what people call themselves that are everyday words in lower case."""
_NOBODY = frozenset(
    ("allemaal", "iedereen", "buren", "buurtjes", "allen", "terug", "aan", "uit", "van", "mij", "mams", "paps")
)
LOWER_NAME = 3
"""Letters from which a name counts in lower case too ("jan" is a name, "mo" often is not)."""
WORDS_TOO = frozenset((
    "ad", "adem", "ali", "alma", "an", "angel", "anno", "aurora", "ava", "bas", "beer", "bo", "bente", "bibi",
    "boris", "carmen", "cas", "celine", "clara", "dag", "dean", "demi", "dick", "dirk", "dora", "duco", "eden",
    "elan", "els", "ewa", "fay", "fleur", "floor", "geurt", "gina", "grace", "heiko", "helma", "hille", "holly",
    "ida", "ies", "ike", "ilse", "ine", "iris", "isa", "jack", "jade", "james", "jet", "jo", "joke", "joy",
    "just", "justus", "kai", "kiran", "leen", "lena", "luna", "mae", "mai", "mark", "mart", "mas", "mats",
    "max", "may", "mees", "mei", "mia", "mies", "mien", "mila", "mo", "moos", "nina", "noa", "noor", "nora",
    "odin", "oma", "otto", "pascal", "pien", "pier", "pip", "plus", "puck", "ramazan", "ray", "rein", "riet",
    "rint", "roman", "romeo", "roos", "rosa", "ruby", "said", "saar", "selam", "sien", "sil", "sky", "sol",
    "stan", "stien", "taco", "ties", "tiny", "ton", "toon", "trees", "troy", "victor", "viola", "vita", "wei",
    "wil", "will", "yes", "zoe", "zion", "nour", "amber", "beau", "ella", "hind", "hoda", "madam", "sef",
    "stijl", "marina", "regina", "nova", "lech",
))  # fmt: skip
"""First names that are ordinary words somewhere: in lower case only those of the group count."""
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


def joined(first: Iterable[Extent], more: Iterable[Extent]) -> tuple[Extent, ...]:
    """Both, in order; pieces that overlap become one, of the kind that begins first."""
    kept: list[Extent] = []
    for extent in sorted((*first, *more), key=lambda one: (one.start, -one.end)):
        if not kept or extent.start >= kept[-1].end:
            kept.append(extent)
        elif extent.end > kept[-1].end:
            kept[-1] = replace(kept[-1], end=extent.end)
    return tuple(kept)


def known_names(roster: Iterable[str]) -> frozenset[str]:
    """The folded names in what people of a group call themselves, whole names and parts; no titles or offices."""
    parts = {word for name in roster for word in split(name)}
    return frozenset(word for word in parts - TITLES - OFFICES - PARTICLES if len(word) > 1 and word.isalpha())


def _all(text: str, roster: frozenset[str], said: Sequence[str]) -> Iterator[Extent]:
    yield from numbers(text, said)
    if any(map(str.isdigit, text)):
        yield from addresses(text)
    yield from _names(text, roster, said)


def _extent(match: re.Match[str], kind: str, group: int = 0) -> Extent:
    return Extent(start=match.start(group), end=match.end(group), kind=kind)


def _names(text: str, roster: frozenset[str], said: Sequence[str]) -> Iterator[Extent]:
    here = known_names(roster)
    hits = first_names().intersection(said) | here.intersection(said)
    if hits:
        yield from _listed(text, hits, here)
    if not _SIGNS.isdisjoint(said):
        for pattern in (_NAMED, _SIGNED):
            yield from (
                _extent(match, "name", 1)
                for match in pattern.finditer(text)
                if fold(match[1]) not in _NOBODY and not match[1].isupper()
            )
    if not TITLES.isdisjoint(said):
        yield from _titled(text)
    if any(map(str.isdigit, text)):
        yield from (_extent(match, "name", 1) for match in _AGED.finditer(text) if not _is_street(match[1]))
    if "." in text:
        yield from (_extent(match, "name", 1) for match in _INITIALS.finditer(text) if not _is_street(match[1]))


def _titled(text: str) -> Iterator[Extent]:
    for match in _WORD.finditer(text):
        word = match[0].lower()
        if word in TITLES:
            dotted = word in _SHORT and text[match.end() : match.end() + 1] == "."
            name = _TITLED.match(text, match.end() + dotted)
            if name and not _is_street(name[1]):
                yield _extent(name, "name", 1)


def _is_street(name: str) -> bool:
    return name.lower().endswith(STREET_TAILS)


def _listed(text: str, hits: frozenset[str], here: frozenset[str]) -> Iterator[Extent]:
    """Names of lists and of the group."""
    famous = () if _BEGIN.isdisjoint(hits) else [match.span() for match in _FAMOUS.finditer(text)]
    for match in _WORD.finditer(text):
        raw, word = match[0], fold(match[0])
        if word not in hits or not (raw[0].isupper() or _sure(word, here)):
            continue
        if any(start <= match.start() < end for start, end in famous):
            continue
        if not _of_street(text, match.start(), match.end()):
            yield Extent(start=match.start(), end=_with_surname(text, match.end()), kind="name")


def _of_street(text: str, start: int, end: int) -> bool:
    """Is it the beginning of a street's name? "Bij Jan Dorpsstraat 3" speaks of Jan."""
    if _STREET_AFTER.match(text, end):
        return True
    return bool(_STREET_NEXT.match(text, end)) and not text[:start].lower().endswith(_PERSON_AFTER)


def _sure(word: str, here: frozenset[str]) -> bool:
    """Is it a name in lower case too?"""
    if len(word) < LOWER_NAME or word in IDLE:
        return False
    if word in here:
        return word not in WORDS_TOO or (len(word) > LOWER_NAME and word not in surnames())
    return word not in WORDS_TOO


def _with_surname(text: str, end: int) -> int:
    """Where a name ends that begins with a first name; a street after it ("bij Jan Dorpsstraat 3") is none."""
    match = _SURNAME.match(text, end)
    if match is None or _is_street(match[1]) or match[1].isupper() or _STREET_NEXT.match(text, match.end()):
        return end
    return match.end()
