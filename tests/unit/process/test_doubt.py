"""Is it clear what it is? What is offered where it is not, and what follows when somebody says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.buttons import GUESSES, Button
from bot.model.channel import Edited
from bot.model.desk import Filed
from bot.model.effect import Action
from bot.model.example import Example
from bot.model.group import GroupSettings, Policy
from bot.model.happening import FilingDone, Revised, Tally
from bot.model.ids import PostRef, Room
from bot.model.incident import Stage
from bot.model.reading import Intent, Interpretation
from bot.model.snapshot import PromptAnswer, Snapshot
from bot.model.taxonomy import category, taxonomy
from bot.model.tenant import Route
from bot.process.cards import card
from bot.process.doubt import CLEARLY_AHEAD, ELSE, SURE_ENOUGH, doubts, is_clear
from bot.process.route import MAY_BE_DANGER
from tests.support.flows import (
    CONTEXT,
    GLASS,
    NOWHERE,
    TEXTS,
    Story,
    consents,
    deadline,
    effects,
    group_story,
    muted,
    person,
    proposed,
    said_to,
)
from tests.support.records import ADMIN, JAN, KEES, SQUARE, a_group


def meaning(*likely: tuple[str, float]) -> Interpretation:
    """A report at the square that is probably one of these."""
    return replace(GLASS, categories=likely)


FENCE = meaning(("groen", 0.3), ("straatmeubilair", 0.28), ("riool", 0.2), ("wegdek", 0.1))
NOISE = meaning(("geluid", 0.4), ("jongeren", 0.35), ("vuurwerk", 0.1))
STOLEN = meaning(("wrak", 0.35), ("inbraak", 0.3), ("water", 0.2))
SMOKE = meaning(("geluid", 0.4), ("brand", 0.38), ("vuurwerk", 0.1))
ANSWERS = (*GUESSES, Button.IS_ELSE)


def labels(story: Story) -> list[str]:
    """What stands on the buttons of the newest incident's card."""
    saying = card(story.known, story.incident, story.context)
    return [choice.label for choice in TEXTS.post(saying, "nl").choices] if saying else []


# --- when to ask ---


@pytest.mark.parametrize(
    ("likely", "clear"),
    [
        (((("groen", SURE_ENOUGH)), ("riool", 0.49)), True),
        ((("groen", SURE_ENOUGH - 0.01), ("riool", 0.4)), False),
        ((("groen", 0.3), ("riool", 0.299 - CLEARLY_AHEAD)), True),
        ((("groen", 0.3), ("riool", 0.301 - CLEARLY_AHEAD)), False),
        ((("groen", CLEARLY_AHEAD - 0.01),), False),
    ],
)
def test_a_kind_is_clear_when_it_is_likely_or_far_ahead(
    likely: tuple[tuple[str, float], ...], clear: bool
) -> None:
    assert is_clear(meaning(*likely)) is clear


def test_the_three_likeliest_are_offered_and_no_more() -> None:
    assert doubts(FENCE) == ("groen", "straatmeubilair", "riool")
    assert doubts(GLASS) == ()
    assert doubts(Interpretation(intent=Intent.REPORT)) == ()


def test_what_an_admin_turned_off_and_what_has_no_kind_are_not_offered() -> None:
    assert doubts(FENCE, frozenset({"riool"})) == ("groen", "straatmeubilair")
    assert doubts(FENCE, frozenset({"riool", "straatmeubilair"})) == ()
    assert doubts(meaning(("overig", 0.3), ("groen", 0.28))) == ("groen",)


def test_care_is_never_offered_in_the_group() -> None:
    assert doubts(meaning(("geluid", 0.35), ("zorg", 0.34), ("jongeren", 0.2))) == ("geluid", "jongeren")
    assert doubts(meaning(("zorg", 0.35), ("geluid", 0.34))) == ()


@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(taxonomy())), st.floats(0, 1)), max_size=4, unique_by=lambda one: one[0]
    )
)
def test_whatever_is_offered_is_a_kind_among_the_likeliest_and_never_care(likely: list[tuple[str, float]]) -> None:
    found = doubts(meaning(*sorted(likely, key=lambda one: -one[1])))
    ranked = [slug for slug, _ in sorted(likely, key=lambda one: -one[1])]
    assert set(found) <= set(ranked[:3]) - {"zorg", ELSE}
    assert len(found) == len(set(found)) <= len(GUESSES)


# --- what is asked ---


def test_the_proposal_offers_what_it_may_be_something_else_and_no() -> None:
    story = proposed(meaning=FENCE)
    assert labels(story) == ["Boom of onkruid", "Bankje of hek stuk", "Put, water op straat", "Iets anders", "Nee"]


def test_a_clear_kind_is_asked_about_as_ever() -> None:
    assert labels(proposed()) == ["Ja, melden", "Ik los het zelf op", "Ik zie het ook", "Nee"]


def test_who_asked_for_it_is_asked_too() -> None:
    story = group_story()
    story.hears(JAN, "/meld hek en boom", replace(FENCE, p_report=0.1))
    deadline(story)
    assert "Bankje of hek stuk" in labels(story)


def test_an_edit_before_the_question_decides_anew_what_is_clear_and_what_is_about_people() -> None:
    story = group_story()
    story.hears(JAN, "hek en boom", FENCE, post="said-1")
    for again, doubt, sensitive in ((NOISE, ("geluid", "jongeren", "vuurwerk"), True), (GLASS, (), False)):
        edited = Edited(
            id=f"e{story.count}",
            room=Room("room-g1"),
            at=story.now,
            person=person(JAN),
            post=PostRef("said-1"),
            text="x",
        )
        story.happens(Revised(edited=edited, meaning=again))
        assert (story.incident.doubt, story.incident.sensitive) == (doubt, sensitive)


# --- what an answer does ---


@pytest.mark.parametrize(
    ("button", "slug"), list(zip(ANSWERS, ("groen", "straatmeubilair", "riool", "overig"), strict=True))
)
def test_one_tap_says_what_it_is_and_yes(button: Button, slug: str) -> None:
    story = proposed(meaning=FENCE)
    (given_,) = consents(story.presses(JAN, button))
    assert (story.incident.stage, story.incident.category) == (Stage.RELEASED, slug)
    assert (given_.given_by, given_.neutral) == (JAN, False)
    assert story.incident.doubt == ()
    assert [p.answer for p in story.known.prompts] == [PromptAnswer.YES]
    deadline(story)
    assert story.incident.stage is Stage.FILING


@pytest.mark.parametrize(
    ("button", "word"), [(Button.IS_1, "first"), (Button.IS_2, "other"), (Button.IS_ELSE, "else")]
)
def test_it_is_counted_how_often_the_likeliest_was_right(button: Button, word: str) -> None:
    assert Tally(name="category.said", label=word) in proposed(meaning=FENCE).presses(JAN, button).tallies


def test_without_a_place_the_place_is_asked_next() -> None:
    story = proposed(meaning=replace(NOWHERE, categories=FENCE.categories))
    story.presses(JAN, Button.IS_2)
    assert (story.incident.stage, story.incident.category) == (Stage.LOCATING, "straatmeubilair")
    story.hears(JAN, "bij de glasbak", Interpretation(resolved=(SQUARE,)))
    assert (story.incident.stage, story.incident.category) == (Stage.RELEASED, "straatmeubilair")


def test_silence_never_files_a_guess() -> None:
    story = proposed(meaning=FENCE)
    outcome = deadline(story)
    assert story.incident.stage is Stage.LAPSED
    assert not effects(outcome, Action.FILE)
    assert not story.known.contents


@pytest.mark.parametrize("button", [Button.YES, Button.IS_3])
def test_a_press_that_does_not_say_what_it_is_changes_nothing(button: Button) -> None:
    story = proposed(meaning=meaning(("groen", 0.3), ("riool", 0.28)))
    assert said_to(story.presses(JAN, button)) == ["toast.no_longer"]
    assert (story.incident.stage, story.incident.yes_by) == (Stage.PROPOSED, None)


@pytest.mark.parametrize("button", ANSWERS)
def test_an_answer_to_what_is_not_asked_changes_nothing(button: Button) -> None:
    story = proposed()
    assert said_to(story.presses(JAN, button)) == ["toast.no_longer"]
    assert (story.incident.stage, story.incident.category) == (Stage.PROPOSED, "zwerfvuil")


def test_an_admin_confirms_what_the_author_says_it_is() -> None:
    story = proposed(Policy.ADMIN, FENCE)
    story.presses(JAN, Button.IS_2)
    assert (story.incident.stage, story.incident.category) == (Stage.ADMIN, "straatmeubilair")
    story.presses(ADMIN, Button.CONFIRM)
    assert story.incident.stage is Stage.RELEASED


def test_what_the_author_said_it_is_is_the_label_of_an_example() -> None:
    context = replace(CONTEXT, tenant=replace(CONTEXT.tenant, learning_days=180))
    story = Story(known=Snapshot(group=a_group(settings=GroupSettings(learning=True))), context=context)
    story.hears(JAN, "hek en boom", FENCE)
    deadline(story)
    story.presses(JAN, Button.IS_2)
    deadline(story)
    story.happens(FilingDone(incident_id=story.incident.id, desk="gemeente", filed=Filed(reference="ref")))
    kept = story.presses(JAN, Button.KEEP_EXAMPLE)
    assert [one.category for one in kept.changes if isinstance(one, Example)] == ["straatmeubilair"]


# --- who answers ---


def test_a_neighbour_says_it_where_anybody_may_and_only_a_neutral_text_goes() -> None:
    story = proposed(Policy.ANYONE, FENCE)
    (given_,) = consents(story.presses(KEES, Button.IS_1))
    assert given_.neutral
    assert "Boom, takken of onkruid" in story.content.outgoing


@pytest.mark.parametrize("policy", list(Policy))
def test_while_it_may_be_about_people_only_the_author_says_what_it_is(policy: Policy) -> None:
    story = proposed(policy, NOISE)
    assert story.incident.sensitive
    for button in ANSWERS:
        assert said_to(story.presses(KEES, button)) == ["toast.author_decides"]
    assert (story.incident.stage, story.incident.doubt) == (Stage.PROPOSED, ("geluid", "jongeren", "vuurwerk"))


@pytest.mark.parametrize(
    ("button", "sensitive"), [(Button.IS_1, False), (Button.IS_2, True), (Button.IS_ELSE, True)]
)
def test_it_stays_about_people_unless_the_author_says_which_other_thing_it_is(
    button: Button, sensitive: bool
) -> None:
    story = proposed(meaning=NOISE)
    story.presses(JAN, button)
    assert story.incident.sensitive is sensitive


def test_what_may_be_care_is_kept_from_others_although_care_is_not_offered() -> None:
    story = proposed(Policy.ANYONE, meaning(("geluid", 0.35), ("zorg", 0.34), ("vuurwerk", 0.2)))
    assert story.incident.sensitive
    assert said_to(story.presses(KEES, Button.IS_1)) == ["toast.author_decides"]


# --- where it goes then ---


def test_for_another_desk_it_goes_there() -> None:
    routes = {**CONTEXT.tenant.routes, "inbraak": Route(desk="politie")}
    story = Story(context=replace(CONTEXT, tenant=replace(CONTEXT.tenant, routes=routes)))
    story.hears(JAN, "fiets", STOLEN)
    deadline(story)
    story.presses(JAN, Button.IS_2)
    assert (story.incident.stage, story.incident.category) == (Stage.RELEASED, "inbraak")


@pytest.mark.parametrize("place", [(SQUARE,), ()])
def test_for_no_desk_who_answered_hears_the_number_and_nothing_stays(place: tuple[()]) -> None:
    story = proposed(meaning=replace(STOLEN, resolved=place))
    outcome = story.presses(JAN, Button.IS_2)
    assert said_to(outcome) == ["police.nonurgent"]
    assert (story.incident.stage, story.incident.category) == (Stage.DROPPED, "inbraak")
    assert not consents(outcome)
    assert not story.known.contents


def test_a_neighbour_who_says_it_is_for_the_police_hears_the_number_and_not_the_author() -> None:
    story = proposed(Policy.ANYONE, STOLEN)
    (whisper,) = effects(story.presses(KEES, Button.IS_2), Action.WHISPER)
    assert whisper.to == person(KEES).address


def test_it_is_asked_although_the_likeliest_is_for_no_desk() -> None:
    story = proposed(meaning=meaning(("vernieling", 0.4), ("straatmeubilair", 0.38)))
    assert labels(story)[:2] == ["Iets vernield", "Bankje of hek stuk"]
    assert len(story.known.prompts) == 1
    story.presses(JAN, Button.IS_2)
    assert (story.incident.stage, story.incident.category) == (Stage.RELEASED, "straatmeubilair")


def test_nothing_is_asked_where_all_it_may_be_is_for_no_desk() -> None:
    story = group_story()
    story.hears(JAN, "fiets weg", meaning(("inbraak", 0.4), ("vernieling", 0.38), ("oplichting", 0.1)))
    assert said_to(deadline(story)) == ["police.nonurgent"]
    assert story.incident.stage is Stage.DROPPED
    assert not story.known.prompts


def test_who_says_that_it_is_fire_sees_the_danger_card() -> None:
    story = proposed(meaning=SMOKE)
    outcome = story.presses(JAN, Button.IS_2)
    assert story.incident.stage is Stage.DANGER
    assert not consents(outcome)
    assert [effect.not_after is not None for effect in effects(outcome, Action.CARD)] == [True]


def test_after_ten_minutes_a_danger_card_would_mislead_and_the_number_is_named() -> None:
    story = proposed(meaning=SMOKE)
    story.goes_by(minutes=10)
    assert said_to(story.presses(JAN, Button.IS_2)) == ["police.nonurgent"]
    assert story.incident.stage is Stage.DROPPED


@pytest.mark.parametrize("slug", sorted(MAY_BE_DANGER))
def test_what_may_be_danger_is_a_kind_that_can_be_urgent(slug: str) -> None:
    assert category(slug).can_be_urgent


def test_where_nothing_can_be_said_privately_the_number_stands_in_the_group() -> None:
    story = Story(context=muted())
    story.hears(JAN, "fiets", STOLEN)
    deadline(story)
    assert said_to(story.presses(JAN, Button.IS_2)) == ["police.nonurgent"]


def test_what_was_asked_in_doubt_is_not_asked_again_as_one_of_its_guesses() -> None:
    story = proposed(meaning=FENCE)
    story.presses(JAN, Button.NO)
    story.goes_by(hours=7)
    story.hears(JAN, "dat hek ligt er nog", meaning(("straatmeubilair", 0.9)))
    assert len(story.known.incidents) == 1
