"""Who is looking: sessions of staff, form tokens, and the pages to log in and out."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import cast
from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request

from adapters.web.record import Site
from bot.model.staff import AuditEntry, StaffAccount, StaffRole, StaffSession

SESSION_COOKIE = "bart_sessie"
FORM_COOKIE = "bart_formulier"
SESSION_FOR = timedelta(hours=12)
DESK_ROLES = frozenset({StaffRole.DESK, StaffRole.OPERATOR})


class LoginNeeded(HTTPException):
    """The page is for staff; the visitor is sent to the login page."""

    def __init__(self) -> None:
        super().__init__(401)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request's visitor. `form_token` must come back with every form; `new_form_token`: set its cookie."""

    form_token: str
    new_form_token: bool = False
    account: StaffAccount | None = None
    session: StaffSession | None = None

    @property
    def desk(self) -> bool:
        """May handle cases."""
        return self.account is not None and bool(self.account.roles & DESK_ROLES)


NOBODY = Visit(form_token="")


def hashed(token: str) -> str:
    """What the session table holds of a cookie."""
    return hashlib.sha256(token.encode()).hexdigest()


def site_of(request: Request) -> Site:
    """The record this app was built from."""
    return cast(Site, request.app.state.pages.site)


async def visit(request: Request) -> Visit:
    """The visitor, looked up once a request."""
    known = getattr(request.state, "visit", None)
    if known is None:
        known = request.state.visit = await _look_up(request)
    return cast(Visit, known)


async def _look_up(request: Request) -> Visit:
    site = site_of(request)
    token = request.cookies.get(SESSION_COOKIE, "")
    if token:
        session = await site.staff.session(hashed(token), site.clock.moment().now)
        account = await site.staff.account(session.account) if session else None
        if session and account and not account.disabled:
            return Visit(form_token=session.csrf, account=account, session=session)
    cookie = request.cookies.get(FORM_COOKIE, "")
    return Visit(form_token=cookie or secrets.token_urlsafe(24), new_form_token=not cookie)


async def staff(request: Request) -> StaffAccount:
    """The account of a visitor who must have one."""
    account = (await visit(request)).account
    if account is None:
        raise LoginNeeded
    return account


async def read_form(request: Request) -> FormData:
    """The form a visitor sent, once its token is right; 403 otherwise."""
    who = await visit(request)
    form = await request.form(max_files=0, max_fields=20)
    token = form.get("token")
    known = not who.new_form_token and isinstance(token, str)
    if not known or not secrets.compare_digest(str(token).encode(), who.form_token.encode()):
        raise HTTPException(403)
    return form


def field(form: FormData, name: str) -> str:
    """One text field, stripped; "" when it is not there."""
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""


async def open_session(site: Site, account: StaffAccount) -> str:
    """A new session, and the token for its cookie."""
    token = secrets.token_urlsafe(32)
    now = site.clock.moment().now
    await site.staff.open_session(
        StaffSession(
            token=hashed(token),
            account=account.name,
            csrf=secrets.token_urlsafe(24),
            expires_at=now + SESSION_FOR,
        )
    )
    await note(site, account, "login")
    return token


async def note(site: Site, account: StaffAccount, act: str, subject: str = "") -> None:
    """A line in the audit trail."""
    await site.audit.record(
        AuditEntry(
            at=site.clock.moment().now,
            tenant_id=account.tenant_id,
            actor=account.name,
            act=act,
            subject=subject,
        )
    )


def local_path(path: str) -> str:
    """A path on this site to go on to; "/" for anything that could lead elsewhere."""
    inside = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return quote(path, safe="/?=&-_.~%") if inside else "/"
