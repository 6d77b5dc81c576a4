"""From Telegram's updates to events. Pure: no call to Telegram, no memory.

Never raises: what cannot be read, or is of a kind that did not exist when this was written, has no events.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from telegram import CallbackQuery, Chat, ChatMember, ChatMemberUpdated, Message, Update, User

from adapters.channels.telegram import private
from adapters.channels.telegram.refs import ref_of
from bot.model.channel import (
    BotChanged,
    ChannelEvent,
    Chose,
    Edited,
    MemberChanged,
    Moved,
    Person,
    Said,
)
from bot.model.group import Role
from bot.model.ids import Address, Room
from bot.model.incident import MediaRef
from bot.model.place import Point

UPDATES = ("message", "edited_message", "callback_query", "my_chat_member", "chat_member")
"""What BART asks for. Of reactions, channels, payments, guest messages and business chats it hears nothing."""
GROUPS = frozenset({"group", "supergroup"})
COMMAND = re.compile(r"/\w+@(\w+)")
START = re.compile(r"/start(?:@\w+)?\s+(\S+)\s*", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    """The bot itself."""

    id: int
    username: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What one update says. `id` is its number; None where it has none, so that it cannot be confirmed either.

    Private events have no room yet: `about` is the group they name, `proven` when a post of the bot itself does.
    """

    id: int | None
    events: tuple[ChannelEvent, ...] = ()
    title: str = ""
    album: str = ""
    private: bool = False
    about: Room | None = None
    proven: bool = False
    bot_is_admin: bool | None = None
    unreadable: bool = False


def hear(raw: object, me: Me, now: datetime) -> Heard:
    """Read one update as it came over the line. `now` is for presses, which have no time of their own."""
    number = raw.get("update_id") if isinstance(raw, dict) else None
    if not isinstance(number, int) or isinstance(number, bool) or not isinstance(raw, dict):
        return Heard(id=None, unreadable=True)
    try:
        update = Update.de_json({key: raw[key] for key in ("update_id", *UPDATES) if key in raw}, None)
        return _Reader(number, me, now).update(update)
    except Exception:
        # A stranger's JSON can go wrong anywhere in the library or below; the channel counts and logs it.
        return Heard(id=number, unreadable=True)


class _Reader:
    """Reads one update."""

    def __init__(self, number: int, me: Me, now: datetime) -> None:
        self._number = number
        self._me = me
        self._now = now

    def update(self, update: Update) -> Heard:
        kinds: tuple[tuple[Any, Callable[[Any], Heard]], ...] = (
            (update.message, self._message),
            (update.edited_message, self._edited),
            (update.callback_query, self._pressed),
            (update.my_chat_member, self._bot_changed),
            (update.chat_member, self._member_changed),
        )
        for body, read in kinds:
            if body is not None:
                return read(body)
        return self._heard()

    def _heard(self, *events: ChannelEvent, chat: Chat | None = None, **more: Any) -> Heard:
        title = chat.title if chat is not None and isinstance(chat.title, str) else ""
        return Heard(id=self._number, events=events, title=title, **more)

    def _base(self, chat: Chat, at: datetime, part: int = 0) -> dict[str, Any]:
        """Id, room and time of an event."""
        event_id = f"{self._number}.{part}" if part else str(self._number)
        return {"id": event_id, "room": _room(chat), "at": _utc(at)}

    # --- messages ---

    def _message(self, message: Message) -> Heard:
        chat = message.chat
        if chat.type == "private":
            return self._private(message)
        if chat.type not in GROUPS or message.is_automatic_forward:
            return self._heard()
        if message.migrate_to_chat_id:
            return self._moved(message, chat.id, message.migrate_to_chat_id)
        if message.migrate_from_chat_id:
            return self._moved(message, message.migrate_from_chat_id, chat.id)
        if message.new_chat_members or message.left_chat_member:
            return self._came_or_went(message)
        said = self._said(message)
        album = f"{chat.id}:{message.media_group_id}" if message.media_group_id else ""
        return self._heard(*([said] if said else []), chat=chat, album=album)

    def _moved(self, message: Message, old: int, new: int) -> Heard:
        event = Moved(id=str(self._number), room=Room(str(old)), at=_utc(message.date), to=Room(str(new)))
        return self._heard(event, chat=message.chat)

    def _came_or_went(self, message: Message) -> Heard:
        """Also told where the bot is no admin. The bot's own coming and going has an update of its own."""
        people = [(user, True) for user in message.new_chat_members or ()]
        people += [(message.left_chat_member, False)] if message.left_chat_member else []
        changed = [
            MemberChanged(
                **self._base(message.chat, message.date, part),
                person=_person(user),
                present=came,
                role=Role.MEMBER,
            )
            for part, (user, came) in enumerate(people)
            if not user.is_bot
        ]
        return self._heard(*changed, chat=message.chat)

    def _said(self, message: Message, private_chat: bool = False) -> Said | None:
        person, text = self._author(message), _text(message)
        media, location = _media(message), _location(message)
        if person is None or not (text or media or location) or self._is_for_another_bot(text):
            return None
        answered = _answered(message)
        to_me = answered is not None and answered.from_user is not None and answered.from_user.id == self._me.id
        text, named = self._named(text)
        return Said(
            **self._base(message.chat, message.date),
            person=person,
            post=ref_of(message),
            text=text,
            reply_to=ref_of(answered) if answered is not None else None,
            media=media,
            location=location,
            private=private_chat,
            to_bot=to_me or named or private_chat,
        )

    def _author(self, message: Message) -> Person | None:
        """Who posts as the group or as a channel is somebody, but nobody can tell who."""
        if message.sender_chat is not None:
            name = message.sender_chat.title or ""
            return Person(address=Address(f"chat:{message.sender_chat.id}"), name=name, anonymous=True)
        user = message.from_user
        return None if user is None or user.is_bot else _person(user)

    def _named(self, text: str) -> tuple[str, bool]:
        """Is the bot called by its name? At the beginning that becomes the name every channel knows."""
        name = re.compile(rf"(?<!\w)@{re.escape(self._me.username)}\b", re.IGNORECASE | re.ASCII)
        found = name.search(text)
        if found is None:
            return text, False
        begins = not text[: found.start()].strip()
        return (f"@bart{text[found.end() :]}" if begins else text), True

    def _is_for_another_bot(self, text: str) -> bool:
        command = COMMAND.match(text)
        return command is not None and command[1].lower() != self._me.username.lower()

    def _edited(self, message: Message) -> Heard:
        """Live locations move as edits too; those say nothing."""
        private_chat = message.chat.type == "private"
        person, text = self._author(message), _text(message)
        if person is None or not text or not (private_chat or message.chat.type in GROUPS):
            return self._heard()
        # An edit has a time of its own, in whole seconds like all of them.
        at = message.edit_date or message.date
        edited = Edited(
            **self._base(message.chat, at), person=person, post=ref_of(message), text=self._named(text)[0]
        )
        return self._heard(edited, chat=message.chat, private=private_chat)

    # --- the private chat ---

    def _private(self, message: Message) -> Heard:
        said = self._said(message, private_chat=True)
        if said is None:
            return self._heard(private=True)
        if start := START.fullmatch(said.text):
            about = private.room_of_payload(start[1])
            return self._heard(_replace_text(said, "/start"), private=True, about=about)
        about = private.room_of_post(message.reply_to_message, self._me.id)
        return self._heard(said, private=True, about=about, proven=about is not None)

    # --- presses ---

    def _pressed(self, query: CallbackQuery) -> Heard:
        if query.message is None or not isinstance(query.data, str) or not query.data:
            return self._heard()
        chat = query.message.chat
        chose = Chose(
            **self._base(chat, self._now), person=_person(query.from_user), choice=query.data, press=query.id
        )
        if chat.type == "private":
            about = private.room_of_post(query.message, self._me.id)
            return self._heard(chose, private=True, about=about, proven=about is not None)
        return self._heard(*([chose] if chat.type in GROUPS else []), chat=chat)

    # --- members ---

    def _bot_changed(self, changed: ChatMemberUpdated) -> Heard:
        chat, now = changed.chat, changed.new_chat_member
        if chat.type not in GROUPS:
            return self._heard()
        event = BotChanged(
            **self._base(chat, changed.date),
            present=is_present(now),
            room_name=chat.title or "",
            by=_person(changed.from_user),
        )
        return self._heard(event, chat=chat, bot_is_admin=_role(now) is Role.ADMIN)

    def _member_changed(self, changed: ChatMemberUpdated) -> Heard:
        chat, now = changed.chat, changed.new_chat_member
        if chat.type not in GROUPS or now.user.is_bot:
            return self._heard()
        event = MemberChanged(
            **self._base(chat, changed.date), person=_person(now.user), present=is_present(now), role=_role(now)
        )
        return self._heard(event, chat=chat)


def _replace_text(said: Said, text: str) -> Said:
    return Said(
        id=said.id, room=said.room, at=said.at, person=said.person, post=said.post, text=text, private=True
    )


def _room(chat: Chat) -> Room:
    return Room("" if chat.type == "private" else str(int(chat.id)))


def _person(user: User) -> Person:
    return Person(address=Address(str(int(user.id))), name=_clean(user.full_name))


def is_present(member: ChatMember) -> bool:
    """Is this person in the chat, restricted ones included?"""
    inside = {ChatMember.MEMBER, ChatMember.ADMINISTRATOR, ChatMember.OWNER}
    return member.status in inside or bool(getattr(member, "is_member", False))


def _role(member: ChatMember) -> Role:
    return Role.ADMIN if member.status in {ChatMember.ADMINISTRATOR, ChatMember.OWNER} else Role.MEMBER


def _text(message: Message) -> str:
    """The words of a message: of a poll, its question."""
    poll = message.poll.question if message.poll is not None else None
    for words in (message.text, message.caption, poll):
        if words:
            return _clean(words)
    return ""


def _clean(words: str) -> str:
    """Without control characters and lone surrogates, which no database and no log can take."""
    return "".join(c for c in words if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"})


def _media(message: Message) -> tuple[MediaRef, ...]:
    """The largest size of a photo, or a picture sent as a file."""
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        return (MediaRef(ref=str(largest.file_id)),)
    document = message.document
    if document is not None and (document.mime_type or "").startswith("image/"):
        return (MediaRef(ref=str(document.file_id)),)
    return ()


def _location(message: Message) -> Point | None:
    """A venue carries the same location once more."""
    shared = message.location
    return Point(lat=float(shared.latitude), lon=float(shared.longitude)) if shared is not None else None


def _answered(message: Message) -> Message | None:
    """In a topic every message seems to answer the one that made the topic."""
    answered = message.reply_to_message
    return None if answered is None or answered.forum_topic_created is not None else answered


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)
