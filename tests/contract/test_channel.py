"""Every channel keeps the contract of `bot.ports.channel`; the checks are those outside authors run."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from adapters.testing import CHANNEL_CHECKS, STRAIN_CHECKS, ChannelRig
from bot.model.channel import Capabilities, Private
from bot.ports.fakes.network import FakeNetwork
from tests.support.channel_rigs import FakeRig, WebRig
from tests.support.matrix import a_rig
from tests.support.matrix_line import a_strained_rig
from tests.support.synapse import Synapse
from tests.support.telegram_hook import HookRig
from tests.support.telegram_rig import TelegramRig


def bare_rig() -> ChannelRig:
    """A network that can do as little as a channel may."""
    bare = Capabilities(
        private=Private.NEVER, edits=False, deletes=False, sees_edits=False, sees_deletes=False, longest_text=500
    )
    return FakeRig(FakeNetwork(capabilities=bare))


@pytest.mark.parametrize(
    "make_rig",
    [WebRig, FakeRig, bare_rig, TelegramRig, HookRig],
    ids=["web", "fake", "bare-fake", "telegram", "telegram-webhook"],
)
@pytest.mark.parametrize("check", CHANNEL_CHECKS, ids=lambda check: check.__name__)
async def test_a_channel_keeps_its_contract(
    check: Callable[[ChannelRig], Awaitable[None]], make_rig: Callable[[], ChannelRig]
) -> None:
    await check(make_rig())


def test_every_check_is_run_once_and_says_what_must_hold() -> None:
    names = [check.__name__ for check in CHANNEL_CHECKS]
    assert len(names) == len(set(names)) >= 20
    assert all(name.count("_") >= 3 for name in names)


@pytest.mark.synapse
@pytest.mark.parametrize("check", CHANNEL_CHECKS, ids=lambda check: check.__name__)
async def test_matrix_keeps_the_contract_on_a_real_homeserver(
    check: Callable[[ChannelRig], Awaitable[None]], synapse: Synapse, tmp_path: Path
) -> None:
    async with a_rig(synapse, tmp_path) as rig:
        await check(rig)


@pytest.mark.parametrize("make_rig", [TelegramRig, HookRig], ids=["telegram", "telegram-webhook"])
@pytest.mark.parametrize("check", STRAIN_CHECKS, ids=lambda check: check.__name__)
async def test_telegram_stands_restarts_crowds_and_repeats(
    check: Callable[[ChannelRig], Awaitable[None]], make_rig: Callable[[], ChannelRig]
) -> None:
    await check(make_rig())


@pytest.mark.synapse
@pytest.mark.parametrize("check", STRAIN_CHECKS, ids=lambda check: check.__name__)
async def test_matrix_stands_restarts_crowds_and_repeats(
    check: Callable[[ChannelRig], Awaitable[None]], synapse: Synapse, tmp_path: Path
) -> None:
    async with a_strained_rig(synapse, tmp_path) as rig:
        await check(rig)
