"""Messages as spaCy documents: how a text is cut into words, and what documents carry beside them."""

from __future__ import annotations

import re
from collections.abc import Callable

from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import DummyTokenizer, registry
from spacy.vocab import Vocab

from nlp.rules.words import LONGEST_TEXT

TOKENIZER = "bart_words"
EXTENSIONS = ("reading", "seen", "opinion", "extents", "interpretation")
"""What a document carries: `Reading`, `Seen`, `Opinion`, `Spans` and `Interpretation`; None until it is known."""
_PIECE = re.compile(r"\w+(?:[-.'’]\w+)*|[^\w\s]|\s+")
_BROKEN = re.compile("[\ud800-\udfff]")


class Words(DummyTokenizer):
    """Words as the tagger cuts them. Much quicker to load and to run than spaCy's rules for written Dutch."""

    def __init__(self, vocab: Vocab) -> None:
        self.vocab = vocab

    def __call__(self, text: str) -> Doc:
        """The document of a text; every character is in it."""
        return doc_of(self.vocab, text)


def make_words() -> Callable[[Language], Words]:
    """What spaCy calls to make the tokenizer."""

    def of(nlp: Language) -> Words:
        return Words(nlp.vocab)

    return of


registry.tokenizers.register(TOKENIZER, func=make_words)


def doc_of(vocab: Vocab, text: str) -> Doc:
    """`text` as a document: the same characters at the same positions, but half a surrogate pair as U+FFFD.

    What is beyond `LONGEST_TEXT` characters is one word: nobody reads it, and time stays bounded.
    """
    extend()
    words: list[str] = []
    spaces: list[bool] = []
    text = text if text.isascii() else _BROKEN.sub("�", text)
    for piece in _PIECE.findall(text[:LONGEST_TEXT]):
        if piece == " " and words and not spaces[-1]:
            spaces[-1] = True
        else:
            words.append(piece)
            spaces.append(False)
    if len(text) > LONGEST_TEXT:
        words.append(text[LONGEST_TEXT:])
        spaces.append(False)
    return Doc(vocab, words=words, spaces=spaces)


def extend() -> None:
    """Make room for `doc._.reading` and the others."""
    if not Doc.has_extension(EXTENSIONS[-1]):
        for name in EXTENSIONS:
            Doc.set_extension(name, default=None)
