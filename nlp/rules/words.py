"""Words as the rules compare them: lower case, without accents, only letters and digits."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

LONGEST_TEXT = 4_000
"""Characters that are read for what they mean, so that time stays bounded; personal data is found in all."""

_WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """Lower case without accents. May change the length: never use it for positions."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text)
    return "".join([char for char in parts if not unicodedata.combining(char)]).casefold()


def words(text: str) -> list[str]:
    """The folded words of the part of a text that is read, in order."""
    return split(text[:LONGEST_TEXT])


def split(text: str) -> list[str]:
    """The folded words of the whole text, in order."""
    return _WORD.findall(fold(text))


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the original text at characters `start:end`, and how the rules compare it."""

    start: int
    end: int
    raw: str
    word: str


_TOKEN = re.compile(r"[^\W_]+(?:[-.'’][^\W_]+)*")


def tokens(text: str) -> list[Token]:
    """Words with their positions; hyphens, dots and apostrophes inside a word belong to it."""
    return [
        Token(match.start(), match.end(), match[0], fold(match[0]))
        for match in _TOKEN.finditer(text[:LONGEST_TEXT])
    ]
