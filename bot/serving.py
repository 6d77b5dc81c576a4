"""The pages on a socket: listens before anything else is opened, says where it is, stops in order."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import structlog
import uvicorn
from starlette.types import ASGIApp

from bot.config import Server
from bot.model.errors import StartError, StartTrouble

log = structlog.get_logger()

SIGNALS = (signal.SIGINT, signal.SIGTERM)
BACKLOG = 2048
"""Connections the system keeps until they are accepted; uvicorn's own default."""

SERVING = "serving.lock"
"""In the data folder. The lock ends with the process that has it, however that ends; the file stays."""


def listen(server: Server) -> socket.socket:
    """A socket on the address of the settings; raises `StartError` naming it when it cannot be had."""
    family = socket.AF_INET6 if ":" in server.host else socket.AF_INET
    try:
        listening = socket.create_server((server.host, server.port), family=family, backlog=BACKLOG)
    except OSError as error:
        # Names that cannot be looked up have codes below zero and words of their own.
        why = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        what = f"cannot listen on {server.host}:{server.port}: {why}"
        raise StartError(StartTrouble.FOR_GOOD, what) from None
    # What is accepted takes this over. Without it the second write of an answer waits 40 ms for the reader's word.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


@contextmanager
def alone(data: Path) -> Iterator[None]:
    """Nobody else serves this data folder meanwhile; raises `StartError` naming it when somebody does.

    Two servers would share one database, but each would have a chat of its own and answer half of the other's.
    """
    handle = os.open(data / SERVING, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise StartError(StartTrouble.FOR_GOOD, f"another bart run already serves {data}") from None
    try:
        yield
    finally:
        os.close(handle)


class Pages(uvicorn.Server):
    """uvicorn that says where the pages are once they answer, and ends live streams when told to stop.

    `stopping` is what the streams of `app` watch.
    """

    def __init__(self, app: ASGIApp, stopping: asyncio.Event, server: Server) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                lifespan="off",
                timeout_graceful_shutdown=3,
            )
        )
        self._stopping = stopping
        self._public_url = server.public_url

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Prints the address, and nothing else ever does: whoever started BART waits for it."""
        await super().startup(sockets)
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        sys.stdout.write(f"{self._public_url or f'http://{shown}:{port}'}\n")
        sys.stdout.flush()
        log.info("app.ready", port=port)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """uvicorn's own would raise a signal again once the pages are closed, before host and database are."""
        loop = asyncio.get_running_loop()
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        for one in SIGNALS:
            loop.add_signal_handler(one, self.handle_exit, one, None)
        try:
            yield
        finally:
            for one in SIGNALS:
                loop.remove_signal_handler(one)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal; the second one does not wait for visitors any more."""
        self.force_exit = self.should_exit
        self.stop()

    def stop(self) -> None:
        """The same without a signal: open streams would otherwise hold the server up."""
        self._stopping.set()
        self.should_exit = True
