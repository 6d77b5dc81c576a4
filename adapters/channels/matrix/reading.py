"""Taking what is wanted out of JSON that anybody may have written: what does not fit is not there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

Raw = Mapping[str, Any]
"""A JSON object of the network."""

_NOTHING: Raw = {}


def table(raw: object, *keys: str) -> Raw:
    """The object under these keys, one in the other; empty when there is none."""
    for key in keys:
        raw = raw.get(key) if isinstance(raw, Mapping) else None
    return raw if isinstance(raw, Mapping) else _NOTHING


def text(raw: object, *keys: str) -> str:
    """The string under these keys; "" when there is none."""
    found = table(raw, *keys[:-1]).get(keys[-1])
    return found if isinstance(found, str) else ""


def number(raw: object, *keys: str) -> int | None:
    """The whole number under these keys. Power levels of old rooms may be strings."""
    found = table(raw, *keys[:-1]).get(keys[-1])
    if isinstance(found, str) and found.strip().lstrip("-").isdecimal() and len(found) < 20:
        return int(found)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def listed(raw: object, *keys: str) -> list[Any]:
    """The list under these keys; empty when there is none."""
    found = table(raw, *keys[:-1]).get(keys[-1])
    return found if isinstance(found, list) else []


def objects(raw: object, *keys: str) -> list[Raw]:
    """The objects in the list under these keys."""
    return [one for one in listed(raw, *keys) if isinstance(one, Mapping)]


def moment(event: Raw, now: datetime) -> datetime:
    """When it was sent, as the sender's homeserver says; never later than now: clocks elsewhere may be wrong."""
    stamp = number(event, "origin_server_ts")
    if stamp is None or stamp < 0 or stamp >= now.timestamp() * 1000:
        return now
    return datetime.fromtimestamp(stamp / 1000, UTC)
