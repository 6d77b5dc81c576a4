"""The checks for channel authors find the faults that channels really have."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest

from adapters.testing import CHANNEL_CHECKS, Pace
from bot.model.channel import Batch, ChannelEvent, Chose, Deleted, Edited, Person, Post, Said, Span
from bot.model.errors import Gone
from bot.model.ids import Address, PostRef, Room
from bot.model.incident import MediaRef
from bot.ports.fakes.channel import FakeChannel
from bot.ports.fakes.network import FakeNetwork
from tests.support.channel_rigs import FakeRig

Map = Callable[[tuple[ChannelEvent, ...]], tuple[ChannelEvent, ...]]


def mapping(change: Map) -> type[FakeChannel]:
    """A channel that changes what it hears."""

    class Mapped(FakeChannel):
        async def batches(self, cursor: str | None) -> AsyncIterator[Batch]:
            async for batch in super().batches(cursor):
                yield replace(batch, events=change(batch.events))

    return Mapped


class Echo(FakeChannel):
    async def send(self, room: Room, post: Post, key: str) -> PostRef:
        self.network.say(room, "jan", post.text)
        return await super().send(room, post, key)


class ConfirmsAtOnce(FakeChannel):
    """Like a library that confirms a batch as soon as it is queued."""

    async def batches(self, cursor: str | None) -> AsyncIterator[Batch]:
        upto = self.network.committed
        async for batch in super().batches(str(upto)):
            self.network.commit(int(batch.cursor))
            yield batch


class IgnoresCursor(FakeChannel):
    async def batches(self, cursor: str | None) -> AsyncIterator[Batch]:
        async for batch in super().batches(None):
            yield batch


class StopsAtGarbage(FakeChannel):
    async def batches(self, cursor: str | None) -> AsyncIterator[Batch]:
        async for batch in super().batches(cursor):
            if None in self.network.log:
                raise ValueError("unreadable")
            yield batch


class KnowsNoAdmins(FakeChannel):
    async def admins(self, room: Room) -> frozenset[Address]:
        await super().admins(room)
        return frozenset()


class WhispersAloud(FakeChannel):
    async def whisper(self, room: Room, to: Address, post: Post, key: str) -> None:
        await super().send(room, post, key)


class ToastsAloud(FakeChannel):
    async def toast(self, room: Room, press: str, text: str) -> None:
        await super().send(room, Post(spans=(Span(text=text),)), press)


class SaysTwice(FakeChannel):
    async def send(self, room: Room, post: Post, key: str) -> PostRef:
        return await super().send(room, post, f"{key}-{len(self.network.posts)}")


class CutsText(FakeChannel):
    async def send(self, room: Room, post: Post, key: str) -> PostRef:
        return await super().send(room, Post(spans=(Span(text=post.text[:1000]),), choices=post.choices), key)


class ReadsMarkup(FakeChannel):
    async def send(self, room: Room, post: Post, key: str) -> PostRef:
        spans = tuple(Span(text=span.text.replace("*", "")) for span in post.spans)
        return await super().send(room, replace(post, spans=spans), key)


class SwallowsGone(FakeChannel):
    async def delete(self, room: Room, ref: PostRef) -> None:
        try:
            await super().delete(room, ref)
        except Gone:
            return


class PostsAnew(FakeChannel):
    async def edit(self, room: Room, ref: PostRef, post: Post) -> None:
        await super().send(room, post, f"edit of {ref}")


class NeverDeletes(FakeChannel):
    async def delete(self, room: Room, ref: PostRef) -> None:
        self.network.enter(room)


class FetchesAll(FakeChannel):
    async def fetch(self, room: Room, media: MediaRef, limit: int) -> bytes:
        return await super().fetch(room, media, 10**9)


class HearsAfterLeaving(FakeChannel):
    async def leave(self, room: Room) -> None:
        self.network.enter(room)


class DropsChoices(FakeChannel):
    async def send(self, room: Room, post: Post, key: str) -> PostRef:
        return await super().send(room, replace(post, choices=post.choices[:1]), key)


class TellsOldNews(FakeNetwork):
    """Hands out what was said before the bot was in the room."""

    def say(self, room: Room, who: str, text: str, **more: Any) -> PostRef:
        home = self.rooms[room]
        bot_in, home.bot_in = home.bot_in, True
        ref = super().say(room, who, text, **more)
        home.bot_in = bot_in
        return ref


def without(*kinds: type) -> Map:
    return lambda events: tuple(event for event in events if not isinstance(event, kinds))


def edits_as_messages(events: tuple[ChannelEvent, ...]) -> tuple[ChannelEvent, ...]:
    def map_one(event: ChannelEvent) -> ChannelEvent:
        if not isinstance(event, Edited):
            return event
        return Said(
            id=event.id, room=event.room, at=event.at, person=event.person, post=event.post, text=event.text
        )

    return tuple(map_one(event) for event in events)


def each_said(**fields: Any) -> Map:
    return lambda events: tuple(replace(event, **fields) if isinstance(event, Said) else event for event in events)


def each_choice(change: Callable[[str], str]) -> Map:
    return lambda events: tuple(
        replace(event, choice=change(event.choice)) if isinstance(event, Chose) else event for event in events
    )


FAULTS = [
    (Echo, "the_bots_own_posts_never_come_back"),
    (ConfirmsAtOnce, "an_unacknowledged_batch_comes_again"),
    (IgnoresCursor, "a_committed_cursor_counts_without_having_asked_for_more"),
    (StopsAtGarbage, "the_worst_input_never_stops_the_channel"),
    (KnowsNoAdmins, "admins_are_asked_fresh"),
    (WhispersAloud, "a_whisper_is_seen_by_one_person_only"),
    (ToastsAloud, "a_toast_is_seen_by_who_pressed"),
    (SaysTwice, "the_same_key_says_it_once_where_that_is_claimed"),
    (CutsText, "what_the_network_cannot_carry_is_refused_and_leaves_nothing"),
    (ReadsMarkup, "markup_in_a_post_is_shown_as_words"),
    (SwallowsGone, "a_room_without_the_bot_is_gone"),
    (PostsAnew, "an_edit_replaces_words_and_choices_in_place"),
    (PostsAnew, "editing_a_post_that_never_was_is_gone"),
    (NeverDeletes, "a_deleted_post_is_gone_and_deleting_again_is_fine"),
    (FetchesAll, "a_photo_can_be_fetched_within_its_limit"),
    (HearsAfterLeaving, "a_room_that_was_left_is_silent"),
    (DropsChoices, "a_post_is_seen_by_all_with_its_choices_in_order"),
    (mapping(edits_as_messages), "an_edit_tells_the_post_and_its_new_words"),
    (mapping(without(Deleted)), "a_deletion_tells_the_post"),
    (mapping(each_said(id="same")), "events_have_ids_of_their_own"),
    (mapping(each_said(person=Person(address=Address("?")))), "a_message_says_who_said_what_where_and_when"),
    (mapping(each_said(reply_to=None)), "an_answer_names_the_post_it_answers_and_is_to_the_bot"),
    (mapping(each_choice(lambda key: key[:32])), "a_choice_comes_back_exactly_as_it_was_given"),
    (mapping(lambda events: events[::-1]), "messages_come_in_the_order_they_were_said"),
    (mapping(lambda events: events[::-1]), "a_room_is_announced_before_anything_said_in_it"),
    (mapping(each_said(text="&lt;b&gt;")), "residents_markup_arrives_as_they_typed_it"),
]
CHECKS = {check.__name__: check for check in CHANNEL_CHECKS}


@pytest.mark.parametrize(("faulty", "check"), FAULTS)
async def test_a_planted_fault_is_found(faulty: type[FakeChannel], check: str) -> None:
    class Rig(FakeRig):
        pace = Pace(quiet=0.02, patience=0.2)

        def channel(self) -> FakeChannel:
            return faulty(self.network)

    with pytest.raises((AssertionError, ValueError)):
        await CHECKS[check](Rig())


async def test_hearing_what_was_said_before_the_bot_came_is_found() -> None:
    with pytest.raises(AssertionError, match="unheard"):
        await CHECKS["nothing_said_before_the_bot_was_let_in_is_heard"](FakeRig(TellsOldNews()))


def test_every_check_has_a_fault_that_it_finds() -> None:
    found = {check for _, check in FAULTS} | {"nothing_said_before_the_bot_was_let_in_is_heard"}
    assert found == set(CHECKS)
