"""The Telegram channel: calls to Telegram, and what must be remembered between them. All of it is in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace

import structlog
from telegram import LinkPreviewOptions, Message, ReplyParameters
from telegram.error import BadRequest, Forbidden, InvalidToken, TelegramError

from adapters.channels.telegram import errors, refs, rendering, words
from adapters.channels.telegram.intake import Reception
from adapters.channels.telegram.line import Line, connect
from adapters.channels.telegram.mapping import Me
from adapters.channels.telegram.options import Options
from adapters.channels.telegram.presses import Press, Presses
from adapters.channels.telegram.private import LastRooms, link
from adapters.channels.telegram.sources import HOOK, Polling, Source, Webhook, read_cursor
from bot.model.channel import Batch, Capabilities, Chose, Post, Private
from bot.model.errors import ChannelError, Gone, Later, Refused, StartTrouble
from bot.model.ids import Address, PostRef, Room
from bot.model.incident import MediaRef
from bot.model.request import Answer, Request
from bot.ports.setup import Setup

REQUEST_LIMIT = 1024 * 1024
"""Bytes of one update; real ones have a few thousand."""
CAPABILITIES = Capabilities(
    choices="buttons",
    private=Private.AFTER_START,
    toasts=True,
    sees_deletes=False,
    idempotent_send=False,
    longest_text=rendering.LONGEST_TEXT,
    largest_photo=20 * 1024 * 1024,
    posts_per_room_per_minute=20,
)
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)

log = structlog.get_logger(__name__)


class TelegramChannel:
    """Implements `Channel`, `SpeaksPrivately`, `AnswersPresses`, `FetchesMedia`, `LeavesRooms`, `TakesRequests`
    and `Checks`."""

    def __init__(self, setup: Setup, options: Options) -> None:
        self._setup = setup
        self._options = options
        self._open: Line | None = None
        self._source: Source = Polling()
        self._me: Me | None = None
        self._hears_all = False
        self._admin_in: set[Room] = set()
        self._titles: dict[Room, str] = {}
        self._last_rooms = LastRooms()
        self._presses = Presses(self._release)

    async def __aenter__(self) -> TelegramChannel:
        """A network that is away is waited for while everything else runs; a token that is wrong is not."""
        self._open = connect(self._options.token, self._options.api)
        if self._options.webhook:
            address = f"{self._options.webhook}/koppeling/{self._setup.name}{HOOK}"
            epoch = self._setup.clock.moment().fresh("webhook")
            self._source = Webhook(self._options.token, address, epoch)
        try:
            await self._connect()
        except TelegramError as error:
            trouble = errors.cannot_start(self._setup.where, error)
            if trouble.trouble is not StartTrouble.FOR_NOW:
                await self._open.close()
                raise trouble from None
            log.warning("telegram.start_waits", account=self._setup.name, error=type(error).__name__)
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._presses.close()
        if isinstance(self._source, Webhook):
            self._source.close()
        await self._line.close()
        log.info("telegram.closed", account=self._setup.name)

    # What comes in

    async def batches(self, cursor: str | None) -> AsyncIterator[Batch]:
        """Ends never; raises `Later` when Telegram is away, so that the host waits and begins again."""
        done = read_cursor(cursor)
        while True:
            with self._told():
                me = self._me or await self._connect()
                reception = Reception(self._line, self._source, self, me)
                batches = await reception.next(done, self._setup.clock.moment().now)
            for batch in batches:
                yield batch.batch
                done = batch.done
                for event in batch.batch.events:
                    if isinstance(event, Chose):
                        self._presses.note(Press(id=event.press, room=event.room, who=event.person.address))
                await self._greet(batch.strangers)

    async def receive(self, request: Request) -> Answer:
        """A webhook's delivery; 404 where this account asks for updates itself."""
        if not isinstance(self._source, Webhook):
            return Answer(status=404)
        return await self._source.receive(request)

    @property
    def request_limit(self) -> int:
        """Bytes."""
        return REQUEST_LIMIT

    # What goes out

    async def send(self, room: Room, post: Post, key: str) -> PostRef:
        """An answer goes into the topic of what it answers; `key` means nothing to Telegram."""
        chat, rendered = refs.chat_of(room), rendering.render(post)
        answered = refs.spot_of(post.reply_to)
        if answered is not None and answered.chat != chat:
            answered = None
        with self._translated():
            try:
                message = await self._send(chat, rendered, post, answered)
            except BadRequest as error:
                if answered is None or answered.topic is None or not errors.says(error, *errors.NO_TOPIC):
                    raise
                message = await self._send(chat, rendered, post, None)
        return refs.ref_of(message)

    async def edit(self, room: Room, ref: PostRef, post: Post) -> None:
        """`Gone` for posts of a group that has become a supergroup: they stayed behind."""
        chat, spot = refs.chat_of(room), refs.spot_of(ref)
        if spot is None or spot.chat != chat:
            raise Gone("no such post")
        rendered = rendering.render(post)
        with self._translated():
            try:
                await self._line.saying.edit_message_text(
                    rendered.html,
                    chat,
                    spot.message,
                    parse_mode="HTML",
                    reply_markup=rendered.keyboard,
                    link_preview_options=NO_PREVIEW,
                )
            except BadRequest as error:
                if errors.says(error, *errors.LOST):
                    raise Gone("no such post") from None
                if not errors.says(error, errors.UNCHANGED):
                    raise

    async def delete(self, room: Room, ref: PostRef) -> None:
        """What Telegram does not delete any more says that it is over."""
        chat, spot = refs.chat_of(room), refs.spot_of(ref)
        if spot is None or spot.chat != chat:
            await self.admins(room)
            return
        with self._translated():
            try:
                await self._line.asking.delete_message(chat, spot.message)
            except BadRequest as error:
                if errors.says(error, *errors.NOT_THERE):
                    return
                if not errors.says(error, errors.UNDELETABLE):
                    raise
                await self._line.saying.edit_message_text(words.LAPSED, chat, spot.message)

    async def admins(self, room: Room) -> frozenset[Address]:
        """Anonymous ones by their own account. Notes whether the bot is one of them."""
        chat = refs.chat_of(room)
        with self._translated():
            found = await self._line.asking.get_chat_administrators(chat)
        self.note_rights(room, any(self._me is not None and one.user.id == self._me.id for one in found))
        return frozenset(Address(str(one.user.id)) for one in found if not one.user.is_bot)

    def capabilities(self, room: Room) -> Capabilities:
        """As an admin the bot hears everything and sees who comes and goes, whatever its privacy mode."""
        admin = room in self._admin_in
        return replace(CAPABILITIES, hears_all=self._hears_all or admin, sees_members=admin)

    async def whisper(self, room: Room, to: Address, post: Post, key: str) -> None:
        """`Refused` to who never pressed Start; a press of theirs that still waits then opens the private chat."""
        refs.chat_of(room)
        with self._translated():
            me = self._me or await self._connect()
            head = rendering.Head(label=await self._title(room), link=link(me.username, room))
            rendered = rendering.render(post, head)
            try:
                await self._send(_person(to), rendered, post, None)
            except (Forbidden, BadRequest) as error:
                if isinstance(error, BadRequest) and not errors.says(error, *errors.NOWHERE):
                    raise
                await self._open_private(room, to, head.link)
                raise Refused("this person did not start a private chat") from None
        self._last_rooms.note(to, room)

    async def toast(self, room: Room, press: str, text: str) -> None:
        """`Gone` when Telegram does not wait for an answer any more."""
        self._presses.take(press)
        with self._translated():
            try:
                await self._line.asking.answer_callback_query(press, rendering.toast(text))
            except BadRequest as error:
                if errors.says(error, *errors.TOO_LATE):
                    raise Gone("the press is too old") from None
                raise

    async def fetch(self, room: Room, media: MediaRef, limit: int) -> bytes:
        """The largest size of a photo."""
        with self._translated():
            try:
                file = await self._line.asking.get_file(media.ref)
            except BadRequest as error:
                if errors.says(error, *errors.NO_FILE):
                    raise Gone("no such photo") from None
                raise
            if (file.file_size or 0) > limit:
                raise Refused("the photo is larger than asked for")
            try:
                photo = bytes(await file.download_as_bytearray())
            except InvalidToken:
                # The library's word for every 404, here of the file.
                raise Gone("no such photo") from None
        if len(photo) > limit:
            raise Refused("the photo is larger than asked for")
        return photo

    async def leave(self, room: Room) -> None:
        """Telegram tells it as an update as well."""
        chat = refs.chat_of(room)
        with self._translated():
            await self._line.asking.leave_chat(chat)

    async def check(self) -> str:
        """Who the bot is and what it hears; says when updates go elsewhere."""
        async with _alone(self._options) as line:
            try:
                user = await line.asking.get_me()
                hook = await line.asking.get_webhook_info()
            except TelegramError as error:
                raise errors.cannot_start(self._setup.where, error) from None
        hears = "hears everything" if user.can_read_all_group_messages else "hears all only where it is an admin"
        elsewhere = "" if hook.url.startswith(self._options.webhook or "-") or not hook.url else "; has a webhook"
        return f"@{user.username} {hears}{elsewhere}"

    # What the way in needs

    def note_title(self, room: Room, title: str) -> bool:
        """Returns whether the room was not met before in this process."""
        new = room not in self._titles
        self._titles[room] = title or self._titles.get(room, "")
        return new

    def note_rights(self, room: Room, admin: bool) -> None:
        """Is the bot an admin there?"""
        (self._admin_in.add if admin else self._admin_in.discard)(room)

    def last_room(self, who: Address) -> Room | None:
        """What somebody's private words are about unless they say otherwise."""
        return self._last_rooms.of(who)

    def note_last_room(self, who: Address, room: Room) -> None:
        """They spoke about this one."""
        self._last_rooms.note(who, room)

    # Inside

    @property
    def _line(self) -> Line:
        if self._open is None:
            raise Later(1.0, "the channel is not open")
        return self._open

    async def _connect(self) -> Me:
        """Raises the library's errors."""
        bot = self._line.asking
        user = await bot.get_me()
        await self._source.open(bot)
        await bot.set_my_commands(words.COMMANDS)
        self._hears_all = bool(user.can_read_all_group_messages)
        self._me = Me(id=user.id, username=user.username or "")
        log.info("telegram.connected", account=self._setup.name, mode=type(self._source).__name__)
        return self._me

    async def _send(
        self, chat: int, rendered: rendering.Rendered, post: Post, answered: refs.Spot | None
    ) -> Message:
        reply = ReplyParameters(answered.message, allow_sending_without_reply=True) if answered else None
        return await self._line.saying.send_message(
            chat,
            rendered.html,
            parse_mode="HTML",
            reply_markup=rendered.keyboard,
            reply_parameters=reply,
            message_thread_id=answered.topic if answered else None,
            disable_notification=post.silent,
            link_preview_options=NO_PREVIEW,
        )

    async def _title(self, room: Room) -> str:
        """What the group is called; asked once."""
        if not self._titles.get(room):
            chat = await self._line.asking.get_chat(refs.chat_of(room))
            self._titles[room] = chat.title or words.GROUP_UNNAMED
        return self._titles[room]

    async def _open_private(self, room: Room, who: Address, url: str) -> None:
        press = self._presses.waiting(room, who)
        if press is not None and self._presses.take(press) is not None:
            await self._release(press, url)

    async def _release(self, press: str, url: str | None = None) -> None:
        """Answer a press without words; a spinner that stays harms nobody."""
        try:
            await self._line.asking.answer_callback_query(press, url=url)
        except (TelegramError, ChannelError) as error:
            log.info("telegram.press_unanswered", account=self._setup.name, error=type(error).__name__)

    async def _greet(self, strangers: Sequence[int]) -> None:
        """Who writes privately and whose group is not known hears how to get on."""
        for who in strangers:
            try:
                await self._line.saying.send_message(who, words.PRIVATE_HELLO)
            except TelegramError as error:
                log.info("telegram.greeting_lost", account=self._setup.name, error=type(error).__name__)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """The library's errors become those of the port."""
        try:
            yield
        except TelegramError as error:
            raise errors.translated(error) from None

    @contextmanager
    def _told(self) -> Iterator[None]:
        """The same on the way in, where nobody else logs what it was."""
        try:
            yield
        except TelegramError as error:
            if isinstance(error, InvalidToken):
                log.error("telegram.credentials", account=self._setup.name)
            else:
                log.warning("telegram.away", account=self._setup.name, error=type(error).__name__)
            raise _away(error) from None


def _away(error: TelegramError) -> ChannelError:
    """Whatever it is, it is for now: the way in is never given up."""
    found = errors.translated(error)
    return found if isinstance(found, Later) else Later(errors.AGAIN_SECONDS, "Telegram gives no updates")


def _person(address: Address) -> int:
    if not address.isdecimal():
        raise Refused("nobody can tell who this is")
    return int(address)


@asynccontextmanager
async def _alone(options: Options) -> AsyncIterator[Line]:
    line = connect(options.token, options.api)
    try:
        yield line
    finally:
        await line.close()
