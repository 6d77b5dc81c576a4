"""Telegram with a webhook, for the checks of `adapters.testing`: pushes, and pushes again what got no answer."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from typing import Any

from adapters.channels.telegram import TelegramChannel
from bot.model.errors import Later
from bot.model.ids import Address, Room
from bot.model.request import Request
from tests.fakes.telegram import serve
from tests.fakes.telegram.world import Json
from tests.support.telegram_rig import TelegramRig, telegram_channel

PUBLIC = "https://bart.example"
AGAIN_SECONDS = 0.05


class HookRig(TelegramRig):
    """People with their phones; the bot is pushed to."""

    def __init__(self) -> None:
        super().__init__()
        self.doubled: set[int] = set()
        """Updates whose first answer Telegram does not get."""

    def channel(self) -> Any:
        return PushedChannel(self)

    async def repeat(self, room: Room, who: Address, text: str) -> None:
        self.world.say(int(room), int(who), text)
        self.doubled.add(self.world.updates[-1]["update_id"])


class PushedChannel:
    """A channel that is pushed to as long as it is open."""

    def __init__(self, rig: HookRig) -> None:
        self._rig = rig
        self._stack = AsyncExitStack()
        self._pushed: dict[int, asyncio.Task[None]] = {}

    async def __aenter__(self) -> TelegramChannel:
        served = await self._stack.enter_async_context(serve(self._rig.api))
        made = telegram_channel(served.url, webhook=PUBLIC)
        channel = await self._stack.enter_async_context(made)
        pushing = asyncio.create_task(self._push_all(channel))
        self._stack.push_async_callback(self._stop, pushing)
        return channel

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()

    async def _stop(self, pushing: asyncio.Task[None]) -> None:
        tasks = [pushing, *self._pushed.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _push_all(self, channel: TelegramChannel) -> None:
        world = self._rig.world
        while True:
            world.arrived.clear()
            for update in world.updates:
                if update["update_id"] not in self._pushed:
                    self._pushed[update["update_id"]] = asyncio.create_task(self._push(channel, update))
            await world.arrived.wait()

    async def _push(self, channel: TelegramChannel, update: Json) -> None:
        """Until Telegram has an answer."""
        secret = self._rig.api.webhook["secret_token"]
        request = Request(
            method="POST",
            path="/telegram",
            target="/koppeling/wijk/telegram",
            headers={"x-telegram-bot-api-secret-token": secret},
            body=json.dumps(update).encode(),
        )
        while True:
            try:
                answer = await channel.receive(request)
            except Later:
                await asyncio.sleep(AGAIN_SECONDS)
                continue
            assert answer.status == 200
            if update["update_id"] not in self._rig.doubled:
                break
            self._rig.doubled.discard(update["update_id"])
        self._rig.world.updates.remove(update)
