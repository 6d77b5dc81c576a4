"""One template: plain text, `**strong**` parts and `{slots}`, taken apart once and filled many times.

Emphasis and slots are found in the template alone. Slot values go in afterwards as they are, so nothing a
resident or a desk writes can become emphasis or another slot.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.model.channel import Span
from bot.model.errors import InputError

_TOKEN = re.compile(r"(?P<emphasis>\*\*)|\{(?P<slot>[a-z_]+)\}|(?P<brace>[{}])|(?P<text>(?:[^*{}]|\*(?!\*))+)")
_ZERO_WIDTH_JOINER = "\u200d"
_DROPPED_KINDS = frozenset({"Cc", "Cf", "Cs"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Words of the template itself, or (`slot`) the name of what goes in there."""

    text: str
    strong: bool
    slot: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """`source` is the text as the catalogue has it."""

    key: str
    source: str
    pieces: tuple[Piece, ...]
    slots: frozenset[str]

    def fill(self, values: Mapping[str, str]) -> tuple[Span, ...]:
        """The spans with every slot filled; `KeyError` names the key and a missing or unknown slot."""
        if values.keys() != self.slots:
            self._complain(values)
        return join_spans(
            Span(
                text=clean(values[piece.text], lines=piece.text == "lines") if piece.slot else piece.text,
                strong=piece.strong,
            )
            for piece in self.pieces
        )

    def _complain(self, values: Mapping[str, str]) -> None:
        faults = [f"slot {name!r} is missing" for name in sorted(self.slots - values.keys())]
        faults += [f"there is no slot {name!r}" for name in sorted(values.keys() - self.slots)]
        raise KeyError(f"{self.key}: {', '.join(faults)}")


def parse(key: str, source: str) -> Template:
    """Take a template apart; `InputError` for a stray brace or emphasis that is not closed."""
    pieces: list[Piece] = []
    strong = False
    for token in _TOKEN.finditer(source):
        if token["brace"]:
            raise InputError(key, f"stray {token['brace']!r} at character {token.start() + 1}")
        if token["emphasis"]:
            strong = not strong
        elif token["slot"]:
            pieces.append(Piece(text=token["slot"], strong=strong, slot=True))
        else:
            pieces.append(Piece(text=token["text"], strong=strong, slot=False))
    if strong:
        raise InputError(key, "emphasis is opened with ** and never closed")
    slots = frozenset(piece.text for piece in pieces if piece.slot)
    return Template(key=key, source=source, pieces=tuple(pieces), slots=slots)


def join_spans(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same words with neighbours of equal strength made one, and empty spans left out."""
    joined: list[Span] = []
    for span in spans:
        if not span.text:
            continue
        if joined and joined[-1].strong == span.strong:
            joined[-1] = Span(text=joined[-1].text + span.text, strong=span.strong)
        else:
            joined.append(span)
    return tuple(joined)


def clean(value: str, *, lines: bool = False) -> str:
    """A slot value made harmless: no control, direction or invisible characters, white space made one space.

    `lines` keeps line breaks; empty lines go.
    """
    if lines:
        rows = (clean(row) for row in value.splitlines())
        return "\n".join(row for row in rows if row)
    return " ".join("".join(filter(_is_shown, value)).split())


def _is_shown(character: str) -> bool:
    # the joiner holds compound emoji together and cannot hide or turn text
    return (
        character.isspace()
        or character == _ZERO_WIDTH_JOINER
        or unicodedata.category(character) not in _DROPPED_KINDS
    )
