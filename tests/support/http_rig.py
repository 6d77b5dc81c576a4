"""The HTTP channel behind the real pages, with the fake app on the other side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
from starlette.responses import Response

from adapters.channels.http import HttpChannel
from adapters.channels.http.description import description
from adapters.channels.http.options import read_options
from adapters.testing import Pace, Shown
from bot.model.ids import AccountName, Address, PostRef, Room, TenantId
from bot.ports.clock import Clock
from bot.ports.fakes.clock import FakeClock
from bot.ports.fakes.photos import FakePhotos
from bot.ports.setup import Setup
from tests.fakes.buurtapp import SECRETS, Buurtapp, inline
from tests.support.site import Stage

WEBHOOK = "https://app.test/bart"
PHOTOS = "https://app.test/photos/"
OPTIONS: Mapping[str, Any] = {"webhook": WEBHOOK, "keys": SECRETS, "photos": PHOTOS}
PEOPLE = {"fatima": "admin", "jan": "member", "kees": "member"}
HOME = "http://bart.test"
DESCRIPTION = description("/koppeling/buurtapp")


def http_channel(app: Buurtapp, clock: Clock, **over: Any) -> HttpChannel:
    """As the registry makes one, but over no network."""
    setup = Setup(
        where="channels.buurtapp",
        name="buurtapp",
        tenant_id=TenantId("demo"),
        data=Path("unused"),
        clock=clock,
        photos=FakePhotos(),
        options={**OPTIONS, **over},
    )
    options = read_options(setup.where, setup.options)
    return HttpChannel(setup, options, httpx.ASGITransport(app=app.app(), raise_app_exceptions=False))


def connect(app: Buurtapp, channel: HttpChannel) -> None:
    """The app reaches this channel through the pages."""
    pages = Stage(doors={AccountName("buurtapp"): channel}).app
    app.client = httpx.AsyncClient(transport=httpx.ASGITransport(app=pages), base_url=HOME)


class HttpRig:
    """People in two rooms of the app."""

    room = Room("plein")
    second_room = Room("laan")
    admin = Address("fatima")
    member = Address("jan")
    neighbour = Address("kees")
    pace = Pace(quiet=0.15)

    def __init__(self, **over: Any) -> None:
        self.clock = FakeClock()
        self.app = Buurtapp(DESCRIPTION)
        self.app.now = self._seconds
        self._over = over

    def channel(self) -> HttpChannel:
        channel = http_channel(self.app, self.clock, **self._over)
        connect(self.app, channel)
        for room in (self.room, self.second_room):
            if room not in self.app.rooms:
                self.app.open_room(room, PEOPLE, name=f"Buurtapp {room}")
        return channel

    def _seconds(self) -> float:
        return self.clock.now.timestamp()

    async def say(self, room: Room, who: Address, text: str, reply_to: PostRef | None = None) -> PostRef:
        return PostRef(self.app.say(room, who, text, reply_to=reply_to))

    async def say_photo(self, room: Room, who: Address, text: str) -> PostRef:
        return PostRef(self.app.say(room, who, text, photos=inline()))

    async def press(self, room: Room, who: Address, choice: str) -> None:
        self.app.press(room, who, choice)

    async def edit(self, room: Room, who: Address, ref: PostRef, text: str) -> None:
        self.app.edit(room, who, ref, text)

    async def delete(self, room: Room, who: Address, ref: PostRef) -> None:
        self.app.delete(room, ref)

    async def screen(self, room: Room, who: Address) -> Sequence[Shown]:
        return [
            Shown(text=post.text, by_bot=post.by_bot, choices=tuple(one["key"] for one in post.choices))
            for post in self.app.screen(room, who)
        ]

    async def bring_in(self, room: Room, past: Sequence[str]) -> None:
        self.app.put_out(room)
        for text in past:
            self.app.say(room, self.member, text)
        self.app.let_in(room, self.admin)

    async def busy(self) -> None:
        self.app.answers.append(Response(status_code=429, headers={"Retry-After": "5"}))

    async def repeat(self, room: Room, who: Address, text: str) -> None:
        self.app.say(room, who, text)
        self.app.repeat()

    async def worst(self, room: Room) -> None:
        self.app.say(room, self.member, "\x00\x1b[31mrood\x07\u202eneer \r\n <b>&amp;")
        for body in (b"", b"\xff\xfe", b"[" * 50_000, b'{"delivery": "\xed\xa0\x80"}', b"x" * 9_000_000):
            await self.app.post(body)
        await self.app.post({"delivery": "d", "events": [{"type": "said", "room": room}]})
        await self.app.post({"delivery": "d", "events": []}, **{"Bart-Signature": "0" * 64})
