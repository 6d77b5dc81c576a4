"""The token of the service account: OIDC client credentials, renewed before it ends."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import httpx

from adapters.desks.signalen.options import Options
from adapters.desks.signalen.rows import TokenRow, UnreadableError, read
from bot.model.errors import DeskCredentials, DeskLater
from bot.ports.clock import Clock

MARGIN = timedelta(seconds=30)
"""Renewed so long before its end, or at four fifths of a short life: a token must not end on its way."""
AWAY_S = 60.0


class Login:
    """Asks for a token when one is needed, once for all who wait for it."""

    def __init__(self, options: Options, clock: Clock) -> None:
        self._options = options
        self._clock = clock
        self._lock = asyncio.Lock()
        self._token = ""
        self._until = datetime.min.replace(tzinfo=UTC)

    async def token(self, client: httpx.AsyncClient) -> str:
        """A token that is good for a while. Raises `DeskCredentials`, or `DeskLater` when nobody answers."""
        async with self._lock:
            now = self._clock.moment().now
            if not self._token or now >= self._until:
                row = await self._ask(client)
                life = timedelta(seconds=row.expires_in)
                self._token, self._until = row.access_token, now + max(life - MARGIN, life * 0.8)
            return self._token

    def forget(self, token: str) -> None:
        """This one was refused; a newer one stays."""
        if token == self._token:
            self._token = ""

    async def _ask(self, client: httpx.AsyncClient) -> TokenRow:
        options = self._options
        form = {
            "grant_type": "client_credentials",
            "client_id": options.client_id,
            "client_secret": options.client_secret,
        }
        if options.scope:
            form["scope"] = options.scope
        try:
            response = await client.post(options.token_url, data=form, headers={"Accept": "application/json"})
        except httpx.TransportError as error:
            raise DeskLater(AWAY_S, f"token: {type(error).__name__}") from None
        if response.status_code in (400, 401, 403, 404):
            raise DeskCredentials(f"token: the identity provider answered {response.status_code}")
        if not response.is_success:
            raise DeskLater(AWAY_S, f"token: the identity provider answered {response.status_code}")
        try:
            return read(response.content, TokenRow)
        except UnreadableError as error:
            raise DeskCredentials(f"token: unreadable answer, {error}") from None
