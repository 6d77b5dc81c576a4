"""The interpreter that the bot uses: a port over the pipeline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.vocab import Vocab

from bot.model.reading import Interpretation, Reading
from nlp.pipeline.components import BATCH, DECIDE, LIGHT, SPANS
from nlp.pipeline.docs import TOKENIZER, doc_of
from nlp.pipeline.entities import ENTITIES, OFF, Entities, wanted


def blank(entities: str = OFF, *, full: bool = False) -> Language:
    """Dutch with our own words and components, and the weights that come along; `full` has the encoder read too.

    `entities` is "off", "auto" or the spaCy model that adds candidates; ConfigError where it is not there.
    """
    nlp = spacy.blank("nl", config={"nlp": {"tokenizer": {"@tokenizers": TOKENIZER}}})
    for name in (LIGHT, SPANS, DECIDE):
        nlp.add_pipe(name)
    if full:
        # Only here: what it runs on is an extra.
        from nlp.pipeline.full import FULL, TAGS  # noqa: PLC0415 - see above

        nlp.add_pipe(FULL, after=LIGHT)
        nlp.add_pipe(TAGS, after=SPANS)
    model = wanted(entities)
    if model is not None:
        nlp.add_pipe(ENTITIES, before=DECIDE, config={"model": model})
        # A model that is not there is told now, not at the first message.
        cast("Entities", nlp.get_pipe(ENTITIES)).open()
    return nlp


class PipelineInterpreter:
    """Keeps nothing of what it reads; the same reading always means the same."""

    def __init__(self, nlp: Language | None = None) -> None:
        self._nlp = nlp or blank()

    def interpret(self, readings: Sequence[Reading]) -> list[Interpretation]:
        """One interpretation per reading, in order."""
        # spaCy's vocabulary remembers every word it sees: each call has one of its own, gone with its documents.
        vocab = Vocab()
        docs = (_asked(vocab, reading) for reading in readings)
        return [doc._.interpretation for doc in self._nlp.pipe(docs, batch_size=BATCH)]


def _asked(vocab: Vocab, reading: Reading) -> Doc:
    doc = doc_of(vocab, reading.text)
    doc._.reading = reading
    return doc
