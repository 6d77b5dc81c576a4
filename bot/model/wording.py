"""What BART says, before any language: catalogue keys with their slots. `bot/texts` turns it into a `Post`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.model.buttons import Button
from bot.model.ids import PostRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """One template of the catalogue and what goes into its slots.

    Slot values are plain text and are never parsed for emphasis or slots again.
    """

    key: str
    slots: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A button on a saying. `owner` is the incident or group it belongs to. `slots` fill its label."""

    owner: str
    button: Button
    slots: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """A whole post: its lines, one under the other, and its buttons in order."""

    lines: tuple[Wording, ...]
    offers: tuple[Offer, ...] = ()
    reply_to: PostRef | None = None
    silent: bool = False
    link: str = ""


def cut(text: str, limit: int) -> str:
    """At most `limit` characters; what was cut off shows as an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
