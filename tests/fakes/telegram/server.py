"""The fake Bot API on a loopback port, and ways in which it can be out of order."""

from __future__ import annotations

import asyncio
import json
import socket
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.fakes.telegram.methods import BotApi
from tests.fakes.telegram.refusal import Refusal, flood
from tests.fakes.telegram.world import TOKEN, Json

PAGE_502 = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>nginx</body>\r\n</html>"


@dataclass(slots=True)
class Served:
    """`faults` befall the next requests, one each: "502", "half", "garbage", "429:<seconds>", "drop", "done-drop".

    `down` befalls all of them until it is emptied. "done-drop" does what was asked and then breaks the line.
    """

    api: BotApi
    url: str
    token: str = TOKEN
    faults: deque[str] = field(default_factory=deque)
    down: str = ""

    async def push(self, url: str, client: httpx.AsyncClient, update: Json) -> httpx.Response:
        """Deliver an update to a webhook, as Telegram does."""
        secret = self.api.webhook.get("secret_token", "")
        return await client.post(url, json=update, headers={"X-Telegram-Bot-Api-Secret-Token": secret})

    async def method(self, request: Request) -> Response:
        """One call."""
        if request.path_params["token"] != self.token:
            return _answer(Refusal(401, "Unauthorized"))
        name = request.path_params["method"]
        fault = self.down or (self.faults.popleft() if self.faults and name.lower() != "getme" else "")
        if fault and fault != "done-drop":
            return _broken(fault)
        if request.headers.get("content-type", "").startswith("application/json"):
            params = await request.json()
        else:
            params = dict(await request.form())
        params |= dict(request.query_params)
        try:
            result = await _while_connected(request, self.api.call(name, params))
        except Refusal as refusal:
            return _answer(refusal)
        return _broken("half") if fault else _json({"ok": True, "result": result})

    async def file(self, request: Request) -> Response:
        """A download."""
        name = request.path_params["path"].removeprefix("photos/").removesuffix(".jpg")
        content = self.api.world.files.get(name)
        if content is None or request.path_params["token"] != self.token:
            return _answer(Refusal(404, "Not Found"))
        return Response(content, media_type="application/octet-stream")


async def _while_connected(request: Request, call: Any) -> Any:
    """A caller that hangs up ends its long poll."""
    asked = asyncio.ensure_future(call)
    gone = asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait({asked, gone}, return_when=asyncio.FIRST_COMPLETED)
        return await asked if asked.done() else []
    finally:
        asked.cancel()
        gone.cancel()


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _answer(refusal: Refusal) -> Response:
    return _json(refusal.body(), refusal.code)


def _json(told: Any, code: int = 200) -> Response:
    """In ASCII, as Telegram's: half an emoji goes over the line unharmed."""
    return Response(json.dumps(told), code, media_type="application/json")


def _broken(fault: str) -> Response:
    if fault == "502":
        return Response(PAGE_502, 502, media_type="text/html")
    if fault.startswith("429:"):
        return _answer(flood(int(fault.partition(":")[2])))
    if fault == "garbage":
        return Response(b'{"ok": true, "result": [', 200, media_type="application/json")
    return _Cut(json.dumps({"ok": True, "result": []}))


class _Cut(Response):
    """Promises more than it sends, then closes the line."""

    def init_headers(self, headers: Any = None) -> None:
        super().init_headers(headers)
        self.raw_headers = [(key, value) for key, value in self.raw_headers if key != b"content-length"]
        self.raw_headers += [(b"content-length", b"4096"), (b"connection", b"close")]


class _Server(uvicorn.Server):
    """Takes no signals; `ready` once it listens."""

    ready: asyncio.Event

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serve(api: BotApi, port: int = 0) -> AsyncIterator[Served]:
    """Listening on loopback. `url` is what a bot takes as the address of Telegram."""
    with socket.create_server(("127.0.0.1", port)) as at:
        # An answer goes out in two writes; held together for the reader's word they would cost 40 ms.
        at.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        served = Served(api, f"http://127.0.0.1:{at.getsockname()[1]}")
        routes = [
            Route("/bot{token}/{method}", served.method, methods=["GET", "POST"]),
            Route("/file/bot{token}/{path:path}", served.file),
        ]
        app = Starlette(routes=routes)
        server = _Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
        server.ready = asyncio.Event()
        task = asyncio.create_task(server.serve([at]))
        await server.ready.wait()
        try:
            yield served
        finally:
            server.should_exit = server.force_exit = True
            await task
