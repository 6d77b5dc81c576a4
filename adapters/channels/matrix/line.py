"""Calls to a homeserver, and what its answers mean: `Gone`, `Refused`, `Later`, or `NoAccess` for the account."""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from aiohttp import ClientConnectorCertificateError, ClientConnectorError, ClientError, ClientResponse
from nio import AsyncClient, ErrorResponse

from bot.model.errors import Gone, Later, Refused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PATIENCE = 30.0
"""Seconds for an ordinary answer."""
AWAY = 5.0
"""Seconds to wait where the homeserver does not say how long."""
LONGEST_WAIT = 3600.0
V3, V1 = "/_matrix/client/v3", "/_matrix/client/v1"
_LOST = frozenset({"M_UNKNOWN_TOKEN", "M_MISSING_TOKEN", "M_USER_DEACTIVATED"})
_NOT_THERE = frozenset({"M_NOT_FOUND", "M_UNRECOGNIZED"})


class NoAccess(Later):
    """The homeserver does not know our token or password any more: somebody must act; until then, wait."""

    def __init__(self, code: str) -> None:
        super().__init__(AWAY, f"the homeserver refuses the account ({code})")
        self.code = code


class NotMatrix(Later):
    """Something answers there that is no homeserver: at the start a wrong address, later somebody on the way."""

    def __init__(self, status: int) -> None:
        super().__init__(AWAY, f"what answers there is no Matrix homeserver ({status})")


def path(*parts: str, base: str = V3, **query: str | int | None) -> str:
    """A path of the client API with everything in it quoted."""
    told = {key: value for key, value in query.items() if value is not None}
    tail = "?" + urlencode(told) if told else ""
    return base + "".join("/" + quote(part, safe="") for part in parts) + tail


class Line:
    """One homeserver, by way of nio's connection."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def get(self, where: str, patience: float = PATIENCE) -> dict[str, Any]:
        """A JSON object."""
        return await self.ask("GET", where, patience=patience)

    async def ask(
        self, method: str, where: str, body: Mapping[str, Any] | None = None, patience: float = PATIENCE
    ) -> dict[str, Any]:
        """A JSON object; raises by what the answer means."""
        async with self._answer(method, where, body, patience) as answer:
            return _read(answer.status, await answer.read())

    async def objects(self, where: str) -> list[dict[str, Any]]:
        """A JSON list of objects."""
        async with self._answer("GET", where, None, PATIENCE) as answer:
            raw = await answer.read()
        if answer.status == 200 and raw.lstrip().startswith(b"["):
            raw = b'{"list":' + raw + b"}"
        found = _read(answer.status, raw).get("list")
        return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []

    async def download(self, where: str, limit: int) -> bytes:
        """At most `limit` bytes; `Refused` for more."""
        async with self._answer("GET", where, None, PATIENCE) as answer:
            if answer.status != 200:
                _read(answer.status, await answer.read())
            found = bytearray()
            async for chunk in answer.content.iter_chunked(64 * 1024):
                found += chunk
                if len(found) > limit:
                    raise Refused("larger than asked for")
            return bytes(found)

    @asynccontextmanager
    async def _answer(
        self, method: str, where: str, body: Mapping[str, Any] | None, patience: float
    ) -> AsyncIterator[ClientResponse]:
        headers = {"Content-Type": "application/json"}
        if self._client.access_token:
            headers["Authorization"] = f"Bearer {self._client.access_token}"
        data = None if body is None else json.dumps(body)
        try:
            answer = await self._client.send(method, where, data, headers, timeout=patience)
            async with answer:
                yield answer
        except (ClientError, TimeoutError, OSError) as error:
            raise Later(AWAY, _unreachable(error)) from error


def _unreachable(error: Exception) -> str:
    """In words for the operator, without addresses of people."""
    if isinstance(error, ClientConnectorCertificateError | ssl.SSLError):
        return "the homeserver's certificate is not valid"
    if isinstance(error, TimeoutError):
        return "the homeserver does not answer"
    if isinstance(error, ClientConnectorError):
        return "the homeserver cannot be reached"
    return f"the homeserver's answer broke off ({type(error).__name__})"


def _read(status: int, raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        found = None
    told = found if isinstance(found, dict) else {}
    code = told.get("errcode")
    code = code if isinstance(code, str) else ""
    if status == 200:
        if not isinstance(found, dict):
            raise Later(AWAY, "the homeserver's answer cannot be read")
        return found
    raise meaning(status, code, told.get("retry_after_ms"))


def meaning(status: int, code: str, retry_after_ms: object = None) -> Exception:
    """What an error of the homeserver means to us."""
    if status == 429 or code == "M_LIMIT_EXCEEDED":
        seconds = retry_after_ms / 1000 if isinstance(retry_after_ms, int | float) else AWAY
        return Later(min(max(seconds, 0.1), LONGEST_WAIT), "the homeserver's limit is reached")
    if status == 401 or code in _LOST:
        return NoAccess(code or str(status))
    if status >= 500 or status in {408, 425}:
        return Later(AWAY, f"the homeserver answers {status}")
    if not code:
        return NotMatrix(status)
    if status == 404 and code in _NOT_THERE:
        return Gone(code)
    return Refused(code)


def checked(answer: object) -> None:
    """Raises what an answer that nio has read means, if it is an error."""
    if isinstance(answer, ErrorResponse):
        transport = getattr(answer, "transport_response", None)
        status = getattr(transport, "status", 500)
        code = answer.status_code if isinstance(answer.status_code, str) else ""
        raise meaning(status if status != 200 else 500, code, answer.retry_after_ms)
