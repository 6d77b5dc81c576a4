"""The config of a Matrix account.

[channels.wijk]
kind = "matrix"
homeserver = "https://matrix.example.nl"
user = "@bart:example.nl"
token_file = "/etc/bart/matrix-token"
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

from bot.model.errors import ConfigError

USER = re.compile(r"@[^:\s]+:[^\s/]+")
FIELD = re.compile(r"(?:missing required|unknown) field `([^`]+)`")
PATH = re.compile(r" - at `\$\.?([^`]*)`$")
SECRETS = ("token", "token_file", "password", "password_file")
LONGEST_SECRET = 4096


class Options(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """`[channels.<name>]`: one of the four secrets is given.

    `encrypted_rooms` is "ask" (an admin of the room must say yes first) or "never" (BART does not stay there).
    """

    homeserver: str
    user: str
    token: str = ""
    token_file: str = ""
    password: str = ""
    password_file: str = ""
    encrypted_rooms: Literal["ask", "never"] = "ask"
    where: str = ""

    def __repr__(self) -> str:
        return f"Options(homeserver={self.homeserver!r})"

    @property
    def by_password(self) -> bool:
        """Does BART log in by itself?"""
        return bool(self.password or self.password_file)

    def secret(self) -> str:
        """The token or password, read afresh; raises `ConfigError` naming the key of a file that cannot be had."""
        key = next(key for key in SECRETS if getattr(self, key))
        value: str = getattr(self, key)
        if not key.endswith("_file"):
            return value
        try:
            read = Path(value).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "is not text"
            raise ConfigError(f"{self.where}.{key}", f"{value}: {why}") from None
        if not 0 < len(read) <= LONGEST_SECRET:
            raise ConfigError(f"{self.where}.{key}", f"{value}: must hold the {key.removesuffix('_file')} alone")
        return read


def read_options(where: str, raw: Mapping[str, Any]) -> Options:
    """Checked options; raises `ConfigError` whose `where` is the exact key."""
    if "where" in raw:
        raise ConfigError(f"{where}.where", "is no setting")
    try:
        options = msgspec.convert({**raw, "where": where}, Options, strict=True)
    except msgspec.ValidationError as error:
        words = str(error)
        path, field = PATH.search(words), FIELD.search(words)
        key = ".".join(part for part in (where, path and path[1], field and field[1]) if part)
        raise ConfigError(key, PATH.sub("", words)) from None
    address = urlsplit(options.homeserver)
    if address.scheme not in {"http", "https"} or not address.hostname or address.query:
        raise ConfigError(f"{where}.homeserver", 'must be an address like "https://matrix.example.nl"')
    if not USER.fullmatch(options.user):
        raise ConfigError(f"{where}.user", 'must be a whole Matrix id like "@bart:example.nl"')
    given = [key for key in SECRETS if getattr(options, key)]
    if len(given) != 1:
        said = "none is given" if not given else f"{' and '.join(given)} are given"
        raise ConfigError(f"{where}.token", f"one of {', '.join(SECRETS)} is needed: {said}")
    return options
