"""From Matrix events to channel events. Pure: what an event refers to is in `Posts` already.

Every event may have been written by anybody: whatever is in it, nothing here raises.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from adapters.channels.matrix.reading import Raw, listed, moment, objects, table, text
from adapters.channels.matrix.rooms import CREATORS_RULE, Facts, Posts, levels
from adapters.channels.plain import names_bart, plain
from bot.model.channel import ChannelEvent, Chose, Deleted, Edited, MemberChanged, Person, Said
from bot.model.group import Role
from bot.model.ids import Address, PostRef, Room
from bot.model.incident import MediaRef
from bot.model.place import Point

CHOICES = "nl.bart.choices"
"""The keys behind the digits of an own post, in its content: so nothing about posts is stored here."""
POLLS = frozenset({"m.poll.start", "org.matrix.msc3381.poll.start"})
MESSAGES = POLLS | {"m.room.message"}
GEO = re.compile(r"geo:(-?\d{1,3}(?:\.\d{1,12})?),(-?\d{1,3}(?:\.\d{1,12})?)(?:[,;].*)?", re.DOTALL)
QUOTE = re.compile(r"> (?:\* )?<@[^\n]*(?:\n>[^\n]*)*\n*")
"""What clients put before an answer for clients that cannot show answers."""
BANG = re.compile(r"!(meld|heropen)(?= )|!([a-z]{4,20})(?=\s*$)")
"""Element keeps words with a slash for itself, so a command may begin with ! as Matrix bots have it."""
LONGEST_LABEL = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What is known around an event. `me` is BART's own address."""

    facts: Facts
    posts: Posts
    me: Address
    now: datetime

    @property
    def room(self) -> Room:
        """Where it happened."""
        return self.facts.room

    def is_mine(self, ref: PostRef) -> bool:
        """Is it a post of BART?"""
        post = self.posts.find(self.room, ref)
        return post is not None and post.author == self.me


def target(event: Raw) -> PostRef | None:
    """The post that must be known before this event can be read."""
    if text(event, "type") not in MESSAGES | {"m.reaction"}:
        return None
    relation = table(event, "content", "m.relates_to")
    return _answered(relation) or PostRef(text(relation, "event_id")) or None


def read(event: Raw, view: View) -> list[ChannelEvent]:
    """What it means to the host, if anything."""
    reader = _READERS.get(text(event, "type"))
    known = bool(text(event, "event_id")) and bool(text(event, "sender"))
    if reader is None or not known or text(event, "sender") == view.me:
        return []
    return reader(event, view)


def own_move(event: Raw, me: Address) -> str:
    """ "in" where BART came into the room with this event, "out" where it left or was put out; else ""."""
    if text(event, "type") != "m.room.member" or text(event, "state_key") != me:
        return ""
    now, before = text(event, "content", "membership"), _membership_before(event)
    if now == "join":
        return "in" if before != "join" else ""
    return "out" if now in {"leave", "ban"} else ""


def offered(content: Raw) -> tuple[str, ...]:
    """The choice keys of an own post's content."""
    return tuple(key for key in listed(content, CHOICES) if isinstance(key, str))


def digit_of(typed: str) -> int | None:
    """Which choice a digit means: typed, or as an emoji in a box."""
    plain_digit = typed.strip().removesuffix("\ufe0f").removesuffix("\u20e3").removesuffix("\ufe0f")
    return int(plain_digit) if len(plain_digit) == 1 and plain_digit in "123456789" else None


def _message(event: Raw, view: View) -> list[ChannelEvent]:
    content = table(event, "content")
    relation = table(content, "m.relates_to")
    if text(relation, "rel_type") == "m.replace":
        return _edited(event, relation, view)
    if not content or text(content, "msgtype") == "m.notice":
        # Taken away meanwhile, or said by a bot: bots do not answer bots.
        return []
    reply_to = _answered(relation)
    words = _words(event, content, answers=reply_to is not None)
    media, location = _media(event, content), _location(content)
    if not words and not media and location is None:
        return []
    if reply_to is not None and view.is_mine(reply_to):
        chosen = _picked(event, view, reply_to, digit_of(words))
        if chosen is not None:
            return [chosen]
    words, to_bot = _addressed(words, content, view)
    said = Said(
        id=text(event, "event_id"),
        room=view.room,
        at=moment(event, view.now),
        person=_person(event, view),
        post=PostRef(text(event, "event_id")),
        text=words,
        reply_to=reply_to,
        media=media,
        location=location,
        to_bot=to_bot or (reply_to is not None and view.is_mine(reply_to)),
    )
    return [said]


def _edited(event: Raw, relation: Raw, view: View) -> list[ChannelEvent]:
    """Only who wrote a post can change it; a homeserver does not see to that."""
    ref = PostRef(text(relation, "event_id"))
    post = view.posts.find(view.room, ref)
    content = table(event, "content", "m.new_content")
    if post is None or post.gone or post.author != text(event, "sender") or not content:
        return []
    words, _ = _addressed(_words(event, content, answers=True), content, view)
    return [
        Edited(
            id=text(event, "event_id"),
            room=view.room,
            at=moment(event, view.now),
            person=_person(event, view),
            post=ref,
            text=words,
        )
    ]


def _reaction(event: Raw, view: View) -> list[ChannelEvent]:
    relation = table(event, "content", "m.relates_to")
    if text(relation, "rel_type") != "m.annotation":
        return []
    ref = PostRef(text(relation, "event_id"))
    chosen = _picked(event, view, ref, digit_of(text(relation, "key"))) if view.is_mine(ref) else None
    return [chosen] if chosen is not None else []


def _picked(event: Raw, view: View, ref: PostRef, digit: int | None) -> Chose | None:
    post = view.posts.find(view.room, ref)
    if post is None or digit is None or digit > len(post.choices):
        return None
    return Chose(
        id=text(event, "event_id"),
        room=view.room,
        at=moment(event, view.now),
        person=_person(event, view),
        choice=post.choices[digit - 1],
    )


def _redaction(event: Raw, view: View) -> list[ChannelEvent]:
    """`redacts` stood beside the content until room version 11. Taking a reaction back deletes no post."""
    ref = PostRef(text(event, "redacts") or text(event, "content", "redacts"))
    post = view.posts.find(view.room, ref)
    if not ref or (post is not None and (post.reaction or post.author == view.me)):
        return []
    return [Deleted(id=text(event, "event_id"), room=view.room, at=moment(event, view.now), post=ref)]


def _member(event: Raw, view: View) -> list[ChannelEvent]:
    who = Address(text(event, "state_key"))
    now, before = text(event, "content", "membership"), _membership_before(event)
    was, present = before == "join", now == "join"
    if not who or who == view.me or was == present or now not in {"join", "leave", "ban"}:
        return []
    name = view.facts.names.get(who, "")
    role = Role.ADMIN if present and who in view.facts.admins else Role.MEMBER
    return [
        MemberChanged(
            id=text(event, "event_id"),
            room=view.room,
            at=moment(event, view.now),
            person=Person(address=who, name=name, role=role),
            present=present,
            role=role,
        )
    ]


def _power(event: Raw, view: View) -> list[ChannelEvent]:
    """Whose role these power levels change, against those they replace."""
    if text(event, "state_key") or not table(event, "unsigned", "prev_content"):
        return []
    before = levels(table(event, "unsigned", "prev_content"))
    after = levels(table(event, "content"))
    always = view.facts.creators if view.facts.version >= CREATORS_RULE else frozenset[Address]()
    changed = sorted((before ^ after) - always - {view.me})
    return [
        MemberChanged(
            id=f"{text(event, 'event_id')}#{position}",
            room=view.room,
            at=moment(event, view.now),
            person=Person(address=who, role=Role.ADMIN if who in after else Role.MEMBER),
            present=True,
            role=Role.ADMIN if who in after else Role.MEMBER,
        )
        for position, who in enumerate(changed)
    ]


_READERS: Mapping[str, Callable[[Raw, View], list[ChannelEvent]]] = {
    **dict.fromkeys(MESSAGES, _message),
    "m.reaction": _reaction,
    "m.room.redaction": _redaction,
    "m.room.member": _member,
    "m.room.power_levels": _power,
}


def _answered(relation: Raw) -> PostRef | None:
    """The post it answers. In a thread that is who it begins with, unless one in it is answered on purpose."""
    ref = text(relation, "m.in_reply_to", "event_id")
    if text(relation, "rel_type") == "m.thread" and (relation.get("is_falling_back") is True or not ref):
        ref = text(relation, "event_id")
    return PostRef(ref) or None


def _words(event: Raw, content: Raw, answers: bool) -> str:
    kind, sort = text(event, "type"), text(content, "msgtype")
    if kind in POLLS:
        return _poll(content)
    body = text(content, "body")
    if sort in {"m.image", "m.video", "m.audio", "m.file"}:
        # A caption is a body beside the file's own name; else the body is that name.
        name = text(content, "filename")
        return plain(body) if name and name != body else ""
    if sort == "m.location":
        return plain(text(content, "m.location", "description") or text(_msc3488(content), "description"))
    if answers:
        body = QUOTE.sub("", body, count=1) if QUOTE.match(body) else body
    return plain(body)


def _poll(content: Raw) -> str:
    """A poll as text: the question and one line for each answer."""
    poll = table(content, "m.poll") or table(content, "org.matrix.msc3381.poll.start")
    lines = [_label(poll.get("question"))]
    lines += [f"- {_label(answer)}" for answer in objects(poll, "answers")[:20]]
    return plain("\n".join(line for line in lines if line.strip("- ")))


def _label(raw: object) -> str:
    """Extensible text in any of the forms it has had."""
    for key in ("body", "org.matrix.msc1767.text", "m.text"):
        found = text(raw, key)
        parts = objects(raw, key)
        if found or parts:
            return (found or text(parts[0], "body"))[:LONGEST_LABEL]
    return ""


def _media(event: Raw, content: Raw) -> tuple[MediaRef, ...]:
    """Photos only, by the post they are in: what is taken away there cannot be fetched here."""
    sort, kind = text(content, "msgtype"), text(content, "info", "mimetype")
    has_file = bool(text(content, "url") or text(content, "file", "url"))
    if has_file and (sort == "m.image" or (sort == "m.file" and kind.startswith("image/"))):
        return (MediaRef(ref=text(event, "event_id")),)
    return ()


def _msc3488(content: Raw) -> Raw:
    return table(content, "org.matrix.msc3488.location")


def _location(content: Raw) -> Point | None:
    if text(content, "msgtype") != "m.location":
        return None
    uri = text(content, "geo_uri") or text(content, "m.location", "uri") or text(_msc3488(content), "uri")
    found = GEO.fullmatch(uri)
    if found is None:
        return None
    lat, lon = float(found[1]), float(found[2])
    return Point(lat=lat, lon=lon) if abs(lat) <= 90 and abs(lon) <= 180 else None


def _addressed(words: str, content: Raw, view: View) -> tuple[str, bool]:
    """Without the ways Matrix has of naming somebody: BART hears "@bart" or a command with a slash."""
    bang = BANG.match(words)
    if bang:
        return f"/{words[1:]}", True
    named = view.me in listed(content, "m.mentions", "user_ids")
    for name in (view.me, view.me.partition(":")[0]):
        if words.lower().startswith(name.lower()):
            rest = words[len(name) :]
            if not rest or not (rest[0].isalnum() or rest[0] in ".-_"):
                return f"@bart {rest.lstrip(' ,:')}".strip(), True
    return words, named or names_bart(words)


def _person(event: Raw, view: View) -> Person:
    who = Address(text(event, "sender"))
    return Person(address=who, name=view.facts.names.get(who, ""))


def _membership_before(event: Raw) -> str:
    before = table(event, "unsigned", "prev_content") or table(event, "prev_content")
    return text(before, "membership")


def is_redacted(event: Raw) -> bool:
    """Has its content been taken away?"""
    return bool(table(event, "unsigned", "redacted_because"))
