"""The second stage as components: `bart_full` after `bart_light`, `bart_tags` after `bart_spans`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc

from nlp.full import encoder, inputs, joint
from nlp.full.encoder import Encoder
from nlp.full.stage import opinions, passes, spans
from nlp.pipeline.components import Component, show
from nlp.pipeline.docs import extend

FULL, TAGS = "bart_full", "bart_tags"


class Read(Component):
    """Holds the encoder: the one that comes along, or the one in a folder."""

    def __init__(self) -> None:
        self._encoder: Encoder | None = None
        self._weights: joint.Weights | None = None

    @property
    def encoder(self) -> Encoder:
        """Loaded when it is first needed."""
        return self._encoder or encoder.shipped()

    @property
    def weights(self) -> joint.Weights:
        """How both stages are weighed together."""
        return self._weights or joint.shipped()

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Write model, vocabulary and weights below this folder."""
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / encoder.FILE).write_bytes(self.encoder.model)
        (folder / inputs.FILE).write_text(self.encoder.inputs.vocabulary, "utf-8")
        (folder / joint.FILE).write_bytes(joint.packed(self.weights))

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> Read:
        """Read them from below this folder."""
        folder = Path(path)
        self._encoder = encoder.of_folder(folder)
        self._weights = joint.unpacked((folder / joint.FILE).read_bytes())
        return self


class Full(Read):
    """Replaces `doc._.opinion` where the light stage does not rule the message out."""

    def work(self, docs: Sequence[Doc]) -> None:
        """Read the neutral form."""
        wanted = [doc for doc in docs if passes(doc._.opinion)]
        seen, light = [doc._.seen for doc in wanted], [doc._.opinion for doc in wanted]
        for doc, opinion in zip(wanted, opinions(self.encoder, self.weights, seen, light), strict=True):
            doc._.opinion = opinion


class Tags(Read):
    """Adds to `doc._.extents` what the encoder finds in messages that may matter, as they were written."""

    def work(self, docs: Sequence[Doc]) -> None:
        """Read the written form."""
        wanted = [doc for doc in docs if matters(doc)]
        found = spans(self.encoder, [doc._.seen for doc in wanted], [doc._.extents for doc in wanted])
        for doc, extents in zip(wanted, found, strict=True):
            doc._.extents = extents
            show(doc)


def matters(doc: Doc) -> bool:
    """May this message be kept or passed on?"""
    return passes(doc._.opinion) and max(doc._.opinion.intents[:-1]) >= MATTERS


MATTERS = 0.1
"""A meaning of which so much is likely may become one."""


@Language.factory(FULL, requires=["doc._.seen", "doc._.opinion"], assigns=["doc._.opinion"])
def make_full(nlp: Language, name: str) -> Full:
    """What spaCy calls for "bart_full"."""
    extend()
    return Full()


@Language.factory(TAGS, requires=["doc._.opinion", "doc._.extents"], assigns=["doc._.extents", "doc.spans"])
def make_tags(nlp: Language, name: str) -> Tags:
    """What spaCy calls for "bart_tags"."""
    extend()
    return Tags()
