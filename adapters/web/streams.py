"""Server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Any, TypeVar

from starlette.responses import StreamingResponse

HEARTBEAT_SECONDS = 15.0
RETRY_MS = 2000
T = TypeVar("T")


def frame(data: str, *, event: str = "", id_: str = "") -> bytes:
    """One event; `data` must be one line."""
    head = (f"event: {event}\n" if event else "") + (f"id: {id_}\n" if id_ else "")
    return f"{head}data: {data}\n\n".encode()


async def beating(
    source: AsyncIterator[T],
    render: Callable[[T], bytes],
    stopping: asyncio.Event,
    heartbeat: float = HEARTBEAT_SECONDS,
) -> AsyncGenerator[bytes, None]:
    """The source as frames, with a comment line whenever it is silent, until it ends or the site stops."""
    stop = asyncio.ensure_future(stopping.wait())
    coming: asyncio.Future[T] | None = None
    try:
        yield f"retry: {RETRY_MS}\n\n".encode()
        while not stopping.is_set():
            coming = coming or asyncio.ensure_future(anext(source))
            either: set[asyncio.Future[Any]] = {coming, stop}
            await asyncio.wait(either, timeout=heartbeat, return_when=asyncio.FIRST_COMPLETED)
            if coming.done():
                try:
                    item = coming.result()
                except StopAsyncIteration:
                    return
                coming = None
                yield render(item)
            elif not stop.done():
                yield b": nog hier\n\n"
    finally:
        await _put_away(source, stop, coming)


async def _put_away(source: AsyncIterator[T], *tasks: asyncio.Future[Any] | None) -> None:
    waiting = [task for task in tasks if task is not None]
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    close = getattr(source, "aclose", None)
    if close is not None:
        await close()


def stream(frames: AsyncIterator[bytes]) -> StreamingResponse:
    """The response around it; proxies are asked not to buffer."""
    return StreamingResponse(
        frames,
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
