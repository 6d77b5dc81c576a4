"""The short memory of each group: the last minutes of chat, in RAM only.

Residents split one thought over several messages and say "daar" and "die lamp".

Only messages that BART may read come in here. Nothing of it is ever written anywhere.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.model.channel import Said
from bot.model.ids import GroupId, PersonKey, PostRef
from bot.model.reading import Line

REMEMBERS = timedelta(minutes=15)
LINES = 40
"""At most this many messages a group."""
GROUPS = 20_000
"""At most this many groups; the longest silent one is forgotten first."""
CONTEXT = 6
"""How many earlier messages the interpreter gets."""
HEAT = timedelta(minutes=1)


@dataclass(slots=True)
class _GroupMemory:
    lines: deque[tuple[PostRef, Line]] = field(default_factory=lambda: deque(maxlen=LINES))
    names: dict[PersonKey, str] = field(default_factory=dict)


class Memory:
    """Not thread-safe; used from the event loop."""

    def __init__(self) -> None:
        self._groups: OrderedDict[GroupId, _GroupMemory] = OrderedDict()

    def hear(self, group: GroupId, said: Said) -> None:
        """Remember a message that may be read. The same post twice is remembered once."""
        memory = self._groups.get(group)
        if memory is None:
            memory = self._groups[group] = _GroupMemory()
            if len(self._groups) > GROUPS:
                self._groups.popitem(last=False)
        else:
            self._groups.move_to_end(group)
        if memory.lines and memory.lines[-1][0] == said.post:
            return
        memory.lines.append((said.post, Line(author=said.person.key, text=said.text, at=said.at)))
        if said.person.name:
            memory.names[said.person.key] = said.person.name

    def context(self, group: GroupId, before: PostRef, now: datetime) -> tuple[Line, ...]:
        """The last messages before this one, oldest first."""
        memory = self._groups.get(group)
        if memory is None:
            return ()
        lines: list[Line] = []
        for post, line in reversed(memory.lines):
            if post == before:
                continue
            if now - line.at > REMEMBERS or len(lines) == CONTEXT:
                break
            lines.append(line)
        return tuple(reversed(lines))

    def line(self, group: GroupId, post: PostRef) -> Line | None:
        """A remembered message."""
        memory = self._groups.get(group)
        return next((line for ref, line in memory.lines if ref == post), None) if memory else None

    def heat(self, group: GroupId, now: datetime) -> int:
        """Messages during the last minute."""
        memory = self._groups.get(group)
        if memory is None:
            return 0
        count = 0
        for _, line in reversed(memory.lines):
            if now - line.at > HEAT:
                break
            count += 1
        return count

    def roster(self, group: GroupId) -> frozenset[str]:
        """First names of who spoke lately; they help to mask names and are nowhere else."""
        memory = self._groups.get(group)
        if memory is None:
            return frozenset()
        return frozenset(name.split()[0] for name in memory.names.values() if name.split())
