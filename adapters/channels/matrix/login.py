"""Becoming the bot's account on the homeserver: by a token, or by a password once and the token it gave.

The device stays the same over restarts: encryption keys belong to it, and so does what makes sending idempotent.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import replace
from pathlib import Path

import structlog
from nio import AsyncClient, AsyncClientConfig
from nio.store import SqliteStore

from adapters.channels.matrix import files
from adapters.channels.matrix.line import Line, NoAccess, NotMatrix, path
from adapters.channels.matrix.options import Options
from adapters.channels.matrix.reading import listed, text
from bot.model.errors import Gone, Later, Refused, StartError, StartTrouble

SESSION = "session.json"
KEYS = "keys.db"
DEVICE_NAME = "BART"

log = structlog.get_logger(__name__)


def a_client(options: Options) -> AsyncClient:
    """A connection that does not wait and repeat by itself, and never moves on in the network's log by itself."""
    config = AsyncClientConfig(
        max_limit_exceeded=0,
        max_timeouts=0,
        request_timeout=30,
        store=SqliteStore,
        store_name=KEYS,
        store_sync_tokens=False,
        encryption_enabled=True,
    )
    return AsyncClient(options.homeserver.rstrip("/"), options.user, config=config)


async def enter(client: AsyncClient, options: Options, data: Path) -> None:
    """Log in and open the key store. Raises `StartError` by what is wrong."""
    line = Line(client)
    try:
        await _versions(line)
        record = files.load(data / SESSION)
        if options.by_password:
            record = await _by_password(client, line, options, data, record)
        else:
            client.access_token = options.secret()
        device = await who_am_i(line, options)
    except NotMatrix as error:
        raise StartError(StartTrouble.FOR_GOOD, f"{options.homeserver}: {error}") from error
    except NoAccess as error:
        raise StartError(StartTrouble.CREDENTIALS, f"{options.homeserver}: {error}") from error
    except Later as error:
        raise StartError(StartTrouble.FOR_NOW, f"{options.homeserver}: {error}") from error
    except (Refused, Gone) as error:
        raise StartError(
            StartTrouble.CREDENTIALS, f"{options.homeserver} refuses the account ({error})"
        ) from error
    _open_keys(client, options, data, record, device)


async def probe(options: Options) -> None:
    """Would `enter` work? Asks the homeserver, logs nobody in, writes nothing."""
    client = a_client(options)
    line = Line(client)
    try:
        await _versions(line)
        if not options.by_password:
            client.access_token = options.secret()
            await who_am_i(line, options)
            return
        options.secret()
        flows = listed(await line.get(path("login")), "flows")
        if not any(text(flow, "type") == "m.login.password" for flow in flows):
            raise StartError(StartTrouble.CREDENTIALS, f"{options.homeserver} takes no passwords: use a token")
    except NotMatrix as error:
        raise StartError(StartTrouble.FOR_GOOD, f"{options.homeserver}: {error}") from error
    except NoAccess as error:
        raise StartError(StartTrouble.CREDENTIALS, f"{options.homeserver}: {error}") from error
    except Later as error:
        raise StartError(StartTrouble.FOR_NOW, f"{options.homeserver}: {error}") from error
    finally:
        await client.close()


async def _versions(line: Line) -> None:
    """Is it a homeserver at all?"""
    if not listed(await line.get("/_matrix/client/versions"), "versions"):
        raise NotMatrix(200)


async def who_am_i(line: Line, options: Options) -> str:
    """The device behind the token; `StartError` when it is somebody else's."""
    found = await line.get(path("account", "whoami"))
    if text(found, "user_id") != options.user:
        what = f"{options.where}.user is not whose token this is"
        raise StartError(StartTrouble.CREDENTIALS, what)
    return text(found, "device_id")


async def _by_password(
    client: AsyncClient, line: Line, options: Options, data: Path, record: dict[str, str]
) -> dict[str, str]:
    """The session of last time while it is good; else a new one of the same device."""
    if text(record, "token") and text(record, "user") == options.user:
        client.access_token = record["token"]
        try:
            await line.get(path("account", "whoami"))
            return record
        except NoAccess:
            log.warning("matrix.session_over", account=options.where.rpartition(".")[2])
    client.access_token = ""
    body = {
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": options.user},
        "password": options.secret(),
        "initial_device_display_name": DEVICE_NAME,
    }
    if text(record, "device"):
        body["device_id"] = record["device"]
    answer = await line.ask("POST", path("login"), body)
    client.access_token = text(answer, "access_token")
    fresh = {**record, "user": options.user, "device": text(answer, "device_id"), "token": client.access_token}
    files.save(data / SESSION, fresh)
    return fresh


def _open_keys(client: AsyncClient, options: Options, data: Path, record: dict[str, str], device: str) -> None:
    """The key store of this device. Made for the owner's eyes only, before anything is in it."""
    if not device:
        raise StartError(
            StartTrouble.CREDENTIALS, f"{options.where}: this token has no device: log in for BART alone"
        )
    keys = data / KEYS
    known = text(record, "device")
    if keys.exists() and known and known != device:
        what = f"{keys} belongs to another login of {options.where}: put it aside to begin with new keys"
        raise StartError(StartTrouble.FOR_GOOD, what)
    pickle = text(record, "pickle") or secrets.token_urlsafe(32)
    if known != device or not text(record, "pickle"):
        files.save(data / SESSION, {**record, "user": options.user, "device": device, "pickle": pickle})
    os.close(os.open(keys, os.O_WRONLY | os.O_CREAT, 0o600))
    keys.chmod(0o600)
    client.config = replace(client.config, pickle_key=pickle)
    client.store_path = str(data)
    client.user_id, client.device_id = options.user, device
    try:
        client.load_store()
    except Exception as error:
        # Whatever is wrong with it (another key, half a file): starting with empty keys would lose words.
        raise StartError(StartTrouble.FOR_GOOD, f"{keys}: cannot be opened ({type(error).__name__})") from error
