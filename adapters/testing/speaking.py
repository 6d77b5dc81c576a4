"""What a channel must say, to whom, and what it must refuse."""

from __future__ import annotations

from functools import partial

from adapters.testing.host import expect, listening, refuses
from adapters.testing.rig import ChannelRig, TakesPhotos
from bot.model.channel import Choice, Chose, Post, Private, Said, Span
from bot.model.errors import Gone, Refused
from bot.model.ids import PostRef, Room
from bot.ports.channel import AnswersPresses, FetchesMedia, LeavesRooms, SpeaksPrivately

YES, NO = "9f2c41d07b6ae853:yes", "9f2c41d07b6ae853:no"
LONGEST_KEY = "k" * 64
CHOICES = (
    Choice(key=YES, label="Ja, melden"),
    Choice(key=NO, label="Nee"),
    Choice(key=LONGEST_KEY, label="Lang"),
)
NOWHERE = Room("no-such-room-anywhere")


def say(text: str) -> Post:
    """A plain post."""
    return Post(spans=(Span(text=text),))


def _picked(key: str, chose: Chose) -> bool:
    return chose.choice == key


async def a_post_is_seen_by_all_with_its_choices_in_order(rig: ChannelRig) -> None:
    async with listening(rig) as host:
        spans = (Span(text="Zal ik dit "), Span(text="melden", strong=True), Span(text="?"))
        await host.channel.send(rig.room, Post(spans=spans, choices=CHOICES), "ask")
        for who in (rig.admin, rig.member, rig.neighbour):
            post = (await rig.screen(rig.room, who))[-1]
            expect("Zal ik dit melden?" in post.text, "the words are on everybody's screen")
            expect(post.by_bot, "it is shown as the bot's")
            expect(post.choices == (YES, NO, LONGEST_KEY), "every choice is offered, in order")
        expect(not await rig.screen(rig.second_room, rig.member), "another room shows nothing")


async def a_choice_comes_back_exactly_as_it_was_given(rig: ChannelRig) -> None:
    async with listening(rig) as host:
        await host.channel.send(rig.room, Post(spans=(Span(text="Melden?"),), choices=CHOICES), "ask")
        for key in (NO, LONGEST_KEY):
            await rig.press(rig.room, rig.neighbour, key)
            chose = await host.hear(Chose, partial(_picked, key))
            expect(chose.room == rig.room, "the room it was picked in")
            expect(chose.person.address == rig.neighbour, "the address of who picked it")


async def the_same_key_says_it_once_where_that_is_claimed(rig: ChannelRig) -> None:
    async with listening(rig) as host:
        once = await host.channel.send(rig.room, say("eens"), "one")
        twice = await host.channel.send(rig.room, say("eens"), "one")
        other = await host.channel.send(rig.room, say("anders"), "two")
        elsewhere = await host.channel.send(rig.second_room, say("eens"), "one")
        expect(len({once, other, elsewhere}) == 3, "other keys and rooms have posts of their own")
        expect([post.text for post in await rig.screen(rig.second_room, rig.member)] == ["eens"], "per room")
        texts = [post.text for post in await rig.screen(rig.room, rig.member)]
        claimed = host.channel.capabilities(rig.room).idempotent_send
        expect(texts.count("eens") == (1 if claimed else 2), "said once if and only if `idempotent_send`")
        expect((once == twice) == claimed, "the same post has the same address")


async def an_edit_replaces_words_and_choices_in_place(rig: ChannelRig) -> None:
    async with listening(rig) as host:
        ref = await host.channel.send(rig.room, Post(spans=(Span(text="Melden?"),), choices=CHOICES), "ask")
        await host.channel.send(rig.room, say("daarna"), "after")
        if not host.channel.capabilities(rig.room).edits:
            with refuses(Refused, "an edit without `edits`"):
                await host.channel.edit(rig.room, ref, say("Gemeld."))
            return
        await host.channel.edit(rig.room, ref, say("Gemeld."))
        posts = await rig.screen(rig.room, rig.member)
        expect([post.text for post in posts] == ["Gemeld.", "daarna"], "new words in the old place")
        expect(posts[0].choices == (), "choices that are over are taken away")


async def a_deleted_post_is_gone_and_deleting_again_is_fine(rig: ChannelRig) -> None:
    async with listening(rig) as host:
        ref = await host.channel.send(rig.room, say("even"), "short")
        if not host.channel.capabilities(rig.room).deletes:
            with refuses(Refused, "a deletion without `deletes`"):
                await host.channel.delete(rig.room, ref)
            return
        await host.channel.delete(rig.room, ref)
        await host.channel.delete(rig.room, ref)
        expect(not await rig.screen(rig.room, rig.member), "nobody sees it any more")
        with refuses(Gone, "an edit of a deleted post"):
            await host.channel.edit(rig.room, ref, say("terug"))


async def editing_a_post_that_never_was_is_gone(rig: ChannelRig) -> None:
    async with listening(rig) as host:
        said = await rig.say(rig.room, rig.member, "van een bewoner")
        for ref in (PostRef("never-posted"), said):
            with refuses(Gone, "an edit of what the bot never posted"):
                await host.channel.edit(rig.room, ref, say("x"))
        texts = [post.text for post in await rig.screen(rig.room, rig.member)]
        expect(texts == ["van een bewoner"], "nothing changed")


async def a_room_without_the_bot_is_gone(rig: ChannelRig) -> None:
    async with listening(rig) as host:
        channel, rooms = host.channel, [NOWHERE]
        if isinstance(channel, LeavesRooms):
            await channel.leave(rig.second_room)
            rooms.append(rig.second_room)
        for room in rooms:
            with refuses(Gone, "sending"):
                await channel.send(room, say("x"), "k")
            with refuses(Gone, "editing"):
                await channel.edit(room, PostRef("x"), say("x"))
            with refuses(Gone, "deleting"):
                await channel.delete(room, PostRef("x"))
            with refuses(Gone, "asking for admins"):
                await channel.admins(room)


async def what_the_network_cannot_carry_is_refused_and_leaves_nothing(rig: ChannelRig) -> None:
    async with listening(rig) as host:
        longest = host.channel.capabilities(rig.room).longest_text
        with refuses(Refused, "a text that is too long"):
            await host.channel.send(rig.room, say("x" * (longest + 1)), "long")
        with refuses(Refused, "a choice key of 65 bytes"):
            choices = (Choice(key="k" * 65, label="Ja"),)
            await host.channel.send(rig.room, Post(spans=(Span(text="Ja?"),), choices=choices), "key")
        expect(not await rig.screen(rig.room, rig.member), "nothing half-said is left")
        await host.channel.send(rig.room, say("x" * longest), "fits")
        expect(len(await rig.screen(rig.room, rig.member)) == 1, "the longest text fits")


async def markup_in_a_post_is_shown_as_words(rig: ChannelRig) -> None:
    async with listening(rig) as host:
        text = "<b>vet</b> & *ster* <img src=x onerror=alert(1)>"
        await host.channel.send(rig.room, say(text), "markup")
        expect((await rig.screen(rig.room, rig.member))[-1].text == text, "spans are never parsed")


async def admins_are_asked_fresh(rig: ChannelRig) -> None:
    async with listening(rig) as host:
        for room in (rig.room, rig.second_room):
            expect(await host.channel.admins(room) == {rig.admin}, "the admin, and nobody else")


async def a_whisper_is_seen_by_one_person_only(rig: ChannelRig) -> None:
    async with listening(rig) as host:
        channel, private = host.channel, host.channel.capabilities(rig.room).private
        expect(
            isinstance(channel, SpeaksPrivately) or private is Private.NEVER,
            "who claims private messages has `whisper`",
        )
        if not isinstance(channel, SpeaksPrivately):
            return
        if private is Private.NEVER:
            with refuses(Refused, "a whisper where `private` is never"):
                await channel.whisper(rig.room, rig.member, say("alleen voor jou"), "secret")
        if private is not Private.ALWAYS:
            return
        await channel.whisper(rig.room, rig.member, say("alleen voor jou"), "secret")
        await channel.whisper(rig.room, rig.member, say("alleen voor jou"), "secret")
        for who, times in ((rig.member, 1), (rig.neighbour, 0), (rig.admin, 0)):
            texts = [post.text for post in await rig.screen(rig.room, who)]
            expect(texts.count("alleen voor jou") == times, "one person sees it, once")
        with refuses(Gone, "a whisper in an unknown room"):
            await channel.whisper(NOWHERE, rig.member, say("x"), "k")


async def a_toast_is_seen_by_who_pressed(rig: ChannelRig) -> None:
    async with listening(rig) as host:
        channel = host.channel
        if not host.channel.capabilities(rig.room).toasts:
            return
        if not isinstance(channel, AnswersPresses):
            raise AssertionError("who claims toasts has `toast`")
        await rig.press(rig.room, rig.member, YES)
        chose = await host.hear(Chose)
        await channel.toast(rig.room, chose.press, "Dat mag alleen de schrijver.")
        for who, seen in ((rig.member, True), (rig.neighbour, False)):
            texts = [post.text for post in await rig.screen(rig.room, who)]
            expect(("Dat mag alleen de schrijver." in texts) == seen, "who pressed sees it, nobody else")


async def a_photo_can_be_fetched_within_its_limit(rig: ChannelRig) -> None:
    async with listening(rig) as host:
        channel = host.channel
        if not isinstance(channel, FetchesMedia):
            return
        if not isinstance(rig, TakesPhotos):
            raise AssertionError("a channel with `fetch` needs a rig with `say_photo`")
        await rig.say_photo(rig.room, rig.member, "kijk")
        said = await host.hear(Said)
        expect(said.text == "kijk" and len(said.media) == 1, "one message with its words and its photo")
        photo = await channel.fetch(rig.room, said.media[0], 1_000_000)
        expect(len(photo) > 1, "the photo has content")
        with refuses(Refused, "a photo over the limit"):
            await channel.fetch(rig.room, said.media[0], len(photo) - 1)


SPEAKING = (
    a_post_is_seen_by_all_with_its_choices_in_order,
    a_choice_comes_back_exactly_as_it_was_given,
    the_same_key_says_it_once_where_that_is_claimed,
    an_edit_replaces_words_and_choices_in_place,
    a_deleted_post_is_gone_and_deleting_again_is_fine,
    editing_a_post_that_never_was_is_gone,
    a_room_without_the_bot_is_gone,
    what_the_network_cannot_carry_is_refused_and_leaves_nothing,
    markup_in_a_post_is_shown_as_words,
    admins_are_asked_fresh,
    a_whisper_is_seen_by_one_person_only,
    a_toast_is_seen_by_who_pressed,
    a_photo_can_be_fetched_within_its_limit,
)
