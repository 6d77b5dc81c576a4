"""/loket: the list of cases, with filters, pages and a map; and the same list to take along as a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import quote, urlencode

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.web import export, words
from adapters.web.counter import colleagues, counter
from adapters.web.maps import pin
from adapters.web.pages import pages
from adapters.web.sessions import note
from bot.model.desk import Case
from bot.model.place import Place, Point
from bot.model.report import Status
from bot.model.tenant import Area

SHOWN = ("open", "dicht", "alles")
"""Values of the first filter."""
PAGE = 25
MOST_PINS = 500
"""What a phone still draws; the list has them all."""
LONGEST_SEARCH = 100
NOBODY = "-"
"""The value of "whose" for cases that nobody has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Age:
    """How long ago a case came in: less than `under`, at least `over`."""

    under: timedelta = timedelta.max
    over: timedelta = timedelta.min

    def fits(self, case: Case, now: datetime) -> bool:
        return self.over <= now - case.received_at < self.under


AGES: dict[str, Age] = {
    "dag": Age(under=timedelta(days=1)),
    "week": Age(under=timedelta(days=7)),
    "oud": Age(over=timedelta(days=7)),
    "maand": Age(over=timedelta(days=30)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody wants to see, as it stands in the address of the page. "" is no wish."""

    toon: str = "open"
    soort: str = ""
    stand: str = ""
    wijk: str = ""
    oud: str = ""
    wie: str = ""
    zoek: str = ""
    blad: int = 1

    @property
    def query(self) -> str:
        """For a link to the same list."""
        return urlencode({name: value for name, value in asdict(self).items() if value not in ("", 1)})

    def on(self, blad: int) -> str:
        """For a link to another page of it."""
        return replace(self, blad=blad).query

    def showing(self, toon: str) -> str:
        """For a link to the same with other cases."""
        return replace(self, toon=toon, stand="", blad=1).query

    @property
    def narrow(self) -> bool:
        """Is anything left out but by the first filter?"""
        return any((self.soort, self.stand, self.wijk, self.oud, self.wie, self.zoek))


def wanted(query: QueryParams) -> Wanted:
    """What an address asks for; what it cannot ask for is no wish."""
    toon, stand, oud = query.get("toon", "open"), query.get("stand", ""), query.get("oud", "")
    blad = query.get("blad", "1")
    return Wanted(
        toon=toon if toon in SHOWN else "open",
        soort=query.get("soort", ""),
        stand=stand if stand in set(Status) else "",
        wijk=query.get("wijk", ""),
        oud=oud if oud in AGES else "",
        wie=query.get("wie", ""),
        zoek=query.get("zoek", "").strip()[:LONGEST_SEARCH],
        blad=max(int(blad), 1) if blad.isdecimal() and len(blad) < 6 else 1,
    )


def listed(cases: Iterable[Case], wish: Wanted, areas: Sequence[Area], now: datetime) -> list[Case]:
    """What fits, open cases first, newest first. Words are looked for in what residents released, the place and
    the number, all of them."""
    sought = wish.zoek.casefold().split()
    area = next((one for one in areas if one.name == wish.wijk), None)
    found = [
        case
        for case in cases
        if (wish.toon == "alles" or case.status.is_open is (wish.toon == "open"))
        and wish.soort in ("", case.category)
        and wish.stand in ("", case.status)
        and (not wish.wijk or (area is not None and lies_in(case.place, area)))
        and (not wish.oud or AGES[wish.oud].fits(case, now))
        and wish.wie in ("", case.assigned or NOBODY)
        and _speaks_of(case, sought)
    ]
    return sorted(found, key=lambda case: not case.status.is_open)


def lies_in(place: Place, area: Area) -> bool:
    """A place that is nowhere on the map lies in no area."""
    return place.point is not None and area.region.holds(place.point)


def _speaks_of(case: Case, sought: list[str]) -> bool:
    told = " ".join((case.reference, case.text, case.place.label)).casefold()
    return all(word in told for word in sought)


async def queue(request: Request) -> Response:
    """The list."""
    desk = await counter(request)
    home, tenant = pages(request), desk.tenant
    cases = await desk.office.cases(tenant.id)
    wish = wanted(request.query_params)
    found = listed(cases, wish, tenant.areas, home.site.clock.moment().now)
    last = max(-(-len(found) // PAGE), 1)
    wish = replace(wish, blad=min(wish.blad, last))
    begin = (wish.blad - 1) * PAGE
    pins = [pinned(case) for case in found if case.place.point][:MOST_PINS]
    kinds = {case.category for case in cases} | ({wish.soort} if wish.soort else set())
    return await home.page(
        request,
        "queue.html",
        tenant=tenant,
        wish=wish,
        total=len(found),
        cases=found[begin : begin + PAGE],
        last=last,
        sorts=sorted(kinds, key=words.sort),
        staff=await colleagues(request, tenant),
        nobody=NOBODY,
        map_data=home.map_data(tenant.id, pins),
    )


def pinned(case: Case, *, link: bool = True) -> dict[str, object]:
    """Staff see the place as it was reported; only for a case that has a point."""
    return pin(
        case.place.point or Point(lat=0, lon=0),
        f"{words.sort(case.category)}, {case.place.label}",
        (words.STATUS[case.status], words.neighbours(case.neighbours)),
        str(case.status),
        f"/loket/{quote(case.reference, safe='')}" if link else "",
    )


async def take_along(request: Request, form: str) -> Response:
    """The whole list that was asked for, as a file."""
    desk = await counter(request)
    site = pages(request).site
    cases = await desk.office.cases(desk.tenant.id)
    found = listed(cases, wanted(request.query_params), desk.tenant.areas, site.clock.moment().now)
    write, kind = export.FORMS[form]
    await note(site, desk.account, f"cases.{form}")
    name = f"meldingen-{desk.tenant.id}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(write(found, desk.tenant), media_type=kind, headers=headers)


ROUTES = [
    Route("/loket", queue),
    *(Route(f"/loket/uitvoer.{form}", partial(take_along, form=form)) for form in export.FORMS),
]
