"""What commands open: the settings, and the storage beside a server that may be running."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli.asking import Act, Args
from bot.model.errors import InputError
from bot.model.ids import TenantId

if TYPE_CHECKING:
    from bot.app import Storage
    from bot.config import Config

Stored = Callable[["Storage", Args], Awaitable[int]]
"""A command that works on an open storage."""


def settings(args: Args, environ: Mapping[str, str] | None = None) -> Config:
    """The config of `--config`, else of BART_CONFIG, else the demo, with what the options say over it."""
    from bot.config import load

    environ = os.environ if environ is None else environ
    named = environ.get("BART_CONFIG", "")
    config = load(args.config or (Path(named) if named else None), environ)
    given = {name: getattr(args, name, None) for name in ("data", "host", "port")}
    over = {name: value for name, value in given.items() if value is not None}
    return replace(config, server=replace(config.server, **over))


def quiet(args: Args) -> None:
    """Commands speak for themselves: of the log only errors are shown."""
    from bot.logs import configure

    configure("debug" if args.debug else "error", "console")


def stored(handler: Stored, makes: bool = False) -> Act:
    """A command on the database and the vault. Only with `makes` they may come into being here: for all others
    an empty folder is a mistake in the settings."""

    def act(args: Args) -> int:
        from bot.app import DATABASE, open_storage

        config = settings(args)
        quiet(args)
        data = config.server.data
        if makes:
            usable(data)
        elif not (data / DATABASE).is_file():
            raise InputError(str(data), "has no BART database; say with --data or --config where it is")

        async def on_storage() -> int:
            async with open_storage(config) as storage:
                return await handler(storage, args)

        return asyncio.run(on_storage())

    return act


def usable(data: Path) -> None:
    """Make the data folder, or say with its name why that cannot be."""
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise InputError(str(data), f"cannot be the data folder: {error.strerror}") from None
    if not os.access(data, os.W_OK | os.X_OK):
        raise InputError(str(data), "cannot be the data folder: Permission denied")


def tenant(config: Config, name: str | None, option: str = "--tenant") -> TenantId:
    """The tenant of this name; without a name the only one there is."""
    there = ", ".join(config.tenants)
    if name is None:
        if len(config.tenants) != 1:
            raise InputError(option, f"say for which tenant; there is: {there}")
        return next(iter(config.tenants))
    if name not in config.tenants:
        raise InputError(option, f'there is no tenant "{name}"; there is: {there}')
    return TenantId(name)
