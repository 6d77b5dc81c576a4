"""What can be set of a Signalen desk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec

from bot.model.errors import ConfigError
from bot.model.place import Point

Way = Literal["public", "private"]
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
LOGIN = ("token_url", "client_id", "client_secret")


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The keys of the desk's config table.

    `url`: where Signalen's API is, without a path. `source`: the Bron that BART files under, letter for letter.
    `token_url`, `client_id`, `client_secret`, `scope`: the service account (OIDC, client credentials); without one
    only the public API is used. `files_by`: which API takes new reports; by default the private one where there is
    an account. `pin`: latitude and longitude for what has no point of its own, and for `bart check`. `categories`:
    ours to theirs as main/sub. `question_prefix`: how a note begins that residents may read, as a question.
    `posts_per_hour`: what the public API takes from one address. `settle_seconds`: how long a report whose answer
    got lost may still be on its way in.
    """

    url: str
    source: Annotated[str, msgspec.Meta(min_length=1, max_length=128)] = "BART"
    token_url: str = ""
    client_id: str = ""
    client_secret: str = ""
    scope: str = ""
    files_by: Way | None = None
    pin: tuple[float, float] | None = None
    categories: dict[str, Annotated[str, msgspec.Meta(pattern="^[a-z0-9_-]+/[a-z0-9_-]+$")]] = {}
    question_prefix: Annotated[str, msgspec.Meta(min_length=3, max_length=100)] = "Vraag aan bewoner:"
    posts_per_hour: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 60
    timeout_seconds: Annotated[float, msgspec.Meta(ge=1, le=50)] = 20.0
    settle_seconds: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 90.0
    poll_seconds: Annotated[float, msgspec.Meta(ge=10, le=3600)] = 120.0

    @property
    def base(self) -> str:
        """The address that every path comes behind."""
        bare = self.url.rstrip("/")
        return bare if bare.endswith("/signals") else f"{bare}/signals"

    @property
    def has_account(self) -> bool:
        """Is there a service account?"""
        return bool(self.token_url)

    @property
    def files_privately(self) -> bool:
        """Do new reports go through the private API?"""
        return self.has_account and self.files_by != "public"

    @property
    def point(self) -> Point | None:
        """`pin` as a point."""
        return Point(lat=self.pin[0], lon=self.pin[1]) if self.pin else None


def read_options(where: str, options: Mapping[str, Any]) -> Options:
    """Checked options; raises `ConfigError` that names the key under `where`. Text from the environment counts as
    a number, or as a list with commas, where one is meant.
    """
    fields = {field.name: field for field in msgspec.structs.fields(Options)}
    values: dict[str, Any] = {}
    for key, value in options.items():
        if key not in fields:
            raise ConfigError(
                f"{where}.{key}", f"signalen has no such setting; it has {', '.join(sorted(fields))}"
            )
        given = value.split(",") if key == "pin" and isinstance(value, str) else value
        try:
            values[key] = msgspec.convert(given, fields[key].type, strict=False)
        except msgspec.ValidationError as error:
            raise ConfigError(f"{where}.{key}", str(error)) from error
    if "url" not in values:
        raise ConfigError(f"{where}.url", "is missing: where is this municipality's Signalen?")
    read = Options(**values)
    _check(where, read)
    return read


def _check(where: str, options: Options) -> None:
    for key in ("url", "token_url"):
        address = getattr(options, key)
        if address and not _safe(address):
            raise ConfigError(f"{where}.{key}", "is no address that starts with https://")
    if not options.url:
        raise ConfigError(f"{where}.url", "is empty")
    missing = [key for key in LOGIN if not getattr(options, key)]
    if 0 < len(missing) < len(LOGIN):
        raise ConfigError(f"{where}.{missing[0]}", f"is missing: an account needs {', '.join(LOGIN)}")
    if options.files_by == "private" and not options.has_account:
        raise ConfigError(f"{where}.files_by", "private needs an account: token_url, client_id, client_secret")
    if options.pin is not None and not _in_the_netherlands(*options.pin):
        raise ConfigError(f"{where}.pin", "is no latitude and longitude in the Netherlands")


def _safe(address: str) -> bool:
    """Tokens and residents' words travel encrypted, unless they stay on this machine."""
    parts = urlsplit(address)
    if not parts.hostname or parts.query or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def _in_the_netherlands(lat: float, lon: float) -> bool:
    """Signalen's own default box; a latitude and longitude that were swapped lie outside."""
    return 50.7 <= lat <= 53.6 and 3.3 <= lon <= 7.3
