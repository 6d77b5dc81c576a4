"""What `bart check` finds out, in the order in which things depend on each other. Nothing is made there.

What cannot be read is asked with a report that can never be taken, because its text is empty: Signalen answers
with everything else that is wrong with it. In public that is one of the hour's POSTs.
"""

from __future__ import annotations

from typing import Any, NoReturn

from adapters.desks.signalen.categories import LAST_RESORT, Categories, path_of
from adapters.desks.signalen.client import Client, Forbidden, Refusal
from adapters.desks.signalen.options import Options
from adapters.desks.signalen.private import LIST
from adapters.desks.signalen.public import LIST as PUBLIC
from adapters.desks.signalen.rows import MadeRow, ReportPage
from adapters.desks.signalen.tree import Tree
from adapters.desks.signalen.wording import iso
from bot.model.errors import (
    DeskCredentials,
    DeskError,
    DeskLater,
    DeskUnsure,
    StartError,
    StartTrouble,
    UnknownReport,
)
from bot.ports.clock import Clock

SOMEWHERE = (52.1, 5.2)
"""In the middle of the country, where no `pin` is set."""


async def check(client: Client, tree: Tree, clock: Clock, options: Options) -> str:
    """A few words when all is well; raises `StartError` with what is wrong and where to put it right."""
    categories = await _categories(tree, options)
    if options.has_account:
        await _account(client, options)
    await _report(client, clock, options)
    lost = categories.lost()
    told = f"; {', '.join(lost)} go to {LAST_RESORT}" if lost else ""
    way = "the private API" if options.files_privately else "the public API"
    return f"files through {way} as {options.source}, {len(categories.active)} categories{told}"


async def _categories(tree: Tree, options: Options) -> Categories:
    try:
        categories = await tree.categories(again=True)
    except DeskLater as error:
        _fail(StartTrouble.FOR_NOW, f"url: {options.base} does not answer as Signalen does: {error}")
    except DeskError as error:
        _fail(StartTrouble.FOR_GOOD, f"url: {options.base} does not answer as Signalen does: {error}")
    if LAST_RESORT not in categories.active:
        _fail(StartTrouble.FOR_GOOD, f"categories: {LAST_RESORT} is not there or not active")
    wrong = sorted(ours for ours, path in options.categories.items() if path not in categories.active)
    if wrong:
        path = options.categories[wrong[0]]
        _fail(StartTrouble.FOR_GOOD, f"categories.{wrong[0]}: {path} is not there or not active")
    return categories


async def _account(client: Client, options: Options) -> None:
    try:
        await client.token()
    except DeskCredentials as error:
        _fail(StartTrouble.CREDENTIALS, f"token_url, client_id or client_secret: {error}")
    except DeskLater as error:
        _fail(StartTrouble.FOR_NOW, f"token_url: {error}")
    try:
        await client.get(LIST, ReportPage, [("source", options.source), ("page_size", "1")])
    except Forbidden as error:
        _fail(StartTrouble.CREDENTIALS, f"rights: may not read reports (sia_read): {error}")
    except DeskCredentials as error:
        _fail(StartTrouble.CREDENTIALS, f"account: {error}")
    except Refusal as error:
        what = "source" if "source" in error.fields else "url"
        _fail(StartTrouble.FOR_GOOD, f"{what}: Signalen has no Bron {options.source!r}, to the letter ({error})")
    except (DeskLater, UnknownReport) as error:
        _fail(StartTrouble.FOR_NOW, f"url: the private API does not answer: {error}")


async def _report(client: Client, clock: Clock, options: Options) -> None:
    """A report with an empty text is refused for that, and for what else is wrong."""
    try:
        way = LIST if options.files_privately else PUBLIC
        await client.post(way, _impossible(clock, options), MadeRow)
    except Refusal as error:
        _judge(error, options)
    except Forbidden as error:
        _fail(StartTrouble.CREDENTIALS, f"rights: may not make reports (sia_signal_create_initial): {error}")
    except DeskCredentials as error:
        _fail(StartTrouble.CREDENTIALS, f"account: {error}")
    except (DeskLater, DeskUnsure, UnknownReport) as error:
        _fail(StartTrouble.FOR_NOW, f"url: reports cannot be filed now: {error}")


def _judge(error: Refusal, options: Options) -> None:
    if "source" in error.fields:
        kind = "active and not public" if options.files_privately else "active and public"
        _fail(StartTrouble.FOR_GOOD, f"source: the Bron {options.source!r} must be {kind}")
    if "location" in error.fields:
        where = "pin" if options.pin else "pin is not set, and the middle of the country"
        _fail(StartTrouble.FOR_GOOD, f"pin: {where} lies outside the bounding box of this Signalen")
    if "category" in error.fields:
        _fail(StartTrouble.FOR_GOOD, f"categories: {LAST_RESORT} is refused")
    if "text" not in error.fields:
        _fail(StartTrouble.FOR_GOOD, f"url: not what Signalen answers: {error}")


def _impossible(clock: Clock, options: Options) -> dict[str, Any]:
    lat, lon = options.pin or SOMEWHERE
    return {
        "text": "",
        "location": {"geometrie": {"type": "Point", "coordinates": [lon, lat]}},
        "category": {"sub_category": path_of(LAST_RESORT)},
        "reporter": {},
        "incident_date_start": iso(clock.moment().now),
        "source": options.source,
    }


def _fail(trouble: StartTrouble, what: str) -> NoReturn:
    raise StartError(trouble, what) from None
