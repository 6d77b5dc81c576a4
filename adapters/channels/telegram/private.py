"""Which group a private chat is about. Telegram knows one private chat a person; BART keeps groups apart.

Every private post begins with the group's name as a link that opens the bot for that group. Telegram keeps that
link, so an answer or press under it says after a restart too which group it is about; nothing is kept on disk.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable

from telegram import Message

from bot.model.ids import Address, Room

PAYLOAD = re.compile(r"g(-\d{1,19})", re.ASCII)
LINK = re.compile(r"https://t\.me/\w+\?start=g(-\d{1,19})", re.ASCII)
REMEMBERED = 20_000
"""People whose last group is remembered."""


def link(username: str, room: Room) -> str:
    """Opens the private chat, with a Start button where it was never pressed."""
    return f"https://t.me/{username}?start=g{room}"


def room_of_payload(payload: str) -> Room | None:
    """What came with Start; anybody can type this."""
    found = PAYLOAD.fullmatch(payload.strip())
    return Room(found[1]) if found else None


def room_of_post(message: object, bot_id: int) -> Room | None:
    """The group that a private post of the bot itself is about; nobody else can make one."""
    if not isinstance(message, Message) or message.from_user is None or message.from_user.id != bot_id:
        return None
    return _linked(entity.url or "" for entity in message.entities)


def _linked(urls: Iterable[str]) -> Room | None:
    for url in urls:
        if found := LINK.fullmatch(url):
            return Room(found[1])
    return None


class LastRooms:
    """Which group each person was last spoken with about; in memory only."""

    def __init__(self) -> None:
        self._rooms: OrderedDict[Address, Room] = OrderedDict()

    def note(self, who: Address, room: Room) -> None:
        """They are about this group now."""
        self._rooms[who] = room
        self._rooms.move_to_end(who)
        while len(self._rooms) > REMEMBERED:
            self._rooms.popitem(last=False)

    def of(self, who: Address) -> Room | None:
        """None: not spoken with since the start."""
        return self._rooms.get(who)
