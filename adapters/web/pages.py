"""Turning templates into responses, errors included."""

from __future__ import annotations

import hashlib
import traceback
from pathlib import Path
from typing import Any, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from adapters.web import words
from adapters.web.record import Site
from adapters.web.sessions import FORM_COOKIE, NOBODY, LoginNeeded, Visit, visit
from bot.model.errors import (
    Gone,
    InputError,
    Later,
    Refused,
    StoreError,
    UnknownReport,
)
from bot.model.ids import TenantId
from bot.model.tenant import Tenant

HERE = Path(__file__).parent
STATIC = HERE / "static"


class Pages:
    """The site's templates, the folder its fixed files are served under, and who looks after it."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.static = f"/static/{_version()}"
        self.epoch = site.clock.moment().fresh("chat history")
        """Chat history lives in memory: a browser that comes back with another epoch starts anew."""
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(words=words, static=self.static, site=site)

    @property
    def home(self) -> Tenant:
        """The tenant whose neighbourhood a visitor without a login sees."""
        return next(iter(self.site.tenants.values()))

    def tenant(self, who: Visit) -> Tenant:
        """The visitor's own tenant; 404 when the config no longer has it."""
        if who.account is None:
            return self.home
        tenant = self.site.tenants.get(who.account.tenant_id)
        if tenant is None:
            raise HTTPException(404)
        return tenant

    async def page(self, request: Request, template: str, status: int = 200, **facts: Any) -> HTMLResponse:
        """A page for whoever is asking, with a form token of theirs."""
        who = await visit(request)
        html = self._templates.get_template(template).render(
            visit=who,
            path=request.url.path,
            now=self.site.clock.moment().now,
            has_rooms=self.site.rooms is not None,
            **facts,
        )
        response = HTMLResponse(html, status)
        if who.new_form_token:
            response.set_cookie(
                FORM_COOKIE,
                who.form_token,
                httponly=True,
                samesite="lax",
                secure=request.url.scheme == "https",
            )
        return response

    def map_data(self, tenant: TenantId, pins: list[dict[str, Any]]) -> dict[str, Any]:
        """What the map script draws."""
        return {
            "streets": f"/kaart/{tenant}.geojson",
            "tiles": self.site.tiles,
            "credit": self.site.tiles_credit,
            "pins": pins,
        }


def pages(request: Request) -> Pages:
    """The pages of this app."""
    return cast(Pages, request.app.state.pages)


def status_of(error: Exception) -> int:
    """The HTTP status that says what kind of trouble this is."""
    if isinstance(error, HTTPException):
        return error.status_code
    kinds: tuple[tuple[type[Exception] | tuple[type[Exception], ...], int], ...] = (
        ((Gone, UnknownReport), 404),
        ((InputError, Refused), 400),
        ((Later, StoreError), 503),
    )
    return next((status for kind, status in kinds if isinstance(error, kind)), 500)


async def failed(request: Request, error: Exception) -> Response:
    """The Dutch page, or for the API the JSON, of an error; without details of what went wrong inside."""
    if isinstance(error, LoginNeeded):
        return RedirectResponse(f"/inloggen?naar={request.url.path}", 303)
    status = status_of(error)
    if status >= 500:
        _tell(pages(request).site, error)
    title, line = words.error(status)
    if request.url.path.startswith("/api/"):
        if isinstance(error, InputError):
            return JSONResponse({"where": error.where, "what": error.what}, status)
        return JSONResponse({"where": "", "what": line}, status)
    if status >= 500:
        request.state.visit = NOBODY
    return await pages(request).page(request, "error.html", status, title=title, line=line, code=status)


def _tell(site: Site, error: Exception) -> None:
    """The place in the code, never the words of the error: those may be a resident's."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    site.log.error("page.failed", error=type(error).__name__, at=f"{last.name}:{last.lineno}")


def _version() -> str:
    digest = hashlib.sha256()
    for file in sorted(STATIC.rglob("*")):
        if file.is_file():
            digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:12]
