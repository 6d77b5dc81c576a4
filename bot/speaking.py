"""Effects that say something in a chat: cards, posts, whispers and toasts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from weakref import WeakValueDictionary

import structlog

from bot.model.channel import Post, Private
from bot.model.effect import WorkItem
from bot.model.errors import Gone, Refused
from bot.model.group import Group
from bot.model.happening import CardShown
from bot.model.ids import AccountName, IncidentId, PostRef
from bot.model.incident import Incident
from bot.model.snapshot import Commit, CountTraffic, Snapshot
from bot.model.wording import Saying, Wording
from bot.ports.channel import AnswersPresses, Channel, SpeaksPrivately
from bot.ports.clock import Clock
from bot.ports.store import Store
from bot.process import cards, posts
from bot.process.flow import Context
from bot.turn import Turns

log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class Speaking:
    """Loads what is known now, so that what is said is true now, and only then says it."""

    channels: Mapping[AccountName, Channel]
    store: Store
    turns: Turns
    clock: Clock
    context: Callable[[Group], Context]
    _one_at_a_time: WeakValueDictionary[IncidentId, asyncio.Lock] = field(default_factory=WeakValueDictionary)
    """Locks last as long as somebody holds or awaits them."""

    async def card(self, item: WorkItem) -> None:
        """Bring an incident's post in line with its state. Coalesces: what is newer already is left alone."""
        incident_id = item.effect.incident_id
        if incident_id is None:
            return await self._finish(item)
        async with self._one_at_a_time.setdefault(incident_id, asyncio.Lock()):
            return await self._card(item, incident_id)

    async def _card(self, item: WorkItem, incident_id: IncidentId) -> None:
        known = await self._known(item)
        incident = known.incidents.get(incident_id) if known else None
        step = int(item.effect.args["step"])
        again = "again" in item.effect.args
        if known is None or incident is None or (incident.shown >= step and not again):
            return await self._finish(item)
        saying = cards.card(known, incident, self.context(known.group))
        ref, shown = await self._show(item, known, incident, saying, step)
        happening = CardShown(incident_id=incident_id, step=shown, ref=ref)
        posts_more = int(incident.card is None and ref is not None)
        return await self.turns.one(known.group.id, happening, self._envelope(item, known.group, posts_more))

    async def _show(
        self, item: WorkItem, known: Snapshot, incident: Incident, saying: Saying | None, step: int
    ) -> tuple[PostRef | None, int]:
        """The post and the step it surely shows. A repeated send may show what was true the first time, so it
        counts for its own step only."""
        channel = self.channels[known.group.account]
        if saying is None:
            if incident.card is not None:
                await channel.delete(known.group.room, incident.card)
            return None, incident.step
        post = self.context(known.group).texts.post(saying, known.group.settings.language)
        if incident.card is not None:
            try:
                await channel.edit(known.group.room, incident.card, replace(post, reply_to=None))
                return incident.card, incident.step
            except Gone:
                log.info("card.gone", action=item.effect.action)
        key = f"card:{incident.id}:{step}"
        return await channel.send(known.group.room, post, key), step

    async def post(self, item: WorkItem) -> None:
        """Say one template in a group."""
        known = await self._known(item)
        if known is None:
            return await self._finish(item)
        args = item.effect.args
        saying = posts.post(known, args["template"], self.context(known.group), args)
        if saying is not None:
            await self._send(known, saying, item.effect.idem)
        return await self._finish(item, known.group if saying else None)

    async def whisper(self, item: WorkItem) -> None:
        """Say it to one person, or its written fallback to the group, or not at all."""
        known, to = await self._known(item), item.effect.to
        if known is None or to is None:
            return await self._finish(item)
        group, args = known.group, item.effect.args
        channel = self.channels[group.account]
        saying = posts.post(known, args["template"], self.context(group), args)
        private = channel.capabilities(group.room).private
        if saying is not None and private is not Private.NEVER and isinstance(channel, SpeaksPrivately):
            try:
                await channel.whisper(group.room, to, self._worded(group, saying), item.effect.idem)
                return await self._finish(item)
            except Refused:
                log.info("whisper.refused", action=item.effect.action)
        fallback = posts.FALLBACKS.get(args["template"])
        if fallback is None:
            return await self._finish(item)
        saying = posts.post(known, fallback, self.context(group), args)
        if saying is not None:
            await self._send(known, saying, item.effect.idem)
        return await self._finish(item, group if saying else None)

    async def toast(self, item: WorkItem) -> None:
        """Answer a press."""
        known = await self._known(item)
        if known is not None:
            channel = self.channels[known.group.account]
            if isinstance(channel, AnswersPresses):
                wording = Wording(key=item.effect.args["template"])
                text = self.context(known.group).texts.text(wording, known.group.settings.language)
                await channel.toast(known.group.room, item.effect.args["press"], text)
        await self._finish(item)

    async def _known(self, item: WorkItem) -> Snapshot | None:
        group_id = item.effect.group_id
        if group_id is None:
            return None
        known = (await self.store.load([group_id])).get(group_id)
        return known if known is not None and known.group.account in self.channels else None

    async def _send(self, known: Snapshot, saying: Saying, key: str) -> None:
        group = known.group
        await self.channels[group.account].send(group.room, self._worded(group, saying), key)

    def _worded(self, group: Group, saying: Saying) -> Post:
        return self.context(group).texts.post(saying, group.settings.language)

    def _envelope(self, item: WorkItem, group: Group | None, posted: int) -> Commit:
        now = self.clock.moment().now
        counted = (
            (CountTraffic(group_id=group.id, day=now.date().isoformat(), bot_posts=posted),)
            if group is not None and posted
            else ()
        )
        return Commit(now=now, finished=(item.id,), changes=counted)

    async def _finish(self, item: WorkItem, posted_in: Group | None = None) -> None:
        await self.store.commit(self._envelope(item, posted_in, int(posted_in is not None)))
