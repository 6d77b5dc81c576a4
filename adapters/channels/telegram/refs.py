"""Addresses of posts and rooms on Telegram.

A post is `<chat>.<message>`, and `<chat>.<message>.<topic>` in a topic of a forum. The chat is in it because the
numbers begin anew when a group becomes a supergroup: an old card must never be taken for a new message.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from telegram import Message

from bot.model.errors import Gone
from bot.model.ids import PostRef, Room

REF = re.compile(r"(-?\d{1,19})\.(\d{1,19})(?:\.(\d{1,19}))?", re.ASCII)
ROOM = re.compile(r"-\d{1,19}", re.ASCII)
"""Groups have numbers below zero; people do not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where a post is. `topic` None: no forum, or its general topic."""

    chat: int
    message: int
    topic: int | None = None


def ref_of(message: Message) -> PostRef:
    """The thread of a reply is no topic, although it has a number too."""
    topic = f".{message.message_thread_id}" if message.is_topic_message and message.message_thread_id else ""
    return PostRef(f"{message.chat.id}.{message.message_id}{topic}")


def spot_of(ref: PostRef | None) -> Spot | None:
    """None for what is no post of Telegram."""
    found = REF.fullmatch(ref) if ref is not None else None
    if found is None:
        return None
    return Spot(chat=int(found[1]), message=int(found[2]), topic=int(found[3]) if found[3] else None)


def chat_of(room: Room) -> int:
    """Raises `Gone` for what is no group of Telegram."""
    if not ROOM.fullmatch(room):
        raise Gone("no such room")
    return int(room)
