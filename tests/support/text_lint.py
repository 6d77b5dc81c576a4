"""The rules a text of BART must keep (docs/texts.md), as functions from one text to what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.texts.template import parse

DOCS = Path(__file__).parents[2] / "docs" / "texts.md"
SENTENCE_AIM = 12
SENTENCE_LIMIT = 18
POST_LIMIT = 320
TOAST_LIMIT = 200
LABEL_LIMIT = 24
SHORT_LIMIT = 20
WHAT_LIMIT = 40
DANGER_SENTENCE_LIMIT = 6
LONG_POSTS = frozenset({"permission.ask", "permission.terms", "help.private"})
NAME_SLOTS = frozenset({"name", "names", "author", "member", "neighbour", "admin", "person"})

JARGON = (
    "issue|ticket|account|categorie|categorieën|afhandelen|afhandeling|afgehandeld|status|update|feedback|"
    "content|link|post|prompt|desk|report|consent|default|reply|tool|please|registreren|registratie|conform|"
    "betreffende|betreft|inzake|middels|indien|tevens|reeds|alsmede|omtrent|gelieve|dient|dienen|casus|dossier|"
    "procedure|monitoren|escaleren|notificatie|functionaris|privacy|data|server|bot|klik|klikken|user|admin|"
    "loket|melddesk|ingeplande|derhalve|teneinde|echter|desgewenst|desbetreffende"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """What is wrong in one language: patterns with what to say about them."""

    passive: re.Pattern[str]
    actor: re.Pattern[str]
    formal: re.Pattern[str]
    jargon: re.Pattern[str]


def _words(alternatives: str) -> re.Pattern[str]:
    # a word after a slash is a command, after a dot part of a site
    return re.compile(rf"(?<![/.\w])(?:{alternatives})\b", re.IGNORECASE)


LANGUAGES = {
    "nl": Language(
        passive=_words("word|wordt|worden|werd|werden"),
        actor=re.compile(r"\bdoor\b", re.IGNORECASE),
        formal=_words("u|uw|uzelf"),
        jargon=_words(JARGON),
    )
}

_BREAK = re.compile(r"\n|(?<=[.!?])\s+|(?<=[.!?][*”’])\s+|(?<=[.!?]\*\*)\s+")
_SLOT = re.compile(r"\{([a-z_]+)\}")
_PHONE = re.compile(r"\b(?:112|113|144|0[89]00[- ]?\d{3,4}|14 ?0\d{2,3})\b(?!\.nl)")
_SLOPPY = re.compile(r" {2}|[ \t](?:\n|$)|\.\.\.|\"|!!|\?\?|\bBart\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A row of the table in docs/texts.md."""

    theirs: bool
    typical: str


def documented_slots() -> dict[str, Slot]:
    """The slots of docs/texts.md by name."""
    rows = re.findall(r"^\| `([a-z_]+)` \| (ours|theirs) \| .+? \| (.+?) \|$", DOCS.read_text("utf-8"), re.M)
    return {name: Slot(theirs=whose == "theirs", typical=typical) for name, whose, typical in rows}


def faults(key: str, source: str, language: str = "nl") -> list[str]:
    """Everything wrong with one text."""
    slots = documented_slots()
    used = set(_SLOT.findall(source))
    if named := sorted(NAME_SLOTS & used):
        return [f"names somebody: {name}" for name in named]
    if unknown := sorted(used - slots.keys()):
        return [f"undocumented slot {name}" for name in unknown]
    rules = LANGUAGES[language]
    return [*_length(key, source, slots), *_sentences(source, slots, rules), *_style(key, source, rules)]


def render(key: str, source: str, slots: Mapping[str, Slot]) -> str:
    """The text with typical slot values, without emphasis."""
    template = parse(key, source)
    return "".join(span.text for span in template.fill({name: slots[name].typical for name in template.slots}))


def sentences(source: str) -> list[str]:
    """The sentences of a template, emphasis and slots still in them."""
    return [part for part in _BREAK.split(source) if part.strip("* ")]


def words_in(sentence: str, slots: Mapping[str, Slot]) -> int:
    """Words of our own; others' words count as one."""
    filled = _SLOT.sub(lambda slot: "x" if slots[slot[1]].theirs else slots[slot[1]].typical, sentence)
    return sum(1 for word in filled.split() if any(character.isalnum() for character in word))


def longest_sentence(source: str) -> int:
    """Words in the longest sentence of a text."""
    slots = documented_slots()
    return max((words_in(sentence, slots) for sentence in sentences(source)), default=0)


def _length(key: str, source: str, slots: Mapping[str, Slot]) -> Iterator[str]:
    limit, what = _limit(key)
    length = len(render(key, source, slots))
    if limit is not None and length > limit:
        yield f"{what} of {length} characters, more than {limit}"


def _limit(key: str) -> tuple[int | None, str]:
    if key in LONG_POSTS:
        return None, "long post"
    if key.startswith("button.") or key == "link.follow":
        return (SHORT_LIMIT, "short label") if key.endswith(".short") else (LABEL_LIMIT, "label")
    for prefix, limit in (
        ("toast.", TOAST_LIMIT),
        ("what.", WHAT_LIMIT),
        ("kind.", SHORT_LIMIT),
        ("word.", WHAT_LIMIT),
    ):
        if key.startswith(prefix):
            return limit, prefix.rstrip(".")
    return POST_LIMIT, "post"


def _sentences(source: str, slots: Mapping[str, Slot], rules: Language) -> Iterator[str]:
    for sentence in sentences(source):
        count = words_in(sentence, slots)
        if count > SENTENCE_AIM:
            size = "far too long a" if count > SENTENCE_LIMIT else "long"
            yield f"{size} sentence, {count} words: {sentence}"
        if rules.passive.search(sentence) and not rules.actor.search(sentence):
            yield f"passive without who does it: {sentence}"
        if "{emergency}" in sentence and not _is_danger_sentence(sentence, slots):
            yield f"the emergency number is not strong and alone: {sentence}"


def _is_danger_sentence(sentence: str, slots: Mapping[str, Slot]) -> bool:
    inner = re.fullmatch(r"\*\*([^*,;:]+)\*\*", sentence.strip())
    return (
        inner is not None
        and _SLOT.findall(inner[1]) == ["emergency"]
        and words_in(inner[1], slots) <= DANGER_SENTENCE_LIMIT
    )


def _style(key: str, source: str, rules: Language) -> Iterator[str]:
    own = _SLOT.sub("", source)
    for what, pattern in (
        ("formal address", rules.formal),
        ("jargon", rules.jargon),
        ("phone number outside a slot", _PHONE),
        ("sloppy writing", _SLOPPY),
    ):
        if found := pattern.search(own if pattern is not _SLOPPY else source):
            yield f"{what}: {found[0]!r}"
    if key.startswith(("what.", "kind.")) and (source[0] != source[0].upper() or source.endswith(".")):
        yield "what it is starts with a capital and has no full stop"
    if key.startswith("word.") and (source[0] != source[0].lower() or source.endswith(".")):
        yield "a status word has no capital and no full stop"
    if key.startswith(("button.", "what.", "kind.", "word.")) and ("**" in source or "\n" in source):
        yield "emphasis or a line break where there is room for neither"
