"""/overzicht: what was filed in the area, without anybody's words."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.web import words
from adapters.web.maps import pin, public_label, public_point
from adapters.web.pages import pages
from adapters.web.sessions import LoginNeeded, visit
from bot.model.taxonomy import category
from bot.model.view import ReportLine

SHOWN = ("open", "dicht", "alles")


async def overview(request: Request) -> Response:
    """Open in the demo, behind the login elsewhere. Who is not staff sees no reports about people."""
    home, who = pages(request), await visit(request)
    if who.account is None and not home.site.demo:
        raise LoginNeeded
    tenant = home.tenant(who)
    lines = await home.site.views.reports(tenant.id)
    if who.account is None:
        lines = [line for line in lines if not category(line.category).about_people]
    show = request.query_params.get("toon", "alles")
    show = show if show in SHOWN else "alles"
    chosen = request.query_params.get("soort", "")
    listed = [
        line
        for line in lines
        if (show == "alles" or line.status.is_open is (show == "open")) and chosen in ("", line.category)
    ]
    return await home.page(
        request,
        "overview.html",
        tenant=tenant,
        lines=listed,
        label=public_label,
        show=show,
        chosen=chosen,
        sorts=sorted({line.category for line in lines} | ({chosen} if chosen else set()), key=words.sort),
        map_data=home.map_data(tenant.id, [found for line in listed if (found := _pin(line))]),
    )


def _pin(line: ReportLine) -> dict[str, object] | None:
    point = public_point(line.place)
    if point is None:
        return None
    return pin(
        point,
        f"{words.sort(line.category)}, {public_label(line.place)}",
        (words.STATUS[line.status], words.neighbours(line.neighbours)),
        str(line.status),
    )


ROUTES = [Route("/overzicht", overview)]
