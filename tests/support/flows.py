"""A known group and one happening after another through the chain, without any host."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bot.model.buttons import Button, choice_key
from bot.model.channel import Capabilities, Chose, Person, Private, Said
from bot.model.consent import Consent
from bot.model.effect import Action, Effect
from bot.model.group import GroupSettings, Policy, Role
from bot.model.happening import CardShown, DeadlinePassed, Happening, Heard
from bot.model.ids import Address, Moment, PersonKey, PostRef, Room
from bot.model.incident import Content, Incident, Stage
from bot.model.place import Place
from bot.model.reading import Intent, Interpretation
from bot.model.report import Report
from bot.model.snapshot import Snapshot
from bot.model.tenant import Route, Tenant
from bot.process import chain
from bot.process.chain import Outcome
from bot.process.flow import Context
from bot.texts import Catalogue
from tests.support.records import ADMIN, JAN, NOON, SQUARE, TENANT, a_group

TEXTS = Catalogue.load()
ROOM = Capabilities(private=Private.ALWAYS, toasts=True)
CONTEXT = Context(
    tenant=Tenant(id=TENANT, name="Zonstad", municipality="Zonstad", routes={"gemeente": Route(desk="gemeente")}),
    texts=TEXTS,
    room=ROOM,
)
GLASS = Interpretation(intent=Intent.REPORT, p_report=0.95, categories=(("zwerfvuil", 1.0),), resolved=(SQUARE,))


def person(key: PersonKey, role: Role | None = None) -> Person:
    """Somebody with an address like the key."""
    known = role or (Role.ADMIN if key == ADMIN else Role.MEMBER)
    return Person(address=Address(f"{key}@web"), name=key.title(), role=known, key=key)


def said(key: PersonKey, text: str, post: str = "said-1", at: datetime = NOON, **more: Any) -> Said:
    """Somebody said something."""
    return Said(
        id=f"event-{post}",
        room=Room("room-g1"),
        at=at,
        person=person(key),
        post=PostRef(post),
        text=text,
        **more,
    )


def chose(key: PersonKey, owner: str, button: Button, at: datetime = NOON, role: Role | None = None) -> Chose:
    """Somebody pressed a button."""
    return Chose(
        id=f"press-{key}-{button}",
        room=Room("room-g1"),
        at=at,
        person=person(key, role),
        choice=choice_key(owner, button),
        press="press",
    )


@dataclass(slots=True)
class Story:
    """One group; every happening goes through the chain and what is known moves on."""

    known: Snapshot = field(default_factory=lambda: Snapshot(group=a_group()))
    context: Context = CONTEXT
    now: datetime = NOON
    count: int = 0

    def happens(self, happening: Happening) -> Outcome:
        """One turn of the chain, now."""
        self.count += 1
        moment = Moment(now=self.now, seed=f"seed-{self.count}")
        outcome = chain.take(self.known, happening, moment, self.context)
        self.known = outcome.known
        return outcome

    def hears(self, key: PersonKey, text: str, meaning: Interpretation = GLASS, **more: Any) -> Outcome:
        """Somebody says something that means this; everything else of a message can be given."""
        more.setdefault("at", self.now)
        more.setdefault("post", f"said-{self.count + 1}")
        return self.happens(Heard(said=said(key, text, **more), meaning=meaning))

    def presses(self, key: PersonKey, button: Button, role: Role | None = None) -> Outcome:
        """Somebody presses a button of the only incident."""
        return self.happens(chose(key, self.incident.id, button, self.now, role))

    def goes_by(self, **by: float) -> None:
        """Time passes; nothing happens."""
        self.now += timedelta(**by)

    @property
    def incident(self) -> Incident:
        """The newest incident."""
        return list(self.known.incidents.values())[-1]

    @property
    def content(self) -> Content:
        """The newest incident's sealed part."""
        return self.known.contents[self.incident.id]


def knowing(
    *incidents: Incident,
    reports: Iterable[Report] = (),
    contents: Content | None = None,
    **more: Any,
) -> Snapshot:
    """A group that knows these incidents, each with this content."""
    return Snapshot(
        group=more.pop("group", a_group()),
        incidents={one.id: one for one in incidents},
        reports={one.id: one for one in reports},
        contents={one.id: contents for one in incidents} if contents else {},
        **more,
    )


def effects(outcome: Outcome, action: Action) -> list[Effect]:
    """The effects of one kind."""
    return [effect for effect in outcome.effects if effect.action is action]


def said_to(outcome: Outcome) -> list[str]:
    """Templates of everything BART says because of this: posts, whispers and toasts."""
    speaks = (Action.POST, Action.WHISPER, Action.TOAST)
    return [effect.args["template"] for effect in outcome.effects if effect.action in speaks]


def muted(context: Context = CONTEXT) -> Context:
    """The same where BART cannot speak privately."""
    return replace(context, room=replace(context.room, private=Private.NEVER))


FIRE = replace(GLASS, urgent=True, categories=(("brand", 1.0),))
NOWHERE = replace(GLASS, resolved=())
HERE = Interpretation(resolved=(SQUARE,))
LAANS = tuple(Place(label=f"Laan {n}", score=1.0) for n in (1, 2, 3, 4))


def group_story(policy: Policy = Policy.AUTHOR) -> Story:
    """A group of this policy where nothing has happened."""
    return Story(known=Snapshot(group=a_group(settings=GroupSettings(policy=policy))))


def shown(story: Story) -> None:
    """The group has seen the newest incident's card as it is."""
    ref = PostRef(f"card-{story.incident.id}")
    story.happens(CardShown(incident_id=story.incident.id, step=story.incident.step, ref=ref))


def deadline(story: Story, heat: int = 0) -> Outcome:
    """Time passes until the newest incident's deadline, which then comes; its card was shown before."""
    if story.incident.stage is not Stage.HELD:
        shown(story)
    ends = story.incident.deadline
    assert ends is not None
    story.now = max(story.now, ends)
    return story.happens(DeadlinePassed(incident_id=story.incident.id, heat=heat))


def proposed(policy: Policy = Policy.AUTHOR, meaning: Interpretation = GLASS) -> Story:
    """Jan said something like this and is asked."""
    story = group_story(policy)
    story.hears(JAN, "glas bij de bak", meaning)
    deadline(story)
    assert story.incident.stage is Stage.PROPOSED
    return story


def consents(outcome: Outcome) -> list[Consent]:
    """The consents made."""
    return [change for change in outcome.changes if isinstance(change, Consent)]
