"""A neighbourhood app that BART is connected to: small, and strict about what reaches its webhook.

It keeps rooms, people and posts, tells BART what happens in rooms that BART is in, and refuses every call that is
not signed right, not as described, or about something it does not have. It checks signatures with its own code.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import itertools
import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
from openapi_schema_validator import OAS31Validator
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

PATH = "/koppeling/buurtapp/deliveries"
SECRETS = {"a": "a-secret-of-the-app-in-thirty-two-characters", "b": "another-secret-for-when-the-first-is-over"}
PHOTO = b"\xff\xd8photo of a broken lamp"
WINDOW_S = 300


def sign(secret: str, method: str, target: str, timestamp: int | str, body: bytes) -> str:
    """As the document for apps says."""
    text = b"\n".join((method.encode(), target.encode(), str(timestamp).encode(), body))
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


@dataclass(slots=True, kw_only=True)
class AppPost:
    """A post on people's screens; `to` is who alone sees it."""

    text: str
    by_bot: bool
    choices: tuple[Mapping[str, str], ...] = ()
    to: str = ""
    gone: bool = False


@dataclass(slots=True, kw_only=True)
class AppRoom:
    """`people` with their roles."""

    name: str
    people: dict[str, str]
    bot: bool = False
    posts: dict[str, AppPost] = field(default_factory=dict)
    presses: dict[str, str] = field(default_factory=dict)


class Buurtapp:
    """`client` reaches BART; `now` is the app's clock, in seconds since 1970."""

    def __init__(self, description: Mapping[str, Any] | None = None, *, keys: Mapping[str, str] = SECRETS) -> None:
        self.rooms: dict[str, AppRoom] = {}
        self.keys = dict(keys)
        self.signs = "a"
        self.client: httpx.AsyncClient | None = None
        self.description = description
        self.now: Callable[[], float] = time.time
        self.calls: list[dict[str, Any]] = []
        self.refused: list[str] = []
        self.answers: list[Response | httpx.TransportError] = []
        """Said first, one for a call, instead of doing what is asked."""
        self.photos: dict[str, bytes] = {}
        self.told: list[tuple[int, Any]] = []
        """What BART answered to deliveries."""
        self._count = itertools.count(1)
        self._outbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._last: dict[str, Any] = {}
        self._sender: asyncio.Task[None] | None = None

    # What people do

    def open_room(self, room: str, people: Mapping[str, str], *, name: str = "", bot: bool = True) -> None:
        self.rooms[room] = AppRoom(name=name or room, people=dict(people))
        if bot:
            self.let_in(room)

    def let_in(self, room: str, by: str = "") -> None:
        home = self.rooms[room]
        home.bot = True
        self.tell("bot", room, present=True, room_name=home.name, **({"by": self._person(room, by)} if by else {}))
        for who, role in home.people.items():
            if role == "admin":
                self.tell("member", room, person=self._person(room, who), present=True, role="admin")

    def put_out(self, room: str) -> None:
        self.tell("bot", room, present=False)
        self.rooms[room].bot = False

    def say(self, room: str, who: str, text: str, **more: Any) -> str:
        ref = f"m{next(self._count)}"
        self.rooms[room].posts[ref] = AppPost(text=text, by_bot=False)
        given = {name: value for name, value in more.items() if value is not None}
        self.tell("said", room, id=ref, person=self._person(room, who), text=text, **given)
        return ref

    def edit(self, room: str, who: str, ref: str, text: str) -> None:
        self.rooms[room].posts[ref].text = text
        self.tell("edited", room, id=ref, person=self._person(room, who), text=text)

    def delete(self, room: str, ref: str) -> None:
        self.rooms[room].posts[ref].gone = True
        self.tell("deleted", room, id=ref)

    def press(self, room: str, who: str, choice: str) -> str:
        press = f"p{next(self._count)}"
        self.rooms[room].presses[press] = who
        self.tell("chose", room, person=self._person(room, who), choice=choice, press=press)
        return press

    def screen(self, room: str, who: str) -> list[AppPost]:
        return [post for post in self.rooms[room].posts.values() if not post.gone and post.to in ("", who)]

    # What BART gets

    def tell(self, kind: str, room: str, **facts: Any) -> None:
        """To BART, in order, again until it is taken; of a room without the bot nothing is told."""
        if not self.rooms[room].bot:
            return
        at = datetime.fromtimestamp(self.now(), UTC).isoformat()
        event = {"type": kind, "room": room, "at": at, **facts}
        self._last = {"delivery": f"d{next(self._count)}", "events": [event]}
        self._outbox.put_nowait(self._last)
        if self._sender is None or self._sender.done():
            self._sender = asyncio.create_task(self._deliver())

    def repeat(self) -> None:
        """The last delivery once more, as after an answer that was lost."""
        self._outbox.put_nowait(self._last)

    async def _deliver(self) -> None:
        while not self._outbox.empty():
            delivery = self._outbox.get_nowait()
            while True:
                with suppress(httpx.TransportError):
                    if (await self.post(delivery)).status_code != 503:
                        break
                await asyncio.sleep(0.05)

    async def stop(self) -> None:
        """Deliver nothing more for now."""
        if self._sender is not None:
            self._sender.cancel()
            with suppress(asyncio.CancelledError):
                await self._sender

    async def post(self, content: Any, *, target: str = PATH, **over: str) -> httpx.Response:
        """One signed request; `over` replaces headers."""
        assert self.client is not None
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        stamp = str(int(self.now()))
        headers = {
            "Content-Type": "application/json",
            "Bart-Key": self.signs,
            "Bart-Timestamp": stamp,
            "Bart-Signature": sign(self.keys[self.signs], "POST", target, stamp, body),
        }
        answer = await self.client.post(target, content=body, headers=headers | over)
        self.told.append((answer.status_code, answer.json()))
        return answer

    # The webhook

    def app(self) -> Starlette:
        return Starlette(
            routes=[Route("/bart", self._hook, methods=["POST"]), Route("/photos/{name:path}", self._photo)]
        )

    async def _photo(self, request: Request) -> Response:
        photo = self.photos.get(request.path_params["name"])
        return Response(photo, media_type="image/jpeg") if photo is not None else Response(status_code=404)

    async def _hook(self, request: Request) -> Response:
        body = await request.body()
        if (wrong := self._unsigned(request, body)) is not None:
            self.refused.append(wrong)
            return JSONResponse({"field": wrong}, 401)
        call = json.loads(body)
        if (wrong := self._undescribed(call)) is not None:
            self.refused.append(wrong)
            return JSONResponse({"field": wrong}, 422)
        self.calls.append(call)
        if self.answers:
            answer = self.answers.pop(0)
            if isinstance(answer, Response):
                return answer
            raise answer
        if call["type"] == "ping":
            return JSONResponse({})
        home = self.rooms.get(call["room"])
        if home is None or not home.bot:
            return JSONResponse({"field": "room"}, 404)
        return self._do(home, call)

    def _do(self, home: AppRoom, call: Mapping[str, Any]) -> Response:
        if call["type"] == "admins":
            return JSONResponse({"admins": [who for who, role in home.people.items() if role == "admin"]})
        if call["type"] == "leave":
            self.put_out(call["room"])
        elif call["type"] == "toast":
            if call["press"] not in home.presses:
                return JSONResponse({"field": "press"}, 404)
            ref = f"toast-{call['press']}"
            home.posts.setdefault(ref, AppPost(text=call["text"], by_bot=True, to=home.presses[call["press"]]))
        elif call["type"] in {"post", "whisper"}:
            if call.get("to", "") not in {"", *home.people}:
                return JSONResponse({"field": "to"}, 404)
            home.posts.setdefault(call["id"], _shown(call["post"], call.get("to", "")))
        else:
            return self._change(home, call)
        return JSONResponse({})

    def _change(self, home: AppRoom, call: Mapping[str, Any]) -> Response:
        post = home.posts.get(call["id"])
        if call["type"] == "delete":
            if post is not None:
                post.gone = True
        elif post is None or post.gone or not post.by_bot:
            return JSONResponse({"field": "id"}, 404)
        else:
            fresh = _shown(call["post"], post.to)
            post.text, post.choices = fresh.text, fresh.choices
        return JSONResponse({})

    def _unsigned(self, request: Request, body: bytes) -> str | None:
        secret = self.keys.get(request.headers.get("bart-key", ""))
        stamp = request.headers.get("bart-timestamp", "")
        if secret is None:
            return "bart-key"
        if not stamp.isdecimal() or abs(self.now() - int(stamp)) > WINDOW_S:
            return "bart-timestamp"
        right = sign(secret, request.method, request.url.path, stamp, body)
        return None if hmac.compare_digest(right, request.headers.get("bart-signature", "")) else "bart-signature"

    def _undescribed(self, call: Any) -> str | None:
        """What is not as the description of the webhook says."""
        if self.description is None:
            return None
        asked = self.description["webhooks"]["bart"]["post"]["requestBody"]["content"]["application/json"][
            "schema"
        ]
        schema = {"$ref": asked["discriminator"]["mapping"].get(call.get("type"), "#/nowhere")}
        validator = OAS31Validator({**schema, "components": self.description["components"]})
        faults = [fault.json_path for fault in validator.iter_errors(call)]
        return faults[0] if faults else None

    def _person(self, room: str, who: str) -> dict[str, str]:
        return {"id": who, "name": who.title(), "role": self.rooms[room].people[who]}


def _shown(post: Mapping[str, Any], to: str) -> AppPost:
    return AppPost(text=post["text"], by_bot=True, choices=tuple(post.get("choices", ())), to=to)


def inline(photo: bytes = PHOTO) -> list[dict[str, str]]:
    """A photo inside a message."""
    return [{"data": base64.b64encode(photo).decode()}]
