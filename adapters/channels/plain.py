"""What every channel does to people's words before the host sees them, and how BART is spoken to."""

from __future__ import annotations

import re
import unicodedata

MENTION = re.compile(r"(?<!\w)@bart\b|^\s*bart\b", re.IGNORECASE)
DIRECTION = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Bidi embeddings and overrides: they can make a neighbour's screen show other words than were sent."""


def plain(text: str) -> str:
    """Without control characters, lone surrogates and direction overrides; newlines stay, tabs become spaces."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "".join(char for char in text if char == "\n" or _is_harmless(char)).strip()


def names_bart(text: str) -> bool:
    """Is BART spoken to?"""
    return MENTION.search(text) is not None


def _is_harmless(char: str) -> bool:
    return unicodedata.category(char) not in {"Cc", "Cs"} and char not in DIRECTION
