"""From a post to what the Bot API takes. Residents' words are escaped; nothing of them is ever read as markup."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import urlsplit

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.model.channel import Choice, Post
from bot.model.errors import Refused

LONGEST_TEXT = 4096
"""UTF-16 code units, after the entities are read (Bot API, sendMessage)."""
LONGEST_KEY = 64
"""Bytes of callback data."""
LONGEST_TOAST = 200
NARROW = 18
"""Two labels of at most so many characters fit beside each other on a phone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """Text in Telegram's HTML, and its buttons."""

    html: str
    keyboard: InlineKeyboardMarkup | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A first line that says, as a link, which group a private post is about."""

    label: str
    link: str


def render(post: Post, head: Head | None = None) -> Rendered:
    """Raises `Refused` for what Telegram would refuse, before anything is sent."""
    below = f"\n{post.link}" if post.link and not _is_public(post.link) else ""
    above = f"{head.label}\n" if head else ""
    if not post.text.strip():
        raise Refused("a post without words")
    if utf16(above + post.text + below) > LONGEST_TEXT:
        raise Refused("the text is too long")
    if any(not 1 <= len(choice.key.encode()) <= LONGEST_KEY for choice in post.choices):
        raise Refused("a choice key is too long")
    html = "".join(
        f"<b>{escape(s.text)}</b>" if s.strong and s.text.strip() else escape(s.text) for s in post.spans
    )
    if head:
        html = f'<a href="{escape(head.link)}">{escape(head.label)}</a>\n{html}'
    rows = _rows(post.choices)
    if post.link and not below:
        rows.append([InlineKeyboardButton(post.link_label or post.link, url=post.link)])
    return Rendered(html=html + escape(below), keyboard=InlineKeyboardMarkup(rows) if rows else None)


def utf16(text: str) -> int:
    """The length that Telegram counts; lone surrogates count as one."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def toast(text: str) -> str:
    """Cut to what fits over the chat."""
    return text if len(text) <= LONGEST_TOAST else text[: LONGEST_TOAST - 1].rstrip() + "…"


def _rows(choices: Sequence[Choice]) -> list[list[InlineKeyboardButton]]:
    buttons = [InlineKeyboardButton(choice.label, callback_data=choice.key) for choice in choices]
    wide = any(len(choice.label) > NARROW for choice in choices)
    step = 1 if wide else 2
    return [buttons[at : at + step] for at in range(0, len(buttons), step)]


def _is_public(link: str) -> bool:
    """Telegram takes no buttons to names without a dot, such as localhost."""
    parts = urlsplit(link)
    return parts.scheme in {"http", "https"} and "." in (parts.hostname or "")
