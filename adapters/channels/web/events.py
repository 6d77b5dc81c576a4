"""What happens in a web room, as events for the host. The same happening has the same id after a restart."""

from __future__ import annotations

from datetime import datetime

from adapters.channels.plain import names_bart
from adapters.channels.web import words
from bot.model.channel import BotChanged, MemberChanged, Person, Said
from bot.model.group import Role
from bot.model.ids import PostRef
from bot.model.incident import MediaRef
from bot.model.webroom import ChatEntry, Resident, Utterance, WebRoom


def announcements(web: WebRoom, now: datetime) -> list[BotChanged | MemberChanged]:
    """The bot is in this room, and these are its admins."""
    room = web.room
    joined = BotChanged(id=f"room:{room}:joined", room=room, at=now, present=True, room_name=web.name)
    return [
        joined,
        *(
            MemberChanged(
                id=f"room:{room}:admin:{resident.address}",
                room=room,
                at=now,
                person=person(resident),
                present=True,
                role=Role.ADMIN,
            )
            for resident in web.residents
            if resident.admin
        ),
    ]


def said(web: WebRoom, resident: Resident, utterance: Utterance, entry: ChatEntry) -> Said:
    """A resident said this; `entry` is how the room shows it."""
    return Said(
        id=said_id(entry.post),
        room=web.room,
        at=entry.at,
        person=person(resident),
        post=entry.post,
        text=utterance.text,
        reply_to=utterance.reply_to,
        media=(MediaRef(ref=entry.photo),) if entry.photo else (),
        location=utterance.location,
        private=utterance.private,
        to_bot=is_to_bot(utterance),
    )


def let_in(web: WebRoom, resident: Resident, entry: ChatEntry) -> BotChanged:
    """An admin brought the bot back with this post; the post itself is not for the bot."""
    return BotChanged(
        id=said_id(entry.post),
        room=web.room,
        at=entry.at,
        present=True,
        room_name=web.name,
        by=person(resident),
    )


def is_to_bot(utterance: Utterance) -> bool:
    """Does it name BART, or answer one of its posts?"""
    reply_to = utterance.reply_to
    return names_bart(utterance.text) or (reply_to is not None and words.is_of_bot(reply_to))


def said_id(ref: PostRef) -> str:
    """The event of this post being said."""
    return f"said:{ref}"


def person(resident: Resident) -> Person:
    """Who it is, with the role of this moment."""
    role = Role.ADMIN if resident.admin else Role.MEMBER
    return Person(address=resident.address, name=resident.name, role=role)
