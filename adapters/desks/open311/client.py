"""Calls over HTTP, and what their failures mean for who made them."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import httpx
import structlog

from adapters.desks.open311.options import Options
from adapters.desks.open311.reading import UnreadableAnswerError, parse, records, words
from bot.model.errors import DeskCredentials, DeskError, DeskLater, DeskRefused, DeskUnsure, UnknownReport

log = structlog.get_logger(__name__)

LATER_S = 60.0
LONGEST_WAIT_S = 3600.0
FIELDS = (
    "service_code",
    "jurisdiction_id",
    "description",
    "lat",
    "long",
    "email",
    "phone",
    "attribute",
    "update_id",
)
"""What a refusal may name; the first that it does is told."""
_KEY = re.compile(r"api[_ -]?key", re.IGNORECASE)
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
Form = Sequence[tuple[str, str]]


class Client:
    """Opened at the first call; closed by `close`, and calling again opens it anew."""

    def __init__(self, options: Options, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._options = options
        self._transport = transport
        self._client: httpx.AsyncClient | None = None

    async def close(self) -> None:
        """Close connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def get(self, *path: str, **query: str) -> Any:
        """What is read changes nothing: whatever fails is for later."""
        params = {"jurisdiction_id": self._options.jurisdiction_id, **query}
        try:
            response = await self._http().get(self._url(path), params={k: v for k, v in params.items() if v})
        except httpx.HTTPError as error:
            raise DeskLater(LATER_S, f"cannot be reached: {type(error).__name__}") from None
        if not response.is_success:
            raise _failure(response, asked=True)
        try:
            return parse(response.content)
        except UnreadableAnswerError as error:
            raise DeskLater(LATER_S, f"answered {error}") from None

    async def post(self, *path: str, form: Form) -> Any:
        """What may have arrived is `DeskUnsure`; only what surely did not is anything else."""
        fields = [("api_key", self._options.api_key), ("jurisdiction_id", self._options.jurisdiction_id), *form]
        body = str(httpx.QueryParams([pair for pair in fields if pair[1]])).encode("ascii")
        kind = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
        try:
            response = await self._http().post(self._url(path), content=body, headers=kind)
        except _NEVER_LEFT as error:
            raise DeskLater(LATER_S, f"cannot be reached: {type(error).__name__}") from None
        except httpx.HTTPError as error:
            raise DeskUnsure(type(error).__name__) from None
        if not response.is_success:
            raise _failure(response, asked=False)
        try:
            return parse(response.content)
        except UnreadableAnswerError as error:
            raise DeskUnsure(f"answered {error}") from None

    def _http(self) -> httpx.AsyncClient:
        if self._client is None:
            # httpx logs whole addresses at INFO.
            logger = logging.getLogger("httpx")
            logger.setLevel(max(logger.level, logging.WARNING))
            self._client = httpx.AsyncClient(timeout=self._options.timeout_s, transport=self._transport)
        return self._client

    def _url(self, path: Sequence[str]) -> str:
        return f"{self._options.url}/{'/'.join(quote(part, safe='') for part in path)}.{self._options.form}"


def _failure(response: httpx.Response, *, asked: bool) -> DeskError:
    """`asked`: it was a question, so nothing can have happened."""
    status, told = response.status_code, _told(response)
    log.warning("open311.refused", status=status, count=len(told))
    if status in (401, 403) or any(_KEY.search(one) for one in told):
        return DeskCredentials(f"answered {status}: the api_key is missing or wrong")
    if status in (408, 425, 429, 503):
        return DeskLater(_wait(response), f"answered {status}")
    if response.is_redirect:
        return DeskLater(LATER_S, f"answered {status}: the address has moved")
    if status >= 500:
        return DeskLater(LATER_S, f"answered {status}") if asked else DeskUnsure(f"answered {status}")
    if status == 404 and asked:
        return UnknownReport("answered 404")
    field = next((field for field in FIELDS if any(field in one for one in told)), "request")
    return DeskRefused(field, f"answered {status}" + (f": {told[0][:200]}" if told else ""))


def _told(response: httpx.Response) -> list[str]:
    """A developer's words, for the operator and never for residents. `code` need not be the HTTP status."""
    try:
        errors: list[Mapping[str, Any]] = records(parse(response.content))
    except UnreadableAnswerError:
        return []
    return [told for error in errors if (told := words(error, "description"))]


def _wait(response: httpx.Response) -> float:
    value = response.headers.get("Retry-After", "")
    return min(float(value), LONGEST_WAIT_S) if value.isascii() and value.isdigit() else LATER_S
