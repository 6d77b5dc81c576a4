"""PDOK Locatieserver, version 3.1: `/free` to find, `/reverse` to name a point.

Facts: unknown parameters are refused; `fq` filters by type and municipality; `lat` and `lon` sort by distance;
`centroide_ll` is "POINT(longitude latitude)" (PDOK/locatieserver README and its API description, November 2026).
"""

from __future__ import annotations

import logging
from types import TracebackType
from typing import Self

import httpx
import stamina

from adapters.geocoders.pdok.reply import SOURCE, UnreadableReplyError, documents, place
from bot.model.errors import ConfigError, Later
from bot.model.place import Place, Point
from bot.model.reading import Area
from bot.ports.setup import Setup

URL = "https://api.pdok.nl/bzk/locatieserver/search/v3_1"
TYPES = "type:(weg OR adres OR postcode)"
FIELDS = "id,weergavenaam,type,score,centroide_ll"
LONGEST_QUERY = 100
ROWS = 5
REVERSE_M = 150
ATTEMPTS = 3
AWAY_S = 60.0
"""How long the host should wait when the service is away and does not say."""
LONGEST_WAIT_S = 3600.0


Params = list[tuple[str, str | int | float | bool | None]]


class _AwayError(Exception):
    """One attempt failed in a way that may pass. Holds no address: place words would end up in logs."""


class Pdok:
    """Opened at the first question, or by `async with`; closed by leaving that, or `close`."""

    def __init__(
        self,
        *,
        url: str = URL,
        municipality: str = "",
        timeout_s: float = 5.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._url = url
        self._municipality = municipality
        self._timeout = timeout_s
        self._transport = transport
        self._client: httpx.AsyncClient | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close connections; asking again opens new ones."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    @property
    def local(self) -> bool:
        """Words leave for another organisation's computer."""
        return False

    async def find(self, words: str, area: Area) -> tuple[Place, ...]:
        """Sends the place words, at most 100 characters of one line, and nothing else of a message."""
        query = " ".join("".join(char if char.isprintable() else " " for char in words).split())[:LONGEST_QUERY]
        if not any(char.isalnum() for char in query):
            return ()
        filters = [TYPES] + ([f'gemeentenaam:"{self._municipality}"'] if self._municipality else [])
        params: Params = [("q", query), ("fl", FIELDS), ("rows", str(ROWS))]
        params += [("fq", one) for one in filters]
        if area.centre is not None:
            params += [("lat", f"{area.centre.lat:.5f}"), ("lon", f"{area.centre.lon:.5f}")]
        return await self._ask("free", params, query)

    async def nearest(self, point: Point) -> Place | None:
        """The street at this point, within 150 m."""
        params: Params = [("lat", f"{point.lat:.6f}"), ("lon", f"{point.lon:.6f}"), ("type", "weg"), ("rows", "1")]
        params += [("distance", str(REVERSE_M)), ("fl", FIELDS)]
        found = await self._ask("reverse", params, "")
        if not found:
            return None
        return Place(label=found[0].label, point=point, source=SOURCE)

    async def _ask(self, path: str, params: Params, words: str) -> tuple[Place, ...]:
        try:
            async for attempt in stamina.retry_context(
                on=_AwayError, attempts=ATTEMPTS, timeout=3 * self._timeout, wait_initial=0.2, wait_max=2.0
            ):
                with attempt:
                    response = await self._get(path, params)
        except _AwayError as error:
            raise Later(AWAY_S, f"PDOK: {error}") from None
        try:
            found = [place(doc, words) for doc in documents(response.json())]
        except (ValueError, UnreadableReplyError) as error:
            what = error if isinstance(error, UnreadableReplyError) else "no JSON"
            raise Later(AWAY_S, f"PDOK: unreadable answer, {what}") from None
        return tuple(one for one in found if one is not None)[:ROWS]

    async def _get(self, path: str, params: Params) -> httpx.Response:
        if self._client is None:
            # httpx logs whole addresses at INFO, and the question is in there.
            logger = logging.getLogger("httpx")
            logger.setLevel(max(logger.level, logging.WARNING))
            self._client = httpx.AsyncClient(timeout=self._timeout, transport=self._transport)
        try:
            response = await self._client.get(f"{self._url}/{path}", params=httpx.QueryParams(params))
        except httpx.TransportError as error:
            raise _AwayError(type(error).__name__) from None
        if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise Later(_wait(response), "PDOK: too many questions")
        if response.is_server_error:
            raise _AwayError(f"answered {response.status_code}")
        if not response.is_success:
            raise Later(AWAY_S, f"PDOK: refused the question with {response.status_code}")
        return response


def _wait(response: httpx.Response) -> float:
    value = response.headers.get("Retry-After", "")
    return min(float(value), LONGEST_WAIT_S) if value.isascii() and value.isdigit() else AWAY_S


def geocoder(setup: Setup) -> Pdok:
    """Options: `municipality` (only look there), `url`, `timeout_s` (0.5 to 30)."""
    options = dict(setup.options)
    url = options.pop("url", URL)
    municipality = options.pop("municipality", "")
    timeout = options.pop("timeout_s", 5.0)
    if options:
        known = "municipality, url, timeout_s"
        raise ConfigError(f"{setup.where}.{min(options)}", f"pdok has no such setting (it has: {known})")
    if not isinstance(url, str) or not url.startswith(("https://", "http://")):
        raise ConfigError(f"{setup.where}.url", "is no address that starts with https://")
    if not isinstance(municipality, str) or any(char in municipality for char in '"\\\n'):
        raise ConfigError(f"{setup.where}.municipality", "is no name of a municipality")
    if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not 0.5 <= timeout <= 30:
        raise ConfigError(f"{setup.where}.timeout_s", "is no number of seconds from 0.5 to 30")
    return Pdok(url=url.rstrip("/"), municipality=municipality, timeout_s=float(timeout))
