"""Calls to Signalen, and what each answer means: done, refused, later, or nobody knows.

It answers 500 with an HTML page both before and after it did something, 503 in plain text while it is being
maintained, and 429 with Retry-After; messages are Dutch and English mixed, so nothing is read from them.
"""

from __future__ import annotations

import logging
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
import msgspec

from adapters.desks.signalen.login import Login
from adapters.desks.signalen.options import Options
from adapters.desks.signalen.rows import UnreadableError, read
from bot.model.errors import DeskCredentials, DeskError, DeskLater, DeskUnsure, UnknownReport
from bot.ports.clock import Clock

AWAY_S = 60.0
LONGEST_WAIT_S = 3600.0
T = TypeVar("T")
Params = list[tuple[str, str]]


class Refusal(DeskError):
    """A 400: nothing was done. `fields` are the keys of the answer; none where it is a bare list."""

    def __init__(self, code: int, fields: frozenset[str]) -> None:
        super().__init__(f"answered {code}: {', '.join(sorted(fields)) or 'no fields'}")
        self.code = code
        self.fields = fields


class Forbidden(DeskCredentials):
    """A 403: the account is known and may not do this."""


class Client:
    """Opened at the first call; closed by `close`. `transport` is for tests."""

    def __init__(self, options: Options, clock: Clock, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._options = options
        self._transport = transport
        self._login = Login(options, clock)
        self._http: httpx.AsyncClient | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close connections; the next call opens new ones."""
        http, self._http = self._http, None
        if http is not None:
            await http.aclose()

    async def token(self) -> str:
        """Of the service account."""
        return await self._login.token(self._open())

    async def get(self, path: str, kind: type[T], params: Params | None = None) -> T:
        """Read something; asking twice does no harm, so whatever goes wrong passes."""
        try:
            response = await self._send("GET", path, params=httpx.QueryParams(tuple(params or ())))
            return read(response.content, kind)
        except DeskUnsure as error:
            raise DeskLater(AWAY_S, str(error)) from None
        except UnreadableError as error:
            raise DeskLater(AWAY_S, f"unreadable answer, {error}") from None

    async def post(self, path: str, body: Any, kind: type[T]) -> T:
        """Make something. After `DeskUnsure` it may be there."""
        response = await self._send("POST", path, json=body)
        try:
            return read(response.content, kind)
        except UnreadableError as error:
            raise DeskUnsure(f"unreadable answer, {error}") from None

    async def patch(self, path: str, body: Any) -> None:
        """Change something."""
        await self._send("PATCH", path, json=body)

    async def upload(self, path: str, photo: bytes) -> None:
        """A JPEG. The name must have the ending that fits what is in it."""
        await self._send("POST", path, files={"file": ("foto.jpg", photo, "image/jpeg")})

    def _open(self) -> httpx.AsyncClient:
        if self._http is None:
            # httpx logs whole addresses at INFO; a report's secret number is in them.
            logger = logging.getLogger("httpx")
            logger.setLevel(max(logger.level, logging.WARNING))
            self._http = httpx.AsyncClient(timeout=self._options.timeout_seconds, transport=self._transport)
        return self._http

    async def _send(self, method: str, path: str, **more: Any) -> httpx.Response:
        private = path.startswith("/v1/private/")
        for attempt in (1, 2):
            http, headers, token = self._open(), {"Accept": "application/json"}, ""
            if private:
                token = await self._login.token(http)
                headers["Authorization"] = f"Bearer {token}"
            response = await self._once(http, method, path, headers=headers, **more)
            if response.status_code == httpx.codes.UNAUTHORIZED and private and attempt == 1:
                # A token may be withdrawn before its end.
                self._login.forget(token)
                continue
            return response if response.is_success else _fail(response)
        raise AssertionError("the second attempt returns or raises")

    async def _once(self, http: httpx.AsyncClient, method: str, path: str, **more: Any) -> httpx.Response:
        try:
            return await http.request(method, f"{self._options.base}{path}", **more)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise DeskLater(AWAY_S, type(error).__name__) from None
        except httpx.TransportError as error:
            raise DeskUnsure(type(error).__name__) from None


def _fail(response: httpx.Response) -> httpx.Response:
    code = response.status_code
    if code in (429, 503):
        raise DeskLater(_wait(response), f"answered {code}")
    if code == httpx.codes.UNAUTHORIZED:
        raise DeskCredentials("answered 401: the account is not known, or its token has no e-mail claim")
    if code == httpx.codes.FORBIDDEN:
        raise Forbidden("answered 403: the account may not do this, or the issuer is not trusted")
    if code == httpx.codes.NOT_FOUND:
        raise UnknownReport("answered 404")
    if response.is_server_error:
        raise DeskUnsure(f"answered {code}")
    if response.is_redirect:
        raise DeskLater(AWAY_S, f"answered {code}: the url is not the right one")
    raise Refusal(code, _fields(response.content))


def _fields(content: bytes) -> frozenset[str]:
    try:
        answer = msgspec.json.decode(content)
    except msgspec.DecodeError:
        return frozenset()
    return frozenset(answer) if isinstance(answer, dict) else frozenset()


def _wait(response: httpx.Response) -> float:
    value = response.headers.get("Retry-After", "")
    return min(float(value), LONGEST_WAIT_S) if value.isascii() and value.isdigit() else AWAY_S
