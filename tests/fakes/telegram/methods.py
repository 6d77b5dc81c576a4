"""The methods of the Bot API that BART calls, with their refusals."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from tests.fakes.telegram import entities
from tests.fakes.telegram.flood import Flood, Limits
from tests.fakes.telegram.refusal import Refusal, bad, conflict, forbidden
from tests.fakes.telegram.world import BOT_ID, HERE, USERNAME, Chat, Json, World

LONGEST_DATA, LONGEST_TOAST = 64, 200
PORTS = {None, 80, 88, 443, 8443}
OLD_QUERY_SECONDS = 900.0
DOWNLOAD_LIMIT = 20 * 1024 * 1024
DELETE_WITHIN = 48 * 3600
COMMAND = re.compile(r"[a-z0-9_]{1,32}")


class BotApi:
    """One bot. `calls` are the methods that were called, in order, the refused ones too. What `refusals` has for a
    method, its next call gets."""

    def __init__(self, world: World, limits: Limits | None = None) -> None:
        self.world = world
        self.flood = Flood(limits or Limits())
        self.calls: list[tuple[str, Json]] = []
        self.refusals: dict[str, Refusal] = {}
        self.confirmed = 0
        self.webhook: Json = {"url": ""}
        self.commands: dict[str, list[Json]] = {}
        self._poll: asyncio.Event | None = None
        self._asked_at: dict[str, float] = {}
        self._methods: dict[str, Callable[[Json], Awaitable[Any] | Any]] = {
            name.replace("_", ""): getattr(self, name)
            for name in dir(self)
            if re.fullmatch(r"[a-z]+(_[a-z]+)+", name)
        }

    async def call(self, method: str, params: Json) -> Any:
        """The result; raises `Refusal`. Method names are read in any case."""
        todo = self._methods.get(method.lower())
        if todo is None:
            raise Refusal(404, "Not Found: method not found")
        self.calls.append((method[0].lower() + method[1:], params))
        if refusal := self.refusals.pop(self.calls[-1][0], None):
            raise refusal
        done = todo({key: _read(value) for key, value in params.items()})
        return await done if asyncio.iscoroutine(done) else done

    # --- updates ---

    async def get_updates(self, params: Json) -> list[Json]:
        if self.webhook["url"]:
            raise conflict(
                "can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first"
            )
        if self._poll is not None:
            self._poll.set()
        self._poll = ended = asyncio.Event()
        if "allowed_updates" in params:
            self.world.allowed = frozenset(params["allowed_updates"])
        self._confirm(int(params.get("offset", 0)))
        until = time.monotonic() + float(params.get("timeout", 0))
        try:
            while not self.world.updates and (left := until - time.monotonic()) > 0:
                self.world.arrived.clear()
                waits = [asyncio.ensure_future(self.world.arrived.wait()), asyncio.ensure_future(ended.wait())]
                try:
                    await asyncio.wait(waits, timeout=left, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    for one in waits:
                        one.cancel()
                if ended.is_set():
                    raise conflict(
                        "terminated by other getUpdates request; make sure that only one bot instance is running"
                    )
            return self.world.updates[: int(params.get("limit", 100))]
        finally:
            if self._poll is ended:
                self._poll = None

    def _confirm(self, offset: int) -> None:
        """All updates below the offset are forgotten."""
        self.confirmed = max(self.confirmed, offset)
        self.world.updates = [one for one in self.world.updates if one["update_id"] >= offset]

    def set_webhook(self, params: Json) -> bool:
        address = urlsplit(params.get("url", ""))
        if address.geturl() and address.scheme != "https":
            raise bad("bad webhook: An HTTPS URL must be provided for webhook")
        if address.port not in PORTS:
            raise bad("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", params.get("secret_token", "")):
            raise bad("secret token contains unallowed characters")
        self.webhook = dict(params)
        self.world.allowed = frozenset(params.get("allowed_updates", self.world.allowed))
        return True

    def delete_webhook(self, params: Json) -> bool:
        self.webhook = {"url": ""}
        return True

    def get_webhook_info(self, params: Json) -> Json:
        pending = len(self.world.updates)
        return {"url": self.webhook["url"], "has_custom_certificate": False, "pending_update_count": pending}

    # --- the bot itself ---

    def get_me(self, params: Json) -> Json:
        can = {"can_join_groups": True, "can_read_all_group_messages": self.world.reads_all}
        return self.world.user(BOT_ID) | can | {"supports_inline_queries": False}

    def set_my_commands(self, params: Json) -> bool:
        for one in params["commands"]:
            if not COMMAND.fullmatch(one["command"]):
                raise bad("BOT_COMMAND_INVALID")
            if not 1 <= len(one["description"]) <= 256:
                raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
        self.commands[params.get("scope", {"type": "default"})["type"]] = params["commands"]
        return True

    # --- chats ---

    def _chat(self, params: Json) -> Chat:
        """The chat, if the bot is in it."""
        found = self.world.chats.get(_number(params.get("chat_id")))
        if found is None:
            raise bad("chat not found")
        if found.moved_to is not None:
            raise bad("group chat was upgraded to a supergroup chat", migrate_to_chat_id=found.moved_to)
        if found.kind == "private":
            if found.id not in self.world.started:
                raise forbidden("bot can't initiate conversation with a user")
            if found.roles[BOT_ID] == "kicked":
                raise forbidden("bot was blocked by the user")
            return found
        role = found.roles.get(BOT_ID, "left")
        if role == "kicked":
            raise forbidden(f"bot was kicked from the {found.kind} chat")
        if role not in HERE:
            raise forbidden(f"bot is not a member of the {found.kind} chat")
        return found

    def get_chat(self, params: Json) -> Json:
        more = {
            "accent_color_id": 0,
            "max_reaction_count": 11,
            "accepted_gift_types": dict.fromkeys(
                (
                    "unlimited_gifts",
                    "limited_gifts",
                    "unique_gifts",
                    "premium_subscription",
                    "gifts_from_channels",
                ),
                True,
            ),
        }
        return self._chat(params).json | more

    def get_chat_administrators(self, params: Json) -> list[Json]:
        chat = self._chat(params)
        if chat.kind == "private":
            raise bad("there are no administrators in the private chat")
        return [
            self.world.member(chat, who)
            for who, role in chat.roles.items()
            if role in {"creator", "administrator"}
        ]

    def get_chat_member(self, params: Json) -> Json:
        chat, who = self._chat(params), _number(params.get("user_id"))
        if who not in chat.roles and who not in self.world.names:
            raise bad("PARTICIPANT_ID_INVALID")
        return self.world.member(chat, who)

    def leave_chat(self, params: Json) -> bool:
        self.world.change(self._chat(params).id, BOT_ID, "left", BOT_ID)
        return True

    # --- posts ---

    def send_message(self, params: Json) -> Json:
        asked = _number(params.get("chat_id"))
        if asked in self.world.names and asked not in self.world.chats:
            raise forbidden("bot can't initiate conversation with a user")
        chat = self._chat(params)
        text, found = entities.read(str(params.get("text", "")), params.get("parse_mode"))
        markup = _keyboard(params)
        reply = params.get("reply_parameters", {})
        replied = chat.messages.get(int(reply.get("message_id", 0)))
        if reply and replied is None and not reply.get("allow_sending_without_reply"):
            raise bad("message to be replied not found")
        topic = params.get("message_thread_id")
        if topic and not any(m.get("message_thread_id") == int(topic) for m in chat.messages.values()):
            raise bad("message thread not found")
        self.flood.count(chat.id)
        threaded: Json = {"message_thread_id": int(topic), "is_topic_message": True} if topic else {}
        more: Json = {"text": text, "entities": found or None, "reply_markup": markup, **threaded}
        shown = {key: value for key, value in (replied or {}).items() if key != "reply_to_message"}
        return self.world.message(chat, BOT_ID, **more, reply_to_message=shown or None)

    def edit_message_text(self, params: Json) -> Json:
        chat = self._chat(params)
        message = chat.messages.get(_number(params.get("message_id")))
        if message is None:
            raise bad("message to edit not found")
        if message["from"]["id"] != BOT_ID or "text" not in message:
            raise bad("message can't be edited")
        text, found = entities.read(str(params.get("text", "")), params.get("parse_mode"))
        markup = _keyboard(params)
        was = (message["text"], message.get("entities"), message.get("reply_markup"))
        if was == (text, found or None, markup):
            raise bad(
                "message is not modified: specified new message content and reply markup are exactly the same "
                "as a current content and reply markup of the message"
            )
        self.flood.count(chat.id)
        message.update(text=text, edit_date=int(time.time()))
        for key, value in (("entities", found or None), ("reply_markup", markup)):
            message.pop(key, None)
            message.update({key: value} if value else {})
        return message

    def delete_message(self, params: Json) -> bool:
        chat = self._chat(params)
        message = chat.messages.get(_number(params.get("message_id")))
        if message is None:
            raise bad("message to delete not found")
        admin = chat.roles.get(BOT_ID) == "administrator"
        if not admin and (message["from"]["id"] != BOT_ID or time.time() - message["date"] > DELETE_WITHIN):
            raise bad("message can't be deleted for everyone")
        del chat.messages[message["message_id"]]
        return True

    def answer_callback_query(self, params: Json) -> bool:
        query = str(params.get("callback_query_id"))
        pressed = self.world.presses.get(query)
        if pressed is None or query in self.world.answered:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        if len(str(params.get("text", ""))) > LONGEST_TOAST:
            raise bad("MESSAGE_TOO_LONG")
        link = params.get("url", "")
        if link and not link.startswith(f"https://t.me/{USERNAME}?start="):
            raise bad("URL_INVALID")
        self.world.answered.add(query)
        if params.get("text"):
            self.world.toasts.append((pressed["chat"], pressed["who"], params["text"]))
        if link:
            self.world.opened.append((pressed["who"], link))
        return True

    # --- files ---

    def get_file(self, params: Json) -> Json:
        file_id = str(params.get("file_id"))
        content = self.world.files.get(file_id)
        if content is None:
            raise bad("wrong file_id or the file is temporarily unavailable")
        if len(content) > DOWNLOAD_LIMIT:
            raise bad("file is too big")
        return {
            "file_id": file_id,
            "file_unique_id": f"u{file_id}",
            "file_size": len(content),
            "file_path": f"photos/{file_id}.jpg",
        }


def _read(value: Any) -> Any:
    """Parameters of a form: nested ones are JSON."""
    if isinstance(value, str) and value[:1] in {"{", "["}:
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _number(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise bad("chat not found") from None


def _keyboard(params: Json) -> Json | None:
    """An inline keyboard, checked."""
    markup: Json | None = params.get("reply_markup")
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise bad("object expected as reply markup")
    rows = [row for row in markup.get("inline_keyboard", []) if row]
    for button in (one for row in rows for one in row):
        if not button.get("text"):
            raise bad("text buttons are unallowed in the inline keyboard")
        link = button.get("url")
        if link is not None and "." not in (urlsplit(link).hostname or ""):
            raise bad(f"inline keyboard button URL '{link}' is invalid: Wrong HTTP URL")
        if link is None and not 1 <= len(str(button.get("callback_data", "")).encode()) <= LONGEST_DATA:
            raise bad("BUTTON_DATA_INVALID")
    return {"inline_keyboard": rows} if rows else None
