"""What is looked at in one reading, as text signs that are hashed afterwards.

Five spaces of signs: `words` of the message, its `chars`, the last lines before it (`before`), what it replies to
(`reply`), the message's words given how it stands to the open reports (`given`), and plain `flags`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.model.reading import Extent, OpenReport, Reading
from nlp.light.heat import Heat, alarm, heat
from nlp.rules import reports, urgent
from nlp.rules.interpreter import shouting, where
from nlp.rules.lexicon import Marks, common_words, first_names, lexicon
from nlp.rules.places import STREET_TAILS
from nlp.rules.words import LONGEST_TEXT, fold, words

BEFORE = 2
"""Lines of context that are looked at."""
CONTEXT_CHARS = 160
LONGEST_READ = 1_000
"""Characters the model looks at: chat messages are shorter, and time stays bounded."""
_URL = re.compile(r"(?:https?://|www\.)\S+")
_DIGIT = re.compile(r"\d")
_LONG = re.compile(r"(.)\1{2,}", re.DOTALL)
_TOKEN = re.compile(r"[^\W_]+|_url_|[!?]+|\.\.+|[^\w\s.,;:'\"()/-]")
OWN_WORD = 4
LISTED = 5
"""Letters from which a first name of the list is one in lower case too."""
RECENT_MINUTES = 30
IDLE = frozenset((
    "deze", "daar", "hier", "weer", "niet", "maar", "heeft", "hebben", "nog", "steeds", "staat", "ligt", "zijn",
    "even", "alle", "iets", "mensen", "buurt", "iemand", "vandaag", "gisteren", "naar", "door", "over", "voor",
    "meer", "heel", "echt", "gewoon", "wordt", "moet", "want", "toch", "veel", "zien", "gaat", "doet", "straat",
    "ook", "jullie",
))  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """How a message stands to one open report; the matcher weighs these."""

    replied: float
    shared: float
    place: float
    thing: float
    latest: float
    recent: float
    only: float
    talked: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One reading, taken apart once for all heads and rules."""

    text: str
    found: Sequence[str]
    marks: Marks
    spots: tuple[Extent, ...]
    """Where the rules see a place."""
    verdict: reports.Verdict
    alarm: urgent.Alarm
    tokens: Sequence[str]
    before: Sequence[str]
    reply: Sequence[str]
    near: Sequence[Near]
    tie: str
    heat: Heat
    flags: Sequence[str] = ()


_ORIGIN = re.compile(
    r"\b(?:marok+a+n|turk|surin|antil|pool|pols|polen|oost-?europe|roemeen|roemeni|bulga|syri|afgha|irak|irani|iraan"
    r"|somali|eritre|ethiopi|ghane|nigeri|congole|kaapverdi|moluk|molu[ck]s|indonesi|indisch|indi[eë]r|hindoest|chine"
    r"|vietna|thais|filipijn|koerd|armeen|armeni|oekra|russ?i?s|litou|letse?\b|let\b|est(?:lands|s)|duits|belg|vlaa?m|frans"
    r"|engels|brits|schots|ier(?:se?)?\b|italia|spaan|spanj|portug|griek|albane|servi|kroat|bosni|kosova|macedon|hongaar"
    r"|tsjech|slowaa?k|deens|deen\b|zweed|noors?e?\b|noor\b|fins?e?\b|amerikaa?n|mexica|brazil|colombia|venezo|cubaa?n"
    r"|afrikaa?n|aziat|arab|berber|jood|joods|moslim|islamit|christe|hindoe|sikh|roma\b|sinti|zigeuner|fries|brabant"
    r"|limburg|gronings|twents|drent|zeeuw|hollands|buitenland|allochtoo?n|autochtoo?n|blanke?|zwarte\s(?=man|vrouw|jongen"
    r"|meisje)|donkere\s(?=man|vrouw|jongen|meisje)|getinte?|witte\s(?=man|vrouw|jongen|meisje)|asielzoeker|vluchteling"
    r"|statushouder|expats?\b)\w*",
    re.IGNORECASE,
)
"""Words of origin or belief. The model does not see which one it is, only that there is one."""
_NAME = re.compile(r"(?<=[\w,;:] )[A-Z\u00c0-\u00de][\w'’-]+")
_GENERIC = tuple(STREET_TAILS)


def neutral(text: str) -> str:
    """The text without who it is about: capitalised words that are no street, and words of origin."""
    return _unnamed_starts(_NAME.sub(_unnamed, _ORIGIN.sub(" zq ", text)))


def _unnamed(match: re.Match[str]) -> str:
    return match[0] if match[0].lower().endswith(_GENERIC) or match[0].isupper() else "qz"


_FIRST = re.compile(r"(?:^|(?<=[.!?\n:] )|(?<=\n))[A-Z\u00c0-\u00de][\w'’-]*[^\W\dA-Z_]")
_FOREIGN = re.compile(r"[^\W\dA-Za-z_éèêëïü]")
"""Letters that Dutch compounds do not have: "Gökberk" is no "gok" and "berk"."""
COMPOUND = 4
"""Letters of the second word of a compound, at least."""


def _unnamed_starts(text: str) -> str:
    """The text without words at the beginning of a sentence that may be names: a capital there tells nothing."""
    return _FIRST.sub(_unless_common, text)


def _unless_common(match: re.Match[str]) -> str:
    common = common_words()
    for word in fold(match[0]).replace("’", "'").replace("'", " ").replace("-", " ").split():
        if word in common or word.endswith(_GENERIC):
            return match[0]
        if _compound(word, common) and not _FOREIGN.search(match[0]):
            return match[0]
    return "qz"


def _compound(word: str, common: frozenset[str]) -> bool:
    """Is it two common words, with or without a letter between them ("lantaarnpaal", "stadspark")?"""
    for at in range(COMPOUND - 1, len(word) - COMPOUND + 1):
        if word[at:] in common and (word[:at] in common or word[: at - 1] in common):
            return True
    return False


def normal(text: str) -> str:
    """Lower case, digits as 0, links as one word, "neeeee" as "neee"."""
    text = neutral(_URL.sub(" _url_ ", text[:LONGEST_READ]))
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return _LONG.sub(r"\1\1", _DIGIT.sub("0", fold(text)))


def tokens(text: str) -> list[str]:
    """Words, exclamations and emoji of a text as the model reads it."""
    names = first_names()
    return ["qz" if word in names and len(word) >= LISTED else word for word in _TOKEN.findall(normal(text))]


class Around:
    """What was taken apart already of the lines and reports around the messages of one batch, and gone with it."""

    def __init__(self) -> None:
        self._own: dict[str, frozenset[str]] = {}
        self._tokens: dict[str, list[str]] = {}
        self._alarms: dict[str, float] = {}

    def own(self, text: str) -> frozenset[str]:
        """The beginnings of words that say what a text is about."""
        found = self._own.get(text)
        if found is None:
            found = self._own[text] = _own(words(text))
        return found

    def tokens(self, text: str) -> list[str]:
        """The tokens of the beginning of a text."""
        text = text[:CONTEXT_CHARS]
        found = self._tokens.get(text)
        if found is None:
            found = self._tokens[text] = tokens(text)
        return found

    def alarm(self, text: str) -> float:
        """What the guard rules make of a text by itself."""
        found = self._alarms.get(text)
        if found is None:
            found = self._alarms[text] = alarm(text)
        return found


def look(reading: Reading, around: Around | None = None) -> Look:
    """Take a reading apart; `around` is shared by the readings of a batch."""
    around = Around() if around is None else around
    text = reading.text[:LONGEST_TEXT]
    found = words(text)
    marks = lexicon().marks(found)
    spots = where(text, found, marks)
    verdict = reports.judge(marks, places=len(spots), size=len(found), question="?" in text)
    alarm = urgent.judge(marks, shouting=shouting(text), places=len(spots))
    near = _near(reading, found, marks, around)
    seen = Look(
        text=text,
        found=found,
        marks=marks,
        spots=spots,
        verdict=verdict,
        alarm=alarm,
        tokens=tokens(text),
        before=[token for line in reading.context[-BEFORE:] for token in around.tokens(line.text)],
        reply=around.tokens(reading.reply_to.text) if reading.reply_to else (),
        near=near,
        tie=_tie(near),
        heat=heat(reading, around.alarm),
    )
    return replace(seen, flags=_flags(reading, seen))


def _own(found: Sequence[str]) -> frozenset[str]:
    return frozenset(word[:7] for word in found if len(word) >= OWN_WORD and word not in IDLE)


def _near(reading: Reading, found: Sequence[str], marks: Marks, around: Around) -> list[Near]:
    if not reading.open_reports:
        return []
    said = _own(found)
    things = {mark.split(".")[1] for mark in marks if mark.startswith(("report.", "urgent."))}
    talk = frozenset().union(*(around.own(line.text) for line in reading.context[-BEFORE:]))
    last = max(report.at for report in reading.open_reports)
    return [
        _one(reading, report, (said, things, talk), around, report.at == last) for report in reading.open_reports
    ]


def _one(
    reading: Reading,
    report: OpenReport,
    ours: tuple[frozenset[str], set[str], frozenset[str]],
    around: Around,
    latest: bool,
) -> Near:
    """`ours` are words of the message, categories they may mean, and words of the lines before it."""
    said, things, talk = ours
    theirs = around.own(report.text)
    place = around.own(report.place)
    minutes = (reading.at - report.at).total_seconds() / 60
    return Near(
        replied=float(report.id == reading.reply_about),
        shared=min(len(said & theirs), 3) / 3,
        place=float(bool(said & place)),
        thing=float(report.category in things),
        latest=float(latest),
        recent=1 / (1 + max(0.0, minutes) / RECENT_MINUTES),
        only=float(len(reading.open_reports) == 1),
        talked=min(len(talk & theirs), 3) / 3,
    )


def _tie(near: Sequence[Near]) -> str:
    if not near:
        return "none"
    if any(one.replied for one in near):
        return "replied"
    best = max(one.shared * 3 + one.place + one.thing for one in near)
    recent = max(one.recent for one in near) > 0.5
    return f"{min(int(best), 3)}{'r' if recent else 'o'}"


def _flags(reading: Reading, seen: Look) -> list[str]:
    """All plain signs: what the rules saw, the shape of the message, and the company it is in."""
    return [
        *(mark for mark in seen.marks if not mark.startswith("looks.")),
        *_rules(seen),
        *_shape(reading, seen),
        *_company(reading, seen.near),
    ]


def _rules(seen: Look) -> Iterator[str]:
    yield f"tie {seen.tie}"
    yield f"open {min(len(seen.near), 4)}"
    yield f"places {min(len(seen.spots), 3)}"
    yield f"p {int(seen.verdict.p * 8)}"
    yield f"p {int(seen.verdict.p * 8)} places {min(len(seen.spots), 2)}"
    yield f"alarm {int(seen.alarm.p * 8)}"
    if seen.alarm.category:
        yield f"alarm {seen.alarm.category}"
    if seen.verdict.categories:
        yield f"rule {seen.verdict.categories[0][0]}"


def _shape(reading: Reading, seen: Look) -> Iterator[str]:
    size = len(seen.found) // 4
    yield f"size {min(size, 8)}"
    if reading.photo:
        yield "photo"
        yield f"photo size {min(size, 4)}"
    if shouting(seen.text):
        yield "shout"
    if "?" in seen.text:
        yield "asks"
        yield f"asks places {min(len(seen.spots), 2)}"
    if seen.text.rstrip().endswith("?"):
        yield "ends asking"


def _company(reading: Reading, near: Sequence[Near]) -> Iterator[str]:
    """Who spoke before, and how the message stands to each kind of open report."""
    if reading.reply_to is not None:
        yield "reply"
        yield f"reply about {reading.reply_about is not None}"
        if reading.reply_to.author == reading.author:
            yield "reply self"
    if reading.context:
        last = reading.context[-1]
        minutes = (reading.at - last.at).total_seconds() / 60
        same = last.author == reading.author
        yield f"same {same}"
        if same and minutes < 3:
            yield "goes on"
    else:
        yield "silence"
    if near:
        yield f"shared {max(one.shared for one in near):.1f}"
        yield f"recent {max(int(one.recent * 5) for one in near)}"
        if any(one.place for one in near):
            yield "same place"
        if any(one.thing for one in near):
            yield "same thing"
        if any(one.thing and one.place for one in near):
            yield "same thing and place"
