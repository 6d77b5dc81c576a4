"""How a group's answers change how sure BART must be, and how far."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.group import GroupSettings, QuietLimits
from bot.model.happening import Heard
from bot.model.ids import GroupId, IncidentId
from bot.model.incident import Stage
from bot.model.snapshot import Commit, Prompt, PromptAnswer, Snapshot
from bot.ports.fakes.clock import FakeClock
from bot.ports.fakes.memory import Memory
from bot.ports.fakes.store import FakeStore
from bot.process.tuning import AGAINST, FADES, HIGHEST, MOST_STEPS, tuning
from tests.support.flows import FIRE, GLASS, Story, said
from tests.support.records import JAN, NOON, a_group, a_prompt

G1, G2 = GroupId("g1"), GroupId("g2")
DAY = timedelta(days=1)
ENDED = sorted(AGAINST)


def answered(*answers: PromptAnswer, gap: timedelta = DAY) -> tuple[Prompt, ...]:
    """Prompts with these answers, oldest first, the last one just now."""
    count = len(answers)
    return tuple(
        a_prompt(f"p{n:02}", answer=answer, asked_at=NOON - (count - 1 - n) * gap)
        for n, answer in enumerate(answers)
    )


def known(*prompts: Prompt, settings: GroupSettings | None = None) -> Snapshot:
    return Snapshot(group=a_group(settings=settings or GroupSettings()), prompts=prompts)


def raised(*answers: PromptAnswer) -> float:
    return tuning(known(*answered(*answers)), NOON).raised


NO, YES, LAPSED = PromptAnswer.NO, PromptAnswer.YES, PromptAnswer.LAPSED


@pytest.mark.parametrize(
    ("answers", "more"),
    [
        ((), 0.0),
        ((NO, NO), 0.0),
        ((NO, NO, NO), 0.05),
        ((NO, NO, NO, NO, NO), 0.05),
        ((NO,) * 7, 0.10),
        ((NO,) * 12, 0.10),
        ((YES,) * 20, 0.0),
        ((YES,) * 10 + (NO,) * 3, 0.0),
        ((LAPSED,) * 20, 0.0),
        ((LAPSED,) * 4 + (NO, NO), 0.05),
        ((PromptAnswer.NOT_A_REPORT,) * 3, 0.05),
        ((PromptAnswer.RATHER_NOT,) * 5, 0.0),
        ((PromptAnswer.HIDDEN,) * 3, 0.05),
        ((PromptAnswer.SELF,) * 20, 0.0),
        ((PromptAnswer.NONE,) * 20, 0.0),
    ],
)
def test_three_noes_raise_it_by_a_step_and_a_group_that_says_yes_keeps_what_is_set(
    answers: tuple[PromptAnswer, ...], more: float
) -> None:
    assert raised(*answers) == pytest.approx(more)


def test_every_way_a_prompt_ends_has_its_weight() -> None:
    assert AGAINST.keys() == set(PromptAnswer) - {PromptAnswer.NONE}
    assert [a for a in PromptAnswer if a.is_no] == [NO, PromptAnswer.NOT_A_REPORT, PromptAnswer.RATHER_NOT]


def test_noes_fade_until_bart_asks_as_before() -> None:
    said_no = known(*answered(NO, NO, NO))
    assert tuning(said_no, NOON).raised > 0
    assert tuning(said_no, NOON + timedelta(days=7)).raised == 0
    assert tuning(said_no, NOON + FADES).asked == 0


def test_only_the_last_answers_count() -> None:
    limits = QuietLimits(tune_window=4)
    past = known(*answered(NO, NO, NO, YES, YES, YES, YES), settings=GroupSettings(quiet=limits))
    assert tuning(past, NOON).raised == 0


def test_the_counts_explain_it() -> None:
    tuned = tuning(known(*answered(NO, PromptAnswer.HIDDEN, NO, LAPSED, YES)), NOON)
    assert (tuned.asked, tuned.noes, tuned.silent) == (5, 3, 1)
    assert tuned.threshold == pytest.approx(0.90)


def test_a_group_that_said_no_three_times_is_not_asked_where_another_one_is() -> None:
    sure = replace(GLASS, p_report=0.87)
    for prompts, stages in (((), [Stage.HELD]), (answered(NO, NO, NO), [])):
        story = Story(known=replace(known(*prompts), prompts=prompts))
        story.happens(Heard(said=said(JAN, "glas"), meaning=sure))
        assert [i.stage for i in story.known.incidents.values()] == stages


def test_danger_and_what_was_asked_for_know_no_threshold() -> None:
    for text, meaning, stage in (
        ("brand!", replace(FIRE, p_report=0.0), Stage.DANGER),
        ("/meld glas", replace(GLASS, p_report=0.0), Stage.HELD),
    ):
        story = Story(known=known(*answered(*[NO] * 20)))
        story.happens(Heard(said=said(JAN, text), meaning=meaning))
        assert [i.stage for i in story.known.incidents.values()] == [stage]


prompts = st.lists(
    st.builds(
        lambda answer, days: (answer, timedelta(days=days)),
        st.sampled_from([PromptAnswer.NONE, *ENDED]),
        st.floats(min_value=-1, max_value=60),
    ),
    max_size=40,
).map(lambda rows: [a_prompt(f"p{n:02}", answer=a, asked_at=NOON - age) for n, (a, age) in enumerate(rows)])
settings = st.builds(
    lambda base, step, rate, window: GroupSettings(
        prompt_threshold=base, quiet=QuietLimits(tune_step=step, tune_no_rate=rate, tune_window=window)
    ),
    st.floats(0, 1),
    st.floats(0, 1),
    st.floats(0, 1),
    st.integers(1, 50),
)


@given(prompts, settings)
def test_the_threshold_never_leaves_its_band(asked: list[Prompt], manners: GroupSettings) -> None:
    tuned = tuning(known(*asked, settings=manners), NOON)
    base = manners.prompt_threshold
    assert base <= tuned.threshold <= max(base, HIGHEST)
    assert tuned.raised <= MOST_STEPS * manners.quiet.tune_step


@given(prompts, st.randoms(use_true_random=False))
def test_the_order_in_which_answers_are_known_does_not_matter(asked: list[Prompt], random: Random) -> None:
    shuffled = list(asked)
    random.shuffle(shuffled)
    assert tuning(known(*shuffled), NOON) == tuning(known(*asked), NOON)


@given(prompts, st.integers(0, 39))
def test_one_more_no_never_makes_bart_ask_sooner(asked: list[Prompt], which: int) -> None:
    if which < len(asked) and asked[which].answer is YES:
        worse = [*asked[:which], replace(asked[which], answer=NO), *asked[which + 1 :]]
        assert tuning(known(*worse), NOON).raised >= tuning(known(*asked), NOON).raised


@given(prompts, settings)
def test_no_answers_ever_stand_before_the_112_card(asked: list[Prompt], manners: GroupSettings) -> None:
    story = Story(known=known(*asked, settings=manners))
    story.happens(Heard(said=said(JAN, "brand!"), meaning=replace(FIRE, p_report=0.0)))
    assert [i.stage for i in story.known.incidents.values()] == [Stage.DANGER]


@given(prompts, prompts, st.randoms(use_true_random=False))
def test_what_other_groups_answer_and_in_which_order_changes_nothing(
    ours: list[Prompt], theirs: list[Prompt], random: Random
) -> None:
    rows = [*ours, *(replace(one, incident_id=IncidentId(f"x{one.incident_id}"), group_id=G2) for one in theirs)]
    random.shuffle(rows)
    memory = Memory(clock=FakeClock())
    store = FakeStore(memory)

    async def load() -> Snapshot:
        await store.commit(Commit(now=NOON, changes=(a_group("g1"), a_group("g2"), *rows)))
        return (await store.load([G1]))[G1]

    assert tuning(asyncio.run(load()), NOON) == tuning(known(*ours), NOON)
