"""All of it as one ASGI app; over real HTTP on loopback with `serving`.

What BART never asks is not here: feedback forms, "mijn meldingen", areas, questions, prediction, exports.
`World` says what went in; facts are those of version 2.50.12, seen on a running server.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from tests.fakes.signalen.login import Login
from tests.fakes.signalen.private import Private
from tests.fakes.signalen.public import Public
from tests.fakes.signalen.world import Crash, World

BASE = "/signals"
TOKEN = "/token"
PAGE = "<!doctype html><html><head><title>Server Error (500)</title></head><body></body></html>"
Answer = Callable[[Request], Awaitable[Response]]


class FakeSignalen:
    """`app` answers below `/signals`; its identity provider at `/token`."""

    def __init__(self, world: World | None = None) -> None:
        self.world = world or World()
        self.login = Login(world=self.world)
        self.app = self._app()

    def _app(self) -> Starlette:
        public, private = Public(self.world), Private(self.world, self.login)
        table: list[tuple[str, dict[str, Answer]]] = [
            ("/v1/public/signals", {"POST": public.create}),
            ("/v1/public/signals/{uuid}", {"GET": public.look}),
            ("/v1/public/signals/{uuid}/attachments", {"POST": public.attach}),
            ("/v1/public/terms/categories", {"GET": public.categories}),
            ("/v1/public/terms/categories/{main}/sub_categories/{sub}", {"GET": public.category}),
            ("/v1/private/signals", {"GET": private.list, "POST": private.create}),
            ("/v1/private/signals/geography", {"GET": private.geography}),
            ("/v1/private/signals/{number}", {"GET": private.one, "PATCH": private.change}),
            ("/v1/private/signals/{number}/history", {"GET": private.history}),
            ("/v1/private/signals/{number}/attachments", {"GET": private.attachments}),
        ]
        routes = [Route(TOKEN, self.login.token, methods=["POST"])]
        for path, answers in table:
            guarded = self._guarded(answers)
            routes += [Route(f"{BASE}{path}{slash}", guarded, methods=METHODS) for slash in ("", "/")]
        routes.append(Route("/{rest:path}", self._nowhere, methods=METHODS))
        return Starlette(routes=routes)

    async def _nowhere(self, request: Request) -> Response:
        return JSONResponse({"detail": "Niet gevonden."}, 404)

    def _guarded(self, answers: dict[str, Answer]) -> Answer:
        async def answer(request: Request) -> Response:
            self.world.calls.append(f"{request.method} {request.url.path.removeprefix(BASE)}")
            await self.world.pause()
            path = request.url.path
            fault = self.world.faults.popleft() if self.world.faults else self.world.fault(request.method, path)
            if self.world.down or fault == "503":
                return PlainTextResponse("We zijn zo terug.", 503)
            if fault == "500":
                return HTMLResponse(PAGE, 500)
            response = await self._answered(answers, request)
            response.headers["X-API-Version"] = self.world.version
            return HTMLResponse(PAGE, 500) if fault == "lost" else response

        return answer

    async def _answered(self, answers: dict[str, Answer], request: Request) -> Response:
        if request.method not in answers:
            return JSONResponse({"detail": f'Methode "{request.method}" niet toegestaan.'}, 405)
        try:
            response = await answers[request.method](request)
        except Crash:
            return HTMLResponse(PAGE, 500)
        if "text/html" in request.headers.get("accept", "") and response.status_code < 500:
            return HTMLResponse("<html>browsable</html>", response.status_code)
        return response


METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


@asynccontextmanager
async def serving(fake: FakeSignalen) -> AsyncIterator[str]:
    """The server on a free port of loopback; gives its address without a path."""
    at = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(fake.app, log_config=None, access_log=False, lifespan="off"))
    task = asyncio.create_task(server.serve([at]))
    try:
        yield f"http://127.0.0.1:{at.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
        at.close()
