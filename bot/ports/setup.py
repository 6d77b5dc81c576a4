"""What an adapter gets from the host. A factory, found as an entry point, takes it and returns the adapter.

`bart.channels`, `bart.desks`, `bart.geocoders` and `bart.alerts` name factories; built-in adapters go through the
same door. `bot.ports.version` says what an old adapter may rely on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.model.ids import TenantId
from bot.ports.clock import Clock
from bot.ports.photos import Photos


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """`where` is the config table ("channels.web"), for errors: raise `ConfigError(f"{where}.{key}", what)`.

    `options` are that table's keys beside `kind` and `tenant`. `data` is a folder of the adapter's own.
    """

    where: str
    name: str
    tenant_id: TenantId
    data: Path
    clock: Clock
    photos: Photos
    options: Mapping[str, Any] = field(default_factory=dict)
