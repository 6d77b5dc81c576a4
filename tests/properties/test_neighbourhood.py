"""Random neighbourhoods: whatever residents, admins, desks and networks do, the rules that never bend hold."""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import Awaitable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path
from typing import TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.model.channel import Choice, Private
from bot.model.errors import DeskRefused
from bot.model.group import GroupSettings, GroupState, Policy, QuietLimits, Role
from bot.model.ids import Address, PostRef, Room
from bot.model.incident import Stage
from bot.model.place import Place, Point
from bot.model.reading import Extent, Help, Intent, Interpretation, Reading
from bot.model.report import Status
from bot.ports.fakes.geocoder import FakeGeocoder
from bot.ports.fakes.network import CAN_ALL, More
from bot.ports.fakes.store import FakeStore
from tests.support.neighbourhood import PEOPLE, Neighbourhood, open_neighbourhood
from tests.support.watched import Utterance, Watch, check, watched_desk

T = TypeVar("T")
WHO = st.sampled_from(sorted(PEOPLE))
WHERE = st.integers(0, 1)
PLACES = {
    "plein": (Place(label="glasbak, Plein", point=Point(lat=52.1, lon=5.1)),),
    "laan": (
        Place(label="Laan 1", point=Point(lat=52.2, lon=5.1), home=True),
        Place(label="Laan 2", point=Point(lat=52.3, lon=5.1), home=True),
    ),
}
KINDS = st.sampled_from(
    (
        "report",
        "report",
        "report",
        "urgent",
        "police",
        "sensitive",
        "help",
        "looks",
        "follow",
        "solved",
        "already",
        "",
    )
)
LOUD = QuietLimits(
    open_prompts=2,
    prompts_per_day=1000,
    prompt_gap=0,
    author_gap=0,
    noes_in_a_row=1000,
    share_floor_per_week=1000,
    hot_messages_per_minute=1000,
    night_from=time(0, 0),
    night_until=time(0, 0),
    command_gap=0,
)
"""Nearly nothing is held back, so that much happens; the quiet engine has tests of its own."""


class Reader:
    """Means what the message's first word says; `follow` and `solved` are about whatever is open."""

    def interpret(self, readings: Sequence[Reading]) -> list[Interpretation]:
        """One each."""
        return [self._one(reading) for reading in readings]

    def _one(self, reading: Reading) -> Interpretation:
        kind, *words = reading.text.split() or [""]
        about = reading.open_reports[-1].id if reading.open_reports else None
        places = tuple(
            Extent(start=reading.text.index(w), end=reading.text.index(w) + len(w), kind="place")
            for w in words
            if w in PLACES
        )
        meaning = Interpretation(
            intent=Intent.REPORT, p_report=0.95, categories=(("zwerfvuil", 1.0),), places=places
        )
        match kind:
            case "report":
                return meaning
            case "urgent":
                return replace(meaning, urgent=True, categories=(("brand", 1.0),))
            case "police":
                return replace(meaning, categories=(("inbraak", 1.0),))
            case "sensitive":
                return replace(meaning, categories=(("jongeren", 1.0),))
            case "help":
                return Interpretation(help=Help.CARE)
            case "looks":
                return Interpretation(looks_only=True)
            case "follow":
                return Interpretation(intent=Intent.ADDITION, about=about) if about else Interpretation()
            case "solved":
                return Interpretation(intent=Intent.SOLVED, about=about) if about else Interpretation()
            case "already":
                return Interpretation(reasons=("already_reported",))
        return Interpretation(places=places)


class Neighbours(RuleBasedStateMachine):
    """Two groups of the same four people; a watched desk; time that passes in jumps."""

    @initialize(policy=st.sampled_from(Policy), private=st.booleans(), filed=st.booleans())
    def begin(self, policy: Policy, private: bool, filed: bool) -> None:
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.folder = tempfile.TemporaryDirectory()
        self.watch = Watch()
        self.count = 0
        opened = open_neighbourhood(
            "fake",
            Path(self.folder.name),
            settings=GroupSettings(policy=policy, quiet=LOUD),
            capabilities=CAN_ALL if private else replace(CAN_ALL, private=Private.NEVER, toasts=False),
            interprets=Reader(),
            geocoder=FakeGeocoder(PLACES),
            desk_class=watched_desk(self.watch),
        )
        self.place: Neighbourhood = self.do(self.stack.enter_async_context(opened))
        store = self.place.backend.store
        assert isinstance(store, FakeStore)
        self.watch.memory = store.memory
        self.place.network.deduplicate = True
        other = self.place.network.open_room("zuid", PEOPLE, name="Buurtapp Zuid")
        self.rooms = (self.place.room, other)
        self.do(self.place.settle())
        for room in self.rooms:
            self.grant(room)
        if filed:
            self.files(0, "jan", "plein", photo=False)

    def grant(self, room: Room) -> None:
        choice = self.place.network.choice(room, "Ik ben beheerder")
        self.place.network.press(room, "fatima", choice.key.replace("admin", "grant"))
        self.do(self.place.settle())

    def do(self, what: Awaitable[T]) -> T:
        """In the machine's own loop."""

        async def run() -> T:
            return await what

        return self.runner.run(run())

    def inside(self, room: Room, who: str) -> bool:
        home = self.place.network.rooms[room]
        return home.bot_in and Address(who) in home.people

    @rule(
        where=WHERE,
        who=WHO,
        kind=KINDS,
        spot=st.sampled_from(("", "plein", "laan")),
        how=st.sampled_from(("", "", "", "meld", "private", "reply", "photo")),
        quick=st.booleans(),
    )
    def says(self, where: int, who: str, kind: str, spot: str, how: str, quick: bool) -> None:
        room = self.rooms[where]
        if not self.inside(room, who):
            return
        self.count += 1
        token = f"woord{self.count}"
        self.watch.said[token] = Utterance(who=Address(who), room=room)
        text = " ".join(filter(None, ("/meld" if how == "meld" else "", kind, spot, token)))
        before = set(self.watch.memory.incidents)
        reads = self.reads(room, who)
        more: More = {"private": how == "private", "reply_to": self.any_card(room) if how == "reply" else None}
        if how == "photo":
            more["photo"] = b"photo"
        ref = self.place.network.say(
            room,
            who,
            text,
            **more,
        )
        self.do(self.place.settle())
        if how not in ("meld", "private") and not reads:
            assert set(self.watch.memory.incidents) == before
            assert all(ref not in i.sources for i in self.watch.memory.incidents.values())
        if not quick:
            self.do(self.place.wait(25))

    def reads(self, room: Room, who: str) -> bool:
        known = self.do(self.place.known(room))
        out = any(m.opted_out and m.key.endswith(f"/{who}") for m in known.members.values())
        return known.group.reads_all and not out

    @rule(where=WHERE, who=WHO, spot=st.sampled_from(("plein", "laan", "")), photo=st.booleans())
    def files(self, where: int, who: str, spot: str, photo: bool) -> None:
        """The usual way of a report, as far as it goes."""
        room = self.rooms[where]
        self.says(where, who, "report", spot, "photo" if photo else "", False)
        self.newest_yes(room, who, "Ja, melden")
        self.newest_yes(room, "fatima", "Ja, versturen")
        self.do(self.place.wait(65))

    def newest_yes(self, room: Room, who: str, label: str) -> None:
        choices = [c for c in self.choices(room, who) if c.label == label]
        if choices and self.inside(room, who):
            self.place.network.press(room, who, choices[-1].key)
            self.do(self.place.settle())

    def any_card(self, room: Room) -> PostRef | None:
        refs = [p.ref for p in self.place.network.posts.values() if p.room == room and not p.deleted]
        return refs[-1] if refs else None

    @rule(where=WHERE, who=WHO, seed=st.integers(0, 10_000), newest=st.booleans())
    def presses(self, where: int, who: str, seed: int, newest: bool) -> None:
        room = self.rooms[where]
        choices = self.choices(room, who)
        if choices and self.inside(room, who):
            choice = random.Random(seed).choice(choices[-4:] if newest else choices)
            self.place.network.press(room, who, choice.key)
            self.do(self.place.settle())

    def choices(self, room: Room, who: str) -> list[Choice]:
        """Every button that was ever to be seen, in the order it appeared."""
        mine = [w for w in self.place.network.whispers if w.to == Address(who) and w.room == room]
        posts = [p for p in self.place.network.posts.values() if p.room == room]
        return [c for p in (*mine, *posts) for version in p.versions for c in version.choices]

    @rule(where=WHERE, seed=st.integers(0, 10_000), answer=st.sampled_from((0, 0, 0, 1, 2, 3)))
    def author_answers(self, where: int, seed: int, answer: int) -> None:
        """The author of something open presses one of the buttons of its card."""
        room = self.rooms[where]
        known = self.do(self.place.known(room))
        waiting = [i for i in known.incidents.values() if i.card is not None and not i.stage.is_over]
        if waiting:
            incident = random.Random(seed).choice(waiting)
            post = self.place.network.posts[incident.card or PostRef("")]
            who = incident.author.split("/")[1]
            if post.now.choices and not post.deleted and self.inside(room, who):
                choice = post.now.choices[min(answer, len(post.now.choices) - 1)]
                self.place.network.press(room, who, choice.key)
                self.do(self.place.settle())

    @rule(seconds=st.sampled_from((1, 30, 65, 65, 700, 1900, 7300, 90_000)))
    def time_passes(self, seconds: int) -> None:
        self.do(self.place.wait(seconds))

    @rule(seed=st.integers(0, 10_000), status=st.sampled_from(Status))
    def desk_decides(self, seed: int, status: Status) -> None:
        held = sorted(self.place.desk.held)
        if held:
            self.place.desk.set_status(random.Random(seed).choice(held), status, note="Notitie", party="Partij")
            self.do(self.place.settle())

    @rule(minutes=st.integers(1, 90))
    def desk_is_down(self, minutes: int) -> None:
        self.place.desk.down_until = self.place.clock.now + timedelta(minutes=minutes)

    @rule()
    def desk_refuses(self) -> None:
        self.place.desk.fail_next(DeskRefused("text", "no"), only="file")

    @rule(where=WHERE, seed=st.integers(0, 10_000), gone=st.booleans())
    def source_changes(self, where: int, seed: int, gone: bool) -> None:
        room = self.rooms[where]
        home = self.place.network.rooms[room]
        if home.said and home.bot_in:
            ref = random.Random(seed).choice(sorted(home.said)[-3:])
            who, text = home.said[ref]
            if gone or who not in home.people:
                self.place.network.delete(room, ref)
            else:
                self.place.network.edit(room, ref, text + " plein")
            self.do(self.place.settle())

    @rule(
        where=WHERE,
        who=WHO,
        command=st.sampled_from(("nietvoormij", "welvoormij", "stop", "status", "heropen FAKE-1")),
    )
    def commands(self, where: int, who: str, command: str) -> None:
        room = self.rooms[where]
        if not self.inside(room, who):
            return
        self.place.network.say(room, who, f"/{command}")
        self.do(self.place.settle())
        if command == "nietvoormij":
            known = self.do(self.place.known(room))
            key = f"/{who}"
            unfiled = [i for i in known.incidents.values() if i.author.endswith(key) and i.stage.is_unfiled]
            # A standing 112 card stays for the neighbours, without anything of who raised it.
            assert {i.stage for i in unfiled} <= {Stage.DANGER}
            assert not [i for i in unfiled if i.id in known.contents]

    @rule(
        where=WHERE, who=WHO, what=st.sampled_from(("leave", "join", "admin", "member", "pause", "go on", "kick"))
    )
    def the_group_changes(self, where: int, who: str, what: str) -> None:
        network, room = self.place.network, self.rooms[where]
        home = network.rooms[room]
        match what:
            case "leave" | "admin" | "member" if Address(who) in home.people:
                if what == "leave":
                    network.leave(room, who)
                else:
                    network.promote(room, who, Role(what))
            case "join" if Address(who) not in home.people:
                network.join(room, who)
            case "pause" | "go on" if home.bot_in:
                self.do(self.place.steer(GroupState.PAUSED if what == "pause" else GroupState.ON, room))
            case "kick" if home.bot_in:
                network.kick(room)
        self.do(self.place.settle())

    @rule(where=WHERE)
    def everything_is_good_again(self, where: int) -> None:
        network, room = self.place.network, self.rooms[where]
        if not network.rooms[room].bot_in:
            network.invite(room)
        for who in PEOPLE:
            network.join(room, who, PEOPLE[who])
            network.say(room, who, "/welvoormij")
        self.do(self.place.settle())
        self.grant(room)

    @precondition(lambda self: bool(self.place.network.log))
    @rule(seed=st.integers(0, 10_000))
    def network_repeats_itself(self, seed: int) -> None:
        """What was delivered within two days is delivered again: nothing changes."""
        events = [e for e in self.place.network.log if e and (self.place.clock.now - e.at).days < 1]
        if not events:
            return
        memory = self.watch.memory
        again = random.Random(seed).choices(events, k=3)
        before = (dict(memory.incidents), dict(memory.contents), len(memory.evidence), len(memory.work))
        self.do(self.place.deliver(*again))
        assert (dict(memory.incidents), dict(memory.contents), len(memory.evidence), len(memory.work)) == before

    @invariant()
    def the_rules_hold(self) -> None:
        check(self.place, self.watch)

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            self.do(self.stack.aclose())
            self.runner.close()
            self.folder.cleanup()


TestNeighbours = Neighbours.TestCase
TestNeighbours.settings = settings(
    max_examples=120, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
