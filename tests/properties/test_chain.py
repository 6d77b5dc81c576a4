"""Anything may happen in any order: the chain never raises, and never lets go of its rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.model.buttons import Button, choice_key
from bot.model.channel import BotChanged, Chose, Deleted, Edited, Gap, MemberChanged, Moved
from bot.model.desk import Filed
from bot.model.effect import Action
from bot.model.group import GroupSettings, GroupState, Policy, Role
from bot.model.happening import (
    AddedElsewhere,
    Amended,
    BulletinDue,
    CardShown,
    DeadlinePassed,
    FilingDelayed,
    FilingDone,
    FilingOff,
    Happening,
    Heard,
    Located,
    Restarted,
    Revised,
    StatusTold,
    Steered,
)
from bot.model.ids import ContributionId, IncidentId, PostRef, ReportId, Room
from bot.model.incident import Stage
from bot.model.place import Place
from bot.model.reading import Help, Intent, Interpretation
from bot.model.report import ContributionKind, Status, StatusChange
from bot.model.snapshot import Snapshot
from bot.process.chain import Outcome
from bot.process.register import consent_for, filing
from tests.support.flows import Story, effects, person, said
from tests.support.records import ADMIN, JAN, KEES, SQUARE, a_group, a_report

ROOM = Room("room-g1")
PEOPLE = st.sampled_from((JAN, KEES, ADMIN))
POSTS = st.sampled_from(tuple(f"said-{n}" for n in range(6)))
TEXTS = st.sampled_from(
    ("glas", "/meld glas", "bart, glas", "/nietvoormij", "/welvoormij", "/stop", "/start", "1", "")
)
PLACES = st.sampled_from(((), (SQUARE,), (Place(label="a"), Place(label="b"))))
WHICH = st.integers(-1, 3)
"""Which of the incidents known by then; -1 is one that nobody knows."""
MEANINGS = st.builds(
    Interpretation,
    intent=st.sampled_from(Intent),
    p_report=st.sampled_from((0.5, 0.95)),
    categories=st.sampled_from(
        (
            (),
            (("zwerfvuil", 1.0),),
            (("brand", 1.0),),
            (("nieuw", 1.0),),
            (("geluid", 0.4), ("jongeren", 0.35), ("brand", 0.1)),
            (("wrak", 0.3), ("inbraak", 0.28), ("nieuw", 0.2)),
        )
    ),
    urgent=st.booleans(),
    looks_only=st.booleans(),
    help=st.sampled_from((None, None, None, Help.CARE)),
    resolved=PLACES,
)


@st.composite
def happenings(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A kind of happening and what it is made of; who it is about is filled in when it happens."""
    kind = draw(st.sampled_from(KINDS))
    return kind, {
        "key": draw(PEOPLE),
        "text": draw(TEXTS),
        "post": draw(POSTS),
        "which": draw(WHICH),
        "meaning": draw(MEANINGS),
        "button": draw(st.sampled_from(Button)),
        "places": draw(PLACES),
        "flag": draw(st.booleans()),
        "status": draw(st.sampled_from(Status)),
        "kind": draw(st.sampled_from(ContributionKind)),
        "state": draw(st.sampled_from((GroupState.ON, GroupState.PAUSED))),
        "wait": draw(st.sampled_from((0, 0, 30, 90, 2000))),
    }


KINDS = (
    *("heard",) * 6,
    *("chose",) * 6,
    *("deadline",) * 5,
    *("shown", "shown", "done", "done"),
    *("revised", "deleted", "member", "bot", "moved", "gap", "located", "delayed", "off"),
    *("amended", "status", "status", "bulletin", "steered", "restarted", "elsewhere", "merged"),
)


def made(story: Story, kind: str, with_: dict[str, Any]) -> Happening:
    """The happening, about one of the incidents known now."""
    incidents = list(story.known.incidents)
    which = with_["which"]
    about = incidents[which % len(incidents)] if incidents and which >= 0 else IncidentId("unknown")
    return {**_in_the_room(story, about, with_), **_from_outside(story, about, with_)}[kind]


def _in_the_room(story: Story, about: IncidentId, with_: dict[str, Any]) -> dict[str, Happening]:
    base: dict[str, Any] = {"id": f"e{story.count}", "room": ROOM, "at": story.now}
    someone, meaning, post = person(with_["key"]), with_["meaning"], PostRef(with_["post"])
    message = said(with_["key"], with_["text"], post, story.now, private=with_["flag"])
    edited = Edited(**base, person=someone, post=post, text=with_["text"])
    return {
        "heard": Heard(said=message, meaning=meaning),
        "chose": Chose(**base, person=someone, choice=choice_key(about, with_["button"]), press="p"),
        "revised": Revised(edited=edited, meaning=meaning),
        "deleted": Deleted(**base, post=post),
        "member": MemberChanged(**base, person=someone, present=with_["flag"], role=Role.ADMIN),
        "bot": BotChanged(**base, present=with_["flag"]),
        "moved": Moved(**base, to=ROOM),
        "gap": Gap(**base),
    }


def _from_outside(story: Story, about: IncidentId, with_: dict[str, Any]) -> dict[str, Happening]:
    known = story.known.incidents.get(about)
    step, flag = known.step if known else 0, with_["flag"]
    change = StatusChange(reference="ref", status=with_["status"], at=story.now)
    added = ContributionId("k")
    on = (known.report_id if known else None) or ReportId("unknown")
    kept = a_report(id=ReportId("kept"), reference="kept", desk="gemeente")
    merge = replace(change, status=Status.CANCELLED, merged_into="kept")
    return {
        "elsewhere": AddedElsewhere(report_id=on, neighbours=with_["which"] + 3, photo=flag),
        "merged": StatusTold(desk="gemeente", change=merge, kept=kept, neighbours=2),
        "deadline": DeadlinePassed(incident_id=about),
        "shown": CardShown(incident_id=about, step=step, ref=PostRef("card") if flag else None),
        "done": FilingDone(incident_id=about, desk="gemeente", filed=Filed(reference="ref")),
        "located": Located(incident_id=about, places=with_["places"]),
        "delayed": FilingDelayed(incident_id=about),
        "off": FilingOff(incident_id=about, why="refused"),
        "amended": Amended(incident_id=about, contribution_id=added, kind=with_["kind"], taken=flag),
        "status": StatusTold(desk="gemeente", change=change),
        "bulletin": BulletinDue(at=story.now),
        "steered": Steered(state=with_["state"]),
        "restarted": Restarted(stamp=f"s{story.count}"),
    }


def check(before: Snapshot, outcome: Outcome) -> None:
    """What one step of the chain may never do."""
    known = outcome.known
    for effect in effects(outcome, Action.FILE):
        incident = known.incidents[effect.incident_id or IncidentId("")]
        assert filing(incident, consent_for(known, incident), known.contents[incident.id])
    for incident in known.incidents.values():
        old = before.incidents.get(incident.id)
        if old is None:
            assert before.group.state is GroupState.ON
        if incident.stage.is_over and incident.stage is not Stage.FINISHED:
            assert incident.id not in known.contents
        timed = incident.deadline is not None and (old is None or old.deadline != incident.deadline)
        due = [e.due_at for e in effects(outcome, Action.DEADLINE) if e.incident_id == incident.id]
        assert not timed or incident.deadline in due
        assert not (incident.doubt and incident.stage in (Stage.RELEASED, Stage.FILING, Stage.FILED))
        if old is not None and old.step != incident.step:
            assert incident.step > old.step
    assert len({effect.idem for effect in outcome.effects}) == len(outcome.effects)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(happenings(), max_size=30), st.sampled_from(Policy))
def test_anything_may_happen_in_any_order(events: list[tuple[str, dict[str, Any]]], policy: Policy) -> None:
    story = Story(known=Snapshot(group=a_group(settings=GroupSettings(policy=policy))))
    for kind, with_ in events:
        before = story.known
        happening = made(story, kind, with_)
        check(before, story.happens(happening))
        story.now += timedelta(seconds=with_["wait"])


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(happenings(), max_size=25), st.data())
def test_what_happens_twice_changes_no_stage_twice(
    events: list[tuple[str, dict[str, Any]]], data: st.DataObject
) -> None:
    story = Story(known=Snapshot(group=a_group()))
    for kind, with_ in events:
        story.happens(made(story, kind, with_))
        story.now += timedelta(seconds=with_["wait"])
    if not story.known.incidents:
        return
    about = data.draw(st.sampled_from(sorted(story.known.incidents)))
    for happening in (
        DeadlinePassed(incident_id=about),
        FilingDone(incident_id=about, desk="gemeente", filed=Filed(reference="ref")),
        FilingOff(incident_id=about, why="refused"),
        Deleted(id="d", room=ROOM, at=story.now, post=PostRef("said-1")),
    ):
        story.happens(happening)
        once = {key: incident.stage for key, incident in story.known.incidents.items()}
        story.happens(happening)
        assert {key: incident.stage for key, incident in story.known.incidents.items()} == once
