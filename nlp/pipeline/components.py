"""The components, in the order they run: `bart_light`, then `bart_spans`, then `bart_decide`.

Another stage (`bart_full`) or more candidates (`bart_entities`) go in between: each reads what the ones before it
left on the document and replaces it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc, Span

from bot.model.ids import PersonKey
from bot.model.reading import Extent, Reading
from nlp.decision import decide, ruled_out
from nlp.light.hashing import Floats
from nlp.light.model import Model, npz, of_npz, packed, shipped, unpacked
from nlp.light.stage import opinions, see_all, spans
from nlp.light.tagger import Tagger
from nlp.pipeline.docs import extend

LIGHT, SPANS, DECIDE = "bart_light", "bart_spans", "bart_decide"
BATCH = 256
NO_TIME = datetime(2026, 1, 1, tzinfo=UTC)
"""When a bare text was said that somebody gave to the pipeline."""


class Component(ABC):
    """Works on batches; without an exception for any text."""

    def __call__(self, doc: Doc) -> Doc:
        """One document."""
        self.work([doc])
        return doc

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = BATCH) -> Iterator[Doc]:
        """Many documents, `batch_size` at once."""
        following = iter(stream)
        while docs := list(islice(following, batch_size)):
            self.work(docs)
            yield from docs

    @abstractmethod
    def work(self, docs: Sequence[Doc]) -> None:
        """Put on each document what this component finds."""


class Weighted(Component):
    """Keeps its weights in one file; those that come along until others are loaded."""

    FILE = "weights.npz"

    @abstractmethod
    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """The bytes of the file of weights."""

    @abstractmethod
    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> Component:
        """Take these weights from now on."""

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Write the weights below this folder."""
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / self.FILE).write_bytes(self.to_bytes())

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> Component:
        """Read the weights below this folder."""
        return self.from_bytes((Path(path) / self.FILE).read_bytes())


class Light(Weighted):
    """`doc._.seen` and `doc._.opinion`, from `doc._.reading` or else from the bare text."""

    def __init__(self, model: Model | None = None) -> None:
        self._model = model

    @property
    def model(self) -> Model:
        """Heads and second look; those that come along are read when they are first needed."""
        if self._model is None:
            self._model = shipped()
        return self._model

    def work(self, docs: Sequence[Doc]) -> None:
        """Take apart and form an opinion."""
        seen = see_all(doc._.reading or bare(doc.text) for doc in docs)
        for doc, one, opinion in zip(docs, seen, opinions(self.model, seen), strict=True):
            doc._.seen = one
            doc._.opinion = opinion

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """The model's file."""
        return packed(self.model)

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> Light:
        """Another model's file."""
        self._model = unpacked(data)
        return self


class Spans(Weighted):
    """`doc._.extents`, and the same for people in `doc.spans["places"]` and `doc.spans["personal"]`."""

    def __init__(self, tags: Mapping[str, Any] | None = None) -> None:
        self._tags = tags
        self._tagger: Tagger | None = None

    @property
    def tags(self) -> Mapping[str, Any]:
        """What `Tagger.of` takes."""
        return shipped().tags if self._tags is None else self._tags

    @property
    def tagger(self) -> Tagger:
        """The tagger; made when it is first needed."""
        if self._tagger is None:
            self._tagger = shipped().tagger if self._tags is None else Tagger.of(**self._tags)
        return self._tagger

    def work(self, docs: Sequence[Doc]) -> None:
        """Places where the message may matter, personal data everywhere."""
        seen = [doc._.seen for doc in docs]
        placed = [not ruled_out(doc._.seen, doc._.opinion) for doc in docs]
        for doc, found in zip(docs, spans(self.tagger, seen, placed), strict=True):
            doc._.extents = found
            show(doc)

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """The tagger's arrays."""
        return npz(self.tags)

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> Spans:
        """Another tagger's arrays."""
        self._tags, self._tagger = of_npz(data), None
        return self


class Decide(Weighted):
    """`doc._.interpretation`, and the probabilities for people in `doc.cats`."""

    def __init__(self, pair: Floats | None = None) -> None:
        self._pair = pair

    @property
    def pair(self) -> Floats:
        """What weighs how well an open report fits."""
        if self._pair is None:
            self._pair = shipped().small["pair"]
        return self._pair

    def work(self, docs: Sequence[Doc]) -> None:
        """Let the guard rules decide."""
        for doc in docs:
            meaning = decide(doc._.seen, doc._.extents, doc._.opinion, self.pair)
            doc._.interpretation = meaning
            doc.cats = {"report": meaning.p_report, "urgent": meaning.p_urgent, **dict(meaning.categories)}

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """The weights of a pair."""
        return npz({"pair": self.pair})

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> Decide:
        """Other weights of a pair."""
        self._pair = of_npz(data)["pair"]
        return self


def bare(text: str) -> Reading:
    """A text without the chat around it."""
    return Reading(text=text, author=PersonKey(""), at=NO_TIME)


def show(doc: Doc) -> None:
    """The extents as spans of whole words; what lies beyond the words that are read is left out."""
    for key, extents in (("places", doc._.extents.places), ("personal", doc._.extents.personal)):
        if extents:
            doc.spans[key] = [span for one in extents if (span := _span(doc, one)) is not None]


def _span(doc: Doc, one: Extent) -> Span | None:
    return doc.char_span(one.start, one.end, label=one.kind, alignment_mode="expand")


@Language.factory(LIGHT, assigns=["doc._.seen", "doc._.opinion"])
def make_light(nlp: Language, name: str) -> Light:
    """What spaCy calls for "bart_light"."""
    extend()
    return Light()


@Language.factory(SPANS, requires=["doc._.seen", "doc._.opinion"], assigns=["doc._.extents", "doc.spans"])
def make_spans(nlp: Language, name: str) -> Spans:
    """What spaCy calls for "bart_spans"."""
    extend()
    return Spans()


@Language.factory(
    DECIDE,
    requires=["doc._.seen", "doc._.opinion", "doc._.extents"],
    assigns=["doc._.interpretation", "doc.cats"],
)
def make_decide(nlp: Language, name: str) -> Decide:
    """What spaCy calls for "bart_decide"."""
    extend()
    return Decide()
