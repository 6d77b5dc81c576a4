"""One neighbourhood's whole story, played on a network by whoever keeps BART alive meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.model.errors import DeskLater
from bot.model.group import Role
from bot.model.ids import Room
from bot.model.report import ContributionKind, Status
from bot.ports.fakes.desk import FakeDesk, Held
from bot.ports.fakes.network import FakeNetwork
from tests.support.platform import Lives

PEOPLE = {"fatima": Role.ADMIN, "jan": Role.MEMBER, "kees": Role.MEMBER, "samira": Role.MEMBER}
GLASS = "bah, ligt weer vol glas bij de glasbak op het Parijsplein"
LAMP = "de lantaarnpaal in de Romestraat is al dagen stuk"
PLANNED = datetime(2027, 3, 3, 9, 0, tzinfo=UTC)


@dataclass(slots=True, kw_only=True)
class Conversation:
    """Plays the story; every step waits until BART has done its part."""

    lives: Lives
    network: FakeNetwork
    desk: FakeDesk
    room: Room = Room("parijsplein")

    async def play(self) -> None:
        """From the first invitation to a reopened report and a declined proposal."""
        await self.let_in()
        await self.report()
        await self.neighbours()
        await self.statuses()
        await self.decline()
        await self.lives.until(self._all_acknowledged, "everything acknowledged")

    async def let_in(self) -> None:
        """An admin says yes."""
        self.network.open_room(self.room, PEOPLE, name="Buurtapp Parijsplein")
        await self._press("fatima", "Ik ben beheerder")
        await self._press("fatima", "Ja, zet aan")
        await self._wait(lambda: self._keyed("permission.on"), "permission is on")

    async def report(self) -> None:
        """A message becomes a report, at a desk that is away for a moment."""
        self.network.say(self.room, "samira", "iemand nog een kinderfiets over?")
        self.network.say(self.room, "jan", GLASS)
        await self._press("kees", "Ik zie het ook")
        self.desk.fail_next(DeskLater(0.1), only="file")
        await self._press("jan", "Ja, melden")
        await self._wait(lambda: len(self.desk.held) == 1, "the report is filed")
        await self._offered("Het is opgelost")

    async def neighbours(self) -> None:
        """A witness, and who asks how it stands."""
        await self._press("samira", "Ik zie het ook")
        await self._wait(lambda: self._thread(ContributionKind.STILL), "the desk hears of a witness")
        self.network.say(self.room, "jan", "/status")
        await self._wait(lambda: any(":status.mine:" in one.key for one in self.network.whispers), "/status")

    async def statuses(self) -> None:
        """In progress, planned, a question with its answer, closed, and reopened by a neighbour."""
        await self._status(Status.IN_PROGRESS, "")
        await self._status(Status.PLANNED, "", until=PLANNED)
        await self._status(Status.NEEDS_ANSWER, "Bij welke glasbak precies?", until=PLANNED)
        self.network.say(self.room, "jan", "bij de linker, naast de supermarkt", private=True)
        await self._wait(lambda: self._thread(ContributionKind.ANSWER), "the answer reaches the desk")
        await self._offered("Het is opgelost")
        await self._status(Status.CLOSED, "De straat is geveegd.")
        await self._press("samira", "Nee, nog niet")
        await self._wait(lambda: self._thread(ContributionKind.NOT_SOLVED), "the desk hears that it is not solved")
        await self._wait(lambda: self._case.case.status is Status.REOPENED, "the report is reopened")
        # Without this the conversation may end before the desk is asked again, or after.
        await self._wait(lambda: any("opnieuw naar" in text for text in self._shown()), "the card says so")

    async def decline(self) -> None:
        """A second proposal, whose author says no: its words are erased."""
        self.network.say(self.room, "kees", LAMP)
        await self._press("kees", "Nee", about="Romestraat")
        await self._wait(lambda: any(one.deleted for one in self.network.posts.values()), "the proposal is gone")

    async def _status(self, status: Status, note: str, until: datetime | None = None) -> None:
        before, told = self._shown(), self._told()
        self.desk.set_status(self._case.case.reference, status, note=note, until=until)
        await self._wait(lambda: self._shown() != before, f"{status} shows on the card")
        await self._wait(lambda: self._told() > told, f"the author hears of {status}")

    async def _press(self, who: str, label: str, about: str = "") -> None:
        await self._offered(label, about)
        self.network.press(self.room, who, self._choices(label, about)[-1])

    async def _offered(self, label: str, about: str = "") -> None:
        await self._wait(lambda: bool(self._choices(label, about)), f"somebody may press {label}")

    async def _wait(self, true: Callable[[], bool], what: str) -> None:
        await self.lives.until(true, what)

    def _choices(self, label: str, about: str) -> list[str]:
        """Also on a post that was left behind: a network that is not idempotent may have said it twice."""
        posts = [*(one.now for one in self.network.whispers), *self.network.shown(self.room)]
        return [
            choice.key for post in posts for choice in post.choices if choice.label == label and about in post.text
        ]

    def _keyed(self, template: str) -> bool:
        return any(f":{template}:" in one.key for one in self.network.posts.values())

    def _thread(self, kind: ContributionKind) -> bool:
        return any(entry.kind == kind for entry in self._case.case.thread)

    def _shown(self) -> list[str]:
        return [post.text for post in self.network.shown(self.room)]

    def _told(self) -> int:
        return sum(":status:" in one.key for one in self.network.whispers)

    def _all_acknowledged(self) -> bool:
        return self.network.committed >= len(self.network.log)

    @property
    def _case(self) -> Held:
        return next(iter(self.desk.held.values()))
