"""The chain itself: one happening goes through every step, in this order, and comes out as what must change."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bot.model.effect import Effect
from bot.model.group import Group, Member
from bot.model.happening import Happening, Heard, Tally
from bot.model.ids import Moment
from bot.model.incident import Incident
from bot.model.report import Report
from bot.model.snapshot import Change, Erase, Prompt, Seal, Snapshot
from bot.process import (
    amend,
    compare,
    consent,
    enrich,
    follow,
    interpret,
    learning,
    monitor,
    notify,
    publish,
    register,
    route,
)
from bot.process.flow import Context, Flow, begin

STEPS: tuple[Callable[[Flow], Flow], ...] = (
    monitor.step,
    interpret.step,
    consent.step,
    enrich.step,
    route.step,
    register.step,
    amend.step,
    follow.step,
)
"""Each may say that nothing further needs to look (`Flow.stop`)."""

ENDS: tuple[Callable[[Flow], Flow], ...] = (compare.step, learning.step, publish.step, notify.step)
"""Run whatever a step said, because they follow from what changed and not from what happened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one happening led to. `known` is the snapshot for the next happening of the same group."""

    known: Snapshot
    changes: tuple[Change, ...] = ()
    effects: tuple[Effect, ...] = ()
    tallies: tuple[Tally, ...] = ()


def take(known: Snapshot, happening: Happening, moment: Moment, context: Context) -> Outcome:
    """Run one happening through the chain."""
    flow = begin(known, happening, moment, context)
    for step in STEPS:
        flow = step(flow)
        if flow.over:
            break
    if flow.changes or not isinstance(happening, Heard):
        for step in ENDS:
            flow = step(flow)
    return Outcome(known=flow.after, changes=flow.changes, effects=flow.effects, tallies=flow.tallies)


def newest(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Of several versions of one record only the last is saved."""
    last: dict[object, Change] = {}
    for change in changes:
        key = _identity(change)
        last.pop(key, None)
        last[key] = change
    return tuple(last.values())


def _identity(change: Change) -> object:
    match change:
        case Group(id=key) | Incident(id=key) | Report(id=key):
            return type(change), key
        case Member(group_id=group, key=key):
            return Member, group, key
        case Prompt(incident_id=key):
            return Prompt, key
        case Seal(incident_id=key) | Erase(incident_id=key):
            return Seal, key
    return id(change)
