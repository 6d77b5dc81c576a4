"""Whatever is answered in whatever order where it is not clear what it is: one filing, of a kind somebody said."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from bot.model.buttons import Button
from bot.model.consent import Consent
from bot.model.desk import Filed
from bot.model.effect import Action
from bot.model.group import Policy
from bot.model.happening import DeadlinePassed, FilingDone
from bot.model.ids import PersonKey
from bot.model.incident import Stage
from bot.model.reading import Intent, Interpretation
from bot.model.taxonomy import category, taxonomy
from bot.process.doubt import doubts
from bot.process.register import filing
from tests.support.flows import HERE, Story, consents, deadline, effects, group_story, shown
from tests.support.records import ADMIN, JAN, KEES, SQUARE

KINDS = st.lists(st.sampled_from(sorted(taxonomy())), min_size=2, max_size=4, unique=True)
WEIGHTS = st.lists(st.floats(0.2, 0.35), min_size=4, max_size=4)
BUTTONS = (Button.IS_1, Button.IS_2, Button.IS_3, Button.IS_ELSE, Button.YES, Button.SELF, Button.FILE_ANYWAY)
OTHERS = (Button.NO, Button.UNDO, Button.CONFIRM, Button.DENY, Button.HIDE, Button.SAFE, Button.ALSO)
PRESSES = st.tuples(st.sampled_from((JAN, KEES, ADMIN)), st.sampled_from(BUTTONS * 2 + OTHERS))
TELLS = st.tuples(st.just(JAN), st.none())
WAITS = st.sampled_from((0, 20, 61, 1900))
ANSWERS = st.lists(st.tuples(st.one_of(PRESSES, PRESSES, PRESSES, TELLS), WAITS), max_size=12)


def asked(policy: Policy, kinds: list[str], weights: list[float], placed: bool) -> Story:
    """Jan said something that may be any of these; whatever follows of it has followed."""
    likely = sorted(zip(kinds, weights, strict=False), key=lambda one: -one[1])
    story = group_story(policy)
    meaning = Interpretation(
        intent=Intent.REPORT,
        p_report=0.95,
        categories=tuple(likely),
        resolved=(SQUARE,) if placed else (),
    )
    story.hears(JAN, "er ligt daar wat", meaning)
    deadline(story)
    return story


def follow(story: Story, who: PersonKey, button: Button | None, wait: int) -> tuple[list[Consent], int]:
    """One answer and some time: the consents made and the filings begun."""
    outcomes = [story.presses(who, button) if button else story.hears(who, "bij de glasbak", HERE)]
    if story.incident.stage is not Stage.HELD:
        shown(story)
    story.goes_by(seconds=wait)
    outcomes.append(story.happens(DeadlinePassed(incident_id=story.incident.id)))
    made = [one for outcome in outcomes for one in consents(outcome)]
    files = sum(len(effects(outcome, Action.FILE)) for outcome in outcomes)
    if files:
        incident = story.incident
        given_ = story.known.consents[incident.id]
        sent = filing(incident, given_, story.known.contents[incident.id])
        assert sent.category in taxonomy()
        story.happens(FilingDone(incident_id=incident.id, desk="gemeente", filed=Filed(reference="ref")))
    return made, files


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(Policy), KINDS, WEIGHTS, st.booleans(), ANSWERS)
def test_at_most_one_filing_of_a_kind_that_somebody_said(
    policy: Policy,
    kinds: list[str],
    weights: list[float],
    placed: bool,
    answers: list[tuple[tuple[PersonKey, Button | None], int]],
) -> None:
    story = asked(policy, kinds, weights, placed)
    in_doubt = bool(story.incident.doubt)
    filings = 0
    for (who, button), wait in answers:
        made, files = follow(story, who, button, wait)
        filings += files
        incident = story.incident
        # While nobody has said what it is, nothing is released; and once released nothing is in doubt.
        assert not (made and incident.doubt)
        if made and category(incident.category).about_people:
            assert all(one.given_by == JAN for one in made)
        if incident.stage in (Stage.RELEASED, Stage.FILING, Stage.FILED, Stage.ADMIN):
            assert not incident.doubt
    assert filings <= 1
    if in_doubt and not any(button in BUTTONS[:4] for (_, button), _ in answers):
        assert filings == 0


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(KINDS, WEIGHTS, st.integers(0, 3), st.integers(1, 20))
def test_what_its_author_says_it_is_is_what_is_filed(
    kinds: list[str], weights: list[float], answer: int, minutes: int
) -> None:
    story = asked(Policy.AUTHOR, kinds, weights, placed=True)
    doubt = story.incident.doubt
    said = (*doubt, *[""] * 3)[answer] if answer < 3 else "overig"
    assume(story.incident.stage is Stage.PROPOSED and doubt and said)
    story.goes_by(minutes=minutes)
    story.presses(JAN, BUTTONS[answer])
    if story.incident.stage is Stage.RELEASED:
        assert effects(deadline(story), Action.FILE)
    assert story.incident.category == said
    assert story.now - story.incident.began_at < timedelta(minutes=30)


def test_the_guesses_of_these_tests_do_leave_doubt() -> None:
    likely = (("groen", 0.3), ("geluid", 0.25))
    assert doubts(Interpretation(categories=likely)) == ("groen", "geluid")
