"""Reports that were found near another one, and conversations that have come so far."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.model.buttons import Button
from bot.model.desk import Similar
from bot.model.group import Policy
from bot.model.happening import Compared, DeadlinePassed
from bot.model.ids import ReportId
from bot.model.incident import Stage
from bot.model.place import Place, Point
from bot.model.report import Contribution, Status
from bot.process.chain import Outcome
from tests.support.flows import GLASS, Story, group_story, proposed
from tests.support.records import JAN, NOON, SQUARE

SURE = Similar(
    reference="SIG-1",
    category="zwerfvuil",
    place=SQUARE,
    filed_at=NOON,
    status=Status.IN_PROGRESS,
    desk="gemeente",
    report_id=ReportId("r-north"),
    neighbours=2,
    text="glas, van Piet",
)
MAYBE = replace(SURE, filed_at=NOON - timedelta(days=3))
FAR = replace(SURE, place=Place(label="glasbak elders", point=Point(lat=52.11, lon=5.1)))
SENSITIVE = replace(GLASS, categories=(("jongeren", 1.0),))


def held() -> Story:
    story = group_story()
    story.hears(JAN, "glas bij de bak")
    return story


def looked(story: Story, *near: Similar) -> Outcome:
    """The candidate's time has come; this is open near it."""
    ends = story.incident.deadline
    assert ends is not None
    story.now = ends
    return story.happens(DeadlinePassed(incident_id=story.incident.id, near=near))


def asked() -> Story:
    """Jan is asked whether it is the same, before anything else."""
    story = held()
    looked(story, MAYBE)
    assert story.incident.stage is Stage.SIMILAR
    return story


def released(policy: Policy = Policy.AUTHOR) -> Story:
    """Jan said yes."""
    story = proposed(policy)
    story.presses(JAN, Button.YES)
    return story


def asked_after_yes() -> Story:
    story = released()
    story.happens(Compared(incident_id=story.incident.id, near=(MAYBE,)))
    assert story.incident.stage is Stage.SIMILAR
    return story


def kinds(outcome: Outcome) -> list[str]:
    return [change.kind for change in outcome.changes if isinstance(change, Contribution)]
