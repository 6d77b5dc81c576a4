"""The config of a desk that speaks Open311.

[desks.meldingen]
kind = "open311"
url = "https://meldingen.example.nl/open311/v2"
api_key = "from the operator of that system"
services.zwerfvuil = "LITTER"
services.other = "OTHER"
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec

from bot.model.errors import ConfigError
from bot.model.taxonomy import taxonomy

OTHER = "other"
"""Among `services`: where every category goes that has no line of its own."""
SHORTEST_KEY = 16
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
KNOWN = frozenset({"own", "place", "lat", "lon", "seen_at", "neighbours", "category"})
"""What the value of an attribute may name between braces."""
_SLOT = re.compile(r"\{([^{}]*)\}")
_FIELD = re.compile(r"(?:missing required|unknown) field `([^`]+)`")
_PATH = re.compile(r" - at `(?:key in )?\$\.?([^`]*)`$")


class Form(StrEnum):
    """What answers are asked in: the path's extension. Servers must have xml."""

    JSON = "json"
    XML = "xml"


class Raw(msgspec.Struct, forbid_unknown_fields=True):
    """`[desks.<name>]` as it stands there."""

    url: str
    services: dict[str, str]
    api_key: str = ""
    jurisdiction_id: str = ""
    format: Form = Form.JSON
    attributes: dict[str, dict[str, str]] = {}
    updates: bool = False
    push_key: str = ""
    search: bool = False
    poll_seconds: Annotated[float, msgspec.Meta(ge=30, le=86400)] = 120.0
    timeout_s: Annotated[float, msgspec.Meta(ge=0.5, le=60)] = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the config says, checked. `url` has no slash at its end.

    `services` maps our categories to their codes. `attributes` answers, per service code, the questions that a
    service asks. `updates`: does the server have mySociety's `servicerequestupdates`? `push_key`: who sends it may
    push updates to us. `search`: does the list of requests show what was just filed, with its description?
    """

    url: str
    services: Mapping[str, str]
    api_key: str = field(default="", repr=False)
    jurisdiction_id: str = ""
    form: Form = Form.JSON
    attributes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    updates: bool = False
    push_key: str = field(default="", repr=False)
    search: bool = False
    poll_seconds: float = 120.0
    timeout_s: float = 15.0

    def service_of(self, category: str) -> str:
        """The code for a category of ours; "" where it has none."""
        return self.services.get(category) or self.services.get(OTHER, "")


def read_options(where: str, raw: Mapping[str, Any]) -> Options:
    """Raises `ConfigError` whose `where` is the exact key. No secret is ever in its words."""
    table = _convert(where, raw)
    _check_url(f"{where}.url", table.url)
    _check_services(f"{where}.services", table.services)
    for code, answers in table.attributes.items():
        _check_answers(f"{where}.attributes.{code}", answers)
    if table.push_key and len(table.push_key) < SHORTEST_KEY:
        raise ConfigError(f"{where}.push_key", f"must have at least {SHORTEST_KEY} characters")
    return Options(
        url=table.url.rstrip("/"),
        services=dict(table.services),
        api_key=table.api_key,
        jurisdiction_id=table.jurisdiction_id,
        form=table.format,
        attributes=table.attributes,
        updates=table.updates,
        push_key=table.push_key,
        search=table.search,
        poll_seconds=table.poll_seconds,
        timeout_s=table.timeout_s,
    )


def _convert(where: str, raw: Mapping[str, Any]) -> Raw:
    try:
        return msgspec.convert(dict(raw), Raw, strict=False)
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
    if url.rstrip("/").endswith((".json", ".xml")):
        raise ConfigError(where, "must be the address of the whole, as https://HOST/open311/v2, not of one call")


def _check_services(where: str, services: Mapping[str, str]) -> None:
    if not services:
        raise ConfigError(where, f'needs at least one line, like {OTHER} = "the code of a service"')
    for category, code in services.items():
        if category != OTHER and category not in taxonomy():
            known = ", ".join([OTHER, *taxonomy()])
            raise ConfigError(f"{where}.{category}", f"is no category; there is: {known}")
        if not code.strip():
            raise ConfigError(f"{where}.{category}", "is empty")


def _check_answers(where: str, answers: Mapping[str, str]) -> None:
    for attribute, answer in answers.items():
        for slot in _SLOT.findall(answer):
            if slot not in KNOWN:
                known = ", ".join(sorted(KNOWN))
                raise ConfigError(f"{where}.{attribute}", f"names {{{slot}}}; there is: {known}")
