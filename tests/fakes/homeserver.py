"""A homeserver that misbehaves on demand: what a real one does on its bad days cannot be had from Synapse."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

BOT = "@bart:example.nl"
ROOM = "!r:example.nl"
Answer = web.Response | dict[str, Any]


class BadHomeserver:
    """Answers by what the test says: `trouble` is asked first, for each request by method and path."""

    def __init__(self) -> None:
        self.url = ""
        self.trouble: Callable[[str, str], web.StreamResponse | None] = lambda method, path: None
        self.events: list[dict[str, Any]] = []
        self.sent: list[tuple[str, Any]] = []
        self.asked: list[str] = []

    def say(self, **event: Any) -> None:
        """Something happens in the one room."""
        number = len(self.events) + 1
        plain = {
            "type": "m.room.message",
            "event_id": f"$e{number}",
            "sender": "@jan:example.nl",
            "origin_server_ts": 1_763_400_000_000,
            "content": {"msgtype": "m.text", "body": f"bericht {number}"},
        }
        self.events.append({**plain, **event})

    async def answer(self, request: web.Request) -> web.StreamResponse:
        path = request.path
        self.asked.append(path)
        trouble = self.trouble(request.method, path)
        if trouble is not None:
            return trouble
        if path.endswith("/versions"):
            return web.json_response({"versions": ["v1.11"]})
        if path.endswith("/whoami"):
            return web.json_response({"user_id": BOT, "device_id": "BARTDEVICE"})
        if path.endswith("/sync"):
            return await self._sync(request)
        if "/send/" in path:
            self.sent.append((path, await request.json()))
            return web.json_response({"event_id": f"$sent{len(self.sent)}"})
        if "/keys/" in path:
            return web.json_response({"one_time_key_counts": {"signed_curve25519": 50}, "device_keys": {}})
        return web.json_response({"errcode": "M_NOT_FOUND", "error": "no"}, status=404)

    async def _sync(self, request: web.Request) -> web.Response:
        since = request.query.get("since")
        if since is None:
            state = [
                {"type": "m.room.create", "state_key": "", "sender": "@fatima:example.nl", "content": {}},
                {
                    "type": "m.room.name",
                    "state_key": "",
                    "sender": "@fatima:example.nl",
                    "content": {"name": "Plein"},
                },
            ]
            rooms = {"join": {ROOM: {"state": {"events": state}, "timeline": {"events": []}}}}
            return web.json_response({"next_batch": f"s{len(self.events)}", "rooms": rooms})
        done = int(since[1:])
        for _ in range(40):
            if len(self.events) > done:
                break
            await asyncio.sleep(0.05)
        fresh = self.events[done:]
        rooms = {"join": {ROOM: {"timeline": {"events": fresh, "limited": False}}}} if fresh else {}
        return web.json_response({"next_batch": f"s{len(self.events)}", "rooms": rooms})


@asynccontextmanager
async def a_bad_homeserver() -> AsyncIterator[BadHomeserver]:
    """On loopback."""
    server = BadHomeserver()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", server.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = str(site.name)
    try:
        yield server
    finally:
        await runner.cleanup()
