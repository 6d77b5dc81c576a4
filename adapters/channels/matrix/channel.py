"""The Matrix channel: one bot account, the way in and the way out over one connection."""

from __future__ import annotations

from collections.abc import AsyncIterator

import structlog

from adapters.channels.matrix import login
from adapters.channels.matrix.account import Account, Permits
from adapters.channels.matrix.keys import Keys
from adapters.channels.matrix.line import Line
from adapters.channels.matrix.options import Options
from adapters.channels.matrix.roomlog import RoomLog
from adapters.channels.matrix.rooms import capabilities
from adapters.channels.matrix.speaking import Speaker
from adapters.channels.matrix.sync import Sync
from bot.model.channel import Batch, Capabilities, Post
from bot.model.errors import Later, StartError, StartTrouble
from bot.model.ids import Address, PostRef, Room
from bot.model.incident import MediaRef
from bot.ports.setup import Setup

log = structlog.get_logger(__name__)


class MatrixChannel:
    """Implements `Channel`, `FetchesMedia`, `LeavesRooms` and `Checks`.

    Where the homeserver is away or refuses the account when BART starts, the channel opens all the same and goes
    on trying in `batches`, so that other channels run. What no waiting mends stops the start.
    """

    def __init__(self, setup: Setup, options: Options) -> None:
        self._options = options
        self._setup = setup
        client = login.a_client(options)
        self._account = Account(
            name=setup.name,
            options=options,
            data=setup.data,
            clock=setup.clock,
            client=client,
            line=Line(client),
            keys=Keys(client, setup.data),
            permits=Permits(setup.data),
        )
        self._speaker = Speaker(self._account)
        self._sync = Sync(self._account, RoomLog(self._account, self._speaker))

    async def __aenter__(self) -> MatrixChannel:
        try:
            await self._account.enter()
            await self._sync.begin()
        except StartError as error:
            if error.trouble is StartTrouble.FOR_GOOD:
                await self._account.client.close()
                raise
            log.error("matrix.not_in", account=self._account.name, why=error.trouble)
        except Later as error:
            log.warning("matrix.away", account=self._account.name, why=type(error).__name__)
        except BaseException:
            await self._account.client.close()
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._account.client.close()
        log.info("matrix.closed", account=self._account.name)

    async def check(self) -> str:
        """Asks the homeserver whether it knows the account."""
        await login.probe(self._options)
        return f"{self._options.homeserver} knows the account"

    def batches(self, cursor: str | None) -> AsyncIterator[Batch]:
        """The cursor is a sync token."""
        return self._sync.batches(cursor)

    async def send(self, room: Room, post: Post, key: str) -> PostRef:
        """Idempotent, also over a restart, as long as the homeserver remembers transactions (Synapse: a day)."""
        return await self._speaker.send(room, post, key)

    async def edit(self, room: Room, ref: PostRef, post: Post) -> None:
        """As a replacement, which shows as edited."""
        await self._speaker.edit(room, ref, post)

    async def delete(self, room: Room, ref: PostRef) -> None:
        """Redacts the post and all its versions."""
        await self._speaker.delete(room, ref)

    async def admins(self, room: Room) -> frozenset[Address]:
        """Power level 50 and up, and creators where the room version makes them that."""
        return await self._speaker.admins(room)

    def capabilities(self, room: Room) -> Capabilities:
        """Rooms behind a bridge can do less."""
        return capabilities(self._account.rooms.get(room))

    async def fetch(self, room: Room, media: MediaRef, limit: int) -> bytes:
        """Plain and encrypted photos alike."""
        return await self._speaker.fetch(room, media, limit)

    async def leave(self, room: Room) -> None:
        """By itself."""
        await self._speaker.leave(room)
