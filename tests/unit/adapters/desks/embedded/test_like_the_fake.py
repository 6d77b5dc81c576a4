"""Whatever residents and staff do in whatever order, the embedded desk and the fake tell the same story."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model.desk import Addition, Case, CaseAct, CaseDeed, Filing
from bot.model.errors import BartError
from bot.model.ids import ReportId
from bot.model.report import ContributionKind, Report, StatusChange
from tests.support.desks import COUNTERS, HERE, Counter, addition, day, deed, filing

OWNS = st.sampled_from(["a", "b", "c"])
WORDS = st.sampled_from(["", "Kijk.", "Er ligt glas.", "a\x00b"])
FILINGS = st.builds(filing, OWNS, WORDS, neighbours=st.integers(1, 3))
ADDITIONS = st.builds(
    addition,
    st.sampled_from(list(ContributionKind)),
    st.sampled_from(["1", "2", "3", "4", "5", "6"]),
    WORDS,
    neighbours=st.integers(1, 4),
)
DEEDS = st.builds(
    deed,
    st.sampled_from(list(CaseAct)),
    st.sampled_from(["", "Toelichting."]),
    party=st.sampled_from(["", "Waterschap"]),
    until=st.sampled_from([None, day(-3), day(3)]),
)
STEPS = st.lists(st.one_of(FILINGS, st.tuples(OWNS, ADDITIONS), st.tuples(OWNS, DEEDS)), min_size=1, max_size=25)
Step = Filing | tuple[str, Addition] | tuple[str, CaseDeed]


async def outcome(call: Callable[[], Awaitable[Any]]) -> str:
    try:
        await call()
    except BartError as error:
        return f"{type(error).__name__} {getattr(error, 'field', getattr(error, 'where', ''))}"
    return "done"


async def do(counter: Counter, step: Step) -> str:
    if isinstance(step, Filing):
        return await outcome(lambda: counter.desk.file(step))
    own, what = step
    filed = await counter.desk.find(own)
    reference = filed.reference if filed else "unknown"
    if isinstance(what, Addition):
        return await outcome(lambda: counter.desk.add(reference, what))
    return await outcome(lambda: counter.office.act(HERE, reference, what))


def plain(case: Case) -> Case:
    """Without what each desk names in its own way."""
    entries = tuple(replace(entry, photo=str(bool(entry.photo))) for entry in case.thread)
    return replace(case, reference="", photos=tuple("photo" for _ in case.photos), thread=entries)


async def story(name: str, folder: Path, steps: list[Step]) -> tuple[list[str], list[Case], list[StatusChange]]:
    async with COUNTERS[name](folder) as counter:
        outcomes = []
        for step in steps:
            counter.clock.advance(1)
            outcomes.append(await do(counter, step))
        cases = [await counter.office.case(HERE, case.reference) for case in await counter.office.cases(HERE)]
        changes = list((await counter.desk.changes(None)).changes)
        for case in cases:
            follow(case, [change for change in changes if change.reference == case.reference])
        return outcomes, [plain(case) for case in cases], [replace(each, reference="") for each in changes]


def follow(case: Case, changes: list[StatusChange]) -> None:
    """A report that hears of every change makes only legal moves, and ends where the case is."""
    report = Report(
        id=ReportId("report"),
        tenant_id=HERE,
        desk="gemeente",
        reference=case.reference,
        category=case.category,
        place=case.place,
        filed_at=case.received_at,
        changed_at=case.received_at,
    )
    for change in changes:
        report = report.move(change)
    assert report.status is case.status
    assert report.question == case.question


@settings(max_examples=60, deadline=None)
@given(steps=STEPS)
def test_the_embedded_desk_and_the_fake_tell_the_same_story(steps: list[Step]) -> None:
    with TemporaryDirectory() as folder:
        embedded = asyncio.run(story("embedded", Path(folder), steps))
        fake = asyncio.run(story("fake", Path(folder), steps))
    assert embedded == fake
