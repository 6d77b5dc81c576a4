"""The short memory of each group: the last minutes of chat, in RAM only.

Residents split one thought over several messages and say "daar" and "die lamp".

Only messages that BART may read come in here, and the names of people in groups where it may read along. Nothing
of it is ever written anywhere.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.model.channel import Person, Said
from bot.model.ids import GroupId, PersonKey, PostRef
from bot.model.reading import Line

REMEMBERS = timedelta(minutes=15)
LINES = 40
"""At most this many messages a group."""
GROUPS = 20_000
"""At most this many groups; the longest silent one is forgotten first."""
NAMES, ALL_NAMES = 500, 200_000
"""At most so many names a group, and in all: some tens of megabytes. Who was longest unseen is forgotten first."""
CONTEXT = 6
"""How many earlier messages the interpreter gets."""
HEAT = timedelta(minutes=1)


@dataclass(slots=True)
class _GroupMemory:
    lines: deque[tuple[PostRef, Line]] = field(default_factory=lambda: deque(maxlen=LINES))


class Rosters:
    """First names of who is in each group; they help to mask names and are nowhere else."""

    def __init__(self, names: int = NAMES, in_all: int = ALL_NAMES) -> None:
        self._limit = names
        self._limit_in_all = in_all
        self._groups: OrderedDict[GroupId, OrderedDict[PersonKey, str]] = OrderedDict()
        self._known: dict[GroupId, frozenset[str]] = {}
        self._count = 0

    def meet(self, group: GroupId, person: Person) -> None:
        """Somebody spoke, came, or is there. A name without a letter (bridges show phone numbers) is none."""
        first = next(iter(person.name[:100].split()), "")
        if not any(char.isalpha() for char in first):
            return
        names = self._groups.setdefault(group, OrderedDict())
        self._groups.move_to_end(group)
        if names.get(person.key) != first:
            self._known.pop(group, None)
        self._count += person.key not in names
        names[person.key] = first
        names.move_to_end(person.key)
        if len(names) > self._limit:
            names.popitem(last=False)
            self._count -= 1
        while self._count > self._limit_in_all:
            self.forget(next(iter(self._groups)))

    def part(self, group: GroupId, key: PersonKey) -> None:
        """Somebody left."""
        names = self._groups.get(group)
        if names is not None and names.pop(key, None) is not None:
            self._count -= 1
            self._known.pop(group, None)

    def forget(self, group: GroupId) -> None:
        """Everybody of this group."""
        self._count -= len(self._groups.pop(group, ()))
        self._known.pop(group, None)

    def of(self, group: GroupId) -> frozenset[str]:
        """The names, each once."""
        known = self._known.get(group)
        if known is None:
            names = self._groups.get(group)
            if not names:
                return frozenset()
            known = self._known[group] = frozenset(names.values())
        return known


class Memory:
    """Not thread-safe; used from the event loop."""

    def __init__(self) -> None:
        self._groups: OrderedDict[GroupId, _GroupMemory] = OrderedDict()
        self.rosters = Rosters()

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
        self.rosters.meet(group, said.person)

    def forget(self, group: GroupId) -> None:
        """BART is out of the group, or may not read along there any more."""
        self._groups.pop(group, None)
        self.rosters.forget(group)

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
        """First names of who is in the group, as far as BART met them."""
        return self.rosters.of(group)
