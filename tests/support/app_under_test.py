"""The real app as a process of its own, over real networks of the test's making; its desk is far away.

`python -m tests.support.app_under_test CONFIG`: `open_app` and its host, no pages. A desk of kind "far" stands
behind the socket that its table names (`tests.support.platform`), so that it lives on when the process dies.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from bot import logs
from bot.app import open_app
from bot.config import load
from bot.ports.setup import Setup
from bot.registry import Registry
from tests.support.killpoints import Fuse
from tests.support.process_under_test import FarDesk, Remote

ROOT = Path(__file__).parents[2]
FAR = EntryPoint(name="far", group="bart.desks", value="tests.support.app_under_test:far_desk")


def far_desk(setup: Setup) -> FarDesk:
    """The desk behind the socket of `setup.options`."""
    return FarDesk(Remote(setup.options["socket"], Fuse()))


async def run(config: Path) -> None:
    """Until told to stop, or killed."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    settings = load(config, {})
    logs.configure("warning", "console")
    points = [*entry_points(group="bart.channels"), *entry_points(group="bart.geocoders"), FAR]
    async with open_app(settings, registry=Registry(points)) as app:
        await app.host.run()


@dataclass(slots=True)
class Process:
    """Starts it, ends it, and starts it again."""

    config: Path
    log: Path
    running: subprocess.Popen[bytes] | None = None
    kills: int = 0

    def start(self) -> None:
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "tests.support.app_under_test", str(self.config)]
            self.running = subprocess.Popen(command, cwd=ROOT, env=dict(os.environ), stderr=log)

    def kill(self) -> None:
        """As the machine would: SIGKILL, in the middle of whatever it does."""
        assert self.running is not None
        self.running.kill()
        assert self.running.wait() == -signal.SIGKILL
        self.kills += 1

    def stop(self) -> None:
        """In order."""
        assert self.running is not None
        self.running.terminate()
        self.running.wait(timeout=20)

    def __enter__(self) -> Process:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        if self.running is not None and self.running.poll() is None:
            self.running.kill()
            self.running.wait()


if __name__ == "__main__":
    with suppress(asyncio.CancelledError):
        asyncio.run(run(Path(sys.argv[1])))
