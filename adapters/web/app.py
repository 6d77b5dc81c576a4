"""The site: routes, guards and error pages put together."""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from xstatic.pkg import leaflet

from adapters.web import chat, desk, doors, hall, logins, overview, queue
from adapters.web.accounts import Doorkeeper
from adapters.web.guards import Guard, policy
from adapters.web.pages import STATIC, Pages, failed
from adapters.web.record import Site
from bot.model.errors import BartError


def site(record: Site) -> Starlette:
    """The app for a web server. It owns nothing that needs closing; set `record.stopping` before it stops."""
    home = Pages(record)
    limits = {f"{doors.DOORS}{account}/": door.request_limit for account, door in record.doors.items()}
    routes: list[BaseRoute] = [
        *hall.ROUTES,
        *logins.ROUTES,
        *queue.ROUTES,
        *desk.ROUTES,
        *overview.ROUTES,
        *doors.ROUTES,
        *(chat.ROUTES if record.rooms is not None else []),
        Mount(f"{home.static}/leaflet", StaticFiles(directory=Path(leaflet.BASE_DIR))),
        Mount(home.static, StaticFiles(directory=STATIC)),
    ]
    app = Starlette(
        routes=routes,
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=list(record.hosts) or ["*"], www_redirect=False),
            Middleware(Guard, csp=policy(record.tiles), failed=_failed, limits=limits),
        ],
        exception_handlers={HTTPException: _failed, BartError: _failed},
    )
    app.router.redirect_slashes = False
    app.state.pages = home
    app.state.doorkeeper = Doorkeeper(record.staff, record.clock)
    return app


async def _failed(request: Request, error: Exception) -> Response:
    """In the form that who asked understands."""
    answer = await failed(request, error)
    return doors.problem(error) if request.url.path.startswith(doors.DOORS) else answer
