"""The real process dies by SIGKILL, again and again, in the middle of a conversation; the neighbours go on."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bot.clock import SystemClock
from tests.support.conversation import Conversation
from tests.support.killpoints import POINTS
from tests.support.outcome import Outcome, is_idle, outcome
from tests.support.platform import Kills, Lives, a_platform

SOAK_KILLS = 100
NAMED, RANDOM = 2, 4
"""Kills planned for one conversation; a point that is not reached leaves the rest of the plan undone."""
RARE = 3
"""Points are also tried at their 2nd and 3rd time: the first effect of a kind is not like the others."""


@dataclass(frozen=True, slots=True)
class Network:
    """How the network outside behaves."""

    idempotent: bool = True
    redelivers: bool = False


NETWORKS = (Network(), Network(idempotent=False), Network(redelivers=True))


async def play(folder: Path, kills: Kills, network: Network) -> Outcome:
    """One whole conversation, with as many lives as the kills ask for."""
    folder.mkdir()
    data = folder / "data"
    far = a_platform(folder, clock=SystemClock(), idempotent=network.idempotent, redelivers=network.redelivers)
    async with far as platform:
        with Lives(platform=platform, data=data, kills=kills) as lives:
            await Conversation(lives=lives, network=platform.network, desk=platform.desk).play()
            await lives.until(lambda: is_idle(data), "nothing is due any more")
        return await outcome(platform, data)


def assert_same(disturbed: Outcome, quiet: Outcome, network: Network, kills: Sequence[str | float]) -> None:
    """Nothing lost, nothing filed twice; posts exactly once, or once more per kill where keys mean nothing."""
    extra = Counter(disturbed.posts)
    extra.subtract(quiet.posts)
    if network.idempotent:
        assert disturbed.posts == quiet.posts, kills
    else:
        # A card that was posted twice keeps showing what was true then; the other one is edited.
        missing = [text for text, count in extra.items() if count < 0]
        assert not missing, kills
        assert sum(extra.values()) <= len(kills), kills
    assert replace(disturbed, posts=quiet.posts) == quiet, kills


@pytest.fixture(scope="module")
def quiet_runs() -> dict[Network, Outcome]:
    """Undisturbed outcomes, by network; filled by whoever needs one first."""
    return {}


async def undisturbed(runs: dict[Network, Outcome], network: Network, folder: Path) -> Outcome:
    if network not in runs:
        runs[network] = await play(folder / f"undisturbed-{len(runs)}", Kills(), network)
    return runs[network]


async def test_the_undisturbed_story_files_once_with_consent_and_leaves_nothing_open(tmp_path: Path) -> None:
    quiet = await play(tmp_path / "undisturbed", Kills(), Network())
    assert len(quiet.cases) == 1
    assert quiet.evidence.count("granted") == 1
    assert quiet.parked == 0
    assert [(stage, shown) for stage, _, _, shown in quiet.incidents] == [("declined", True), ("filed", True)]


@pytest.mark.parametrize("network", NETWORKS, ids=["idempotent", "repeats_posts", "redelivers"])
async def test_a_conversation_comes_out_the_same_however_often_the_process_dies(
    network: Network, quiet_runs: dict[Network, Outcome], tmp_path: Path
) -> None:
    quiet = await undisturbed(quiet_runs, network, tmp_path)
    plan: list[str | float] = ["commit.intake.after", "send.after", "file.after", "commit.effect.before", 0.9]
    kills = Kills(queue=list(plan))
    assert_same(await play(tmp_path / "disturbed", kills, network), quiet, network, kills.done)
    assert kills.done == plan


@pytest.mark.soak
async def test_a_hundred_kills_at_every_point_and_at_random_lose_and_repeat_nothing(
    quiet_runs: dict[Network, Outcome], tmp_path: Path
) -> None:
    chance = random.Random(20261121)
    points: list[str] = [f"{point}:{nth}" for nth in range(1, RARE + 1) for point in POINTS]
    reached: list[str | float] = []
    conversations = 0
    while len(reached) < SOAK_KILLS or names(reached) < set(POINTS):
        network = NETWORKS[conversations % len(NETWORKS)]
        quiet = await undisturbed(quiet_runs, network, tmp_path)
        named, points = points[:NAMED], points[NAMED:]
        plan = [*named, *(chance.uniform(0.2, 2.0) for _ in range(RANDOM))]
        chance.shuffle(plan)
        kills = Kills(queue=plan)
        disturbed = await play(tmp_path / f"conversation-{conversations}", kills, network)
        assert_same(disturbed, quiet, network, kills.done)
        reached += kills.done
        points += [point for point in kills.queue if isinstance(point, str) and point.endswith(":1")]
        conversations += 1
        assert conversations < SOAK_KILLS, "most kills are never reached"


def names(kills: Sequence[str | float]) -> set[str]:
    """The points among these kills."""
    return {kill.partition(":")[0] for kill in kills if isinstance(kill, str)}
