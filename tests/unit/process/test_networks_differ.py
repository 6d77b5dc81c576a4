"""What depends on the network: who cannot be told apart, what the bot does not hear, deletions nobody tells."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.model.buttons import Button
from bot.model.channel import Person
from bot.model.group import GroupState
from bot.model.happening import Heard
from bot.model.ids import Address, PersonKey, PostRef
from bot.model.incident import Stage
from bot.model.reading import Intent, Interpretation
from bot.model.snapshot import Snapshot
from bot.process.chain import Outcome
from tests.support.flows import CONTEXT, GLASS, ROOM, Story, chose, knowing, said, said_to
from tests.support.records import ADMIN, JAN, KEES, a_content, a_filed_incident, a_group, a_report, an_incident

AS_THE_GROUP = Person(address=Address("chat:-100"), name="Buurt", key=PersonKey("group"), anonymous=True)
BREAK_IN = Interpretation(intent=Intent.REPORT, p_report=0.9, categories=(("inbraak", 1.0),), urgent=True)


def as_the_group(story: Story, text: str, meaning: Interpretation = GLASS) -> Outcome:
    return story.happens(Heard(said=replace(said(JAN, text), person=AS_THE_GROUP), meaning=meaning))


def test_nothing_is_proposed_to_somebody_whom_nobody_can_tell_apart() -> None:
    story = Story()
    assert as_the_group(story, "glas bij de glasbak").changes == ()
    assert not story.known.incidents


def test_danger_is_danger_whoever_says_it() -> None:
    story = Story()
    as_the_group(story, "er wordt ingebroken", BREAK_IN)
    assert [incident.stage for incident in story.known.incidents.values()] == [Stage.DANGER]


@pytest.mark.parametrize("command", ["/stop", "/start", "/meld glas", "/nietvoormij", "/mijngegevens"])
def test_a_command_in_the_name_of_the_group_changes_nothing_and_says_why(command: str) -> None:
    story = Story()
    outcome = as_the_group(story, command)
    assert said_to(outcome) == ["anonymous"]
    assert story.known.group.state is GroupState.ON
    assert not story.known.members


@pytest.mark.parametrize(
    ("hears_all", "told"), [(True, ["permission.on"]), (False, ["permission.on", "permission.deaf"])]
)
def test_an_admin_hears_that_bart_cannot_read_along_where_the_network_keeps_it_from_it(
    hears_all: bool, told: list[str]
) -> None:
    context = replace(CONTEXT, room=replace(ROOM, hears_all=hears_all))
    story = Story(known=Snapshot(group=a_group(state=GroupState.WAITING, permission=None)), context=context)
    outcome = story.happens(chose(ADMIN, story.known.group.id, Button.GRANT))
    assert said_to(outcome) == told


def test_who_wants_to_be_asked_only_is_not_told_that_bart_hears_little() -> None:
    context = replace(CONTEXT, room=replace(ROOM, hears_all=False))
    story = Story(known=Snapshot(group=a_group(state=GroupState.WAITING, permission=None)), context=context)
    assert said_to(story.happens(chose(ADMIN, story.known.group.id, Button.GRANT_ON_REQUEST))) == [
        "permission.on_request"
    ]


@pytest.mark.parametrize("word", ["verwijder", "Verwijder!", " VERWIJDER. "])
@pytest.mark.parametrize("answers", ["said-jan", "card-1"])
def test_verwijder_under_the_own_message_or_its_card_takes_it_back(word: str, answers: str) -> None:
    incident = an_incident(sources=(PostRef("said-jan"),), card=PostRef("card-1"))
    story = Story(known=knowing(incident, contents=a_content()))
    story.hears(JAN, word, Interpretation(), reply_to=PostRef(answers))
    assert story.known.incidents[incident.id].stage is Stage.WITHDRAWN


def test_verwijder_after_filing_is_a_withdrawal() -> None:
    incident = a_filed_incident(sources=(PostRef("said-jan"),))
    story = Story(known=knowing(incident, reports=[a_report()], contents=a_content()))
    outcome = story.hears(JAN, "verwijder", Interpretation(), reply_to=PostRef("said-jan"))
    assert "withdrawn.note" in said_to(outcome)


@pytest.mark.parametrize(
    ("who", "text", "answers"),
    [
        (KEES, "verwijder", "said-jan"),
        (ADMIN, "verwijder", "said-jan"),
        (JAN, "verwijder dat glas eens", "said-jan"),
        (JAN, "verwijder", "something-else"),
        (JAN, "verwijder", None),
    ],
)
def test_others_words_and_other_words_take_nothing_back(who: PersonKey, text: str, answers: str | None) -> None:
    incident = an_incident(sources=(PostRef("said-jan"),), card=PostRef("card-1"))
    story = Story(known=knowing(incident, contents=a_content()))
    story.hears(who, text, Interpretation(), reply_to=PostRef(answers) if answers else None)
    assert story.known.incidents[incident.id].stage is Stage.PROPOSED
