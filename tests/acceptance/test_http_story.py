"""The story of one report in an app of the neighbourhood: over HTTP, with BART killed twice on the way.

BART runs as a process of its own, the app as a server of its own. While BART is dead the app goes on trying to
deliver, and staff go on at the desk.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import tomllib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TypeVar

import httpx
import pytest
import uvicorn

from adapters.desks.embedded import EmbeddedDesk
from adapters.desks.embedded import desk as embedded
from bot.clock import SystemClock
from bot.model.desk import Case, CaseAct, CaseDeed
from bot.model.ids import TenantId
from bot.ports.fakes.photos import FakePhotos
from bot.ports.setup import Setup
from tests.fakes.buurtapp import PHOTO, SECRETS, AppPost, Buurtapp, inline
from tests.support.http_rig import DESCRIPTION
from tests.support.scan import find
from tests.support.shell import BART, CLEAN

ROOM = "plein"
PEOPLE = {"fatima": "admin", "jan": "member", "kees": "member", "samira": "member"}
TENANT = TenantId("parijsplein")
PATIENCE_S = 30.0


@dataclass(slots=True, kw_only=True)
class Story:
    """The app, and the BART of this moment."""

    app: Buurtapp
    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        options = ("--config", str(self.folder / "config.toml"), "--data", str(self.folder / "data"))
        self.process = subprocess.Popen(
            [*BART, "run", "--port", str(self.port), *options],
            env=CLEAN | {"BART_LOG__LEVEL": "error"},
            stdout=subprocess.DEVNULL,
        )

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    async def sees(self, words: str, who: str = "jan") -> AppPost:
        """Wait until somebody sees a post with these words."""
        return await until(lambda: self.newest(lambda post: words in post.text, who), words)

    async def press(self, who: str, label: str) -> None:
        """Press the newest button with this label."""

        def offered() -> str | None:
            post = self.newest(lambda post: any(one["label"] == label for one in post.choices), who)
            return next(one["key"] for one in post.choices if one["label"] == label) if post else None

        self.app.press(ROOM, who, await until(offered, f"[{label}]"))

    def newest(self, fits: Callable[[AppPost], bool], who: str) -> AppPost | None:
        seen = [post for post in self.app.screen(ROOM, who) if post.by_bot and fits(post)]
        return seen[-1] if seen else None

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


async def until(look: Callable[[], Found | None], what: str) -> Found:
    """What `look` finds, as soon as it finds something."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                if (found := look()) is not None:
                    return found
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"nobody saw: {what}") from None


def config(webhook: str) -> str:
    """The demo neighbourhood, with the app for a channel and a second to think."""
    demo = resources.files("bot").joinpath("demo.toml").read_text("utf-8")
    head, _, rest = demo.partition("[channels.buurt]")
    channel = f"""
[channels.buurtapp]
kind = "http"
tenant = "parijsplein"
webhook = "{webhook}"
keys.a = "{SECRETS["a"]}"
"""
    return head + channel + rest[rest.index("[desks.") :].replace("release = 8", "release = 1")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as at:
        port: int = at.getsockname()[1]
    return port


@asynccontextmanager
async def the_app(app: Buurtapp) -> AsyncIterator[str]:
    """The app as a server on loopback; gives the address of its webhook."""
    at = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app.app(), log_config=None, access_log=False, lifespan="off"))
    task = asyncio.create_task(server.serve([at]))
    try:
        yield f"http://127.0.0.1:{at.getsockname()[1]}/bart"
    finally:
        await app.stop()
        server.should_exit = True
        await task
        at.close()


@pytest.fixture
async def story(tmp_path: Path) -> AsyncIterator[Story]:
    app, port = Buurtapp(DESCRIPTION), free_port()
    async with the_app(app) as webhook, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        app.client = client
        (tmp_path / "config.toml").write_text(config(webhook), "utf-8")
        assert tomllib.loads(config(webhook))["channels"]["buurtapp"]["kind"] == "http"
        told = Story(app=app, folder=tmp_path, port=port)
        told.start()
        try:
            yield told
        finally:
            told.kill()


async def test_the_whole_story_over_http_with_two_kills(story: Story) -> None:
    app = story.app
    app.open_room(ROOM, PEOPLE, name="Buurtapp Parijsplein", bot=False)
    app.say(ROOM, "jan", "dit was voor BART kwam")
    app.let_in(ROOM, "fatima")
    await story.press("fatima", "Ik ben beheerder")
    await story.press("fatima", "Ja, zet aan")
    await story.sees("BART staat aan")

    glass = "bah, ligt weer vol glas bij de glasbak op het Parijsplein"
    app.say(ROOM, "jan", glass, photos=inline(PHOTO))
    await story.sees("Wil je dit melden")
    story.kill()
    await story.press("jan", "Ja, melden")
    story.start()
    await story.sees("MB-2026-00001")
    (case,) = await story.cases()
    assert "glas" in case.text

    app.say(ROOM, "kees", "ligt er bij mij ook nog")
    await story.sees("1 buur ziet dit ook")

    story.kill()
    await story.close(case.reference)
    story.start()
    await story.sees("Opgeruimd")
    await story.press("samira", "Nee, nog niet")
    await story.sees("opnieuw")

    (case,) = await story.cases()
    assert [entry.kind for entry in case.thread].count("not_solved") == 1
    assert case.neighbours >= 2
    shown = [post.text for post in app.screen(ROOM, "jan") if post.by_bot and not post.to]
    assert len(shown) == len(set(shown))
    assert app.refused == []
    assert {code for code, _ in app.told} <= {202, 503}
    # Members are keyed hashes and sealed addresses on disk, and their names are not there at all.
    assert find(["Fatima", "fatima", "Samira", "samira"], story.folder / "data") == []
