"""/chat and its API: the browser side of the web channel."""

from __future__ import annotations

import json
from typing import Annotated, Any, TypeVar
from urllib.parse import quote, urlsplit

import msgspec
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from adapters.web import words
from adapters.web.guards import PHOTO_LIMIT
from adapters.web.pages import pages
from adapters.web.streams import beating, frame, stream
from bot.model.errors import Gone, InputError
from bot.model.ids import Address, PostRef, Room
from bot.model.place import Point
from bot.model.webroom import ChatEntry, Utterance, WebRoom
from bot.ports.webrooms import WebRooms

OWN_HEADER = "x-bart"
"""A page of another site cannot send it without asking first, so an upload with it is ours."""

ClientId = Annotated[str, msgspec.Meta(min_length=8, max_length=64)]


class Spot(msgspec.Struct, forbid_unknown_fields=True):
    """A shared location, WGS 84."""

    lat: Annotated[float, msgspec.Meta(ge=-90, le=90)]
    lon: Annotated[float, msgspec.Meta(ge=-180, le=180)]


class Message(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The JSON of a message; in an upload it is the field `message` beside the file `photo`."""

    client_id: ClientId
    text: Annotated[str, msgspec.Meta(max_length=4096)] = ""
    reply_to: str | None = None
    edits: str | None = None
    location: Spot | None = None
    private: bool = False


class Press(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The JSON of a press."""

    client_id: ClientId
    choice: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


def _rooms(request: Request) -> WebRooms:
    rooms = pages(request).site.rooms
    if rooms is None:
        raise Gone("no rooms")
    return rooms


def _seat(request: Request) -> tuple[WebRooms, Room, Address]:
    """The room and the resident of the path, as far as the web channel knows them."""
    rooms = _rooms(request)
    room = rooms.rooms.get(Room(request.path_params["room"]))
    who = Address(request.path_params["resident"])
    if room is None or all(resident.address != who for resident in room.residents):
        raise Gone("no such seat")
    return rooms, room.room, who


async def room_page(request: Request) -> Response:
    """One room."""
    room = _rooms(request).rooms.get(Room(request.path_params["room"]))
    if room is None:
        raise Gone("no such room")
    return await show_room(request, room)


async def show_room(request: Request, room: WebRoom, *, welcome: bool = False) -> Response:
    """The chat; with a welcome on the front page."""
    home = pages(request)
    return await home.page(
        request,
        "chat.html",
        room=room,
        rooms=list(_rooms(request).rooms.values()),
        welcome=welcome,
        chat_data={
            "api": f"/api/chat/{quote(room.room, safe='')}",
            "room": room.room,
            "zone": home.home.zone,
            "words": words.CHAT,
            "photo_limit": PHOTO_LIMIT,
            "map": home.map_data(home.home.id, []),
        },
    )


async def say(request: Request) -> Response:
    """A message, an edit or a deletion; answered when the host has committed it."""
    rooms, room, who = _seat(request)
    message, photo = await _read_message(request)
    post = await rooms.say(
        room,
        who,
        Utterance(
            client_id=message.client_id,
            text=message.text,
            reply_to=PostRef(message.reply_to) if message.reply_to else None,
            photo=photo,
            location=Point(lat=message.location.lat, lon=message.location.lon) if message.location else None,
            private=message.private,
            edits=PostRef(message.edits) if message.edits else None,
        ),
    )
    return JSONResponse({"post": post})


async def press(request: Request) -> Response:
    """A choice under one of BART's posts."""
    rooms, room, who = _seat(request)
    _require_json(request)
    sent = _decode(await request.body(), Press)
    await rooms.press(room, who, sent.client_id, sent.choice)
    return JSONResponse({})


async def photo(request: Request) -> Response:
    """A photo of the room, for who may see it."""
    rooms, room, who = _seat(request)
    jpeg = await rooms.photo(room, who, request.path_params["ref"])
    return Response(jpeg, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=3600"})


async def events(request: Request) -> Response:
    """What changed after the browser's last event, and then everything as it comes."""
    rooms, room, who = _seat(request)
    home = pages(request)
    after = _after(request, home.epoch)
    base = f"/api/chat/{quote(room, safe='')}/{quote(who, safe='')}/photos/"

    def render(entry: ChatEntry) -> bytes:
        return frame(
            json.dumps(shown(entry, base), ensure_ascii=False),
            event="entry",
            id_=f"{home.epoch}.{entry.serial}",
        )

    return stream(beating(rooms.watch(room, who, after), render, home.site.stopping))


def _after(request: Request, epoch: str) -> int:
    """The serial to go on after; 0 when the browser knows another run of the program."""
    last = request.headers.get("last-event-id") or request.query_params.get("after", "")
    run, _, serial = last.rpartition(".")
    return int(serial) if serial.isdecimal() and len(serial) < 16 and run in ("", epoch) else 0


def shown(entry: ChatEntry, photos: str) -> dict[str, Any]:
    """An entry as the chat script reads it; a link only where it can do no harm."""
    safe_link = urlsplit(entry.link).scheme in ("http", "https") or (
        entry.link.startswith("/") and not entry.link.startswith("//")
    )
    return {
        "post": entry.post,
        "serial": entry.serial,
        "at": entry.at.isoformat(),
        "author": entry.author,
        "by_bot": entry.by_bot,
        "mine": entry.mine,
        "spans": [{"text": span.text, "strong": span.strong} for span in entry.spans],
        "choices": [{"key": choice.key, "label": choice.label} for choice in entry.choices],
        "reply_to": entry.reply_to,
        "photo": photos + quote(entry.photo, safe="") if entry.photo else "",
        "private": entry.private,
        "edited": entry.edited,
        "deleted": entry.deleted,
        "link": entry.link if safe_link else "",
        "link_label": entry.link_label,
        "toast": entry.toast,
    }


def _require_json(request: Request) -> None:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise HTTPException(415)


async def _read_message(request: Request) -> tuple[Message, bytes | None]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "multipart/form-data":
        _require_json(request)
        return _decode(await request.body(), Message), None
    if OWN_HEADER not in request.headers:
        raise HTTPException(403)
    async with request.form(max_files=1, max_fields=1, max_part_size=64 * 1024) as form:
        told, upload = form.get("message"), form.get("photo")
        if not isinstance(told, str):
            raise InputError("message", words.input_error("message"))
        if not isinstance(upload, UploadFile):
            raise InputError("photo", words.input_error("photo"))
        return _decode(told.encode(), Message), await upload.read()


SentT = TypeVar("SentT", Message, Press)


def _decode(raw: bytes, kind: type[SentT]) -> SentT:
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.ValidationError as error:
        where = str(error).partition(" - at `$.")[2].rstrip("`") or "body"
        raise InputError(where, words.input_error(where)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError("body", words.input_error("body")) from error


_API = "/api/chat/{room}/{resident}"

ROUTES = [
    Route("/chat/{room}", room_page),
    Route(f"{_API}/messages", say, methods=["POST"]),
    Route(f"{_API}/presses", press, methods=["POST"]),
    Route(f"{_API}/photos/{{ref}}", photo),
    Route(f"{_API}/events", events),
]
