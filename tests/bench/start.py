"""How soon BART answers after its start, and what it weighs when nothing happens."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import httpx

IDLE_SECONDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Seconds until the first page answers; resident megabytes after some idle seconds."""

    ready_seconds: float
    idle_rss_mb: float


def start() -> Start:
    """The demo, as a newcomer starts it, on an empty data folder."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "bot", "run", "--port", "0", "--data", folder]
        began = time.perf_counter()
        quiet = {**os.environ, "BART_LOG__LEVEL": "error"}
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=quiet) as process:
            try:
                url = process.stdout.readline().strip() if process.stdout else ""
                httpx.get(f"{url}/healthz").raise_for_status()
                ready = time.perf_counter() - began
                time.sleep(IDLE_SECONDS)
                return Start(ready_seconds=ready, idle_rss_mb=_rss_mb(process.pid))
            finally:
                process.terminate()


def _rss_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024
