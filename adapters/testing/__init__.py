"""Checks for authors of channels.

Write a `ChannelRig`: how people use that network. Then one test runs them all:

    @pytest.mark.parametrize("check", CHANNEL_CHECKS, ids=lambda check: check.__name__)
    async def test_channel(check): await check(MyRig())

Each check gets a fresh rig and raises `AssertionError` with what is wrong.
"""

from __future__ import annotations

from adapters.testing.hearing import HEARING
from adapters.testing.rig import ChannelRig, Pace, Shown, TakesPhotos
from adapters.testing.speaking import SPEAKING

__all__ = ["CHANNEL_CHECKS", "ChannelRig", "Pace", "Shown", "TakesPhotos"]

CHANNEL_CHECKS = HEARING + SPEAKING
"""Every check, as a coroutine function of one rig; the name says what must hold."""
