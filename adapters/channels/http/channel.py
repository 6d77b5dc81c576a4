"""An existing neighbourhood app as a channel: it sends what happened, signed, and gets posts at its webhook."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import AsyncIterator

import httpx
import msgspec
import structlog

from adapters.channels.http import deliveries, posts, signing
from adapters.channels.http.description import description
from adapters.channels.http.events import Reader
from adapters.channels.http.options import Options
from adapters.channels.http.photos import INLINE, LARGEST, check_url, download
from adapters.channels.http.webhook import UnknownKey, Webhook, admins
from adapters.channels.inbox import Inbox
from bot.model.channel import Batch, Capabilities, Post, Private
from bot.model.errors import Gone, InputError, Later, Refused, StartError, StartTrouble
from bot.model.ids import Address, PostRef, Room
from bot.model.incident import MediaRef
from bot.model.request import Answer, Request
from bot.ports.setup import Setup

REQUEST_LIMIT = 8 * 1024 * 1024
"""Room for one photo of the largest size in base64, and its words."""
DELIVERIES = 20_000
"""Deliveries of which it is remembered what was in them."""

log = structlog.get_logger(__name__)


class HttpChannel:
    """Implements `Channel`, `SpeaksPrivately`, `AnswersPresses`, `FetchesMedia`, `LeavesRooms`, `TakesRequests`
    and `Checks`."""

    def __init__(self, setup: Setup, options: Options, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._clock = setup.clock
        self._name = setup.name
        self._options = options
        self._transport = transport
        self._webhook: Webhook | None = None
        self._inbox = Inbox("", closed=True)
        self._used = signing.Used()
        self._reader = Reader(options.photos)
        self._contents: OrderedDict[str, bytes] = OrderedDict()

    async def __aenter__(self) -> HttpChannel:
        self._inbox = Inbox(self._clock.moment().fresh("epoch"))
        self._webhook = Webhook(self._options, self._now, self._transport)
        log.info("http.opened", account=self._name)
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._inbox.close()
        webhook, self._webhook = self._webhook, None
        if webhook is not None:
            await webhook.close()
        log.info("http.closed", account=self._name)

    # What the app sends

    @property
    def request_limit(self) -> int:
        """Bytes."""
        return REQUEST_LIMIT

    async def receive(self, request: Request) -> Answer:
        """One of the two things there are; see the description at `/openapi.json`."""
        known = {"/openapi.json": "GET", "/deliveries": "POST"}.get(request.path)
        if known is None:
            return _problem(404, "path", "there is only /deliveries and /openapi.json")
        if request.method not in (known, "HEAD" if known == "GET" else known):
            return _problem(405, "method", f"only {known}", {"Allow": known})
        if known == "GET":
            told = description(f"/koppeling/{self._name}")
            return Answer(body=msgspec.json.encode(told), kind="application/openapi+json")
        return await self._deliver(request)

    async def _deliver(self, request: Request) -> Answer:
        now = self._now()
        try:
            head = (request.method, request.target)
            given = signing.check(self._options.keys, request.headers, head, request.body, now)
            self._used.use(given, now)
        except signing.NotSignedError as error:
            log.warning("http.not_signed", account=self._name, reason=error.header)
            return _problem(401, error.header, error.what, {"WWW-Authenticate": "Bart-Signature"})
        try:
            return await self._take(request)
        except BaseException:
            self._used.forget(given)
            raise

    async def _take(self, request: Request) -> Answer:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return _problem(415, "content-type", "must be application/json")
        delivery = deliveries.read(request.body)
        self._inbox.check_room()
        contents = hashlib.sha256(msgspec.json.encode(delivery.events)).digest()
        if self._contents.setdefault(delivery.delivery, contents) != contents:
            return _problem(409, "delivery", "came before with other events")
        try:
            events = self._reader.read(delivery, self._clock.moment().now)
            waiting = [self._inbox.put(event) for event in events]
        except BaseException:
            self._contents.pop(delivery.delivery, None)
            raise
        while len(self._contents) > DELIVERIES:
            self._contents.popitem(last=False)
        for one in waiting:
            await one.committed()
        taken = deliveries.Taken(delivery=delivery.delivery, events=len(delivery.events))
        return Answer(status=202, body=msgspec.json.encode(taken))

    async def batches(self, cursor: str | None) -> AsyncIterator[Batch]:
        """Events not yet acknowledged; the app hears 202 when the next batch is asked for."""
        self._inbox.acknowledge(cursor)
        while (batch := await self._inbox.next_batch()) is not None:
            yield batch
            self._inbox.acknowledge(batch.cursor)

    # What the bot says

    async def send(self, room: Room, post: Post, key: str) -> PostRef:
        """The same key gives the same post."""
        ref = posts.post_id(room, key)
        await self._call(posts.Say(room=room, id=ref, post=posts.as_post(post)))
        return ref

    async def edit(self, room: Room, ref: PostRef, post: Post) -> None:
        """`Gone` for what the bot never posted."""
        if not posts.is_ours(ref):
            await self.admins(room)
            raise Gone("not a post of the bot")
        await self._call(posts.Edit(room=room, id=ref, post=posts.as_post(post)))

    async def delete(self, room: Room, ref: PostRef) -> None:
        """`Refused` for what the bot never posted."""
        if not posts.is_ours(ref):
            await self.admins(room)
            raise Refused("not a post of the bot")
        await self._call(posts.Delete(room=room, id=ref))

    async def admins(self, room: Room) -> frozenset[Address]:
        """As the app says now."""
        return frozenset(Address(who) for who in admins(await self._call(posts.Admins(room=room))))

    def capabilities(self, room: Room) -> Capabilities:
        """As agreed with the app; the same in every room."""
        return Capabilities(
            choices="buttons",
            private=self._options.private,
            toasts=self._options.toasts,
            idempotent_send=True,
            longest_text=deliveries.LONGEST_TEXT,
            largest_photo=LARGEST,
        )

    async def whisper(self, room: Room, to: Address, post: Post, key: str) -> None:
        """`Refused` where the app cannot."""
        if self._options.private is Private.NEVER:
            raise Refused("this app has no private messages")
        ref = posts.post_id(room, key, to)
        await self._call(posts.Whisper(room=room, id=ref, to=to, post=posts.as_post(post)))

    async def toast(self, room: Room, press: str, text: str) -> None:
        """`Refused` where the app cannot."""
        if not self._options.toasts:
            raise Refused("this app has no toasts")
        await self._call(posts.Toast(room=room, press=press, text=text))

    async def fetch(self, room: Room, media: MediaRef, limit: int) -> bytes:
        """From the agreed place only, asked again here: the address may be older than the agreement."""
        if media.ref.startswith(INLINE):
            return self._reader.inline.get(media.ref, limit)
        try:
            url = check_url("photo", media.ref, self._options.photos)
        except InputError as error:
            raise Refused(error.what) from None
        return await download(self._open().client, url, limit)

    async def leave(self, room: Room) -> None:
        """The app tells with an event that the bot is out."""
        await self._call(posts.Leave(room=room))

    async def check(self) -> str:
        """Asks the app whether it is there and knows our key; changes nothing."""
        webhook = Webhook(self._options, self._now, self._transport)
        try:
            await webhook.call(posts.Ping())
        except UnknownKey as error:
            raise StartError(StartTrouble.CREDENTIALS, str(error)) from None
        except Later as error:
            raise StartError(StartTrouble.FOR_NOW, str(error)) from None
        except (Gone, Refused) as error:
            raise StartError(StartTrouble.FOR_GOOD, f"{self._options.webhook}: {error}") from None
        finally:
            await webhook.close()
        return "the app answers and knows our key"

    async def _call(self, what: posts.Out) -> bytes:
        return await self._open().call(what)

    def _open(self) -> Webhook:
        if self._webhook is None:
            raise Later(1.0, "the channel is closed")
        return self._webhook

    def _now(self) -> int:
        return int(self._clock.moment().now.timestamp())


def _problem(status: int, field: str, what: str, headers: dict[str, str] | None = None) -> Answer:
    told = {"type": "about:blank", "status": status, "field": field, "detail": what}
    return Answer(
        status=status, body=msgspec.json.encode(told), kind="application/problem+json", headers=headers or {}
    )
