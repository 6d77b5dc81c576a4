"""A vocabulary and an encoder small enough to read, for tests of the second stage."""

from __future__ import annotations

import numpy as np
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from nlp.full.encoder import Scores

SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
WORDS = (
    "glas",
    "op",
    "het",
    "plein",
    "bij",
    "de",
    "weer",
    "ligt",
    "hier",
    "ook",
    "nog",
    "zwerfvuil",
    "qz",
    "foto",
)
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789>:[]?!,. "


def small_tokenizer() -> Tokenizer:
    """Some whole words, and letters for the rest."""
    pieces = [(name, 0.0) for name in SPECIAL]
    pieces += [("▁", -6.0), *((f"▁{word}", -2.0) for word in WORDS), *((letter, -8.0) for letter in LETTERS)]
    made = Tokenizer(models.Unigram(pieces, unk_id=3, byte_fallback=False))
    made.normalizer = normalizers.NFKC()
    made.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=False)
    return made


def scores(
    size: int = 1, *, intent: tuple[float, ...] = (0, 0, 0, 0), urgent: float = 0.0, categories: int = 31
) -> Scores:
    """Scores that say nothing, but for what is given."""
    return Scores(
        intent=np.array(intent, dtype=np.float32),
        category=np.zeros(categories, dtype=np.float32),
        urgent=urgent,
        tags=np.tile(np.array([4.0, 0, 0, -4], dtype=np.float32), (size, 1)),
    )
