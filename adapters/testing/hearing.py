"""What a channel must hear, and what it must never hear."""

from __future__ import annotations

from datetime import timedelta

from adapters.testing.host import Host, expect, listening
from adapters.testing.rig import ChannelRig
from bot.model.channel import BotChanged, Chose, Deleted, Edited, Post, Said, Span
from bot.ports.channel import LeavesRooms

KEY = "9f2c41d07b6ae853:anyway"


async def a_room_is_announced_before_anything_said_in_it(rig: ChannelRig) -> None:
    async with rig.channel() as channel:
        host = Host(channel, rig.pace)
        await rig.say(rig.room, rig.member, "goedemorgen")
        await host.hear(Said)
        first = next(event for event in host.events if event.room == rig.room)
        expect(isinstance(first, BotChanged) and first.present, "the first event must let the bot in")
        expect(isinstance(first, BotChanged) and bool(first.room_name), "the room must have a name")
        await host.stop()


async def messages_come_in_the_order_they_were_said(rig: ChannelRig) -> None:
    async with listening(rig) as host:
        texts = [f"bericht {number}" for number in range(12)]
        for number, text in enumerate(texts):
            await rig.say(rig.room, (rig.member, rig.admin)[number % 2], text)
        await host.hear(Said, lambda said: said.text == texts[-1])
        expect([said.text for said in host.heard(Said)] == texts, "every message once, in order")


async def a_message_says_who_said_what_where_and_when(rig: ChannelRig) -> None:
    async with listening(rig) as host:
        ref = await rig.say(rig.second_room, rig.member, "de lamp bij nummer 12 is stuk")
        said = await host.hear(Said)
        expect(said.room == rig.second_room, "the room it was said in")
        expect(said.person.address == rig.member, "the address of who said it")
        expect(said.post == ref, "the address of the post")
        expect(said.text == "de lamp bij nummer 12 is stuk", "the words as they were said")
        expect(said.at.utcoffset() == timedelta(0), "a time in UTC")
        expect(not said.private and not said.to_bot, "said to everybody, not to the bot")


async def events_have_ids_of_their_own(rig: ChannelRig) -> None:
    async with listening(rig) as host:
        for room in (rig.room, rig.second_room):
            await rig.say(room, rig.member, "hoi")
            await rig.say(room, rig.neighbour, "hoi")
            await rig.press(room, rig.member, KEY)
            await rig.press(room, rig.member, KEY)
        await host.hush()
        ids = [event.id for event in host.events]
        expect(len(host.heard(Said)) == 4 and len(host.heard(Chose)) == 4, "nothing is lost")
        expect(len(ids) == len(set(ids)), "no two events have the same id")


async def nothing_said_before_the_bot_was_let_in_is_heard(rig: ChannelRig) -> None:
    async with listening(rig) as host:
        await rig.bring_in(rig.second_room, ["dit was voor jouw tijd", "dit ook"])
        await rig.say(rig.second_room, rig.member, "en dit niet")
        await host.hear(Said, lambda said: said.text == "en dit niet")
        expect(len(host.heard(Said)) == 1, "what was said before the bot came stays unheard")


async def the_bots_own_posts_never_come_back(rig: ChannelRig) -> None:
    async with listening(rig) as host:
        ref = await host.channel.send(rig.room, Post(spans=(Span(text="van de bot zelf"),)), "own")
        if host.channel.capabilities(rig.room).edits:
            await host.channel.edit(rig.room, ref, Post(spans=(Span(text="veranderd"),)))
        await rig.say(rig.room, rig.member, "van een mens")
        await host.hear(Said, lambda said: said.text == "van een mens")
        expect(len(host.heard(Said)) == 1, "an own post was heard")
        expect(not host.heard(Edited), "an own edit was heard")


async def an_answer_names_the_post_it_answers_and_is_to_the_bot(rig: ChannelRig) -> None:
    async with listening(rig) as host:
        ref = await host.channel.send(rig.room, Post(spans=(Span(text="waar is het?"),)), "question")
        await rig.say(rig.room, rig.member, "bij de glasbak", reply_to=ref)
        said = await host.hear(Said)
        expect(said.reply_to == ref, "the answer names the bot's post")
        expect(said.to_bot, "an answer to the bot is to the bot")


async def an_unacknowledged_batch_comes_again(rig: ChannelRig) -> None:
    async with rig.channel() as channel:
        first = Host(channel, rig.pace)
        await first.hush()
        await rig.say(rig.room, rig.member, "een")
        await rig.say(rig.room, rig.member, "twee")
        before = first.cursor
        await first.batch()
        await first.stop()
        again = Host(channel, rig.pace, before)
        await again.hear(Said, lambda said: said.text == "twee")
        heard = [said.text for said in again.heard(Said)]
        expect(heard == ["een", "twee"], "what was not acknowledged comes again, in order")
        await again.stop()


async def a_committed_cursor_counts_without_having_asked_for_more(rig: ChannelRig) -> None:
    async with rig.channel() as channel:
        first = Host(channel, rig.pace)
        await first.hush()
        await rig.say(rig.room, rig.member, "al verwerkt")
        await first.hear(Said)
        await first.stop()
        again = Host(channel, rig.pace, first.cursor)
        await rig.say(rig.room, rig.member, "nieuw")
        await again.hear(Said, lambda said: said.text == "nieuw")
        expect(len(again.heard(Said)) == 1, "what the cursor stands for does not come again")
        await again.stop()


async def an_edit_tells_the_post_and_its_new_words(rig: ChannelRig) -> None:
    async with listening(rig) as host:
        ref = await rig.say(rig.room, rig.member, "glas op straat")
        await rig.edit(rig.room, rig.member, ref, "glas bij de glasbak")
        await rig.say(rig.room, rig.admin, "klaar")
        await host.hear(Said, lambda said: said.text == "klaar")
        edits = [(edited.post, edited.text, edited.person.address) for edited in host.heard(Edited)]
        wanted = [(ref, "glas bij de glasbak", rig.member)]
        claimed = host.channel.capabilities(rig.room).sees_edits
        expect(edits == (wanted if claimed else []), "edits are told if and only if `sees_edits`")


async def a_deletion_tells_the_post(rig: ChannelRig) -> None:
    async with listening(rig) as host:
        ref = await rig.say(rig.room, rig.member, "toch niet")
        await rig.delete(rig.room, rig.member, ref)
        await rig.say(rig.room, rig.admin, "klaar")
        await host.hear(Said, lambda said: said.text == "klaar")
        deleted = [event.post for event in host.heard(Deleted)]
        claimed = host.channel.capabilities(rig.room).sees_deletes
        expect(deleted == ([ref] if claimed else []), "deletions are told if and only if `sees_deletes`")


async def residents_markup_arrives_as_they_typed_it(rig: ChannelRig) -> None:
    async with listening(rig) as host:
        texts = ["<script>alert(1)</script> & <b>", "*ster* _streep_ [link](http://x.nl)", "één\ntwee 🪩 👩‍👩‍👧"]
        for text in texts:
            await rig.say(rig.room, rig.member, text)
        await host.hear(Said, lambda said: said.text == texts[-1])
        expect([said.text for said in host.heard(Said)] == texts, "no markup is read in people's words")


async def the_worst_input_never_stops_the_channel(rig: ChannelRig) -> None:
    async with listening(rig) as host:
        await rig.worst(rig.room)
        await rig.say(rig.room, rig.member, "gaat het nog?")
        await host.hear(Said, lambda said: said.text == "gaat het nog?")
        for said in host.heard(Said):
            strange = [char for char in said.text if ord(char) < 32 and char not in "\n\t"]
            expect(not strange, "control characters reach the host")


async def a_room_that_was_left_is_silent(rig: ChannelRig) -> None:
    async with listening(rig) as host:
        if not isinstance(host.channel, LeavesRooms):
            return
        await host.channel.leave(rig.second_room)
        await rig.say(rig.second_room, rig.member, "is hij weg?")
        await rig.say(rig.room, rig.member, "hier niet")
        await host.hear(Said, lambda said: said.text == "hier niet")
        expect(len(host.heard(Said)) == 1, "a room the bot left is heard")


HEARING = (
    a_room_is_announced_before_anything_said_in_it,
    messages_come_in_the_order_they_were_said,
    a_message_says_who_said_what_where_and_when,
    events_have_ids_of_their_own,
    nothing_said_before_the_bot_was_let_in_is_heard,
    the_bots_own_posts_never_come_back,
    an_answer_names_the_post_it_answers_and_is_to_the_bot,
    an_unacknowledged_batch_comes_again,
    a_committed_cursor_counts_without_having_asked_for_more,
    an_edit_tells_the_post_and_its_new_words,
    a_deletion_tells_the_post,
    residents_markup_arrives_as_they_typed_it,
    the_worst_input_never_stops_the_channel,
    a_room_that_was_left_is_silent,
)
