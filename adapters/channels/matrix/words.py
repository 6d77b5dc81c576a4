"""What BART says, as Matrix shows it: plain words, HTML where something is strong, and digits for choices.

Spans are never parsed: residents' words stay words.
"""

from __future__ import annotations

import hashlib
import html
import json
from typing import Any

from adapters.channels.matrix.events import CHOICES
from bot.model.channel import Capabilities, Post
from bot.model.errors import Refused

LONGEST_KEY = 64
MOST_CHOICES = 9
LARGEST_EVENT = 40_000
"""Bytes of a content. The network takes 65,536 for a whole event, and encryption adds a third."""
TAP = "Tik op een cijfer onder dit bericht, of antwoord met het cijfer."
TAP_ONLY = "Tik op een cijfer onder dit bericht."
TYPE = "Antwoord op dit bericht met het cijfer van je keuze."
ENCRYPTED = (
    "Ik ben BART. Deze groep is versleuteld: alleen jullie kunnen de berichten lezen. "
    "Als BART meedoet, kan de computer waar BART op draait ze ook lezen. "
    "Tot een beheerder Ja kiest, lees ik hier niets. Mag ik meedoen?"
)
ENCRYPTED_CHOICES = ("Ja, BART mag meelezen", "Nee, BART gaat weg")


def digit(number: int) -> str:
    """The emoji of a choice, counted from 1."""
    return f"{number}\ufe0f\u20e3"


def checked(post: Post, capabilities: Capabilities) -> Post:
    """The same post; raises `Refused` for what Matrix cannot carry."""
    if len(post.text) > capabilities.longest_text:
        raise Refused("the text is too long")
    if len(post.choices) > MOST_CHOICES:
        raise Refused("more choices than digits")
    if any(not 0 < len(choice.key.encode()) <= LONGEST_KEY for choice in post.choices):
        raise Refused("a choice key is too long")
    return post


def content(post: Post, capabilities: Capabilities, typed: bool = True) -> dict[str, Any]:
    """An `m.room.message` content. `typed`: can BART read a digit that is typed?"""
    reacts = capabilities.choices == "reactions"
    lines = [f"{digit(n) if reacts else f'{n}.'} {choice.label}" for n, choice in enumerate(post.choices, 1)]
    if lines:
        tap = TAP if typed else TAP_ONLY
        lines = ["", *lines, tap if reacts else TYPE]
    link = [post.link if not post.link_label else f"{post.link_label}: {post.link}"] if post.link else []
    told: dict[str, Any] = {
        # Bots say m.notice, which rings nobody's phone; what is urgent must.
        "msgtype": "m.notice" if post.silent and not capabilities.extra.get("network") else "m.text",
        "body": "\n".join([post.text, *link, *lines]),
        CHOICES: [choice.key for choice in post.choices],
        "m.mentions": {},
    }
    formatted = _formatted(post, lines)
    if formatted and len(formatted.encode()) < LARGEST_EVENT // 4:
        told |= {"format": "org.matrix.custom.html", "formatted_body": formatted}
    if post.reply_to is not None:
        told["m.relates_to"] = {"m.in_reply_to": {"event_id": post.reply_to}}
    return _fitting(told)


def edited(post: Post, ref: str, capabilities: Capabilities) -> dict[str, Any]:
    """The content of an event that replaces a post. What it answers stays as it was."""
    fresh = content(post, capabilities)
    fresh.pop("m.relates_to", None)
    told = {key: value for key, value in fresh.items() if key not in {"format", "formatted_body"}}
    told["body"] = f"* {fresh['body']}"
    return _fitting(told | {"m.new_content": fresh, "m.relates_to": {"rel_type": "m.replace", "event_id": ref}})


def _formatted(post: Post, lines: list[str]) -> str:
    """HTML, only where plain words cannot say the same."""
    if not post.link and not any(span.strong for span in post.spans):
        return ""
    said = "".join(
        f"<strong>{_escaped(span.text)}</strong>" if span.strong else _escaped(span.text) for span in post.spans
    )
    link = (
        [f'<a href="{html.escape(post.link)}">{_escaped(post.link_label or post.link)}</a>'] if post.link else []
    )
    return "<br>".join([said, *link, *(_escaped(line) for line in lines)])


def _escaped(words: str) -> str:
    return html.escape(words, quote=False).replace("\n", "<br>")


def _fitting(told: dict[str, Any]) -> dict[str, Any]:
    if len(json.dumps(told, ensure_ascii=False).encode()) > LARGEST_EVENT:
        raise Refused("the text is too long")
    return told


def transaction(*parts: str) -> str:
    """An id that is the same for the same parts, so that what was sent before a crash is not sent again."""
    return hashlib.blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
