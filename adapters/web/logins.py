"""/inloggen and /uitloggen."""

from __future__ import annotations

import secrets

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from adapters.web import words
from adapters.web.accounts import Doorkeeper, make_account
from adapters.web.pages import pages
from adapters.web.record import Site
from adapters.web.sessions import (
    SESSION_COOKIE,
    SESSION_FOR,
    field,
    local_path,
    note,
    open_session,
    read_form,
    visit,
)
from bot.model.ids import TenantId
from bot.model.staff import StaffAccount, StaffRole

DEMO_ACCOUNT = "demo-gemeente"


async def form(request: Request) -> Response:
    """The login page."""
    onward = local_path(request.query_params.get("naar", "/"))
    return await pages(request).page(request, "login.html", name="", problem="", onward=onward)


async def login(request: Request) -> Response:
    """The same answer for a wrong name, a wrong password and a locked account."""
    sent = await read_form(request)
    name, onward = field(sent, "naam").lower(), local_path(field(sent, "naar"))
    site = pages(request).site
    doorkeeper: Doorkeeper = request.app.state.doorkeeper
    password = sent.get("wachtwoord", "")
    attempt = await doorkeeper.attempt(name, password if isinstance(password, str) else "")
    if attempt.account is None or not attempt.welcome:
        if attempt.account is not None:
            await note(site, attempt.account, "login.locked" if attempt.locked else "login.refused")
        site.log.info("login.refused", locked=attempt.locked)
        return await pages(request).page(
            request, "login.html", 401, name=name, problem=words.LOGIN_REFUSED, onward=onward
        )
    return await _welcome(request, attempt.account, onward)


async def demo_login(request: Request) -> Response:
    """One click makes a visitor the municipality, in the demo only."""
    site = pages(request).site
    if not site.demo:
        raise HTTPException(404)
    sent = await read_form(request)
    account = await site.staff.account(DEMO_ACCOUNT) or await _demo_account(site)
    return await _welcome(request, account, local_path(field(sent, "naar")))


async def logout(request: Request) -> Response:
    """Ends the session on the server, not only in the browser."""
    await read_form(request)
    who = await visit(request)
    if who.account and who.session:
        site = pages(request).site
        await site.staff.close_session(who.session.token)
        await note(site, who.account, "logout")
    response = RedirectResponse("/", 303)
    response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="lax")
    return response


async def _welcome(request: Request, account: StaffAccount, onward: str) -> Response:
    site = pages(request).site
    old = (await visit(request)).session
    if old is not None:
        await site.staff.close_session(old.token)
    response = RedirectResponse(onward, 303)
    response.set_cookie(
        SESSION_COOKIE,
        await open_session(site, account),
        max_age=int(SESSION_FOR.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return response


async def _demo_account(site: Site) -> StaffAccount:
    tenant: TenantId = next(iter(site.offices or site.tenants))
    account = make_account(
        DEMO_ACCOUNT,
        tenant,
        [StaffRole.DESK, StaffRole.MUNICIPALITY],
        secrets.token_urlsafe(32),
        site.clock.moment().now,
    )
    await site.staff.save_account(account)
    return account


ROUTES = [
    Route("/inloggen", form, methods=["GET"]),
    Route("/inloggen", login, methods=["POST"]),
    Route("/inloggen/demo", demo_login, methods=["POST"]),
    Route("/uitloggen", logout, methods=["POST"]),
]
