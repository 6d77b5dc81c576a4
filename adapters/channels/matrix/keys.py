"""Encryption: nio's olm machine is fed what concerns keys and nothing else, and asked to read and to write.

Keys and the host's database commit separately. A sync that is repeated after a crash finds its keys stored
already; what cannot be read yet is remembered by id and fetched again when its key comes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from nio import AsyncClient, EncryptionError, Event, LocalProtocolError, MegolmEvent, SyncResponse
from nio.events import ForwardedRoomKeyEvent, RoomKeyEvent
from nio.rooms import MatrixRoom

from adapters.channels.matrix import files
from adapters.channels.matrix.line import AWAY, checked
from adapters.channels.matrix.reading import Raw, listed, objects, table, text
from bot.model.errors import ChannelError, Later
from bot.model.ids import PostRef, Room

WAITING = "waiting.json"
WAITS = timedelta(days=2)
"""So long a message waits for its key; who reports something has given up by then."""
MOST_WAITING = 2_000
_ABOUT_MEMBERS = frozenset({"m.room.member", "m.room.encryption"})

log = structlog.get_logger(__name__)


class Keys:
    """The keys of one account. `open` when logged in."""

    def __init__(self, client: AsyncClient, folder: Path) -> None:
        self._client = client
        self._file = folder / WAITING
        self._waiting: dict[str, tuple[str, str]] = {}
        self._found: set[str] = set()
        self._writing = asyncio.Lock()
        self.news = False
        """Has a key come since the last look at what waits?"""

    def open(self) -> None:
        """Take up what waited for its key when the process ended."""
        saved = files.load(self._file)
        self._waiting = {
            ref: (text({"room": one[0]}, "room"), text({"at": one[1]}, "at"))
            for ref, one in saved.items()
            if isinstance(one, list) and len(one) == 2
        }
        self.news = bool(self._waiting)

    async def follow(self, sync: Raw, encrypted: Collection[Room]) -> None:
        """Take over what a sync says about keys, devices and the members of encrypted rooms."""
        answer = SyncResponse.from_dict(_about_keys(sync, encrypted))
        if not isinstance(answer, SyncResponse):
            log.warning("matrix.keys_unreadable", rooms=len(encrypted))
            answer = SyncResponse.from_dict(_about_keys(sync, ()))
        if isinstance(answer, SyncResponse):
            await self._take(answer)
        await self._keep_up()

    async def _take(self, answer: SyncResponse) -> None:
        try:
            await self._client.receive_response(answer)
        except Exception as error:
            # Anybody can send a device anything; what breaks nio must not stop everybody's messages.
            log.error("matrix.keys_unreadable", error=type(error).__name__)
        self.news = self.news or any(
            isinstance(event, RoomKeyEvent | ForwardedRoomKeyEvent) for event in answer.to_device_events
        )

    def read(self, room: Room, event: Raw) -> Raw | None:
        """The event in clear; None while its key is not there."""
        sealed = Event.parse_event(dict(event))
        if not isinstance(sealed, MegolmEvent):
            return None
        sealed.room_id = room
        try:
            opened = self._client.decrypt_event(sealed)
        except EncryptionError:
            return None
        clear: dict[str, Any] = getattr(opened, "source", {})
        if not isinstance(clear, Mapping) or not isinstance(clear.get("content"), Mapping):
            return None
        return {**event, "type": clear.get("type"), "content": clear["content"]}

    async def write(self, room: Room, content: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        """A message for everybody in the room; `Later` where not every device could be given the key."""
        async with self._writing:
            return await self._write(room, content)

    async def _write(self, room: Room, content: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        client = self._client
        known = client.rooms.get(room)
        if known is None:
            known = client.rooms[room] = MatrixRoom(room, client.user_id, encrypted=True)
        known.encrypted = True
        try:
            if not known.members_synced:
                checked(await client.joined_members(room))
            if client.should_query_keys:
                checked(await client.keys_query())
            if client.olm.should_share_group_session(room):
                await self._share(room, known)
            kind, sealed = client.encrypt(room, "m.room.message", dict(content))
        except (LocalProtocolError, EncryptionError) as error:
            raise Later(AWAY, f"cannot encrypt ({type(error).__name__})") from error
        return kind, sealed

    async def _share(self, room: Room, known: MatrixRoom) -> None:
        client = self._client
        missing = client.get_missing_sessions(room)
        if missing:
            checked(await client.keys_claim(missing))
        await client.share_group_session(room, ignore_unverified_devices=True)
        # nio calls a session shared also when the homeserver did not take some of the messages.
        session = client.olm.outbound_group_sessions[room]
        reached = session.users_shared_with | session.users_ignored
        left = [
            device
            for user in known.users
            for device in client.olm.device_store.active_user_devices(user)
            if (user, device.id) not in reached and client.olm.session_store.get(device.curve25519)
        ]
        if left:
            client.olm.outbound_group_sessions.pop(room, None)
            raise Later(AWAY, "not every device has the key yet")

    # What waits for its key

    def wait_for(self, room: Room, event: Raw, now: datetime) -> None:
        """Remember an event that cannot be read yet, by its id."""
        ref = text(event, "event_id")
        if ref and ref not in self._waiting:
            self._waiting[ref] = (room, now.isoformat())
            while len(self._waiting) > MOST_WAITING:
                del self._waiting[next(iter(self._waiting))]
            self._save()
            log.info("matrix.key_missing", count=len(self._waiting))

    def waiting(self, now: datetime) -> list[tuple[Room, PostRef]]:
        """What to fetch again; what waited too long is given up."""
        self.news = False
        late = [ref for ref, (_, at) in self._waiting.items() if now - datetime.fromisoformat(at) > WAITS]
        for ref in late:
            del self._waiting[ref]
        if late:
            self._save()
        return [(Room(room), PostRef(ref)) for ref, (room, _) in self._waiting.items()]

    def found(self, ref: PostRef) -> None:
        """It has been read, or never will be; forgotten when the host has committed it."""
        self._found.add(ref)

    def settle(self) -> None:
        """The host has committed what was found."""
        if self._found:
            self._waiting = {ref: one for ref, one in self._waiting.items() if ref not in self._found}
            self._found.clear()
            self._save()

    def forget(self, room: Room) -> None:
        """BART is no longer there."""
        if any(at == room for at, _ in self._waiting.values()):
            self._waiting = {ref: one for ref, one in self._waiting.items() if one[0] != room}
            self._save()

    def _save(self) -> None:
        files.save(self._file, {ref: list(one) for ref, one in self._waiting.items()})

    async def _keep_up(self) -> None:
        """Give the homeserver our keys, and ask for those of others, as far as needed. What fails now is needed
        again at the next sync."""
        client = self._client
        try:
            if client.should_upload_keys:
                checked(await client.keys_upload())
            if client.should_query_keys:
                checked(await client.keys_query())
            if client.should_claim_keys:
                checked(await client.keys_claim(client.get_users_for_key_claiming()))
            for answer in await client.send_to_device_messages():
                checked(answer)
        except ChannelError as error:
            log.warning("matrix.keys_behind", error=type(error).__name__)


def _about_keys(sync: Raw, encrypted: Collection[Room]) -> dict[str, Any]:
    """A sync with nothing in it but what the olm machine needs."""
    joined = table(sync, "rooms", "join")
    return {
        "next_batch": text(sync, "next_batch"),
        "to_device": {"events": [dict(one) for one in objects(sync, "to_device", "events")]},
        "device_lists": {
            key: [who for who in listed(sync, "device_lists", key) if isinstance(who, str)]
            for key in ("changed", "left")
        },
        "device_one_time_keys_count": dict(table(sync, "device_one_time_keys_count")),
        "rooms": {
            "join": {
                room: {
                    part: {"events": _members(joined[room], part)}
                    | ({"limited": False} if part == "timeline" else {})
                    for part in ("state", "timeline")
                }
                for room in encrypted
                if room in joined
            }
        },
    }


def _members(room: Raw, part: str) -> list[dict[str, Any]]:
    return [dict(one) for one in objects(room, part, "events") if text(one, "type") in _ABOUT_MEMBERS]
