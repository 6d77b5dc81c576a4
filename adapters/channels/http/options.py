"""The config of an app's channel.

[channels.buurtapp]
kind = "http"
webhook = "https://app.example.nl/bart"
keys.a = "at least 32 characters, made at random"
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec

from bot.model.channel import Private
from bot.model.errors import ConfigError

SHORTEST_SECRET = 32
MOST_KEYS = 2
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
KEY_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_FIELD = re.compile(r"(?:missing required|unknown) field `([^`]+)`")
_PATH = re.compile(r" - at `(?:key in )?\$\.?([^`]*)`$")


class Raw(msgspec.Struct, forbid_unknown_fields=True):
    """`[channels.<name>]` as it stands there."""

    webhook: str
    keys: dict[str, str]
    signs: str = ""
    photos: str = ""
    private: Private = Private.ALWAYS
    toasts: bool = True
    timeout_s: Annotated[float, msgspec.Meta(ge=0.5, le=30)] = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the config says, checked. `signs` is the key that our webhook calls are signed with."""

    webhook: str
    keys: Mapping[str, str] = field(repr=False)
    signs: str
    photos: str = ""
    """Photos are fetched from under this address and nowhere else; "" where they come with the message."""
    private: Private = Private.ALWAYS
    toasts: bool = True
    timeout_s: float = 10.0


def read_options(where: str, raw: Mapping[str, Any]) -> Options:
    """Raises `ConfigError` whose `where` is the exact key. No secret is ever in its words."""
    table = _convert(where, raw)
    _check_url(f"{where}.webhook", table.webhook)
    if table.photos:
        _check_url(f"{where}.photos", table.photos)
        if not table.photos.endswith("/"):
            raise ConfigError(f"{where}.photos", "must end with a slash: it is the beginning of photos' addresses")
    _check_keys(f"{where}.keys", table.keys)
    signs = table.signs or next(iter(table.keys))
    if signs not in table.keys:
        raise ConfigError(f"{where}.signs", f"is none of the keys; there is: {', '.join(table.keys)}")
    return Options(
        webhook=table.webhook,
        keys=dict(table.keys),
        signs=signs,
        photos=table.photos,
        private=table.private,
        toasts=table.toasts,
        timeout_s=table.timeout_s,
    )


def _convert(where: str, raw: Mapping[str, Any]) -> Raw:
    try:
        return msgspec.convert(dict(raw), Raw, strict=True)
    except msgspec.ValidationError as error:
        words = str(error)
        path, named = _PATH.search(words), _FIELD.search(words)
        key = ".".join(part for part in (where, path and path[1], named and named[1]) if part)
        raise ConfigError(key, _PATH.sub("", words)) from None


def _check_url(where: str, url: str) -> None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ConfigError(where, "is no address") from None
    if not host or parts.scheme not in {"https", "http"} or parts.username or parts.fragment or parts.query:
        raise ConfigError(where, "must be an https address without user, query or fragment")
    if parts.scheme == "http" and host not in LOOPBACK:
        raise ConfigError(where, "must be https: residents' words go there")


def _check_keys(where: str, keys: Mapping[str, str]) -> None:
    if not 1 <= len(keys) <= MOST_KEYS:
        raise ConfigError(where, f"has {len(keys)} keys: one, or two while changing to a new one")
    for name, secret in keys.items():
        if not KEY_NAME.fullmatch(name):
            raise ConfigError(f"{where}.{name}", "a key's name is made of a-z, 0-9, - and _, at most 32")
        if len(secret) < SHORTEST_SECRET:
            raise ConfigError(f"{where}.{name}", f"must have at least {SHORTEST_SECRET} characters")
    if len(set(keys.values())) < len(keys):
        raise ConfigError(where, "are the same")
