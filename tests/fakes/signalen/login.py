"""The municipality's identity provider: client credentials in, signed tokens out; and how Signalen reads them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.fakes.signalen.world import BOT, Crash, World

ISSUER = "https://login.gemeente.example/realms/gemeente"
CLIENT = "bart"
SECRET = "een-lang-geheim"
NEVER = JSONResponse({"detail": "Invalid token."}, 401, {"WWW-Authenticate": "Bearer"})


def _part(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


@dataclass(kw_only=True)
class Login:
    """`claims` change what is in the next tokens; a value None leaves a claim out."""

    world: World
    lives_seconds: int = 300
    claims: dict[str, Any] = field(default_factory=dict)
    key: bytes = b"the issuer's key"
    asked: int = 0

    async def token(self, request: Request) -> Response:
        """RFC 6749, section 4.4."""
        form = await request.form()
        self.asked += 1
        if form.get("grant_type") != "client_credentials":
            return JSONResponse({"error": "unsupported_grant_type"}, 400)
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            return JSONResponse({"error": "invalid_client"}, 401)
        answer = {"access_token": self.sign(), "expires_in": self.lives_seconds, "token_type": "Bearer"}
        return JSONResponse(answer)

    def sign(self, **claims: Any) -> str:
        expires = int(self.world.now().timestamp()) + self.lives_seconds
        all_of_it = {"iss": ISSUER, "exp": expires, "aud": "signalen", "email": BOT} | self.claims | claims
        body = _part(json.dumps({name: value for name, value in all_of_it.items() if value is not None}).encode())
        return f"{_part(b'{}')}.{body}.{self._seal(body)}"

    def _seal(self, body: str) -> str:
        return _part(hmac.new(self.key, body.encode(), hashlib.sha256).digest())

    def refusal(self, request: Request, *rights: str) -> Response | None:
        """Why this request may not; None when it may. Raises `Crash` where the server does."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        parts = token.split(".")
        if scheme != "Bearer" or len(parts) != 3:
            raise Crash
        if not hmac.compare_digest(self._seal(parts[1]), parts[2]):
            return NEVER
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=="))
        if "exp" not in claims or claims["exp"] <= self.world.now().timestamp():
            return NEVER
        if claims.get("iss") != ISSUER:
            return JSONResponse({"detail": "Invalid issuer."}, 403)
        users = {user.casefold() for user in self.world.users}
        if str(claims.get("email", "")).casefold() not in users:
            return NEVER
        return forbidden() if set(rights) - self.world.rights else None


def forbidden() -> Response:
    return JSONResponse({"detail": "Je hebt geen toestemming om deze actie uit te voeren."}, 403)
