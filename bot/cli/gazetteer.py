"""`bart gazetteer`: streets and places for the map and for finding what residents mean."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli import ending
from bot.cli.asking import Args, Commands, command, group
from bot.cli.opening import quiet, settings, tenant, usable
from bot.cli.telling import say, table
from bot.model.reading import Area

if TYPE_CHECKING:
    from bot.config import Config
    from bot.model.ids import TenantId
    from bot.model.place import Place


def add_to(commands: Commands) -> None:
    """The commands."""
    inner = group(commands, "gazetteer", "import streets and places, or look one up")
    parser = command(inner, "import", "take over streets and places from a CSV or GeoJSON file", import_)
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--tenant", metavar="T", help="whose; needed where there is more than one")
    parser = command(inner, "find", "show what a tenant's geocoder makes of these words", find)
    parser.add_argument("words", nargs="+", metavar="WORDS")
    parser.add_argument("--tenant", metavar="T", help="whose; needed where there is more than one")


def import_(args: Args) -> int:
    """Replaces what was imported before, all or nothing."""
    from bot.app import import_gazetteer

    config = settings(args)
    quiet(args)
    whose = tenant(config, args.tenant)
    usable(config.server.data)
    took = import_gazetteer(config, whose, args.file)
    counts = f"streets {took.streets}, places {took.places}, outlines {took.outlines}"
    say(f"imported for {whose}: {counts}; restart BART to use them")
    return ending.DONE


def find(args: Args) -> int:
    """Best first."""
    config = settings(args)
    quiet(args)
    found = asyncio.run(_find(config, tenant(config, args.tenant), " ".join(args.words)))
    rows = [
        (
            place.label,
            f"{place.point.lat:.6f} {place.point.lon:.6f}" if place.point else "-",
            f"{place.score:.2f}",
            "yes" if place.home else "no",
            place.source,
        )
        for place in found
    ]
    table(("PLACE", "LATITUDE LONGITUDE", "SCORE", "HOME", "SOURCE"), rows, "nothing found")
    return ending.DONE if found else ending.WRONG


async def _find(config: Config, whose: TenantId, words: str) -> tuple[Place, ...]:
    from bot.app import open_geocoder

    async with open_geocoder(config, whose) as geocoder:
        return await geocoder.find(words, Area())
