"""The checks for authors of desks and geocoders find the faults that those really have."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import pytest

from adapters.testing import DESK_CHECKS, GEOCODER_CHECKS
from adapters.testing.ladder import run
from bot.model.desk import Addition, Changes, DeskCapabilities, Filed, Filing, Similar
from bot.model.errors import DeskRefused, UnknownReport
from bot.model.place import Place, Point
from bot.model.reading import Area
from bot.model.report import Status
from bot.ports.fakes.desk import FakeDesk
from bot.ports.fakes.geocoder import FakeGeocoder
from tests.support.adapter_rigs import AT, STREET, FakeDeskRig, StreetRig

BARE = DeskCapabilities(photos=False, questions=False, reopens=False, searches_own=False, withdraws=False)


class Wrapped:
    """A desk that does what the fake does, but for what a subclass changes."""

    def __init__(self, desk: FakeDesk) -> None:
        self.inner = desk

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def capabilities(self) -> DeskCapabilities:
        return self.inner.capabilities()


class FilesAnew(Wrapped):
    """Forgets what it filed before."""

    async def file(self, filing: Filing) -> Filed:
        count = len(self.inner.held)
        return await self.inner.file(replace(filing, own=f"{filing.own}-{count}"))


class FindsNothing(Wrapped):
    async def find(self, own: str) -> Filed | None:
        return None


class FindsOldStatus(Wrapped):
    async def find(self, own: str) -> Filed | None:
        found = await self.inner.find(own)
        return replace(found, status=Status.RECEIVED) if found else None


class TakesAnything(Wrapped):
    async def file(self, filing: Filing) -> Filed:
        return await self.inner.file(replace(filing, text=filing.text.strip()[:100] or "leeg"))


class BlamesAnotherField(Wrapped):
    async def file(self, filing: Filing) -> Filed:
        try:
            return await self.inner.file(filing)
        except DeskRefused as error:
            raise DeskRefused("category", error.what) from None


class DropsAdditions(Wrapped):
    async def add(self, reference: str, addition: Addition) -> None:
        if reference not in self.inner.held:
            raise UnknownReport


class AddsTwice(Wrapped):
    async def add(self, reference: str, addition: Addition) -> None:
        count = len(self.inner.held[reference].case.thread) if reference in self.inner.held else 0
        await self.inner.add(reference, replace(addition, own=f"{addition.own}-{count}"))


class AddsToAnything(Wrapped):
    async def add(self, reference: str, addition: Addition) -> None:
        if reference in self.inner.held:
            await self.inner.add(reference, addition)


class ForgetsNotes(Wrapped):
    async def changes(self, cursor: str | None) -> Changes:
        told = await self.inner.changes(cursor)
        return replace(told, changes=tuple(replace(one, note="") for one in told.changes))


class NewestFirst(Wrapped):
    async def changes(self, cursor: str | None) -> Changes:
        told = await self.inner.changes(cursor)
        return replace(told, changes=told.changes[::-1])


class RepeatsForEver(Wrapped):
    async def changes(self, cursor: str | None) -> Changes:
        return await self.inner.changes(None)


class TellsOnce(Wrapped):
    """Marks changes as told when they are asked for, not when the cursor comes back."""

    told = 0

    async def changes(self, cursor: str | None) -> Changes:
        all_of_it = await self.inner.changes(None)
        fresh, self.told = all_of_it.changes[self.told :], len(all_of_it.changes)
        return replace(all_of_it, changes=fresh)


class SimilarAnywhere(Wrapped):
    async def similar(self, category: str, near: Point, radius_m: float) -> tuple[Similar, ...]:
        return await self.inner.similar(category, near, 10_000)


class SimilarInDisorder(Wrapped):
    async def similar(self, category: str, near: Point, radius_m: float) -> tuple[Similar, ...]:
        return (await self.inner.similar(category, near, radius_m))[::-1]


class NeverReopens(Wrapped):
    async def add(self, reference: str, addition: Addition) -> None:
        if addition.kind != "not_solved":
            await self.inner.add(reference, addition)


class KeepsWithdrawn(Wrapped):
    async def add(self, reference: str, addition: Addition) -> None:
        if addition.kind != "withdrawal":
            await self.inner.add(reference, addition)


class TakesAnyPhoto(Wrapped):
    async def add(self, reference: str, addition: Addition) -> None:
        if addition.photo is None or addition.photo.startswith(b"\xff\xd8"):
            await self.inner.add(reference, addition)


FAULTS: list[tuple[type[Wrapped], str]] = [
    (FilesAnew, "the_same_own_reference_again_is_the_same_report"),
    (FilesAnew, "the_same_filing_five_times_at_once_is_one_report"),
    (FindsNothing, "what_was_filed_is_found_by_our_own_reference"),
    (FindsOldStatus, "a_found_report_tells_the_status_it_has_by_now"),
    (TakesAnything, "what_can_never_be_filed_is_refused_by_field_and_leaves_nothing"),
    (BlamesAnotherField, "what_can_never_be_filed_is_refused_by_field_and_leaves_nothing"),
    (DropsAdditions, "what_residents_add_reaches_staff"),
    (DropsAdditions, "additions_at_the_same_time_all_arrive"),
    (DropsAdditions, "a_question_is_told_and_its_answer_reaches_staff"),
    (DropsAdditions, "a_photo_reaches_staff_where_photos_are_taken"),
    (TakesAnyPhoto, "a_photo_reaches_staff_where_photos_are_taken"),
    (AddsTwice, "the_same_addition_twice_is_added_once"),
    (AddsToAnything, "adding_to_an_unknown_report_is_an_error"),
    (KeepsWithdrawn, "a_withdrawal_reaches_staff_where_it_can"),
    (ForgetsNotes, "a_closed_report_is_told_with_what_staff_said"),
    (NewestFirst, "changes_come_oldest_first"),
    (NewestFirst, "fine_states_bring_their_date_and_party"),
    (RepeatsForEver, "changes_after_a_cursor_lose_nothing_and_repeat_nothing"),
    (RepeatsForEver, "a_cursor_outlives_the_connection"),
    (TellsOnce, "asking_twice_with_the_same_cursor_tells_the_same"),
    (NeverReopens, "not_solved_reopens_a_closed_report_where_it_can"),
    (SimilarAnywhere, "similar_reports_come_nearest_first_and_within_the_radius"),
    (SimilarInDisorder, "similar_reports_come_nearest_first_and_within_the_radius"),
]
Check = Callable[[Any], Awaitable[None]]
BY_NAME: dict[str, Check] = {check.__name__: check for check in (*DESK_CHECKS, *GEOCODER_CHECKS)}


def rig_with(fault: type[Wrapped]) -> FakeDeskRig:
    class Faulty(FakeDeskRig):
        def desk(self) -> Any:
            return nullcontext(fault(self.fake))

    return Faulty()


@pytest.mark.parametrize(("fault", "name"), FAULTS, ids=[f"{fault.__name__}-{name}" for fault, name in FAULTS])
async def test_a_desk_with_this_fault_is_caught(fault: type[Wrapped], name: str) -> None:
    with pytest.raises((AssertionError, ValueError)):
        await run(BY_NAME[name], rig_with(fault))


@pytest.mark.parametrize("check", DESK_CHECKS, ids=lambda check: check.__name__)
async def test_a_desk_that_does_what_it_should_is_never_blamed(check: Check) -> None:
    await run(check, rig_with(Wrapped))


async def test_every_fault_is_planted_in_a_check_there_is() -> None:
    assert {name for _, name in FAULTS} <= set(BY_NAME)


class Guesses(FakeGeocoder):
    async def find(self, words: str, area: Area) -> tuple[Place, ...]:
        return (Place(label=STREET, point=AT, source="fake"),)


class Chokes(FakeGeocoder):
    async def find(self, words: str, area: Area) -> tuple[Place, ...]:
        words.encode("ascii")
        return await super().find(words, area)


class NamesTheSea(FakeGeocoder):
    async def nearest(self, point: Point) -> Place | None:
        return Place(label=STREET, point=point, source="fake")


class Babbles(FakeGeocoder):
    async def find(self, words: str, area: Area) -> tuple[Place, ...]:
        return await super().find(words, area) * 6


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        (Guesses, "a_street_that_is_not_known_is_not_guessed"),
        (Guesses, "words_that_are_no_place_find_nothing_and_break_nothing"),
        (Chokes, "words_that_are_no_place_find_nothing_and_break_nothing"),
        (NamesTheSea, "a_point_is_named_as_people_call_it"),
        (Babbles, "at_most_five_places_come_best_first"),
    ],
)
async def test_a_geocoder_with_this_fault_is_caught(fault: type[FakeGeocoder], name: str) -> None:
    square = Place(label=STREET, point=AT, source="fake")
    rig = StreetRig(lambda: nullcontext(fault({STREET.lower(): (square,)})))
    with pytest.raises((AssertionError, UnicodeEncodeError)):
        await run(BY_NAME[name], rig)


async def test_a_geocoder_that_knows_nothing_is_caught() -> None:
    with pytest.raises(AssertionError, match="the street comes first"):
        await run(BY_NAME["a_street_is_found_by_its_name"], StreetRig(lambda: nullcontext(FakeGeocoder({}))))
