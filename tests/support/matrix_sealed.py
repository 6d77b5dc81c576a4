"""A resident with a client that encrypts: nio, with a device and keys of its own in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from nio import AsyncClient, AsyncClientConfig, MegolmEvent, SyncResponse
from nio.crypto import encrypt_attachment
from nio.store import SqliteMemoryStore

from bot.model.ids import PostRef
from tests.support.matrix import Resident


class SealedResident:
    """What `Resident` does, in rooms where others cannot read it."""

    def __init__(self, resident: Resident, client: AsyncClient) -> None:
        self.user = resident.user
        self.resident = resident
        self.client = client
        self._events: dict[str, dict[str, dict[str, Any]]] = {}

    async def say(self, room: str, text: str, reply_to: str | None = None) -> PostRef:
        content: dict[str, Any] = {"msgtype": "m.text", "body": text}
        if reply_to is not None:
            content["m.relates_to"] = {"m.in_reply_to": {"event_id": reply_to}}
        return await self.send(room, content)

    async def send(self, room: str, content: Mapping[str, Any]) -> PostRef:
        """To every device that is in the room by now."""
        await self.look()
        sent = await self.client.room_send(room, "m.room.message", dict(content), ignore_unverified_devices=True)
        return PostRef(sent.event_id)

    async def send_photo(self, room: str, what: bytes, caption: str) -> PostRef:
        """Encrypted before it is uploaded."""
        sealed, keys = encrypt_attachment(what)
        file = {**keys, "url": await self.resident.upload(sealed, "application/octet-stream")}
        content = {"msgtype": "m.image", "body": caption, "filename": "foto.png", "file": file}
        return await self.send(room, content)

    async def timeline(self, room: str) -> list[dict[str, Any]]:
        """What this person's screen is made of, as far as this device can read it."""
        await self.look()
        return list(self._events.get(room, {}).values())

    async def look(self) -> None:
        """Take in what is new."""
        client = self.client
        answer = await client.sync(timeout=0, since=client.next_batch or None)
        assert isinstance(answer, SyncResponse)
        for room, part in answer.rooms.join.items():
            for event in part.timeline.events:
                source = dict(event.source)
                if not isinstance(event, MegolmEvent) and isinstance(source.get("content"), dict):
                    self._events.setdefault(room, {})[event.event_id] = source
        if client.should_upload_keys:
            await client.keys_upload()
        if client.should_query_keys:
            await client.keys_query()
        await client.send_to_device_messages()


@asynccontextmanager
async def sealed(resident: Resident, homeserver: str) -> AsyncIterator[SealedResident]:
    """This account's own device, ready to encrypt."""
    config = AsyncClientConfig(store=SqliteMemoryStore, store_sync_tokens=False, encryption_enabled=True)
    client = AsyncClient(homeserver, resident.user, config=config)
    try:
        client.restore_login(resident.user, resident.device, resident.token)
        found = SealedResident(resident, client)
        await found.look()
        yield found
    finally:
        await client.close()
        client.store.database.close()
