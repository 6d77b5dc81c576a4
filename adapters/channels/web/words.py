"""Checking what a browser sends, and the addresses the web channel gives to posts and events.

What a resident can do something about is said in Dutch, since the page shows it to them.
"""

from __future__ import annotations

import hashlib
import re

from adapters.channels.plain import plain
from bot.model.errors import InputError
from bot.model.ids import Address, PostRef, Room
from bot.model.place import Point

LONGEST_TEXT = 4000
LARGEST_PHOTO = 20 * 1024 * 1024
LONGEST_KEY = 64
"""Bytes of a choice key, and characters of a browser's id."""

REF = re.compile(r"[bprw]\.[0-9a-f]{16}\.[0-9a-f]{24}")


def clean_text(text: str) -> str:
    """Without control characters, lone surrogates and direction overrides; newlines stay, tabs become spaces.

    Raises `InputError` for more than `LONGEST_TEXT` characters.
    """
    kept = plain(text)
    if len(kept) > LONGEST_TEXT:
        raise InputError("text", f"Je bericht is te lang: {len(kept)} tekens. Er passen er {LONGEST_TEXT} in.")
    return kept


def check_client_id(client_id: str) -> None:
    """Raises `InputError` for what no browser of ours makes."""
    if not client_id or len(client_id) > LONGEST_KEY or not (client_id.isascii() and client_id.isprintable()):
        raise InputError("client_id", f"must be 1 to {LONGEST_KEY} plain characters")


def check_choice(choice: str) -> None:
    """Raises `InputError` unless it can be a choice key."""
    if not choice.isprintable() or not 0 < len(choice.encode()) <= LONGEST_KEY:
        raise InputError("choice", f"must be 1 to {LONGEST_KEY} bytes")


def check_location(point: Point | None) -> None:
    """Raises `InputError` unless it is a point on earth."""
    if point is None:
        return
    if not (abs(point.lat) <= 90 and abs(point.lon) <= 180):
        raise InputError("location", "Deze plek klopt niet.")


def check_photo(photo: bytes | None) -> None:
    """Raises `InputError` for more than `LARGEST_PHOTO` bytes."""
    if photo is not None and len(photo) > LARGEST_PHOTO:
        raise InputError("photo", "Deze foto is te groot. Kies een foto van hooguit 20 MB.")


def check_ref(where: str, ref: PostRef) -> None:
    """Raises `InputError` for what is no post of this channel."""
    if not REF.fullmatch(ref):
        raise InputError(where, "Dit bericht hoort niet bij deze groep.")


def bot_ref(room: Room, key: str, to: str = "") -> PostRef:
    """The bot's post under this key: the same after a restart. Whispers have an address of their own."""
    kind = "w" if to else "b"
    return PostRef(f"{kind}.{digest(16, room, 'bart')}.{digest(24, room, to, key)}")


def resident_ref(room: Room, who: Address, client_id: str, private: bool) -> PostRef:
    """A resident's post: the same after a restart, and telling whose it is to who knows the address."""
    kind = "p" if private else "r"
    return PostRef(f"{kind}.{digest(16, room, 'by', who)}.{digest(24, room, who, client_id)}")


def is_of_bot(ref: PostRef) -> bool:
    """Was it said by the bot, to all or to one?"""
    return REF.fullmatch(ref) is not None and ref[0] in "bw"


def is_private(ref: PostRef) -> bool:
    """Was it for one person's eyes?"""
    return ref[0] in "pw"


def is_of_resident(ref: PostRef, room: Room, who: Address) -> bool:
    """Is it this resident's own post, whether or not it is still remembered?"""
    return REF.fullmatch(ref) is not None and ref[0] in "pr" and ref[2:18] == digest(16, room, "by", who)


def digest(length: int, *parts: str) -> str:
    """`length` hex characters that stand for these parts in this order."""
    joined = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(joined, digest_size=length // 2).hexdigest()
