"""The channel: updates of the network become events, posts become calls."""

from __future__ import annotations

import unicodedata
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from bot.model.channel import (
    Batch,
    BotChanged,
    Capabilities,
    ChannelEvent,
    Chose,
    Deleted,
    Edited,
    Person,
    Post,
    Said,
)
from bot.model.errors import Gone, Later, Refused
from bot.model.ids import Address, PostRef, Room

from .network import BusyError, Network, NotThereError

LONGEST_TEXT = 2000
CAPABILITIES = Capabilities(longest_text=LONGEST_TEXT, sees_members=False)


class ExampleChannel:
    """Implements `Channel`."""

    def __init__(self, network: Network) -> None:
        self._network = network

    async def __aenter__(self) -> ExampleChannel:
        return self

    async def __aexit__(self, *exc: object) -> None:
        return None

    async def batches(self, cursor: str | None) -> AsyncIterator[Batch]:
        """The cursor is the number of the last update that the host has committed."""
        number = int(cursor or 0)
        while True:
            updates = await self._network.after(number)
            number = updates[-1]["number"]
            events = tuple(event for update in updates for event in read(update))
            yield Batch(cursor=str(number), events=events)

    async def send(self, room: Room, post: Post, key: str) -> PostRef:
        """`key` would make it idempotent, if this network knew such a thing."""
        check(post)
        with errors():
            return PostRef(self._network.post(room, shown(post), buttons(post)))

    async def edit(self, room: Room, ref: PostRef, post: Post) -> None:
        """In place."""
        check(post)
        self._own(room, ref).update(text=shown(post), buttons=buttons(post))

    async def delete(self, room: Room, ref: PostRef) -> None:
        """Gone already is fine."""
        with errors():
            self._network.enter(room).screen.pop(ref, None)

    async def admins(self, room: Room) -> frozenset[Address]:
        """Asked fresh."""
        with errors():
            return frozenset(Address(who) for who in self._network.enter(room).admins)

    def capabilities(self, room: Room) -> Capabilities:
        """The same in every room."""
        return CAPABILITIES

    def _own(self, room: Room, ref: PostRef) -> dict[str, Any]:
        with errors():
            message = self._network.enter(room).screen.get(ref)
        if message is None or message["by"]:
            raise Gone("no such post of the bot")
        return message


def read(update: dict[str, Any]) -> Iterator[ChannelEvent]:
    """Nothing for what cannot be read: one unreadable update never stops the channel."""
    try:
        head: dict[str, Any] = {"id": str(update["number"]), "room": Room(update["room"]), "at": datetime.now(UTC)}
        person = Person(address=Address(update.get("who", "")))
        match update["kind"]:
            case "joined":
                yield BotChanged(**head, present=True, room_name=update["room"])
            case "message":
                post, answers, text = PostRef(update["message"]), update["answers"], plain(update["text"])
                to_bot = bool(answers and answers.startswith("b"))
                yield Said(**head, person=person, post=post, text=text, reply_to=answers, to_bot=to_bot)
            case "changed":
                yield Edited(**head, person=person, post=PostRef(update["message"]), text=plain(update["text"]))
            case "removed":
                yield Deleted(**head, post=PostRef(update["message"]))
            case "pressed":
                yield Chose(**head, person=person, choice=update["button"])
    except (KeyError, TypeError, AttributeError):
        return


def plain(text: str) -> str:
    """Without control characters."""
    return "".join(char for char in text if unicodedata.category(char) != "Cc" or char == "\n")


def check(post: Post) -> None:
    """Refuse what the network would never carry, before anything is said."""
    if len(post.text) > LONGEST_TEXT or any(len(choice.key.encode()) > 64 for choice in post.choices):
        raise Refused("too long for this network")


def shown(post: Post) -> str:
    """The words; a network with bold text would use `post.spans`."""
    return post.text


def buttons(post: Post) -> list[tuple[str, str]]:
    """What is shown, and what comes back when it is pressed."""
    return [(choice.label, choice.key) for choice in post.choices]


@contextmanager
def errors() -> Iterator[None]:
    """The network's own errors, as those of a channel."""
    try:
        yield
    except NotThereError:
        raise Gone("the bot is not in such a room") from None
    except BusyError as error:
        raise Later(error.seconds) from None
