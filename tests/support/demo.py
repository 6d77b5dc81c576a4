"""The real app over its demo neighbourhood, running, and what residents do in its web chat."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from bot.app import App, open_app
from bot.config import load
from bot.model.ids import Address, Room
from bot.model.incident import Stage
from bot.model.webroom import Utterance
from bot.ports.webrooms import WebRooms

ROOM, JAN, FATIMA, KEES = Room("parijsplein"), Address("jan"), Address("fatima"), Address("kees")
GLASS = "bah, ligt weer vol glas bij de glasbak op het Parijsplein"


@asynccontextmanager
async def neighbourhood(tmp_path: Path, reader: str = "auto", **settings: str) -> AsyncIterator[App]:
    """The real app with BART let in by its admin, running; `reader` is the kind of interpreter."""
    environ = {"BART_SERVER__DATA": str(tmp_path / "data"), "BART_INTERPRETER__KIND": reader}
    environ |= {f"BART_GROUP__{key}": value for key, value in settings.items()}
    async with open_app(load(None, environ)) as app, running(app):
        await let_in(app)
        yield app


@asynccontextmanager
async def running(app: App) -> AsyncIterator[None]:
    """The host runs, and does not end by itself."""
    host = asyncio.create_task(app.host.run())
    try:
        yield
        if host.done():
            await host
            raise AssertionError("the host has ended by itself")
    finally:
        host.cancel()
        with suppress(asyncio.CancelledError):
            await host


async def let_in(app: App) -> None:
    """The admin says yes."""
    await press(app, "Ik ben beheerder")
    await press(app, "Ja, zet aan")
    await eventually(lambda: said_by_bart(app, "BART staat aan"))


def rooms_of(app: App) -> WebRooms:
    assert app.site.rooms is not None
    return app.site.rooms


async def say(app: App, number: str, text: str, who: Address = JAN) -> None:
    await rooms_of(app).say(ROOM, who, Utterance(client_id=f"client-{number}", text=text))


async def press(app: App, label: str, who: Address = FATIMA) -> None:
    def offered() -> list[str]:
        entries = rooms_of(app).history(ROOM, who)
        return [choice.key for entry in entries for choice in entry.choices if choice.label == label]

    await eventually(lambda: bool(offered()))
    await rooms_of(app).press(ROOM, who, f"press-{label}", offered()[-1])


def said_by_bart(app: App, words: str) -> bool:
    entries = rooms_of(app).history(ROOM, JAN)
    return any(words in "".join(span.text for span in entry.spans) for entry in entries if entry.by_bot)


async def eventually(true: Callable[[], bool | Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while True:
            now = true()
            if now if isinstance(now, bool) else await now:
                return
            await asyncio.sleep(0.02)


async def stages(app: App) -> list[Stage]:
    (line,) = await app.parts.views.groups(None)
    return [one.stage for one in (await app.parts.store.load([line.id]))[line.id].incidents.values()]
