"""The config of the Telegram channel.

[channels.wijk]
kind = "telegram"
tenant = "delft"
token_file = "/run/secrets/telegram"     # or BART_CHANNELS__WIJK__TOKEN in the environment
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from bot.model.errors import ConfigError

API = "https://api.telegram.org"
TOKEN = re.compile(r"\d{3,20}:[A-Za-z0-9_-]{30,64}")
WEBHOOK_PORTS = frozenset({None, 80, 88, 443, 8443})
"""Where Telegram delivers (Bot API, setWebhook)."""
FIELD = re.compile(r"unknown field `([^`]+)`")
PATH = re.compile(r" - at `\$\.?([^`]*)`$")


class _Table(msgspec.Struct, forbid_unknown_fields=True):
    """`[channels.<name>]`"""

    token: str = ""
    token_file: str = ""
    webhook: str = ""
    api: str = API


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Checked. `webhook` is the public address of the pages, without a slash at the end; "" means asking for
    updates. `api` is where the Bot API is."""

    token: str = field(repr=False)
    webhook: str = ""
    api: str = API


def read_options(where: str, raw: Mapping[str, Any]) -> Options:
    """Raises `ConfigError` whose `where` is the exact key; never says what is in a token."""
    try:
        table = msgspec.convert(dict(raw), _Table, strict=True)
    except msgspec.ValidationError as error:
        words = str(error)
        path, unknown = PATH.search(words), FIELD.search(words)
        key = ".".join(part for part in (where, path and path[1], unknown and unknown[1]) if part)
        raise ConfigError(key, PATH.sub("", words)) from None
    _check_address(f"{where}.api", table.api, frozenset({"http", "https"}))
    if table.webhook:
        _check_address(f"{where}.webhook", table.webhook, frozenset({"https"}))
        if urlsplit(table.webhook).port not in WEBHOOK_PORTS:
            raise ConfigError(f"{where}.webhook", "Telegram delivers to ports 443, 80, 88 and 8443 only")
    return Options(token=_token(where, table), webhook=table.webhook.rstrip("/"), api=table.api.rstrip("/"))


def _token(where: str, table: _Table) -> str:
    if table.token and table.token_file:
        raise ConfigError(f"{where}.token_file", "there is a token already: give one of the two")
    key, token = "token", table.token
    if table.token_file:
        key = "token_file"
        try:
            token = Path(table.token_file).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "is not text"
            raise ConfigError(f"{where}.{key}", f"cannot be read: {why}") from None
    if not token:
        raise ConfigError(f"{where}.token", "is missing: @BotFather gives one; or name a file in token_file")
    if not TOKEN.fullmatch(token):
        raise ConfigError(f"{where}.{key}", "is no token: @BotFather gives one like 110201543:AAHdqTcv…")
    return token


def _check_address(where: str, address: str, schemes: frozenset[str]) -> None:
    parts = urlsplit(address)
    if parts.scheme not in schemes or not parts.hostname or parts.query or parts.fragment:
        raise ConfigError(where, f"must be an address that begins with {sorted(schemes)[-1]}://")
