"""A line between an app and the HTTP channel: deliveries as they should be, and as they should not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from adapters.channels.http import HttpChannel
from adapters.channels.http.deliveries import LONGEST_TEXT
from adapters.testing.host import Host
from tests.support.http_rig import PHOTOS, HttpRig

AT = "2026-11-02T12:00:00+01:00"
JAN = {"id": "jan", "name": "Jan de Vries", "role": "member"}


class Line:
    """A channel with a host that commits at once, and the app's side of the line."""

    def __init__(self, rig: HttpRig, channel: HttpChannel, host: Host) -> None:
        self.rig, self.channel, self.host = rig, channel, host
        self.app = rig.app

    async def post(self, *events: Any, delivery: str = "d-1", **over: str) -> httpx.Response:
        """A delivery; the clock goes on a second so that each signature is fresh."""
        self.rig.clock.advance(1)
        return await self.app.post({"delivery": delivery, "events": list(events)}, **over)


@asynccontextmanager
async def line(**over: Any) -> AsyncIterator[Line]:
    rig = HttpRig(**over)
    channel = rig.channel()
    await rig.app.stop()
    async with channel:
        host = Host(channel, rig.pace)
        made = Line(rig, channel, host)

        async def commits() -> None:
            while True:
                await host.batch(1000)

        task = asyncio.create_task(commits())
        try:
            yield made
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await host.stop()


def said(**over: Any) -> dict[str, Any]:
    event = {"type": "said", "room": "plein", "at": AT, "id": "m-1", "person": JAN, "text": "de lamp is stuk"}
    return {name: value for name, value in {**event, **over}.items() if value is not None}


def event(kind: str, **facts: Any) -> dict[str, Any]:
    return {"type": kind, "room": "plein", "at": AT, **facts}


WRONG: list[tuple[dict[str, Any], str]] = [
    (said(person=None), "events[1].person"),
    (said(person={"id": ""}), "events[1].person.id"),
    (said(person={"id": "met spatie"}), "events[1].person.id"),
    (said(person={"id": "jan", "age": 7}), "events[1].person.age"),
    (said(person={"id": "jan", "role": "boss"}), "events[1].person.role"),
    (said(room="x" * 129), "events[1].room"),
    (said(at="gisteren"), "events[1].at"),
    (said(at="2026-11-02T12:00:00"), "events[1].at"),
    (said(text="x" * (LONGEST_TEXT + 1)), "events[1].text"),
    (said(text=" \x00\n"), "events[1].text"),
    (said(id="bart.0123"), "events[1].id"),
    (event("edited", id="bart.x", person=JAN, text="x"), "events[1].id"),
    (event("deleted", id="bart.x"), "events[1].id"),
    (said(location={"lat": 91, "lon": 0}), "events[1].location.lat"),
    (said(location={"lat": 9}), "events[1].location.lon"),
    (said(photos=[{}]), "events[1].photos[0]"),
    (said(photos=[{"url": f"{PHOTOS}a", "data": "aGk="}]), "events[1].photos[0]"),
    (said(photos=[{"url": "https://elsewhere.test/a"}]), "events[1].photos[0].url"),
    (said(photos=[{"data": "%"}]), "events[1].photos[0].data"),
    (said(photos=[{"url": f"{PHOTOS}{n}"} for n in range(6)]), "events[1].photos"),
    (event("chose", person=JAN, choice="k" * 65, press="p"), "events[1].choice"),
    (event("chose", person=JAN, choice="k"), "events[1].press"),
    (event("shouted"), "events[1].type"),
    ({"room": "plein", "at": AT}, "events[1].type"),
]
