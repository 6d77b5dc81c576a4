"""The line to a real homeserver, which can be busy, and cut off in the middle of an answer."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from aiohttp import web

from bot.model.ids import Address, Room
from tests.support.matrix import MatrixRig, a_rig_of
from tests.support.synapse import Synapse

KEPT = frozenset({"authorization", "content-type"})
"""Headers that go on; the others are of one hop."""


class Line:
    """Hands every call on. `busy`: the next post is not taken now. `cut`: of the next sync with something said
    in it, only half arrives."""

    def __init__(self, to: httpx.AsyncClient) -> None:
        self._to = to
        self.url = ""
        self.busy = False
        self.cut = False

    async def answer(self, request: web.Request) -> web.Response:
        """One call."""
        if self.busy and "/send/" in request.path:
            self.busy = False
            limit = {"errcode": "M_LIMIT_EXCEEDED", "error": "Too Many Requests", "retry_after_ms": 5000}
            return web.json_response(limit, status=429)
        headers = {key: value for key, value in request.headers.items() if key.lower() in KEPT}
        # As it was written: room ids have signs in them that must not be read twice.
        found = await self._to.request(
            request.method, request.raw_path, headers=headers, content=await request.read()
        )
        body = found.content
        if self.cut and request.path.endswith("/sync") and _messages(body):
            self.cut, body = False, body[: len(body) // 2]
        return web.Response(
            body=body, status=found.status_code, headers={"Content-Type": found.headers["content-type"]}
        )


def _messages(body: bytes) -> bool:
    rooms = json.loads(body).get("rooms", {}).get("join", {}).values()
    return any(event["type"] == "m.room.message" for room in rooms for event in room["timeline"]["events"])


class StrainedRig(MatrixRig):
    """The bot's account is behind a line of its own; the people are not."""

    line: Line

    async def busy(self) -> None:
        self.line.busy = True

    async def repeat(self, room: Room, who: Address, text: str) -> None:
        """Half an answer is none: BART asks again, and what it was told comes a second time."""
        self.line.cut = True
        await self.say(room, who, text)


@asynccontextmanager
async def a_line(server: Synapse) -> AsyncIterator[Line]:
    """On loopback."""
    async with httpx.AsyncClient(base_url=server.url, timeout=60) as to:
        line = Line(to)
        app = web.Application(client_max_size=50 * 1024 * 1024)
        app.router.add_route("*", "/{tail:.*}", line.answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            line.url = str(site.name)
            yield line
        finally:
            await runner.cleanup()


@asynccontextmanager
async def a_strained_rig(server: Synapse, data: Path) -> AsyncIterator[StrainedRig]:
    """A fresh rig on a line that can be made difficult."""
    async with a_line(server) as line, a_rig_of(StrainedRig, server, data) as rig:
        rig.line = line
        rig.options = {"homeserver": line.url}
        yield rig
        assert (line.busy, line.cut) == (False, False), "the trouble never came"
