"""The way out: posts, edits, deletions, and the digits under a post that people tap."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from nio import EncryptionError
from nio.crypto import decrypt_attachment

from adapters.channels.matrix import words
from adapters.channels.matrix.account import Account
from adapters.channels.matrix.events import own_move
from adapters.channels.matrix.line import V1, path
from adapters.channels.matrix.reading import objects, table, text
from adapters.channels.matrix.rooms import CREATORS_RULE, Facts, capabilities, levels
from adapters.channels.matrix.rooms import Post as Known
from bot.model.channel import Choice, Post, Span
from bot.model.errors import ChannelError, Gone, Refused
from bot.model.ids import Address, PostRef, Room
from bot.model.incident import MediaRef

RELATED = 100
"""Reactions or edits of a post that are looked through."""

log = structlog.get_logger(__name__)


class Speaker:
    """What BART does in rooms."""

    def __init__(self, account: Account) -> None:
        self._account = account

    async def send(self, room: Room, post: Post, key: str) -> PostRef:
        """The transaction id comes from the key, so the homeserver knows it again and says it once."""
        facts = await self._account.room(room)
        can = capabilities(facts)
        told = words.content(words.checked(post, can), can, typed=not self._account.withheld(facts))
        ref = await self._put(facts, told, words.transaction("post", room, key))
        self._note(room, ref, post)
        if can.choices == "reactions" and post.choices:
            await self._seed(room, ref, range(1, len(post.choices) + 1))
        return ref

    async def edit(self, room: Room, ref: PostRef, post: Post) -> None:
        """`Gone` also where the network lets nobody edit it any more: then it is posted anew."""
        facts = await self._account.room(room)
        can = capabilities(facts)
        known = await self._own(room, ref)
        if not can.edits:
            raise Refused("posts cannot be edited in this room")
        if can.edit_seconds is not None and self._account.now.timestamp() > known.at + can.edit_seconds:
            raise Gone("too long ago to be edited")
        told = words.edited(words.checked(post, can), ref, can)
        await self._put(facts, told, self._account.clock.moment().fresh("edit"))
        self._note(room, ref, post)
        if can.choices == "reactions" and len(post.choices) != len(known.choices):
            await self._reseed(room, ref, len(post.choices))

    async def delete(self, room: Room, ref: PostRef) -> None:
        """With its earlier and later words, which the network keeps as events of their own, and its digits."""
        facts = await self._account.room(room)
        if not capabilities(facts).deletes:
            raise Refused("posts cannot be deleted in this room")
        known = await self._account.known(room, ref)
        if known.gone or not known.author:
            return
        if known.author != self._account.me:
            raise Refused("not a post of the bot")
        for kind in ("m.replace", "m.annotation"):
            for event in await self._related(room, ref, kind):
                await self._redact(room, PostRef(text(event, "event_id")))
        await self._redact(room, ref)
        self._account.posts.note(room, ref, Known(author=self._account.me, gone=True))

    async def admins(self, room: Room) -> frozenset[Address]:
        """From power levels, creators and who is there, all asked now."""
        facts = await self._account.room(room)
        try:
            joined = table(await self._account.line.get(path("rooms", room, "joined_members")), "joined")
            powers = await self._powers(room)
        except (Gone, Refused) as error:
            raise Gone("the bot is not in such a room") from error
        able = facts.creators if powers is None or facts.version >= CREATORS_RULE else frozenset[Address]()
        return frozenset(who for who in able | (powers or frozenset()) if who in joined) - {self._account.me}

    async def leave(self, room: Room) -> None:
        """Silent from now on, also when the homeserver cannot be told yet."""
        await self._account.room(room)
        try:
            await self._account.line.ask("POST", path("rooms", room, "leave"), {})
        except (Gone, Refused):
            log.info("matrix.left_already", account=self._account.name)
        self._account.rooms.pop(room, None)
        self._account.permits.drop(room)
        self._account.keys.forget(room)

    async def fetch(self, room: Room, media: MediaRef, limit: int) -> bytes:
        """By the post it was in, so what was taken away there is `Gone`. Encrypted photos are opened here."""
        await self._account.room(room)
        content = table(await self._account.event(room, PostRef(media.ref)), "content")
        sealed = table(content, "file")
        server, _, name = (text(sealed, "url") or text(content, "url")).removeprefix("mxc://").partition("/")
        if not server or not name or "/" in name:
            raise Gone("no such photo any more")
        found = await self._account.line.download(path("media", "download", server, name, base=V1), limit)
        if not sealed:
            return found
        try:
            opened: bytes = decrypt_attachment(
                found, text(sealed, "key", "k"), text(sealed, "hashes", "sha256"), text(sealed, "iv")
            )
        except (EncryptionError, ValueError) as error:
            raise Gone("the photo cannot be opened") from error
        return opened

    async def ask_for_encrypted(self, facts: Facts) -> None:
        """Ask the room's admins whether BART may read along; nothing is read until then."""
        choices = tuple(Choice(key=label, label=label) for label in words.ENCRYPTED_CHOICES)
        post = Post(spans=(Span(text=words.ENCRYPTED),), choices=choices)
        since = await self._since(facts.room)
        ref = await self.send(facts.room, post, f"encrypted:{since}")
        self._account.permits.ask(facts.room, ref)

    async def _since(self, room: Room) -> str:
        """Since which of its arrivals BART is in the room: each is asked about once."""
        member = path("rooms", room, "state", "m.room.member", self._account.me, format="event")
        found = await self._account.line.get(member)
        return text(found, "event_id") if own_move(found, self._account.me) else text(found, "membership")

    async def _put(self, facts: Facts, told: Mapping[str, Any], transaction: str) -> PostRef:
        kind, content = "m.room.message", told
        if facts.encrypted:
            kind, content = await self._account.keys.write(facts.room, told)
        return await self._write(facts.room, kind, content, transaction)

    async def _write(self, room: Room, kind: str, content: Mapping[str, Any], transaction: str) -> PostRef:
        where = path("rooms", room, "send", kind, transaction)
        return PostRef(text(await self._account.line.ask("PUT", where, content), "event_id"))

    async def _own(self, room: Room, ref: PostRef) -> Known:
        known = await self._account.known(room, ref)
        if known.gone or known.author != self._account.me:
            raise Gone("no such post of the bot")
        return known

    def _note(self, room: Room, ref: PostRef, post: Post) -> None:
        before = self._account.posts.find(room, ref)
        at = before.at if before is not None and before.at else self._account.now.timestamp()
        keys = tuple(choice.key for choice in post.choices)
        self._account.posts.note(room, ref, Known(author=self._account.me, choices=keys, at=at))

    async def _seed(self, room: Room, ref: PostRef, numbers: range) -> None:
        """A digit to tap for each choice. Only a help: the words say that a typed digit does as well."""
        try:
            for number in numbers:
                relation = {"rel_type": "m.annotation", "event_id": ref, "key": words.digit(number)}
                transaction = words.transaction("digit", room, ref, str(number), str(len(numbers)))
                await self._write(room, "m.reaction", {"m.relates_to": relation}, transaction)
        except ChannelError as error:
            log.info("matrix.digits_missing", account=self._account.name, error=type(error).__name__)

    async def _reseed(self, room: Room, ref: PostRef, count: int) -> None:
        """Take away the digits of choices that are over, and add those that are new."""
        try:
            shown = {
                text(e, "content", "m.relates_to", "key"): e
                for e in await self._related(room, ref, "m.annotation")
            }
            wanted = {words.digit(number) for number in range(1, count + 1)}
            for key, event in shown.items():
                if key not in wanted:
                    await self._redact(room, PostRef(text(event, "event_id")))
            for number in range(1, count + 1):
                if words.digit(number) not in shown:
                    relation = {"rel_type": "m.annotation", "event_id": ref, "key": words.digit(number)}
                    fresh = self._account.clock.moment().fresh("digit")
                    await self._write(room, "m.reaction", {"m.relates_to": relation}, fresh)
        except ChannelError as error:
            log.info("matrix.digits_missing", account=self._account.name, error=type(error).__name__)

    async def _related(self, room: Room, ref: PostRef, kind: str) -> list[Mapping[str, Any]]:
        """BART's own reactions to a post, or edits of it."""
        where = path("rooms", room, "relations", ref, kind, base=V1, limit=RELATED)
        found = objects(await self._account.line.get(where), "chunk")
        return [event for event in found if text(event, "sender") == self._account.me]

    async def _redact(self, room: Room, ref: PostRef) -> None:
        where = path("rooms", room, "redact", ref, words.transaction("redact", room, ref))
        await self._account.line.ask("PUT", where, {})

    async def _powers(self, room: Room) -> frozenset[Address] | None:
        """None in a room without power levels, where creators decide."""
        try:
            return levels(await self._account.line.get(path("rooms", room, "state", "m.room.power_levels", "")))
        except Gone:
            return None
