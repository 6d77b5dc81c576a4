"""One happening on its way through the chain: what was known, what has changed so far, what must follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.model.channel import Capabilities, Chose, Person
from bot.model.consent import Consent, Evidence
from bot.model.desk import DeskCapabilities
from bot.model.effect import Action, Effect, Lane
from bot.model.group import Group, GroupSettings, Member, Role
from bot.model.happening import Happening, Tally
from bot.model.ids import Address, IncidentId, Moment, PersonKey
from bot.model.incident import Content, Incident
from bot.model.report import Report
from bot.model.snapshot import Change, Erase, Prompt, Seal, Snapshot
from bot.model.tenant import Tenant
from bot.ports.texts import Texts

TOAST_LIVES = timedelta(seconds=30)
"""A toast that comes later than this answers nothing any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What the process knows beside the group itself. Immutable while BART runs."""

    tenant: Tenant
    texts: Texts
    room: Capabilities = field(default_factory=Capabilities)
    desks: Mapping[str, DeskCapabilities] = field(default_factory=dict)
    locates_here: bool = True
    """Is the geocoder local, so that place words may be resolved before consent?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Steps return a new flow; `before` stays as it was when the happening arrived."""

    before: Snapshot
    after: Snapshot
    happening: Happening
    moment: Moment
    context: Context
    changes: tuple[Change, ...] = ()
    effects: tuple[Effect, ...] = ()
    tallies: tuple[Tally, ...] = ()
    over: bool = False

    @property
    def now(self) -> datetime:
        return self.moment.now

    @property
    def group(self) -> Group:
        return self.after.group

    @property
    def settings(self) -> GroupSettings:
        return self.after.group.settings

    def stop(self) -> Flow:
        """Nothing further in the chain cares."""
        return replace(self, over=True)

    def save(self, *changes: Change) -> Flow:
        """Changes that no later step looks at."""
        return replace(self, changes=self.changes + changes)

    def put_group(self, group: Group) -> Flow:
        return replace(self, after=replace(self.after, group=group), changes=(*self.changes, group))

    def put_member(self, member: Member) -> Flow:
        members = {**self.after.members, member.key: member}
        return replace(self, after=replace(self.after, members=members), changes=(*self.changes, member))

    def put(self, incident: Incident) -> Flow:
        incidents = {**self.after.incidents, incident.id: incident}
        return replace(self, after=replace(self.after, incidents=incidents), changes=(*self.changes, incident))

    def put_report(self, report: Report) -> Flow:
        reports = {**self.after.reports, report.id: report}
        return replace(self, after=replace(self.after, reports=reports), changes=(*self.changes, report))

    def put_consent(self, consent: Consent) -> Flow:
        consents = {**self.after.consents, consent.incident_id: consent}
        return replace(self, after=replace(self.after, consents=consents), changes=(*self.changes, consent))

    def put_prompt(self, prompt: Prompt) -> Flow:
        others = tuple(p for p in self.after.prompts if p.incident_id != prompt.incident_id)
        return replace(self, after=replace(self.after, prompts=(*others, prompt)), changes=(*self.changes, prompt))

    def seal(self, incident_id: IncidentId, content: Content) -> Flow:
        contents = {**self.after.contents, incident_id: content}
        change = Seal(incident_id=incident_id, content=content)
        return replace(self, after=replace(self.after, contents=contents), changes=(*self.changes, change))

    def erase(self, incident_id: IncidentId) -> Flow:
        contents = {key: value for key, value in self.after.contents.items() if key != incident_id}
        sealed_now = tuple(c for c in self.changes if not (isinstance(c, Seal) and c.incident_id == incident_id))
        return replace(
            self,
            after=replace(self.after, contents=contents),
            changes=(*sealed_now, Erase(incident_id=incident_id)),
        )

    def evidence(self, act: str, person: PersonKey, incident: Incident | None = None) -> Flow:
        """A line in the append-only record of what people allowed, refused or took back."""
        return self.save(
            Evidence(
                tenant_id=self.group.tenant_id,
                group_id=self.group.id,
                incident_id=incident.id if incident else None,
                person=person,
                at=self.now,
                act=act,
                text_version=self.context.texts.version,
            )
        )

    def tally(self, name: str, label: str = "") -> Flow:
        return replace(self, tallies=(*self.tallies, Tally(name=name, label=label)))

    def effect(self, effect: Effect) -> Flow:
        return replace(self, effects=(*self.effects, effect))

    def say(self, template: str, args: Mapping[str, str] | None = None, lane: Lane = Lane.REST) -> Flow:
        """Post one template in the group."""
        return self.effect(
            Effect(
                action=Action.POST,
                idem=f"post:{self.group.id}:{template}:{self.moment.fresh(template)}",
                due_at=self.now,
                group_id=self.group.id,
                args={"template": template, **(args or {})},
                lane=lane,
                key=f"chat:{self.group.id}",
            )
        )

    def whisper(
        self,
        to: Address,
        template: str,
        incident: Incident | None = None,
        args: Mapping[str, str] | None = None,
    ) -> Flow:
        """Say one template to one person; what happens where the channel cannot is in `publish.FALLBACKS`."""
        return self.effect(
            Effect(
                action=Action.WHISPER,
                idem=f"whisper:{self.group.id}:{template}:{self.moment.fresh(template + to)}",
                due_at=self.now,
                group_id=self.group.id,
                incident_id=incident.id if incident else None,
                args={"template": template, **(args or {})},
                lane=Lane.ANSWER,
                key=f"chat:{self.group.id}",
                to=to,
            )
        )

    def toast(self, template: str) -> Flow:
        """Answer whoever pressed a button just now, where the channel has such answers."""
        if not isinstance(self.happening, Chose) or not self.happening.press or not self.context.room.toasts:
            return self
        return self.effect(
            Effect(
                action=Action.TOAST,
                idem=f"toast:{self.moment.fresh('toast')}",
                due_at=self.now,
                group_id=self.group.id,
                args={"template": template, "press": self.happening.press},
                lane=Lane.ANSWER,
                not_after=self.now + TOAST_LIVES,
            )
        )

    def is_admin(self, person: Person) -> bool:
        """What the network said with this event counts; the host asks it afresh where it matters."""
        return person.role is Role.ADMIN


def begin(before: Snapshot, happening: Happening, moment: Moment, context: Context) -> Flow:
    """A flow at the start of the chain."""
    return Flow(before=before, after=before, happening=happening, moment=moment, context=context)
