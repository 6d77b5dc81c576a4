"""The command line as people use it: in this process, fast, or as a program of its own."""

from __future__ import annotations

import asyncio
import io
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx

from bot.app import Storage, open_storage
from bot.cli import main
from bot.config import load
from tests.support.logging import logging_as_before

Answer = TypeVar("Answer")
BART = (sys.executable, "-m", "bot")
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("BART_")}


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """Of stdout, without the blanks that align columns."""
        return [" ".join(line.split()) for line in self.out.splitlines()]


@dataclass(frozen=True, kw_only=True)
class Shell:
    """Commands on one data folder, in this process."""

    data: Path

    def bart(self, *words: str, stdin: str = "") -> Ended:
        """Run one command; `stdin` is no terminal."""
        out, err, before = io.StringIO(), io.StringIO(), sys.stdin
        sys.stdin = io.StringIO(stdin)
        try:
            with redirect_stdout(out), redirect_stderr(err), logging_as_before():
                code = main([*words, "--data", str(self.data)])
        except SystemExit as left:
            code = int(left.code or 0)
        finally:
            sys.stdin = before
        return Ended(code=code, out=out.getvalue(), err=err.getvalue())

    def storage(self, use: Callable[[Storage], Awaitable[Answer]]) -> Answer:
        """Do something with what rests in the folder."""
        config = load(None, {"BART_SERVER__DATA": str(self.data)})

        async def opened() -> Answer:
            async with open_storage(config) as storage:
                return await use(storage)

        return asyncio.run(opened())


def program(*words: str, environ: dict[str, str] | None = None, cwd: Path | None = None) -> Ended:
    """`bart` as a process of its own."""
    done = subprocess.run(
        [*BART, *words],
        env=CLEAN | {"PYTHONPATH": str(Path.cwd())} | (environ or {}),
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return Ended(code=done.returncode, out=done.stdout, err=done.stderr)


def typed(*words: str, answers: Sequence[tuple[str, str]]) -> Ended:
    """`bart` on a terminal, where somebody waits for each question before typing the answer to it."""
    master, terminal = pty.openpty()
    try:
        # In a session of its own, so that it asks on this terminal and not on that of whoever runs the tests.
        with subprocess.Popen(
            [*BART, *words], env=CLEAN, stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True
        ) as process:
            os.close(terminal)
            seen = ""
            for question, answer in answers:
                begin = len(seen)
                while question not in seen[begin:]:
                    seen += os.read(master, 1024).decode()
                os.write(master, f"{answer}\n".encode())
            seen += _rest(master)
        return Ended(code=process.returncode, out=seen.replace("\r\n", "\n"), err="")
    finally:
        os.close(master)


def _rest(master: int) -> str:
    """Until the program closes the terminal, which Linux tells as an I/O error."""
    rest = ""
    while True:
        try:
            more = os.read(master, 1024).decode()
        except OSError:
            return rest
        if not more:
            return rest
        rest += more


@dataclass
class Server:
    """`bart run` in a process of its own, and the residents' side of its chat."""

    process: subprocess.Popen[str]
    url: str
    room: str = "parijsplein"
    _said: int = field(default=0)

    def say(self, who: str, text: str) -> str:
        """Say something in the chat; returns when BART has taken it in."""
        return str(self._send(who, "messages", text=text)["post"])

    def press(self, who: str, choice: str) -> None:
        """Press a button."""
        self._send(who, "presses", choice=choice)

    def _send(self, who: str, what: str, **body: str) -> dict[str, Any]:
        self._said += 1
        address = f"{self.url}/api/chat/{self.room}/{who}/{what}"
        answer = httpx.post(address, json={"client_id": f"client-{self._said:04}", **body}, timeout=10)
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()
        return told

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Its exit code."""
        self.process.send_signal(how)
        return self.process.wait(timeout=20)


@contextmanager
def serving(data: Path, *words: str, wait: bool = True) -> Iterator[Server]:
    """`bart run` on a free port, killed at the end if it still lives. Without `wait` it has only just begun."""
    with subprocess.Popen(
        [*BART, "run", "--port", "0", "--data", str(data), *words],
        env=CLEAN | {"BART_LOG__LEVEL": "warning"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            yield Server(process=process, url=process.stdout.readline().strip() if wait else "")
        finally:
            process.kill()
