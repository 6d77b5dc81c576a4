"""The whole story in a Telegram group, with a restart and kills in the middle: nothing lost, nothing twice."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bot.clock import SystemClock
from bot.model.report import ContributionKind, Status
from tests.fakes.telegram import BOT_ID, BotApi, World, serve
from tests.fakes.telegram.world import TOKEN, Json
from tests.support.app_under_test import Process
from tests.support.platform import Platform, a_platform
from tests.support.telegram_rig import FREE

GROUP, FATIMA, JAN, KEES, SAMIRA = -1001000000001, 5001, 5002, 5003, 5004
GLASS = "bah, ligt weer vol glas bij de glasbak op het Parijsplein"
PATIENCE = 40.0

CONFIG = """
[server]
data = "{data}"
[tenants.delft]
name = "Gemeente Delft"
municipality = "Delft"
privacy_contact = "fg@delft.example"
geocoder = "straten"
desk = "loket"
[channels.wijk]
kind = "telegram"
tenant = "delft"
token = "{token}"
api = "{api}"
[desks.loket]
kind = "far"
tenant = "delft"
socket = "{socket}"
[geocoders.straten]
kind = "gazetteer"
file = "demo"
[interpreter]
kind = "rules"
[work]
backoff_seconds = 0.2
[group.quiet]
wait_min = 0
wait_max = 0
prompt_gap = 0
author_gap = 0
night_from = "00:00"
night_until = "00:00"
command_gap = 0
[group.deadlines]
release = 1
"""


@dataclass(slots=True, kw_only=True)
class Street:
    """The neighbours, the desk and the process that is BART."""

    world: World
    platform: Platform
    bart: Process

    async def until(self, true: Callable[[], object], what: str) -> None:
        give_up = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < give_up, f"not in {PATIENCE:g} s: {what}\n{self.bart.log.read_text('utf-8')}"
            await asyncio.sleep(0.01)

    async def kill_after(self, seconds: float) -> None:
        """It dies a moment later, and begins again."""
        await asyncio.sleep(seconds)
        self.bart.kill()
        self.bart.start()

    async def press(self, who: int, label: str, chat: int = GROUP) -> None:
        await self.until(lambda: self._buttons(label, chat), f"somebody can press {label}")
        number, data = self._buttons(label, chat)[-1]
        self.world.press(chat, who, data, number)

    async def posted(self, words: str, chat: int = GROUP) -> None:
        await self.until(lambda: [one for one in self.texts(chat) if words in one], f"BART says {words}")

    def texts(self, chat: int = GROUP) -> list[str]:
        return [message["text"] for message in self._posts(chat)]

    def thread(self, kind: ContributionKind) -> int:
        return sum(e.kind == kind for held in self.platform.desk.held.values() for e in held.case.thread)

    def desk_says(self, status: Status, note: str = "") -> None:
        (reference,) = self.platform.desk.held
        self.platform.desk.set_status(reference, status, note=note)

    def _posts(self, chat: int) -> list[Json]:
        there = self.world.chats.get(chat)
        return (
            [one for one in there.messages.values() if one["from"]["id"] == BOT_ID and "text" in one]
            if there
            else []
        )

    def _buttons(self, label: str, chat: int) -> list[tuple[int, str]]:
        return [
            (message["message_id"], button["callback_data"])
            for message in self._posts(chat)
            for row in (message.get("reply_markup") or {}).get("inline_keyboard", [])
            for button in row
            if button["text"] == label
        ]


async def let_in(street: Street) -> None:
    """The admin's press opens a private chat, and there she says yes."""
    await street.press(FATIMA, "Ik ben beheerder")
    await street.until(lambda: street.world.opened, "the press opens the private chat")
    who, link = street.world.opened[0]
    assert (who, link.partition("start=")[2]) == (FATIMA, f"g{GROUP}")
    street.world.start(FATIMA, link.partition("start=")[2])
    await street.press(FATIMA, "Ja, zet aan", chat=FATIMA)
    await street.posted("BART staat aan")


async def report(street: Street) -> None:
    """Killed while the message is on its way in, and again while its report is on its way out."""
    street.world.say(GROUP, KEES, "iemand nog een kinderfiets over?")
    street.world.say(GROUP, JAN, GLASS)
    await street.kill_after(0.03)
    await street.press(JAN, "Ja, melden")
    await street.kill_after(0.4)
    await street.until(lambda: street.platform.desk.held, "it is filed")
    await street.press(SAMIRA, "Ik zie het ook")
    await street.until(lambda: street.thread(ContributionKind.STILL), "the desk hears of a neighbour")


async def ask_status(street: Street) -> None:
    """Privately, after opening the private chat from the group."""
    street.world.start(JAN, f"g{GROUP}")
    street.world.say(JAN, JAN, "/status")
    await street.posted("FAKE-", chat=JAN)


async def follow(street: Street) -> None:
    """In progress, closed while BART is away, and reopened by a neighbour."""
    street.desk_says(Status.IN_PROGRESS)
    await street.posted("ermee bezig", chat=JAN)
    street.bart.stop()
    street.desk_says(Status.CLOSED, "De straat is geveegd.")
    street.world.say(GROUP, KEES, "lekker weertje vandaag")
    street.bart.start()
    await street.press(SAMIRA, "Nee, nog niet")
    await street.kill_after(0.05)
    await street.until(lambda: street.thread(ContributionKind.NOT_SOLVED), "the desk hears that it is not solved")
    (held,) = street.platform.desk.held.values()
    await street.until(lambda: held.case.status is Status.REOPENED, "it is reopened")
    await street.press(KEES, "Het is opgelost")
    await street.until(lambda: street.thread(ContributionKind.SOLVED), "the desk hears that it is solved")


async def test_the_whole_story_survives_kills_and_a_restart(tmp_path: Path) -> None:
    world = World()
    people = {FATIMA: "Fatima", JAN: "Jan", KEES: "Kees", SAMIRA: "Samira"}
    for number, name in people.items():
        world.person(number, name)
    world.group(GROUP, "Buurtapp Parijsplein", dict.fromkeys(people, "member") | {FATIMA: "creator"})
    world.change(GROUP, BOT_ID, "member", FATIMA)
    platform = a_platform(tmp_path, clock=SystemClock())
    async with serve(BotApi(world, FREE)) as served, platform:
        config = tmp_path / "config.toml"
        fill = {"data": tmp_path / "data", "token": TOKEN, "api": served.url, "socket": platform.address}
        config.write_text(CONFIG.format(**fill), "utf-8")
        with Process(config, tmp_path / "log") as bart:
            street = Street(world=world, platform=platform, bart=bart)
            await let_in(street)
            await report(street)
            await ask_status(street)
            await follow(street)
            await street.until(lambda: not world.updates, "every update is confirmed")
            bart.stop()
    (held,) = platform.desk.held.values()
    assert held.filing.text == GLASS
    assert [street.thread(kind) for kind in (ContributionKind.STILL, ContributionKind.NOT_SOLVED)] == [1, 1]
    posts = Counter(street.texts())
    assert sum(posts.values()) - len(posts) <= bart.kills, posts
    assert TOKEN not in bart.log.read_text("utf-8")
