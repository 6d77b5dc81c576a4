"""Around every request: security headers, size limits, same-origin checks, and no details when something fails."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FORM_LIMIT = 64 * 1024
PHOTO_LIMIT = 20 * 1024 * 1024
UPLOAD_LIMIT = PHOTO_LIMIT + FORM_LIMIT
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

Failed = Callable[[Request, Exception], Awaitable[Response]]


def policy(tiles: str) -> str:
    """The Content-Security-Policy: everything from here, and map tiles from where the config says."""
    parts = urlsplit(tiles)
    elsewhere = f" {parts.scheme}://{parts.netloc.replace('{s}', '*')}" if parts.netloc else ""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; font-src 'self'; "
        f"img-src 'self' data: blob:{elsewhere}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def from_here(headers: Headers) -> bool:
    """Did one of our own pages send this? Browsers always say so with a POST; other programs say nothing."""
    if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return False
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host", "")


def body_limit(scope: Scope, headers: Headers, limits: Mapping[str, int]) -> int:
    """Bytes a request may bring, by where `limits` say so; else photos come to the chat only."""
    for path, limit in limits.items():
        if scope["path"].startswith(path):
            return limit
    chat = scope["path"].startswith("/api/chat/")
    upload = headers.get("content-type", "").startswith("multipart/form-data")
    return UPLOAD_LIMIT if chat and upload else FORM_LIMIT


class Guard:
    """ASGI middleware; `failed` makes the page for an error, `limits` are bytes by the beginning of a path."""

    def __init__(self, app: ASGIApp, *, csp: str, failed: Failed, limits: Mapping[str, int]) -> None:
        self._app = app
        self._limits = limits
        self._failed = failed
        self._headers = {
            "Content-Security-Policy": csp,
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "same-origin",
            "Permissions-Policy": "geolocation=(self), camera=(), microphone=()",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def adorned(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                self._adorn(scope, message)
            await send(message)

        try:
            headers = Headers(scope=scope)
            limited = self._limited(receive, headers, body_limit(scope, headers, self._limits))
            if scope["method"] not in SAFE_METHODS and not from_here(headers):
                raise HTTPException(403)
            await self._app(scope, limited, adorned)
        except Exception as error:
            if started:
                raise
            response = await self._failed(Request(scope, receive), error)
            await response(scope, receive, adorned)

    def _limited(self, receive: Receive, headers: Headers, limit: int) -> Receive:
        told = headers.get("content-length", "0")
        if not told.isdecimal():
            raise HTTPException(400)
        if int(told) > limit:
            raise HTTPException(413)
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise HTTPException(413)
            return message

        return counted

    def _adorn(self, scope: Scope, message: Message) -> None:
        headers = MutableHeaders(scope=message)
        for name, value in self._headers.items():
            headers.setdefault(name, value)
        fixed = scope["path"].startswith("/static/") and message["status"] in (200, 304)
        headers.setdefault("Cache-Control", "public, max-age=31536000, immutable" if fixed else "no-store")
