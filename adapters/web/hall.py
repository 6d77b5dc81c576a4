"""The front door, the map's streets, and what operators' tools ask."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from adapters.web.chat import show_room
from adapters.web.pages import pages
from adapters.web.sessions import LoginNeeded, visit
from bot.model.ids import TenantId


async def front(request: Request) -> Response:
    """In the demo the chat itself; elsewhere a small page with the login."""
    site = pages(request).site
    if site.demo and site.rooms is not None and site.rooms.rooms:
        return await show_room(request, next(iter(site.rooms.rooms.values())), welcome=True)
    if (await visit(request)).desk:
        return RedirectResponse("/loket", 303)
    return await pages(request).page(request, "front.html")


async def streets(request: Request) -> Response:
    """The tenant's outline, streets and places; kept by the browser for ten minutes."""
    tenant = TenantId(request.path_params["tenant"])
    site = pages(request).site
    who = await visit(request)
    if tenant not in site.tenants:
        raise HTTPException(404)
    if not site.demo and site.rooms is None:
        if who.account is None:
            raise LoginNeeded
        if who.account.tenant_id != tenant:
            raise HTTPException(404)
    return JSONResponse(
        dict(site.streets(tenant)),
        media_type="application/geo+json",
        headers={"Cache-Control": "private, max-age=600"},
    )


async def alive(request: Request) -> Response:
    """The process answers."""
    return PlainTextResponse("ok")


async def ready(request: Request) -> Response:
    """503 with the names of the checks that fail."""
    checks = await pages(request).site.ready()
    failing = sorted(name for name, holds in checks.items() if not holds)
    return JSONResponse({"ready": not failing, "failing": failing}, 503 if failing else 200)


async def metrics(request: Request) -> Response:
    """Prometheus' text format."""
    return Response(await pages(request).site.metrics(), media_type="text/plain; version=0.0.4")


ROUTES = [
    Route("/", front),
    Route("/kaart/{tenant}.geojson", streets),
    Route("/healthz", alive),
    Route("/readyz", ready),
    Route("/metrics", metrics),
]
