"""What the bot says to an app: one POST each to its webhook. The types are the description, too.

The bot gives its posts their ids. The same id again is the same post, so that nothing is said twice.
"""

from __future__ import annotations

import hashlib

from msgspec import Struct

from adapters.channels.http.deliveries import LONGEST_TEXT, OURS
from bot.model import channel as model
from bot.model.errors import Refused
from bot.model.ids import PostRef, Room

LONGEST_KEY = 64


class Span(Struct, omit_defaults=True):
    """A piece of text, plain or strong. Show it as it is: it may be a resident's words, never markup."""

    text: str
    strong: bool = False


class Choice(Struct, omit_defaults=True):
    """A button. `key` comes back in `chose`; `short` fits 20 characters."""

    key: str
    label: str
    short: str = ""


class Post(Struct, omit_defaults=True):
    """`text` is all spans together. `silent`: without a notification. `link` is shown as `link_label`."""

    text: str
    spans: list[Span]
    choices: list[Choice] = []
    reply_to: str | None = None
    silent: bool = False
    link: str = ""
    link_label: str = ""


class Call(Struct, tag_field="type"):
    """What every call has: the room it is about."""

    room: str


class Say(Call, tag="post"):
    """Show this post in the room, under this id."""

    id: str
    post: Post


class Edit(Call, tag="edit"):
    """The post under this id reads so now, in its old place. 404 where it is not there."""

    id: str
    post: Post


class Delete(Call, tag="delete"):
    """Take the post under this id away; gone already is fine."""

    id: str


class Whisper(Call, tag="whisper"):
    """Show this post to one person only."""

    id: str
    to: str
    post: Post


class Toast(Call, tag="toast"):
    """A short answer for who pressed; 404 for a press long ago."""

    press: str
    text: str


class Admins(Call, tag="admins"):
    """Who are admins of the room now? Answer 200 with `{"admins": ["id", ...]}`."""


class Leave(Call, tag="leave"):
    """Put the bot out of the room; then say so with a `bot` event."""


class Ping(Struct, tag_field="type", tag="ping"):
    """Are you there, and do you know this signature? Changes nothing."""


Out = Say | Edit | Delete | Whisper | Toast | Admins | Leave | Ping


class AdminsAre(Struct):
    """The answer to `admins`."""

    admins: list[str]


def post_id(room: Room, key: str, to: str = "") -> PostRef:
    """The same after a restart. Whispers have ids of their own."""
    parts = "\x1f".join((room, to, key)).encode("utf-8", "surrogatepass")
    return PostRef(OURS + hashlib.blake2b(parts, digest_size=12).hexdigest())


def is_ours(post: str) -> bool:
    """Is it a post of the bot?"""
    return post.startswith(OURS)


def as_post(post: model.Post) -> Post:
    """Raises `Refused` for what apps were never promised to be asked."""
    if len(post.text) > LONGEST_TEXT:
        raise Refused("the text is too long")
    if any(len(choice.key.encode()) > LONGEST_KEY for choice in post.choices):
        raise Refused("a choice key is too long")
    return Post(
        text=post.text,
        spans=[Span(text=span.text, strong=span.strong) for span in post.spans],
        choices=[Choice(key=one.key, label=one.label, short=one.short) for one in post.choices],
        reply_to=post.reply_to,
        silent=post.silent,
        link=post.link,
        link_label=post.link_label,
    )
