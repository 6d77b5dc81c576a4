"""Destroying keys beside the database."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

import structlog

from bot.model.errors import StoreUnavailable
from storage.vault import Vault

log = structlog.get_logger(__name__)


async def destroy_keys(vault: Vault, key_ids: Collection[bytes]) -> None:
    """Destroy keys whose rows are gone. The transaction stands whatever happens here: what the disk refuses
    now, housekeeping sweeps later.
    """
    if not key_ids:
        return
    try:
        await asyncio.to_thread(vault.destroy, key_ids)
    except StoreUnavailable:
        log.error("vault.destroy_failed", keys=len(key_ids))
