"""A municipality with Signalen, with and without an account for BART."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.signalen import SignalenRig


@pytest.fixture
async def rig() -> AsyncIterator[SignalenRig]:
    async with SignalenRig() as opened:
        yield opened


@pytest.fixture
async def public() -> AsyncIterator[SignalenRig]:
    async with SignalenRig(account=False) as opened:
        yield opened
