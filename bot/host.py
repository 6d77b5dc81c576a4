"""The running parts put together: intakes, worker and clock over whatever implements the ports.

Knows no concrete class; `bot/app.py` hands in the real ones and tests hand in fakes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.comparing import Comparing
from bot.filing import FilingOffice
from bot.hearing import Hearing
from bot.intake import Intake
from bot.memory import Memory
from bot.metrics import Metrics
from bot.model.channel import Capabilities
from bot.model.effect import Action, Effect, WorkItem
from bot.model.errors import StoreUnavailable
from bot.model.group import Group, GroupSettings
from bot.model.happening import BulletinDue, DeadlinePassed, Restarted
from bot.model.ids import AccountName, Address, GroupId, PersonKey, TenantId
from bot.model.snapshot import Commit
from bot.model.tenant import Tenant
from bot.ports.channel import Channel
from bot.ports.clock import Clock
from bot.ports.desk import Desk, Expires, TellsChanges
from bot.ports.geocoder import Geocoder
from bot.ports.housekeeping import Housekeeping, Terms
from bot.ports.interpreter import Interpreter
from bot.ports.nearby import Nearby
from bot.ports.photos import Photos
from bot.ports.store import Store
from bot.ports.texts import Texts
from bot.ports.views import Views
from bot.ports.work import Work
from bot.process.flow import Context
from bot.speaking import Speaking
from bot.turn import Turns
from bot.worker import STORE_AWAY, Handler, Patience, Worker

log = structlog.get_logger()

RETENTION_EVERY = 3600
"""Seconds between rounds of retention."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything the host runs on. Channels and desks belong to one tenant each."""

    tenants: Mapping[TenantId, Tenant]
    channels: Mapping[AccountName, tuple[TenantId, Channel]]
    desks: Mapping[str, Desk]
    geocoders: Mapping[TenantId, Geocoder]
    store: Store
    work: Work
    views: Views
    nearby: Nearby
    housekeeping: Housekeeping
    person_key: Callable[[GroupId, Address], PersonKey]
    interpreter: Interpreter
    texts: Texts
    photos: Photos
    clock: Clock
    metrics: Metrics
    late: Mapping[AccountName, Callable[[], Awaitable[None]]] = field(default_factory=dict)
    """Of channels that could not start yet: returns when they have."""
    settings: GroupSettings = field(default_factory=GroupSettings)
    terms: Terms = field(default_factory=Terms)
    patience: Patience = field(default_factory=Patience)


class Host:
    """Runs until cancelled: one task per channel, the worker, and the clock that only enqueues."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self.memory = Memory()
        channels = {account: channel for account, (_, channel) in parts.channels.items()}
        self._channels = channels
        self._desks = {name: desk.capabilities() for name, desk in parts.desks.items()}
        self.wake = asyncio.Event()
        self.turns = Turns(parts.store, parts.clock, self.context, parts.metrics, self.wake.set)
        self._speaking = Speaking(
            channels=channels,
            store=parts.store,
            turns=self.turns,
            clock=parts.clock,
            context=self.context,
        )
        self._comparing = self._compares()
        self._filing = FilingOffice(
            comparing=self._comparing,
            desks=parts.desks,
            channels=channels,
            geocoders=parts.geocoders,
            photos=parts.photos,
            store=parts.store,
            turns=self.turns,
            clock=parts.clock,
            metrics=parts.metrics,
            context=self.context,
        )
        self.worker = Worker(
            work=parts.work,
            store=parts.store,
            clock=parts.clock,
            metrics=parts.metrics,
            handlers=self._handlers(),
            patience=parts.patience,
            wake=self.wake,
        )
        self.intakes = self._intakes()

    def _compares(self) -> Comparing:
        parts = self._parts
        return Comparing(
            nearby=parts.nearby,
            desks=parts.desks,
            store=parts.store,
            turns=self.turns,
            clock=parts.clock,
            metrics=parts.metrics,
            context=self.context,
        )

    def _intakes(self) -> dict[AccountName, Intake]:
        parts = self._parts
        hearing = Hearing(parts.interpreter, parts.geocoders, self.memory)
        return {
            account: Intake(
                account=account,
                tenant=tenant,
                channel=channel,
                store=parts.store,
                turns=self.turns,
                hearing=hearing,
                clock=parts.clock,
                metrics=parts.metrics,
                person_key=parts.person_key,
                settings=parts.settings,
            )
            for account, (tenant, channel) in parts.channels.items()
        }

    def context(self, group: Group) -> Context:
        """What the process knows beside this group."""
        geocoder = self._parts.geocoders.get(group.tenant_id)
        channel = self._channels.get(group.account)
        return Context(
            tenant=self._parts.tenants[group.tenant_id],
            texts=self._parts.texts,
            room=channel.capabilities(group.room) if channel else Capabilities(),
            desks=self._desks,
            locates_here=geocoder is None or geocoder.local,
        )

    async def run(self) -> None:
        """For ever; what one task cannot survive ends all of them."""
        await self.show_again()
        scheduler = self._scheduler()
        scheduler.start()
        try:
            async with asyncio.TaskGroup() as tasks:
                for intake in self.intakes.values():
                    tasks.create_task(self._attend(intake))
                tasks.create_task(self.worker.run())
                for name, desk in self._parts.desks.items():
                    if isinstance(desk, TellsChanges):
                        tasks.create_task(self._listen(name, desk))
        finally:
            scheduler.shutdown(wait=False)

    async def _attend(self, intake: Intake) -> None:
        """A channel that could not start yet is read as soon as it has."""
        started = self._parts.late.get(intake.account)
        if started is not None:
            await started()
        await intake.run()

    async def show_again(self) -> None:
        """Channels that keep no history have forgotten the open cards."""
        for line in await self._parts.views.groups(None):
            channel = self._channels.get(line.account)
            if line.tenant_id not in self._parts.tenants:
                log.error("host.tenant_gone", group=line.id)
                continue
            if channel is None:
                continue
            known = (await self._parts.store.load([line.id])).get(line.id)
            if known is None or channel.capabilities(known.group.room).keeps_history:
                continue
            moment = self._parts.clock.moment()
            await self.turns.one(line.id, Restarted(stamp=moment.seed), Commit(now=moment.now))

    async def enqueue(self, action: Action, slot: str, every: float, **args: str) -> None:
        """Periodic work under a key of its time slot, so that each slot runs once whoever enqueues it."""
        now = self._parts.clock.moment().now
        number = int(now.timestamp() // every)
        name = ":".join((action, *args.values()))
        await self._parts.work.enqueue(
            [
                Effect(
                    action=action,
                    idem=f"{slot}:{name}:{number}",
                    due_at=now,
                    args=args,
                    key=name,
                )
            ]
        )
        self.wake.set()

    def _scheduler(self) -> AsyncIOScheduler:
        scheduler = AsyncIOScheduler(timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1})
        for name, desk in self._parts.desks.items():
            every = desk.capabilities().poll_seconds
            scheduler.add_job(
                self.enqueue,
                "interval",
                seconds=every,
                args=(Action.POLL, "slot", every),
                kwargs={"desk": name},
            )
        scheduler.add_job(
            self.enqueue,
            "interval",
            seconds=RETENTION_EVERY,
            args=(Action.RETENTION, "slot", RETENTION_EVERY),
        )
        return scheduler

    async def _listen(self, name: str, desk: TellsChanges) -> None:
        """A desk that says at once that it has news is asked at once."""
        changed = asyncio.Event()
        desk.on_change(changed.set)
        changed.set()
        while True:
            await changed.wait()
            changed.clear()
            try:
                await self.enqueue(Action.POLL, f"push:{self._parts.clock.moment().seed}", 1, desk=name)
            except StoreUnavailable as error:
                log.error("host.store_away", desk=name, error=type(error).__name__)
                await asyncio.sleep(STORE_AWAY)
                changed.set()

    def _handlers(self) -> Mapping[Action, Handler]:
        return {
            Action.DEADLINE: self._deadline,
            Action.BULLETIN: self._bulletin,
            Action.CARD: self._speaking.card,
            Action.POST: self._speaking.post,
            Action.WHISPER: self._speaking.whisper,
            Action.TOAST: self._speaking.toast,
            Action.LOCATE: self._filing.locate,
            Action.COMPARE: self._comparing.compare,
            Action.FILE: self._filing.file,
            Action.AMEND: self._filing.amend,
            Action.POLL: self._filing.poll,
            Action.RETENTION: self._retention,
        }

    async def _deadline(self, item: WorkItem) -> None:
        group, incident = item.effect.group_id, item.effect.incident_id
        now = self._parts.clock.moment().now
        if group is None or incident is None:
            return await self._parts.store.commit(Commit(now=now, finished=(item.id,)))
        near = await self._comparing.before_asking(group, incident)
        happening = DeadlinePassed(incident_id=incident, heat=self.memory.heat(group, now), near=near)
        return await self.turns.one(group, happening, Commit(now=now, finished=(item.id,)))

    async def _bulletin(self, item: WorkItem) -> None:
        now = self._parts.clock.moment().now
        if item.effect.group_id is not None:
            envelope = Commit(now=now, finished=(item.id,))
            await self.turns.one(item.effect.group_id, BulletinDue(at=now), envelope)

    async def _retention(self, item: WorkItem) -> None:
        now = self._parts.clock.moment().now
        counts = dict(await self._parts.housekeeping.expire(now, self._parts.terms))
        for name, desk in self._parts.desks.items():
            if isinstance(desk, Expires):
                log.info("retention.desk", desk=name, count=sum((await desk.expire(now)).values()))
        log.info("retention.done", count=sum(counts.values()))
        await self._parts.store.commit(Commit(now=now, finished=(item.id,)))
