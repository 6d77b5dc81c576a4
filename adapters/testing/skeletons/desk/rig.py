"""The people behind this desk: all that the checks need to know about it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.model.desk import Case, CaseAct, CaseDeed, CaseEntry
from bot.model.ids import TenantId
from bot.model.place import Place
from bot.model.report import Status

from .desk import ExampleDesk
from .system import System


class Rig:
    """A system with nothing in it, and its staff."""

    tenant = TenantId("example")

    def __init__(self) -> None:
        self.system = System()

    def desk(self) -> ExampleDesk:
        return ExampleDesk(self.system)

    async def cases(self) -> Sequence[Case]:
        return [
            Case(
                reference=one.number,
                category=one.kind,
                text=one.text,
                place=Place(label=one.address, source="desk"),
                status=Status.RECEIVED if one.open else Status.CLOSED,
                received_at=one.opened,
                changed_at=one.opened,
                seen_at=one.opened,
                neighbours=1,
                contact=one.email,
                thread=tuple(CaseEntry(at=one.opened, kind="addition", text=note) for note in one.notes),
            )
            for one in self.system.tickets.values()
        ]

    async def act(self, reference: str, deed: CaseDeed) -> None:
        if deed.act is CaseAct.CLOSE:
            self.system.turn(reference, False, deed.text)

    def pass_time(self, seconds: float) -> None:
        self.system.pass_time(seconds)
