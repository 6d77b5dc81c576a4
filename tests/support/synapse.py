"""A real Matrix homeserver for tests: Synapse on loopback, in a virtual environment of its own.

`make synapse` puts it there (or `BART_SYNAPSE` names another environment that has it). Run as a module this file
says whether it is there.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[2]
HOME = Path(os.environ.get("BART_SYNAPSE") or ROOT / ".venv-synapse")
ADVICE = "Matrix tests need Synapse: make synapse"
NAME = "synapse.test"
PATIENCE_S = 60.0
SECRET = "only-on-loopback"
_OPEN = {"per_second": 10_000, "burst_count": 10_000}


def is_installed() -> bool:
    """Is there a Synapse to start?"""
    return (HOME / "bin" / "synapse_homeserver").exists()


@dataclass(slots=True)
class Synapse:
    """A homeserver that runs from `start` to `stop`, on the same port and files each time."""

    folder: Path
    port: int
    limits: dict[str, Any] = field(default_factory=dict)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where clients reach it."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Of the running process."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Returns when it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        config = self.folder / "homeserver.yaml"
        config.write_text(json.dumps(_config(self.folder, self.port) | self.limits))
        key = self.folder / "signing.key"
        if not key.exists():
            key.write_text(f"ed25519 a_test {base64.b64encode(secrets.token_bytes(32)).decode().rstrip('=')}\n")
        with (self.folder / "output.log").open("ab") as output:
            self._process = subprocess.Popen(
                [HOME / "bin" / "python", "-m", "synapse.app.homeserver", "-c", config],
                cwd=self.folder,
                stdout=output,
                stderr=output,
            )
        self._wait()

    def stop(self) -> None:
        """Ends at once: nothing of it is needed later."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def register(self, name: str, password: str, admin: bool = False) -> str:
        """A user by the shared secret; returns the full id."""
        with httpx.Client(base_url=self.url, timeout=PATIENCE_S) as http:
            nonce = http.get("/_synapse/admin/v1/register").json()["nonce"]
            rank = "admin" if admin else "notadmin"
            said = "\x00".join((nonce, name, password, rank)).encode()
            mac = hmac.new(SECRET.encode(), said, hashlib.sha1).hexdigest()
            about = {"nonce": nonce, "username": name, "password": password, "admin": admin, "mac": mac}
            answer = http.post("/_synapse/admin/v1/register", json=about)
            answer.raise_for_status()
            return str(answer.json()["user_id"])

    def _wait(self) -> None:
        give_up = time.monotonic() + PATIENCE_S
        while time.monotonic() < give_up:
            assert self._process is not None
            if self._process.poll() is not None:
                break
            try:
                if httpx.get(f"{self.url}/health", timeout=2).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        log = (self.folder / "output.log").read_text(errors="replace")[-2000:]
        self.stop()
        raise AssertionError(f"Synapse did not start: {log}")


@contextmanager
def running(folder: Path, **limits: Any) -> Iterator[Synapse]:
    """A homeserver of its own in this folder; `limits` are keys of its config."""
    server = Synapse(folder, _free_port(), limits)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _config(folder: Path, port: int) -> dict[str, Any]:
    """JSON is YAML. The limits of a real homeserver would make tests wait in silence, so all are raised."""
    return {
        "server_name": NAME,
        "report_stats": False,
        "pid_file": str(folder / "synapse.pid"),
        "signing_key_path": str(folder / "signing.key"),
        "media_store_path": str(folder / "media"),
        "registration_shared_secret": SECRET,
        "macaroon_secret_key": SECRET,
        "suppress_key_server_warning": True,
        "bcrypt_rounds": 4,
        "trusted_key_servers": [],
        "presence": {"enabled": False},
        "database": {"name": "sqlite3", "args": {"database": str(folder / "homeserver.db")}},
        "listeners": [
            {
                "port": port,
                "type": "http",
                "bind_addresses": ["127.0.0.1"],
                "resources": [{"names": ["client"], "compress": False}],
            }
        ],
        "rc_message": _OPEN,
        "rc_registration": _OPEN,
        "rc_admin_redaction": _OPEN,
        "rc_room_creation": _OPEN,
        "rc_reports": _OPEN,
        "rc_login": {"address": _OPEN, "account": _OPEN, "failed_attempts": _OPEN},
        "rc_joins": {"local": _OPEN, "remote": _OPEN},
        "rc_joins_per_room": _OPEN,
        "rc_invites": {"per_room": _OPEN, "per_user": _OPEN, "per_issuer": _OPEN},
    }


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


if __name__ == "__main__":
    sys.exit(0 if is_installed() else ADVICE)
