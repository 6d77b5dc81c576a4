"""More candidates for names and places from a general Dutch spaCy model, where one is installed.

Such a model reads news: on neighbourhood chat its names are right one time in three (measured: precision .32,
recall .36). So it only adds, never takes away, and never where our own rules and tagger see something already.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from threading import Lock

import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.util import is_package

from bot.model.errors import ConfigError
from bot.model.reading import Extent
from nlp.decision import ruled_out
from nlp.light.stage import merged
from nlp.opinion import Spans
from nlp.pipeline.components import Component, show
from nlp.pipeline.docs import extend
from nlp.rules.places import PREPOSITIONS, STREET_TAILS
from nlp.rules.words import LONGEST_TEXT, split

ENTITIES = "bart_entities"
USUAL = "nl_core_news_sm"
AUTO, OFF = "auto", "off"
KEY = "interpreter.entities"
PEOPLE = frozenset(("PER", "PERSON"))
PLACES = frozenset(("LOC", "GPE", "FAC"))
NEEDED = frozenset(("tok2vec", "transformer", "ner"))
"""The components that entities are made of; the others are not even read from disk."""
LONGEST_NAME = 4
"""Words; what is longer is a headline that went wrong."""


def wanted(entities: str) -> str | None:
    """The model that a config asks for: "auto" is the usual one where it is installed, "off" is none."""
    if entities == AUTO:
        return USUAL if is_package(USUAL) else None
    return None if entities == OFF else entities


class Entities(Component):
    """Adds to `doc._.extents` what the model of this name or path takes for people and places."""

    def __init__(self, model: str) -> None:
        self._name = model
        self._nlp: Language | None = None
        # spaCy forgets words at the end of a "memory zone", of which a model has one at a time.
        self._turn = Lock()

    def open(self) -> Language:
        """The model, read when it is first needed; ConfigError where it is not there or finds no entities."""
        if self._nlp is None:
            try:
                nlp = spacy.load(self._name)
            except (OSError, ValueError) as error:
                raise ConfigError(KEY, _missing(self._name)) from error
            if "ner" not in nlp.pipe_names:
                raise ConfigError(KEY, f'"{self._name}" finds no entities: it has no component "ner"')
            for name in set(nlp.pipe_names) - NEEDED:
                nlp.remove_pipe(name)
            self._nlp = nlp
        return self._nlp

    def work(self, docs: Sequence[Doc]) -> None:
        """Read what may be kept or filed; what is nothing anyhow is not worth a slow model."""
        read = [doc for doc in docs if not ruled_out(doc._.seen, doc._.opinion)]
        if not read:
            return
        with self._turn:
            nlp = self.open()
            with nlp.memory_zone():
                found = [
                    [_extent(one) for one in said.ents if _may_be(one)]
                    for said in nlp.pipe(doc.text[:LONGEST_TEXT] for doc in read)
                ]
        for doc, extents in zip(read, found, strict=True):
            if extents:
                doc._.extents = added(doc._.extents, extents)
                show(doc)


def _missing(name: str) -> str:
    hint = f"; python -m spacy download {name}" if name == USUAL else ""
    return f'there is no spaCy model "{name}" here{hint}'


def _extent(one: Span) -> Extent:
    return Extent(start=one.start_char, end=one.end_char, kind="name" if one.label_ in PEOPLE else "place")


def _may_be(one: Span) -> bool:
    """Is it a place, or a person with a capital and no street's ending?"""
    if one.label_ in PLACES:
        return bool(one.text.strip())
    if one.label_ not in PEOPLE:
        return False
    words = split(one.text)
    return (
        0 < len(words) <= LONGEST_NAME
        and one.text[:1].isupper()
        and words[0] not in PREPOSITIONS
        and not words[-1].endswith(STREET_TAILS)
    )


def added(known: Spans, more: Iterable[Extent]) -> Spans:
    """A name goes where nothing is known; a place where no place and no personal data is."""
    candidates = list(more)
    people = [one for one in candidates if one.kind == "name"]
    personal = merged(known.personal, _clear_of(people, known.places))
    places = [one for one in candidates if one.kind == "place"]
    return replace(known, personal=personal, places=merged(known.places, _clear_of(places, personal)))


def _clear_of(given: Iterable[Extent], taken: Sequence[Extent]) -> Iterator[Extent]:
    return (one for one in given if all(one.end <= old.start or one.start >= old.end for old in taken))


@Language.factory(
    ENTITIES,
    default_config={"model": USUAL},
    requires=["doc._.seen", "doc._.opinion", "doc._.extents"],
    assigns=["doc._.extents", "doc.spans"],
)
def make_entities(nlp: Language, name: str, model: str) -> Entities:
    """What spaCy calls for "bart_entities"; the model itself is not saved with the pipeline, only its name."""
    extend()
    return Entities(model)
