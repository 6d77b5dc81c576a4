"""How good is an adapter? Three rungs, each with its checks; a rung is reached when it and those below it hold.

Brons: it starts, hears and speaks. Zilver: it does what the network can, and refuses what it cannot. Goud: it
stands restarts, repeats, crowds and the worst input.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from adapters.testing import desk_filing as filing
from adapters.testing import desk_following as following
from adapters.testing import geocoder, hearing, speaking, straining
from adapters.testing.straining import Strains

Check = Callable[[Any], Awaitable[None]]
"""Takes a fresh rig."""


class Kind(StrEnum):
    """What an adapter is."""

    CHANNEL = "channel"
    DESK = "desk"
    GEOCODER = "geocoder"


class Rung(StrEnum):
    """Lowest first."""

    BRONZE = "brons"
    SILVER = "zilver"
    GOLD = "goud"


LADDER: Mapping[Kind, Mapping[Rung, Sequence[Check]]] = {
    Kind.CHANNEL: {
        Rung.BRONZE: (
            hearing.a_room_is_announced_before_anything_said_in_it,
            hearing.messages_come_in_the_order_they_were_said,
            hearing.a_message_says_who_said_what_where_and_when,
            hearing.nothing_said_before_the_bot_was_let_in_is_heard,
            hearing.the_bots_own_posts_never_come_back,
            hearing.an_answer_names_the_post_it_answers_and_is_to_the_bot,
            speaking.a_post_is_seen_by_all_with_its_choices_in_order,
            speaking.a_choice_comes_back_exactly_as_it_was_given,
            speaking.admins_are_asked_fresh,
        ),
        Rung.SILVER: (
            hearing.an_edit_tells_the_post_and_its_new_words,
            hearing.a_deletion_tells_the_post,
            hearing.residents_markup_arrives_as_they_typed_it,
            hearing.a_room_that_was_left_is_silent,
            speaking.an_edit_replaces_words_and_choices_in_place,
            speaking.a_deleted_post_is_gone_and_deleting_again_is_fine,
            speaking.editing_a_post_that_never_was_is_gone,
            speaking.a_room_without_the_bot_is_gone,
            speaking.what_the_network_cannot_carry_is_refused_and_leaves_nothing,
            speaking.markup_in_a_post_is_shown_as_words,
            speaking.a_whisper_is_seen_by_one_person_only,
            speaking.a_toast_is_seen_by_who_pressed,
            speaking.a_photo_can_be_fetched_within_its_limit,
        ),
        Rung.GOLD: (
            hearing.events_have_ids_of_their_own,
            hearing.an_unacknowledged_batch_comes_again,
            hearing.a_committed_cursor_counts_without_having_asked_for_more,
            hearing.the_worst_input_never_stops_the_channel,
            speaking.the_same_key_says_it_once_where_that_is_claimed,
            *straining.STRAINING,
        ),
    },
    Kind.DESK: {
        Rung.BRONZE: (
            filing.a_filed_report_is_open_under_a_reference,
            filing.two_own_references_are_two_reports_even_with_the_same_words,
            following.being_received_is_no_change,
            following.a_closed_report_is_told_with_what_staff_said,
        ),
        Rung.SILVER: (
            filing.what_can_never_be_filed_is_refused_by_field_and_leaves_nothing,
            filing.what_residents_add_reaches_staff,
            filing.a_photo_reaches_staff_where_photos_are_taken,
            filing.adding_to_an_unknown_report_is_an_error,
            filing.a_withdrawal_reaches_staff_where_it_can,
            following.changes_come_oldest_first,
            following.fine_states_bring_their_date_and_party,
            following.not_solved_reopens_a_closed_report_where_it_can,
            following.a_question_is_told_and_its_answer_reaches_staff,
            following.similar_reports_come_nearest_first_and_within_the_radius,
            following.similar_reports_are_open_and_of_the_category,
        ),
        Rung.GOLD: (
            filing.the_same_own_reference_again_is_the_same_report,
            filing.the_same_filing_five_times_at_once_is_one_report,
            filing.what_was_filed_is_found_by_our_own_reference,
            filing.a_found_report_tells_the_status_it_has_by_now,
            filing.the_same_addition_twice_is_added_once,
            filing.additions_at_the_same_time_all_arrive,
            following.changes_after_a_cursor_lose_nothing_and_repeat_nothing,
            following.asking_twice_with_the_same_cursor_tells_the_same,
            following.a_cursor_outlives_the_connection,
        ),
    },
    Kind.GEOCODER: {
        Rung.BRONZE: (geocoder.a_street_is_found_by_its_name, geocoder.a_street_that_is_not_known_is_not_guessed),
        Rung.SILVER: (geocoder.at_most_five_places_come_best_first, geocoder.a_point_is_named_as_people_call_it),
        Rung.GOLD: (geocoder.words_that_are_no_place_find_nothing_and_break_nothing,),
    },
}


def checks(kind: Kind) -> tuple[Check, ...]:
    """All of a kind, lowest rung first."""
    return tuple(check for rung in Rung for check in LADDER[kind][rung])


def can_show(rig: object, check: Check) -> bool:
    """Straining checks need a rig that can strain its network."""
    return check not in straining.STRAINING or isinstance(rig, Strains)


async def run(check: Check, rig: object) -> None:
    """With the rig entered, if it wants that: for a server that the rig brings along."""
    async with AsyncExitStack() as stack:
        if isinstance(rig, AbstractAsyncContextManager):
            await stack.enter_async_context(rig)
        await check(rig)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How a check ended: `fault` says what is wrong, "" when nothing is; None where the rig could not show it."""

    rung: Rung
    name: str
    fault: str | None

    @property
    def holds(self) -> bool:
        """Was it shown, and right?"""
        return self.fault == ""


def reached(results: Sequence[Result]) -> Rung | None:
    """The highest rung whose checks, and all below it, hold."""
    highest = None
    for rung in Rung:
        if not all(result.holds for result in results if result.rung is rung):
            return highest
        highest = rung
    return highest
