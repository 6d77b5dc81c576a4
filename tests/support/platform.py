"""The test's side of a process under test: a network and a desk that outlive it, and whoever starts it again."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, Listener
from pathlib import Path
from typing import Any

from bot.model.channel import Batch, Capabilities, Private
from bot.ports.clock import Clock
from bot.ports.fakes.channel import FakeChannel
from bot.ports.fakes.desk import FakeDesk
from bot.ports.fakes.network import FakeNetwork
from tests.support.killpoints import KILL_AT

ROOT = Path(__file__).parents[2]
BATCH = 10
POLL_SECONDS = 0.25
PATIENCE_SECONDS = 30.0
QUICK: Mapping[str, str] = {
    "BART_GROUP__DEADLINES__RELEASE": "1",
    "BART_GROUP__QUIET__WAIT_MIN": "0",
    "BART_GROUP__QUIET__WAIT_MAX": "0",
}
"""Short waits, over those of the demo."""


@dataclass(slots=True, kw_only=True)
class Platform:
    """A network and a desk behind a socket. What was delivered and not acknowledged is delivered again.

    With `redelivers` the network goes by its own acknowledgements alone, as webhooks do, whatever cursor the
    process comes back with; else asking with a cursor acknowledges it.
    """

    address: str
    network: FakeNetwork
    desk: FakeDesk
    redelivers: bool = False
    acknowledged: int = 0
    _channel: FakeChannel = field(init=False)
    _loop: asyncio.AbstractEventLoop = field(init=False)
    _listener: Listener = field(init=False)

    def __post_init__(self) -> None:
        self._channel = FakeChannel(self.network)

    async def __aenter__(self) -> Platform:
        self._loop = asyncio.get_running_loop()
        self._listener = Listener(self.address, "AF_UNIX", backlog=64)
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._listener.close()

    async def deliver(self, cursor: int) -> tuple[Batch | None, int]:
        """The next events, after a little while also none, and the cursor that stands for them."""
        if not self.redelivers:
            await self.ack(cursor)
        done = self.acknowledged
        if done >= len(self.network.log):
            with suppress(TimeoutError):
                await asyncio.wait_for(self.network.something(), POLL_SECONDS)
            return None, cursor
        upto = min(done + BATCH, len(self.network.log))
        events = tuple(event for event in self.network.log[done:upto] if event is not None)
        return Batch(cursor=str(upto), events=events, deduplicate=self.redelivers), upto

    async def ack(self, upto: int) -> None:
        """The process has this much on disk, it says."""
        self.acknowledged = max(self.acknowledged, upto)
        self.network.commit(upto)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection = self._listener.accept()
                threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: Connection) -> None:
        # The caller may die in the middle; what was asked is done all the same, as on a real network.
        with connection, suppress(EOFError, OSError, CancelledError):
            target, method, args = connection.recv()
            done = asyncio.run_coroutine_threadsafe(self._do(target, method, args), self._loop)
            connection.send(done.result())

    async def _do(self, target: str, method: str, args: tuple[Any, ...]) -> tuple[type[Exception] | None, Any]:
        targets: dict[str, Any] = {"channel": self._channel, "desk": self.desk, "platform": self}
        try:
            answer = getattr(targets[target], method)(*args)
            return None, await answer if asyncio.iscoroutine(answer) else answer
        except Exception as error:
            return type(error), (error.args, dict(vars(error)))


def a_platform(folder: Path, *, clock: Clock, idempotent: bool = True, redelivers: bool = False) -> Platform:
    """With every capability; posts are said twice for one key unless `idempotent`."""
    capabilities = Capabilities(private=Private.ALWAYS, toasts=True, idempotent_send=idempotent)
    return Platform(
        address=str(folder / "platform.sock"),
        network=FakeNetwork(capabilities=capabilities, clock=clock),
        desk=FakeDesk(clock=clock),
        redelivers=redelivers,
    )


@dataclass(slots=True, kw_only=True)
class Kills:
    """How the process is to die, one life after the other: at a point by name, or after seconds.

    What was not reached in a life that went on to the end is left in `queue`.
    """

    queue: list[str | float] = field(default_factory=list)
    done: list[str | float] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Lives:
    """Starts the process, and again whenever it died as planned; any other end of it is a failure."""

    platform: Platform
    data: Path
    kills: Kills
    _process: subprocess.Popen[bytes] | None = None
    _plan: str | float | None = None
    _dies_at: float = 0.0

    def __enter__(self) -> Lives:
        self._start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.end()

    async def until(self, true: Callable[[], bool], what: str) -> None:
        """Wait for it, through as many lives as it takes."""
        give_up = time.monotonic() + PATIENCE_SECONDS
        while not true():
            if time.monotonic() > give_up:
                raise AssertionError(f"not in {PATIENCE_SECONDS:g} s: {what}; kills: {self.kills.done}")
            self.tend()
            await asyncio.sleep(0.01)

    async def survive(self, seconds: float) -> None:
        """Let time pass, through as many lives as it takes."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.tend()
            await asyncio.sleep(0.01)

    def tend(self) -> None:
        """Kill it when its time has come; start it again when it is dead."""
        process = self._process
        assert process is not None
        if isinstance(self._plan, float) and time.monotonic() >= self._dies_at:
            process.kill()
            process.wait()
        if process.poll() is None:
            return
        if process.returncode != -signal.SIGKILL or self._plan is None:
            raise AssertionError(f"the process ended by itself with {process.returncode}")
        self.kills.done.append(self._plan)
        self._start()

    def end(self) -> None:
        """Kill it for good; a plan that did not come true goes back to the others."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        if self._plan is not None:
            self.kills.queue.append(self._plan)
            self._plan = None

    def _start(self) -> None:
        self._plan = self.kills.queue.pop(0) if self.kills.queue else None
        self._dies_at = time.monotonic() + self._plan if isinstance(self._plan, float) else 0.0
        environment = {**os.environ, **QUICK, KILL_AT: self._plan if isinstance(self._plan, str) else ""}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.process_under_test", self.platform.address, str(self.data)],
            cwd=ROOT,
            env=environment,
        )
