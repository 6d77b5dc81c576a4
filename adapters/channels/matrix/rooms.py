"""What BART knows of a room, from its state events. Nothing here is stored: a start asks for all of it again."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from adapters.channels.matrix.reading import Raw, listed, number, table, text
from adapters.channels.plain import plain
from bot.model.channel import Capabilities
from bot.model.ids import Address, PostRef, Room

ADMIN_LEVEL = 50
"""Who may put others out, by Matrix' own defaults: moderators."""
CREATORS_RULE = 12
"""From this room version on creators stand above all power levels and are not listed in them."""
LONGEST_TEXT = 4000
NAMES = 200
"""Display names remembered of a room; they are only for masking."""
POSTS = 20_000
"""Posts remembered of all rooms together: who wrote them and what could be chosen there."""
STATE_TYPES = (
    "m.room.name",
    "m.room.canonical_alias",
    "m.room.encryption",
    "m.room.create",
    "m.room.power_levels",
    "m.room.tombstone",
    "m.bridge",
    "uk.half-shot.bridge",
    "com.beeper.room_features",
)
BRIDGED_EDITS = {"whatsapp": 15 * 60.0, "signal": 24 * 3600.0}
"""Seconds that a post can be edited on networks behind a bridge, where the bridge does not say so."""


@dataclass(slots=True, kw_only=True)
class Facts:
    """One room. `levels` holds those of at least `ADMIN_LEVEL`, from the power levels alone."""

    room: Room
    name: str = ""
    alias: str = ""
    encrypted: bool = False
    version: int = 1
    creators: frozenset[Address] = frozenset()
    levels: frozenset[Address] | None = None
    network: str = ""
    """The network behind a bridge, as the bridge calls it."""
    features: Raw = field(default_factory=dict)
    predecessor: Room | None = None
    successor: Room | None = None
    moved_to: Room | None = None
    """The successor, once both rooms point at each other and BART is in it."""
    names: OrderedDict[Address, str] = field(default_factory=OrderedDict)

    @property
    def title(self) -> str:
        """What people call it."""
        return self.name or self.alias

    @property
    def admins(self) -> frozenset[Address]:
        """Who may decide for the group: by power levels, and creators as their room version has it."""
        if self.levels is None:
            return self.creators
        return self.levels | self.creators if self.version >= CREATORS_RULE else self.levels

    def learn(self, event: Raw) -> None:
        """Take over one state event, unless it is of no use."""
        kind, content = text(event, "type"), table(event, "content")
        if kind == "m.room.member":
            self.meet(Address(text(event, "state_key")), text(content, "displayname"))
        elif kind in {"m.bridge", "uk.half-shot.bridge"}:
            self.network = text(content, "protocol", "id").lower()
        elif not text(event, "state_key"):
            self._learn(kind, event, content)

    def meet(self, who: Address, name: str) -> None:
        """Remember what somebody is called here."""
        if who and name:
            self.names[who] = plain(name)[:100]
            self.names.move_to_end(who)
            while len(self.names) > NAMES:
                self.names.popitem(last=False)

    def _learn(self, kind: str, event: Raw, content: Raw) -> None:
        if kind == "m.room.name":
            self.name = plain(text(content, "name"))[:200]
        elif kind == "m.room.canonical_alias":
            self.alias = plain(text(content, "alias"))[:200]
        elif kind == "m.room.encryption":
            # What was ever encrypted stays so, whatever somebody writes later.
            self.encrypted = self.encrypted or bool(text(content, "algorithm"))
        elif kind == "m.room.power_levels":
            self.levels = levels(content)
        elif kind == "m.room.tombstone":
            self.successor = Room(text(content, "replacement_room")) or None
        elif kind == "com.beeper.room_features":
            self.features = content
        elif kind == "m.room.create":
            self.version = number(content, "room_version") or 1
            more = [Address(who) for who in listed(content, "additional_creators") if isinstance(who, str)]
            self.creators = frozenset([Address(text(event, "sender")), *more]) - {Address("")}
            self.predecessor = Room(text(content, "predecessor", "room_id")) or None


def levels(content: Raw) -> frozenset[Address]:
    """Who has at least `ADMIN_LEVEL`; nobody where everybody has it."""
    users = table(content, "users")
    usual = number(content, "users_default") or 0
    return frozenset(
        Address(who)
        for who in users
        if (number(users, who) or 0) >= ADMIN_LEVEL and (number(users, who) or 0) > usual
    )


def capabilities(facts: Facts | None) -> Capabilities:
    """Of a room. Behind a bridge the other network's limits hold (`com.beeper.room_features`)."""
    bridged = facts is not None and bool(facts.network or facts.features)
    if facts is None or not bridged:
        return Capabilities(choices="reactions", idempotent_send=True, longest_text=LONGEST_TEXT)
    features = facts.features
    one_each = number(features, "reaction_count") or (None if features else 1)
    reacts = (number(features, "reaction") or 0) > 0 if "reaction" in features else True
    return Capabilities(
        # With one reaction each BART cannot show a digit for every choice: numbers are typed.
        choices="reactions" if reacts and one_each is None else "text",
        idempotent_send=True,
        edits=_can(features, "edit"),
        deletes=_can(features, "delete"),
        edit_seconds=number(features, "edit_max_age") or BRIDGED_EDITS.get(facts.network),
        longest_text=min(number(features, "max_text_length") or LONGEST_TEXT, LONGEST_TEXT),
        reactions_per_person=one_each,
        extra={"network": facts.network},
    )


def _can(features: Raw, what: str) -> bool:
    """Levels go from -2 (refused) to 2; what a bridge is silent about works."""
    level = number(features, what)
    return level is None or level > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post in a room, as far as later events need it. `choices` are keys, of own posts only.

    `at` is in seconds since 1970, of own posts only. `gone`: not there, or taken away.
    """

    author: Address
    choices: tuple[str, ...] = ()
    at: float = 0.0
    reaction: bool = False
    gone: bool = False


class Posts:
    """The latest posts of all rooms. What is not in here is asked of the homeserver before it is needed."""

    def __init__(self, limit: int = POSTS) -> None:
        self._limit = limit
        self._known: OrderedDict[tuple[Room, PostRef], Post] = OrderedDict()

    def find(self, room: Room, ref: PostRef) -> Post | None:
        """What is known of it."""
        return self._known.get((room, ref))

    def note(self, room: Room, ref: PostRef, post: Post) -> None:
        """Remember it; the oldest is forgotten."""
        self._known[room, ref] = post
        self._known.move_to_end((room, ref))
        while len(self._known) > self._limit:
            self._known.popitem(last=False)
