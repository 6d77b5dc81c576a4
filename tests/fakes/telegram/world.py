"""Chats and people of the fake Telegram, and what people do with their own accounts."""

from __future__ import annotations

import asyncio
import itertools
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0"
BOT_ID = 110201543
USERNAME = "bart_proef_bot"
ANONYMOUS, CHANNEL_BOT, SERVICE = 1087968824, 136817688, 777000
BY_DEFAULT = frozenset({"message", "edited_message", "callback_query", "my_chat_member"})
"""What is delivered to a bot that named no `allowed_updates` (of what this fake makes)."""
HERE = frozenset({"member", "administrator", "creator"})
COMMAND = re.compile(r"/(\w+)(?:@(\w+))?")

Json = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Chat:
    """`roles` by user id: member, administrator, creator, left or kicked; the bot's own is among them."""

    id: int
    kind: str
    title: str = ""
    forum: bool = False
    roles: dict[int, str] = field(default_factory=dict)
    anonymous: set[int] = field(default_factory=set)
    messages: dict[int, Json] = field(default_factory=dict)
    moved_to: int | None = None
    hears_all: bool = True
    """As privacy mode was when the bot came in."""
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def json(self) -> Json:
        """As in a message."""
        if self.kind == "private":
            return {"id": self.id, "type": "private", "first_name": f"Mens {self.id}"}
        return {"id": self.id, "type": self.kind, "title": self.title} | ({"is_forum": True} if self.forum else {})


class World:
    """`reads_all` is what BotFather's /setprivacy says now; it counts for chats the bot enters after."""

    def __init__(self, reads_all: bool = True) -> None:
        self.reads_all = reads_all
        self.names: dict[int, str] = {}
        self.chats: dict[int, Chat] = {}
        self.updates: list[Json] = []
        self.started: set[int] = set()
        self.presses: dict[str, Json] = {}
        self.toasts: list[tuple[int, int, str]] = []
        """Chat, person, text of what answered a press."""
        self.opened: list[tuple[int, str]] = []
        """Person and link that a press opened."""
        self.answered: set[str] = set()
        self.allowed: frozenset[str] = BY_DEFAULT
        self.files: dict[str, bytes] = {}
        self.arrived = asyncio.Event()
        self.spoke = asyncio.Event()
        """Set whenever the bot has posted."""
        self._update_ids = itertools.count(700_000_000)
        self._others = itertools.count(1)

    # --- making chats ---

    def person(self, user_id: int, name: str) -> int:
        """Somebody with an account."""
        self.names[user_id] = name
        return user_id

    def group(self, chat_id: int, title: str, people: Mapping[int, str], kind: str = "supergroup") -> Chat:
        """A group without the bot."""
        chat = Chat(id=chat_id, kind=kind, title=title, roles=dict(people))
        self.chats[chat_id] = chat
        return chat

    def user(self, user_id: int) -> Json:
        """A user as Telegram shows it."""
        if user_id == BOT_ID:
            return {"id": BOT_ID, "is_bot": True, "first_name": "BART", "username": USERNAME}
        if user_id == ANONYMOUS:
            return {"id": ANONYMOUS, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
        return {"id": user_id, "is_bot": False, "first_name": self.names.get(user_id, "?"), "language_code": "nl"}

    def member(self, chat: Chat, user_id: int) -> Json:
        """A ChatMember."""
        role = chat.roles.get(user_id, "left")
        told: Json = {"user": self.user(user_id), "status": role}
        if role in {"administrator", "creator"}:
            told |= {"is_anonymous": user_id in chat.anonymous}
        if role == "administrator":
            rights = "can_manage_chat can_delete_messages can_manage_video_chats can_restrict_members"
            rights += " can_promote_members can_change_info can_invite_users can_post_stories can_edit_stories"
            told |= {"can_be_edited": False} | dict.fromkeys([*rights.split(), "can_delete_stories"], True)
        if role == "kicked":
            told |= {"until_date": 0}
        return told

    # --- delivery ---

    def deliver(self, kind: str, body: Json) -> Json | None:
        """Queue an update, if the bot asked for its kind."""
        if kind not in self.allowed:
            return None
        update = {"update_id": next(self._update_ids), kind: body}
        self.updates.append(update)
        self.arrived.set()
        return update

    def deliver_raw(self, update: Json) -> Json:
        """Whatever Telegram may think of tomorrow; it gets an update_id."""
        whole = {**update, "update_id": next(self._update_ids)}
        self.updates.append(whole)
        self.arrived.set()
        return whole

    def message(self, chat: Chat, sender: int, **content: Any) -> Json:
        """A message in the chat's history, from a person or the bot; not delivered yet."""
        number = next(chat.numbers)
        body: Json = {"message_id": number, "date": int(time.time()), "chat": chat.json, "from": self.user(sender)}
        if sender == BOT_ID:
            self.spoke.set()
        if sender in chat.anonymous:
            body |= {"from": self.user(ANONYMOUS), "sender_chat": chat.json}
        chat.messages[number] = body | {key: value for key, value in content.items() if value is not None}
        return chat.messages[number]

    def post(self, chat_id: int, who: int, **content: Any) -> Json:
        """Somebody posts; the bot gets it if it may."""
        chat = self.chats[chat_id]
        message = self.message(chat, who, **content)
        if self._hears(chat, message):
            self.deliver("message", message)
        return message

    def _hears(self, chat: Chat, message: Json) -> bool:
        role = chat.roles.get(BOT_ID, "left")
        if chat.kind == "private":
            return chat.id in self.started
        if role not in HERE:
            return False
        text = message.get("text", "")
        command = COMMAND.match(text)
        reply = message.get("reply_to_message", {}).get("from", {}).get("id") == BOT_ID
        to_bot = reply or (command is not None and command[2] in {None, USERNAME})
        plain = {"text", "photo", "location", "venue", "sticker", "poll", "caption"}
        return chat.hears_all or role == "administrator" or to_bot or not plain & message.keys()

    # --- what people do ---

    def say(
        self, chat_id: int, who: int, text: str, reply_to: int | None = None, topic: int | None = None
    ) -> Json:
        """A text message."""
        chat = self.chats[chat_id]
        shown = {key: value for key, value in chat.messages.get(reply_to or 0, {}).items() if key[:5] != "reply"}
        more: Json = {"message_thread_id": topic, "is_topic_message": True} if topic else {}
        command = COMMAND.match(text)
        entities = [{"type": "bot_command", "offset": 0, "length": command.end()}] if command else None
        return self.post(chat_id, who, text=text, entities=entities, reply_to_message=shown or None, **more)

    def edit(self, chat_id: int, number: int, text: str) -> None:
        """The author changes a message."""
        message = self.chats[chat_id].messages[number]
        message |= {"text": text, "edit_date": int(time.time())}
        if self._hears(self.chats[chat_id], message):
            self.deliver("edited_message", message)

    def delete(self, chat_id: int, number: int) -> None:
        """Nobody is told."""
        del self.chats[chat_id].messages[number]

    def photo(self, chat_id: int, who: int, caption: str | None, content: bytes, album: str | None = None) -> Json:
        """A photo in two sizes."""
        file_id = f"AgACAgQAAx{next(self._others):04d}"
        self.files[file_id] = content
        sizes = [
            {"file_id": f"{file_id}s", "file_unique_id": f"u{file_id}s", "width": 90, "height": 67},
            {"file_id": file_id, "file_unique_id": f"u{file_id}", "width": 1280, "height": 960},
        ]
        return self.post(chat_id, who, photo=sizes, caption=caption, media_group_id=album)

    def press(self, chat_id: int, who: int, data: str, number: int | None = None) -> str:
        """Somebody picks a button; clients can be made to send any data under any message."""
        chat = self.chats[chat_id]
        message = chat.messages.get(number or 0) or {"chat": chat.json, "message_id": number or 0, "date": 0}
        query_id = str(4_382_000_000 + next(self._others))
        self.presses[query_id] = {"chat": chat_id, "who": who}
        body = {"id": query_id, "from": self.user(who), "message": message, "data": data}
        self.deliver("callback_query", body | {"chat_instance": "-3823"})
        return query_id

    def react(self, chat_id: int, who: int, number: int, emoji: str) -> None:
        """Told only to an administrator that asked for it."""
        if self.chats[chat_id].roles.get(BOT_ID) == "administrator":
            new = [{"type": "emoji", "emoji": emoji}] if emoji else []
            body = {"chat": self.chats[chat_id].json, "message_id": number, "user": self.user(who)}
            self.deliver(
                "message_reaction", body | {"date": int(time.time()), "old_reaction": [], "new_reaction": new}
            )

    def change(self, chat_id: int, user_id: int, role: str, by: int) -> None:
        """Somebody's role: also joining ("member"), leaving ("left") and kicking ("kicked")."""
        chat = self.chats[chat_id]
        if user_id == BOT_ID and role in HERE and chat.roles.get(BOT_ID) not in HERE:
            chat.hears_all = self.reads_all
        was = chat.roles.get(user_id, "left") in HERE
        body: Json = {"chat": chat.json, "from": self.user(by), "date": int(time.time())}
        body["old_chat_member"] = self.member(chat, user_id)
        chat.roles[user_id] = role
        body["new_chat_member"] = self.member(chat, user_id)
        if user_id == BOT_ID:
            self.deliver("my_chat_member", body)
        elif chat.roles.get(BOT_ID) == "administrator":
            self.deliver("chat_member", body)
        if was != (role in HERE) and chat.roles.get(BOT_ID) in HERE:
            content = (
                {"new_chat_members": [self.user(user_id)]} if not was else {"left_chat_member": self.user(user_id)}
            )
            self.deliver("message", self.message(chat, by, **content))

    def start(self, who: int, payload: str = "") -> None:
        """Somebody opens the private chat and presses Start."""
        self.started.add(who)
        self.chats.setdefault(who, Chat(id=who, kind="private", roles={who: "member", BOT_ID: "member"}))
        self.say(who, who, f"/start {payload}".strip())

    def migrate(self, old_id: int, new_id: int) -> Chat:
        """A group becomes a supergroup; its messages stay behind under other numbers."""
        old = self.chats[old_id]
        new = Chat(id=new_id, kind="supergroup", title=old.title, roles=dict(old.roles), hears_all=old.hears_all)
        self.chats[new_id] = new
        self.deliver("message", self.message(old, ANONYMOUS, sender_chat=old.json, migrate_to_chat_id=new_id))
        old.moved_to = new_id
        told = self.message(new, ANONYMOUS, sender_chat=new.json, migrate_from_chat_id=old_id)
        self.deliver("message", told)
        return new
