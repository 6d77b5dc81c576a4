"""People with Matrix accounts of their own, on a real Synapse, and how they use it: for the checks of the kit."""

from __future__ import annotations

import itertools
import json
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import httpx

from adapters.channels.matrix import MatrixChannel, channel
from adapters.channels.matrix.events import CHOICES
from adapters.testing import Pace, Shown
from bot.clock import SystemClock
from bot.model.channel import Choice, Post, Span
from bot.model.ids import Address, PostRef, Room, TenantId
from bot.ports.clock import Clock
from bot.ports.fakes.photos import FakePhotos
from bot.ports.setup import Setup
from tests.support.synapse import Synapse

PASSWORD = "een-wachtwoord"
PHOTO = b"photo of a broken lamp"
_COUNT = itertools.count(1)
Content = Mapping[str, Any]


class Resident:
    """One account, spoken for over plain HTTP."""

    def __init__(self, http: httpx.AsyncClient, user: Address, token: str, device: str) -> None:
        self._http = http
        self.user = user
        self.token = token
        self.device = device

    async def ask(self, method: str, *parts: str, body: Any = None, **query: Any) -> dict[str, Any]:
        """A call to the client API that must work."""
        where = "/_matrix/client/v3" + "".join("/" + quote(part, safe="") for part in parts)
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = await self._http.request(method, where, json=body, params=query, headers=headers)
        assert answer.status_code == 200, f"{method} {where}: {answer.status_code} {answer.text[:300]}"
        found: dict[str, Any] = answer.json()
        return found

    async def send(self, room: str, kind: str, content: Content) -> PostRef:
        """Any event."""
        found = await self.ask("PUT", "rooms", room, "send", kind, secrets.token_hex(8), body=content)
        return PostRef(found["event_id"])

    async def say(self, room: str, text: str, reply_to: str | None = None) -> PostRef:
        content: dict[str, Any] = {"msgtype": "m.text", "body": text}
        if reply_to is not None:
            content["m.relates_to"] = {"m.in_reply_to": {"event_id": reply_to}}
        return await self.send(room, "m.room.message", content)

    async def react(self, room: str, ref: str, key: str) -> PostRef:
        relation = {"rel_type": "m.annotation", "event_id": ref, "key": key}
        return await self.send(room, "m.reaction", {"m.relates_to": relation})

    async def change(self, room: str, ref: str, text: str) -> PostRef:
        fresh = {"msgtype": "m.text", "body": text}
        relation = {"rel_type": "m.replace", "event_id": ref}
        return await self.send(
            room,
            "m.room.message",
            {**fresh, "body": f"* {text}", "m.new_content": fresh, "m.relates_to": relation},
        )

    async def redact(self, room: str, ref: str) -> PostRef:
        found = await self.ask("PUT", "rooms", room, "redact", ref, secrets.token_hex(8), body={})
        return PostRef(found["event_id"])

    async def set_state(self, room: str, kind: str, content: Content, key: str = "") -> PostRef:
        return PostRef((await self.ask("PUT", "rooms", room, "state", kind, key, body=content))["event_id"])

    async def state(self, room: str, kind: str, key: str = "") -> dict[str, Any]:
        return await self.ask("GET", "rooms", room, "state", kind, key)

    async def open_room(self, name: str, *invited: Resident, **more: Any) -> Room:
        """A private room whose others come in at once."""
        users = [one.user for one in invited]
        body = {"name": name, "preset": "private_chat", "invite": users, **more}
        room = Room((await self.ask("POST", "createRoom", body=body))["room_id"])
        for one in invited:
            await one.join(room)
        return room

    async def invite(self, room: str, who: Address) -> None:
        await self.ask("POST", "rooms", room, "invite", body={"user_id": who})

    async def kick(self, room: str, who: Address) -> None:
        await self.ask("POST", "rooms", room, "kick", body={"user_id": who})

    async def join(self, room: str) -> None:
        await self.ask("POST", "join", room, body={})

    async def upload(self, what: bytes, kind: str = "image/png") -> str:
        answer = await self._http.post(
            "/_matrix/media/v3/upload",
            content=what,
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": kind},
        )
        answer.raise_for_status()
        return str(answer.json()["content_uri"])

    async def timeline(self, room: str) -> list[dict[str, Any]]:
        """What this person's screen is made of, oldest first."""
        found = await self.ask("GET", "rooms", room, "messages", dir="b", limit=500)
        return list(reversed(found["chunk"]))


class Home:
    """A homeserver with its people. Each bot account is made for one test."""

    def __init__(self, server: Synapse, http: httpx.AsyncClient) -> None:
        self.server = server
        self.http = http

    async def resident(self, name: str) -> Resident:
        """A fresh account, called like this on screens."""
        user = self.server.register(f"{name}{next(_COUNT)}-{secrets.token_hex(3)}", PASSWORD)
        who = await self.login(Address(user))
        await who.ask("PUT", "profile", user, "displayname", body={"displayname": name.title()})
        return who

    async def login(self, user: Address, **more: Any) -> Resident:
        """A new device of an account."""
        body = {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": user},
            "password": PASSWORD,
            **more,
        }
        answer = await self.http.post("/_matrix/client/v3/login", json=body)
        answer.raise_for_status()
        found = answer.json()
        return Resident(self.http, user, found["access_token"], found["device_id"])


@asynccontextmanager
async def a_home(server: Synapse) -> AsyncIterator[Home]:
    """People on this homeserver."""
    async with httpx.AsyncClient(base_url=server.url, timeout=60) as http:
        yield Home(server, http)


def matrix_setup(home: Synapse, bot: Resident, data: Path, clock: Clock | None = None, **options: Any) -> Setup:
    """What the host gives the channel."""
    secret = {} if {"password", "password_file", "token_file"} & set(options) else {"token": bot.token}
    return Setup(
        where="channels.matrix",
        name="matrix",
        tenant_id=TenantId("demo"),
        data=data,
        clock=clock or SystemClock(),
        photos=FakePhotos(),
        options={"homeserver": home.url, "user": bot.user, **secret, **options},
    )


def matrix_channel(home: Synapse, bot: Resident, data: Path, **options: Any) -> MatrixChannel:
    """A channel as the registry makes one."""
    made = channel(matrix_setup(home, bot, data, **options))
    assert isinstance(made, MatrixChannel)
    return made


class MatrixRig:
    """Two rooms with a fresh bot account, and three people with accounts of their own."""

    pace = Pace(quiet=0.3, patience=15.0)

    def __init__(self, home: Home, data: Path, bot: Resident, people: Sequence[Resident]) -> None:
        self.home = home
        self.bot = bot
        self.people = {one.user: one for one in people}
        self.admin, self.member, self.neighbour = (one.user for one in people)
        self.room = self.second_room = Room("")
        self.data = data
        self.options: dict[str, Any] = {}
        self._channel = matrix_channel(home.server, bot, data)

    async def settle(self) -> None:
        """Rooms with everybody in them."""
        admin, *others = self.people.values()
        self.room = await admin.open_room("Buurtapp Parijsplein", *others, self.bot)
        self.second_room = await admin.open_room("Buurtapp Romelaan", *others, self.bot)

    def channel(self) -> MatrixChannel:
        self._channel = matrix_channel(self.home.server, self.bot, self.data, **self.options)
        return self._channel

    async def say(self, room: Room, who: Address, text: str, reply_to: PostRef | None = None) -> PostRef:
        return await self.people[who].say(room, text, reply_to)

    async def say_photo(self, room: Room, who: Address, text: str) -> PostRef:
        person = self.people[who]
        uri = await person.upload(PHOTO)
        content = {"msgtype": "m.image", "body": text, "filename": "foto.png", "url": uri}
        return await person.send(room, "m.room.message", content)

    async def press(self, room: Room, who: Address, choice: str) -> None:
        """By a tap the first time, by a typed digit after that: the network takes the same reaction once."""
        ref, keys, taken = await self._offer(room, who, choice)
        digit = str(keys.index(choice) + 1)
        if taken:
            await self.people[who].say(room, digit, reply_to=ref)
        else:
            await self.people[who].react(room, ref, f"{digit}\ufe0f\u20e3")

    async def edit(self, room: Room, who: Address, ref: PostRef, text: str) -> None:
        await self.people[who].change(room, ref, text)

    async def delete(self, room: Room, who: Address, ref: PostRef) -> None:
        await self.people[who].redact(room, ref)

    async def screen(self, room: Room, who: Address) -> Sequence[Shown]:
        return [
            Shown(text=content["body"], by_bot=by == self.bot.user, choices=tuple(content.get(CHOICES, ())))
            for _, by, content in shown(await self.people[who].timeline(room))
        ]

    async def bring_in(self, room: Room, past: Sequence[str]) -> None:
        """The account comes in at once, as if BART had seen the invitation at once."""
        admin = self.people[self.admin]
        await admin.kick(room, self.bot.user)
        for text in past:
            await self.people[self.member].say(room, text)
        await admin.invite(room, self.bot.user)
        await self.bot.join(room)

    async def worst(self, room: Room) -> None:
        person = self.people[self.member]
        for kind, content in WORST:
            # Some of it the homeserver does not take either; not every homeserver looks.
            with suppress(AssertionError):
                await person.send(room, kind, content)

    async def _offer(self, room: Room, who: Address, choice: str) -> tuple[PostRef, list[str], bool]:
        """The newest post with this choice, and whether this person tapped it already."""
        events = await self.people[who].timeline(room)
        for ref, by, content in reversed(shown(events)):
            if by == self.bot.user and choice in content.get(CHOICES, ()):
                taps = [e for e in events if e["type"] == "m.reaction" and e["sender"] == who and e["content"]]
                return (
                    ref,
                    list(content[CHOICES]),
                    any(e["content"]["m.relates_to"]["event_id"] == ref for e in taps),
                )
        post = Post(spans=(Span(text="Kies"),), choices=(Choice(key=choice, label="Kies"),))
        return await self._channel.send(room, post, secrets.token_hex(8)), [choice], False


Rig = TypeVar("Rig", bound=MatrixRig)


@asynccontextmanager
async def a_rig_of(kind: type[Rig], server: Synapse, data: Path) -> AsyncIterator[Rig]:
    """A fresh rig of this kind."""
    async with a_home(server) as home:
        people = [await home.resident(name) for name in ("fatima", "jan", "kees")]
        rig = kind(home, data, await home.resident("bart"), people)
        await rig.settle()
        yield rig


def a_rig(server: Synapse, data: Path) -> AbstractAsyncContextManager[MatrixRig]:
    """A fresh rig."""
    return a_rig_of(MatrixRig, server, data)


def shown(events: Sequence[Mapping[str, Any]]) -> list[tuple[PostRef, str, dict[str, Any]]]:
    """Posts as clients show them: by whom, and the newest content; what was taken away is not there."""
    posts: dict[str, tuple[PostRef, str, dict[str, Any]]] = {}
    for event in events:
        content = event["content"]
        if event["type"] != "m.room.message" or not isinstance(content.get("body"), str):
            continue
        relation = content.get("m.relates_to")
        relation = relation if isinstance(relation, dict) else {}
        if relation.get("rel_type") != "m.replace":
            posts[event["event_id"]] = (PostRef(event["event_id"]), event["sender"], content)
        elif relation.get("event_id") in posts:
            ref, by, _ = posts[relation["event_id"]]
            if by == event["sender"] and isinstance(content.get("m.new_content"), dict):
                posts[ref] = (ref, by, content["m.new_content"])
    return list(posts.values())


DEEP: Any = json.loads("[" * 40 + "]" * 40)
WORST: Sequence[tuple[str, dict[str, Any]]] = (
    ("m.room.message", {}),
    ("m.room.message", {"msgtype": 3, "body": ["x"]}),
    ("m.room.message", {"msgtype": "m.text", "body": "\x00\x1b[31mrood\x07\u202eneer \r\n <b>&amp;"}),
    ("m.room.message", {"msgtype": "m.text", "body": "x" * 50_000}),
    ("m.room.message", {"msgtype": "m.text", "body": "x", "m.relates_to": "nergens"}),
    (
        "m.room.message",
        {"msgtype": "m.text", "body": "x", "m.relates_to": {"m.in_reply_to": {"event_id": "$geen"}}},
    ),
    ("m.room.message", {"msgtype": "m.image", "body": "x", "url": "http://elders/foto.png", "info": DEEP}),
    ("m.room.message", {"msgtype": "m.location", "body": "x", "geo_uri": "geo:999,-999"}),
    ("m.room.message", {"body": "* x", "m.relates_to": {"rel_type": "m.replace", "event_id": "$geen"}}),
    ("m.reaction", {"m.relates_to": {"rel_type": "m.annotation", "event_id": "../../etc/passwd", "key": "1"}}),
    ("m.reaction", {"m.relates_to": DEEP}),
    ("m.poll.start", {"m.poll": {"question": DEEP, "answers": [None, 3, {"id": {}}]}}),
    ("m.room.encrypted", {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": 5, "session_id": None}),
    ("nl.onbekend", {"a": DEEP}),
)
