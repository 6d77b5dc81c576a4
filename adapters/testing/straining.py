"""What a channel must stand: a restart, a network that is busy, the same delivery twice.

Only for rigs that can strain their network (`Strains`).
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from adapters.testing.host import Host, expect, listening
from adapters.testing.rig import ChannelRig
from adapters.testing.speaking import say
from bot.model.channel import Said
from bot.model.errors import Later
from bot.model.ids import Address, Room


@runtime_checkable
class Strains(Protocol):
    """A rig that can make its network difficult. `channel()` of such a rig may be called again: it then is a new
    connection to the same network, as after a restart."""

    async def busy(self) -> None:
        """The network answers the bot's next call with "not now"."""
        ...

    async def repeat(self, room: Room, who: Address, text: str) -> None:
        """Something is said, and the network delivers it twice."""
        ...


def strained(rig: ChannelRig) -> Strains:
    """The rig, which can; else the check must not be run."""
    if not isinstance(rig, Strains):
        raise AssertionError("this rig has no `busy` and `repeat`")
    return rig


async def after_a_restart_it_goes_on_where_the_host_was(rig: ChannelRig) -> None:
    strained(rig)
    async with listening(rig) as host:
        await rig.say(rig.room, rig.member, "voor de herstart")
        await host.hear(Said)
        # What the host has committed stays so although the process dies before it can say so.
        committed, replays = host.cursor, host.channel.capabilities(rig.room).replays
    await rig.say(rig.room, rig.member, "terwijl de bot weg was")
    async with rig.channel() as channel:
        again = Host(channel, rig.pace, committed)
        await rig.say(rig.room, rig.member, "na de herstart")
        await again.hear(Said, lambda said: said.text == "na de herstart")
        texts = [said.text for said in again.heard(Said) if said.text != "voor de herstart"]
        wanted = ["terwijl de bot weg was"] if replays else []
        expect(texts == [*wanted, "na de herstart"], "nothing is lost where `replays` is claimed")
        await again.stop()


async def not_now_is_later_and_says_nothing(rig: ChannelRig) -> None:
    async with listening(rig) as host:
        await strained(rig).busy()
        try:
            await host.channel.send(rig.room, say("druk"), "busy")
        except Later as error:
            expect(0 < error.seconds <= 24 * 3600, "`seconds` says how long to wait")
        else:
            raise AssertionError("a busy network must raise Later")
        expect(not await rig.screen(rig.room, rig.member), "nothing was said")
        await host.channel.send(rig.room, say("druk"), "busy")
        expect(len(await rig.screen(rig.room, rig.member)) == 1, "the same post can be said afterwards")


async def what_is_delivered_twice_can_be_told_apart(rig: ChannelRig) -> None:
    async with listening(rig) as host:
        await strained(rig).repeat(rig.room, rig.member, "dubbel")
        await rig.say(rig.room, rig.member, "klaar")
        seen: list[tuple[str, bool]] = []
        while not host.heard(Said) or host.heard(Said)[-1].text != "klaar":
            batch = await host.batch()
            seen += [(one.id, batch.deduplicate) for one in batch.events if isinstance(one, Said)]
        ids = [one for one, _ in seen]
        expect(len(set(ids)) == 2, "the same message has the same event id")
        expect(len(ids) == 2 or all(flag for _, flag in seen), "`deduplicate` where a network repeats")


STRAINING = (
    after_a_restart_it_goes_on_where_the_host_was,
    not_now_is_later_and_says_nothing,
    what_is_delivered_twice_can_be_told_apart,
)
