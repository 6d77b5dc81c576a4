"""The story of one report in a Matrix room, on a real homeserver: plain and encrypted, with a kill and a restart.

BART runs as a process of its own. While it is dead the neighbours and the desk go on.
"""

from __future__ import annotations

import asyncio
import re
import signal
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

import pytest

from adapters.channels.matrix.words import ENCRYPTED_CHOICES
from adapters.desks.embedded import EmbeddedDesk
from adapters.desks.embedded import desk as embedded
from bot.clock import SystemClock
from bot.model.desk import Case, CaseAct, CaseDeed
from bot.model.ids import PostRef, Room, TenantId
from bot.ports.fakes.photos import FakePhotos
from bot.ports.setup import Setup
from tests.support.matrix import Home, Resident, a_home, shown
from tests.support.matrix_sealed import SealedResident, sealed
from tests.support.shell import BART, CLEAN
from tests.support.synapse import Synapse

pytestmark = [pytest.mark.synapse, pytest.mark.timeout(300)]

TENANT = TenantId("parijsplein")
PATIENCE_S = 60.0
GLASS = "bah, ligt weer vol glas bij de glasbak op het Parijsplein"
LINE = re.compile(r"^(\d)\ufe0f?\u20e3? (.+)$", re.MULTILINE)
ENCRYPTION = {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}


@dataclass(slots=True, kw_only=True)
class Story:
    """The neighbours, and the BART of this moment. `jan` reads and writes for all who only tap."""

    folder: Path
    bot: Resident
    fatima: Resident
    jan: Resident | SealedResident
    kees: Resident | SealedResident
    samira: Resident
    room: Room
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        options = ("--config", str(self.folder / "config.toml"), "--data", str(self.folder / "data"))
        self.process = subprocess.Popen(
            [*BART, "run", "--port", "0", *options],
            env=CLEAN | {"BART_LOG__LEVEL": "error"},
            stdout=subprocess.DEVNULL,
        )

    def end(self, by: signal.Signals = signal.SIGKILL) -> None:
        assert self.process is not None
        self.process.send_signal(by)
        self.process.wait(timeout=20)

    async def posts(self) -> list[tuple[PostRef, str]]:
        """BART's posts as Jan sees them."""
        events = await self.jan.timeline(self.room)
        return [(ref, content["body"]) for ref, by, content in shown(events) if by == self.bot.user]

    async def sees(self, words: str) -> str:
        """Wait until there is a post with these words."""

        async def look() -> str | None:
            return next((body for _, body in reversed(await self.posts()) if words in body), None)

        return await until(look, words)

    async def tap(self, who: Resident, label: str) -> None:
        """Tap the digit of this choice under the newest post that has it."""

        async def look() -> tuple[PostRef, str] | None:
            for ref, body in reversed(await self.posts()):
                for digit, choice in LINE.findall(body):
                    if choice == label:
                        return ref, digit
            return None

        ref, digit = await until(look, f"[{label}]")
        await who.react(self.room, ref, f"{digit}\ufe0f\u20e3")

    async def cases(self) -> list[Case]:
        async with self._desk() as desk:
            return [await desk.case(TENANT, case.reference) for case in await desk.cases(TENANT)]

    async def close(self, reference: str) -> None:
        async with self._desk() as desk:
            await desk.act(TENANT, reference, CaseDeed(act=CaseAct.CLOSE, by="marieke", text="Opgeruimd."))

    def _desk(self) -> EmbeddedDesk:
        setup = Setup(
            where="desks.gemeente",
            name="gemeente",
            tenant_id=TENANT,
            data=self.folder / "data" / "desks" / "gemeente",
            clock=SystemClock(),
            photos=FakePhotos(),
        )
        return embedded(setup)


Found = TypeVar("Found")


async def until(look: Callable[[], Awaitable[Found | None]], what: str) -> Found:
    """What `look` finds, as soon as it finds something."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                if (found := await look()) is not None:
                    return found
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"nobody saw: {what}") from None


def config(homeserver: str, bot: Resident, folder: Path) -> str:
    """The demo neighbourhood, with a Matrix account for a channel and two seconds to think."""
    demo = resources.files("bot").joinpath("demo.toml").read_text("utf-8")
    head, _, rest = demo.partition("[channels.buurt]")
    token = folder / "token"
    token.write_text(f"{bot.token}\n", "utf-8")
    channel = f"""
[channels.wijk]
kind = "matrix"
tenant = "parijsplein"
homeserver = "{homeserver}"
user = "{bot.user}"
token_file = "{token}"
"""
    return head + channel + rest[rest.index("[desks.") :].replace("release = 8", "release = 2")


async def a_story(home: Home, folder: Path, encrypted: bool, stack: AsyncExitStack) -> Story:
    """The room, with BART not in it yet."""
    fatima, jan, kees, samira, bot = [
        await home.resident(name) for name in ("fatima", "jan", "kees", "samira", "bart")
    ]
    more: dict[str, Any] = {"initial_state": [ENCRYPTION]} if encrypted else {}
    room = await fatima.open_room("Buurtapp Parijsplein", jan, kees, samira, **more)
    writers: list[Resident | SealedResident] = [jan, kees]
    if encrypted:
        writers = [await stack.enter_async_context(sealed(one, home.server.url)) for one in (jan, kees)]
    (folder / "config.toml").write_text(config(home.server.url, bot, folder), "utf-8")
    return Story(folder=folder, bot=bot, fatima=fatima, jan=writers[0], kees=writers[1], samira=samira, room=room)


@pytest.fixture
async def home(synapse: Synapse) -> AsyncIterator[Home]:
    async with a_home(synapse) as opened:
        yield opened


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "encrypted"])
async def test_the_whole_story_on_matrix_with_a_kill_and_a_restart(
    home: Home, tmp_path: Path, encrypted: bool
) -> None:
    async with AsyncExitStack() as stack:
        story = await a_story(home, tmp_path, encrypted, stack)
        story.start()
        try:
            await the_story(story, encrypted)
        finally:
            story.end()


async def the_story(story: Story, encrypted: bool) -> None:
    await story.jan.say(story.room, "dit was voor BART kwam: glas bij de glasbak op het Parijsplein")
    await story.fatima.invite(story.room, story.bot.user)
    if encrypted:
        await story.tap(story.fatima, ENCRYPTED_CHOICES[0])
    await story.tap(story.fatima, "Ik ben beheerder")
    await story.tap(story.fatima, "Ja, zet aan")
    await story.sees("BART staat aan")

    await story.jan.say(story.room, GLASS)
    await story.sees("Wil je dit melden")
    story.end()
    await jan_taps(story, "Ja, melden")
    story.start()
    await story.sees("MB-")
    (case,) = await story.cases()
    assert "glas" in case.text
    assert "voor BART kwam" not in case.text

    await story.kees.say(story.room, "ligt er bij mij ook nog")
    await story.sees("1 buur ziet dit ook")
    await story.jan.say(story.room, "!buurt")
    await story.sees(f"{case.reference}:")

    story.end(signal.SIGTERM)
    await story.close(case.reference)
    story.start()
    await story.sees("Opgeruimd")
    await story.tap(story.samira, "Nee, nog niet")
    await story.sees("opnieuw")

    (case,) = await story.cases()
    assert [entry.kind for entry in case.thread].count("not_solved") == 1
    assert case.neighbours >= 2
    bodies = [body for _, body in await story.posts()]
    assert len(bodies) == len(set(bodies)), "nothing is said twice"


async def jan_taps(story: Story, label: str) -> None:
    """Reactions travel in clear, so the plain side of his account can tap for him."""
    jan = story.jan
    await story.tap(jan.resident if isinstance(jan, SealedResident) else jan, label)
