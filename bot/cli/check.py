"""`bart check`: is everything ready for `bart run`? Changes nothing, reads no messages, starts no second bot."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.cli import ending
from bot.cli.asking import Args, Commands, command
from bot.cli.opening import quiet, settings
from bot.cli.telling import say
from bot.cli.telling import table as show
from bot.model.errors import BartError
from bot.model.ids import TenantId
from bot.model.reading import Area
from bot.model.tenant import Route
from bot.ports.checks import Checks
from bot.ports.geocoder import Geocoder
from bot.process.route import table

if TYPE_CHECKING:
    from bot.config import Config

PATIENCE_S = 10.0
"""How long another computer may take to answer."""
PROBE = "Dorpsstraat"
"""What geocoders are asked for: the streets of no resident in particular."""
ROOM_MB = 200
"""Below this much free disk something will soon fail to be written."""


def add_to(commands: Commands) -> None:
    """The command."""
    parser = command(
        commands, "check", "say whether settings, data and everything outside are ready to run", check
    )
    parser.add_argument("--routes", metavar="TENANT", help="show instead who takes which category, and where")


def check(args: Args) -> int:
    """One line for each thing; exit code 1 where any has a fault."""
    from bot.app import adapters_of, versions

    quiet(args)
    try:
        config = settings(args)
    except BartError as error:
        return _tell("settings", str(error), False)
    if args.routes is not None:
        return routes(config, args.routes)
    told = [
        _tell("settings", f"{config.source.file}: {len(config.tenants)} tenant(s)", True),
        line("data", lambda: _data(config.server.data)),
        line("database", lambda: _database(versions(config).found, versions(config).known)),
    ]
    makers = adapters_of(config)
    told += [line(f"routes of {name}", partial(_routes, config, name, makers)) for name in config.tenants]
    for name, make in makers.items():
        told.append(line(name, partial(_ask, make)))
    return max(told)


def routes(config: Config, name: str) -> int:
    """Every category of a tenant with who takes it; a line more for each area where somebody else does."""
    from bot.app import adapters_of, placed

    if name not in config.tenants:
        return _tell("settings", f'there is no tenant "{name}"; there is: {", ".join(config.tenants)}', False)
    try:
        tenant = placed(config, TenantId(name), adapters_of(config)[f"geocoder of {name}"])
    except BartError as error:
        return _tell(f"routes of {name}", str(error), False)
    labels = {area.name: area.label for area in tenant.areas}
    rows = [
        (slug, labels.get(where, "everywhere else" if labels else ""), taker(one))
        for slug, where, one in table(tenant)
    ]
    show(("CATEGORY", "WHERE", "GOES TO"), rows, "")
    beyond = [taker(one.route) for one in tenant.neighbours] or ["text elsewhere.unknown"]
    say(
        f"outside the border: {'; '.join(beyond)}"
        if tenant.border
        else "outside the border: not known, so nowhere"
    )
    return ending.DONE


def taker(route: Route) -> str:
    """Who takes it, in one line."""
    reach = ", ".join(part for part in (route.number, route.link) if part)
    if route.who:
        return f"{route.who} ({reach})" if reach else route.who
    return f"desk {route.desk}" if route.desk else f"text {route.instead}"


def _routes(config: Config, tenant: TenantId, makers: Mapping[str, Callable[[], Any]]) -> str:
    """Raises `ConfigError` for an area that is not on the map."""
    from bot.app import placed

    made = placed(config, tenant, makers[f"geocoder of {tenant}"])
    desks = sorted({one.desk for _, _, one in table(made) if one.desk})
    border = "with a border" if made.border else "without a border"
    return f"{', '.join(desks) or 'no desk'}; {len(made.areas)} area(s), {border}"


def _tell(name: str, what: str, good: bool) -> int:
    say(f"{'ok' if good else 'FAULT':<5}  {name:<24} {what}")
    return ending.DONE if good else ending.WRONG


def line(name: str, look: Callable[[], str]) -> int:
    """One line whatever happens: a fault in one thing must not hide the next."""
    try:
        return _tell(name, look(), True)
    except TimeoutError:
        return _tell(name, f"no answer within {PATIENCE_S:g} s", False)
    except Exception as error:
        return _tell(name, ending.told(error)[1], False)


def _data(data: Path) -> str:
    there = next(path for path in (data.absolute(), *data.absolute().parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise BartError(f"{there}: cannot be written to")
    free = shutil.disk_usage(there).free // 2**20
    if free < ROOM_MB:
        raise BartError(f"{there}: only {free} MB free")
    return f"{data}: can be written to" if data.exists() else f"{data}: will be made"


def _database(found: int | None, known: int) -> str:
    if found is None:
        return "will be made"
    if found > known:
        raise BartError(f"is at version {found}, this BART knows up to {known}: upgrade BART")
    if found < known:
        raise BartError(f"is at version {found} and needs migrating to {known}: bart migrate")
    return f"version {found}"


def _ask(make: Callable[[], Any]) -> str:
    return asyncio.run(asked(make))


async def asked(make: Callable[[], Any]) -> str:
    """An adapter that can check itself does; a geocoder is asked for a place everybody may know."""
    adapter = make()
    async with asyncio.timeout(PATIENCE_S), AsyncExitStack() as stack:
        if isinstance(adapter, Checks):
            return await adapter.check()
        if isinstance(adapter, Geocoder):
            if isinstance(adapter, AbstractAsyncContextManager):
                await stack.enter_async_context(adapter)
            await adapter.find(PROBE, Area())
            return "answers"
    return "settings are right"
