"""One turn: load what is known of some groups, run what happened through the chain, commit it all at once.

Intake and worker both take turns. When another turn was faster (`Conflict`), everything is computed again
from what is known then.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import structlog

from bot.metrics import Metrics
from bot.model.effect import Effect
from bot.model.errors import Conflict
from bot.model.group import Group
from bot.model.happening import Happening, Tally
from bot.model.ids import GroupId, Moment
from bot.model.snapshot import Change, Commit, Snapshot
from bot.ports.clock import Clock
from bot.ports.store import Store
from bot.process import chain
from bot.process.flow import Context

log = structlog.get_logger()

TRIES = 20
"""A conflict means that another turn on the same group won, so somebody always gets on."""

Happened = Sequence[tuple[GroupId, Happening]]
Happen = Callable[[Mapping[GroupId, Snapshot]], Awaitable[Happened]]


@dataclass(slots=True)
class _Fold:
    """What the happenings of one turn led to, so far."""

    known: dict[GroupId, Snapshot]
    changes: list[Change] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    tallies: list[Tally] = field(default_factory=list)
    touched: set[GroupId] = field(default_factory=set)


class Turns:
    """`context` says what the process knows beside a group; `committed` hears of every commit with effects."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        context: Callable[[Group], Context],
        metrics: Metrics,
        committed: Callable[[], None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._context = context
        self._metrics = metrics
        self._committed = committed

    async def take(
        self,
        groups: Collection[GroupId],
        happen: Happen,
        envelope: Commit,
        new: Mapping[GroupId, Group] | None = None,
        isolate: bool = False,
    ) -> Mapping[GroupId, Snapshot]:
        """Run one turn and return what is known after it.

        `envelope` holds what is committed besides: cursor, deliveries, finished work. `new` are groups met for
        the first time. With `isolate` one happening that raises is skipped and logged, never the whole turn.
        """
        for _ in range(TRIES):
            known = dict(await self._store.load(groups)) if groups else {}
            for group_id, group in (new or {}).items():
                known.setdefault(group_id, Snapshot(group=group))
            versions = {group_id: snapshot.group.version for group_id, snapshot in known.items()}
            fold = self._fold(known, await happen(known), isolate)
            commit = replace(
                envelope,
                now=self._clock.moment().now,
                expected={group_id: versions[group_id] for group_id in fold.touched},
                changes=envelope.changes + chain.newest(fold.changes),
                effects=envelope.effects + tuple(fold.effects),
            )
            try:
                if _says_something(commit):
                    await self._store.commit(commit)
            except Conflict:
                log.info("turn.conflict", groups=len(versions))
                continue
            self._count(fold.tallies)
            if commit.effects:
                self._committed()
            return fold.known
        raise Conflict

    async def one(self, group: GroupId, happening: Happening, envelope: Commit) -> None:
        """A turn of one happening; what it raises comes out."""

        async def happen(_: Mapping[GroupId, Snapshot]) -> Happened:
            return [(group, happening)]

        await self.take([group], happen, envelope)

    def _fold(self, known: dict[GroupId, Snapshot], happened: Happened, isolate: bool) -> _Fold:
        fold = _Fold(known=known)
        began = self._clock.moment()
        for number, (group_id, happening) in enumerate(happened):
            snapshot = fold.known.get(group_id)
            if snapshot is None:
                continue
            try:
                moment = Moment(now=began.now, seed=f"{began.seed}:{number}")
                outcome = chain.take(snapshot, happening, moment, self._context(snapshot.group))
            except Exception:
                if not isolate:
                    raise
                log.exception("happening.poisoned", kind=type(happening).__name__)
                fold.tallies.append(Tally(name="poisoned", label=type(happening).__name__))
                continue
            if outcome.changes or outcome.effects:
                fold.known[group_id] = outcome.known
                fold.changes += outcome.changes
                fold.effects += outcome.effects
                fold.touched.add(group_id)
            fold.tallies += outcome.tallies
        return fold

    def _count(self, tallies: Sequence[Tally]) -> None:
        for tally in tallies:
            self._metrics.tally(tally)


def _says_something(commit: Commit) -> bool:
    return bool(
        commit.changes
        or commit.effects
        or commit.cursor
        or commit.desk_cursor
        or commit.deliveries
        or commit.finished
    )
