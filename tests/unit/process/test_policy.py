"""Who may press what: the table is whole, and changes only on purpose."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from bot.model.buttons import GUESSES, Button
from bot.model.group import Policy
from bot.model.incident import Stage
from bot.process.cards import card
from bot.process.policy import TABLE, Verdict, Who, verdict
from tests.support.flows import CONTEXT
from tests.support.policy_table import APPROVED, drawn
from tests.support.situations import Situation, every_card

EVERYBODY = list(itertools.product(Policy, Who))


@pytest.mark.parametrize(("stage", "button"), TABLE, ids=str)
def test_every_row_has_a_meaning_for_everybody(stage: Stage, button: Button) -> None:
    assert set(TABLE[stage, button]) == set(EVERYBODY)


@pytest.mark.parametrize("situation", every_card(), ids=lambda one: one[0])
def test_every_button_on_a_card_means_something_there(situation: Situation) -> None:
    _, known, incident = situation
    saying = card(known, incident, CONTEXT)
    assert saying is not None
    for offer in saying.offers:
        assert (incident.stage, offer.button) in TABLE


@pytest.mark.parametrize(("policy", "who"), EVERYBODY)
def test_nobody_but_the_author_ever_releases_words(policy: Policy, who: Who) -> None:
    for stage, button in TABLE:
        meant = verdict(policy, who, stage, button, sensitive=False)
        if meant in (Verdict.RELEASE_WORDS, Verdict.ASK_ADMIN):
            assert who is Who.AUTHOR


@pytest.mark.parametrize("who", [Who.MEMBER, Who.ADMIN])
def test_about_people_nobody_else_releases_even_a_neutral_text(who: Who) -> None:
    for stage, button in TABLE:
        assert verdict(Policy.ANYONE, who, stage, button, sensitive=True) is not Verdict.RELEASE_NEUTRAL


def test_only_an_admin_confirms_and_never_their_own_words() -> None:
    allowed = [w for w in Who if verdict(Policy.ADMIN, w, Stage.ADMIN, Button.CONFIRM, False) is Verdict.CONFIRM]
    assert allowed == [Who.ADMIN]


def test_without_the_author_an_admin_can_hide_a_prompt_and_nothing_more() -> None:
    meant = {
        button: verdict(Policy.AUTHOR, Who.ADMIN, stage, button, False)
        for stage, button in TABLE
        if stage is Stage.PROPOSED
    }
    assert meant == {
        Button.YES: Verdict.ONLY_AUTHOR,
        Button.SELF: Verdict.AUTHOR_DECIDES,
        Button.ALSO: Verdict.SEEN,
        Button.NO: Verdict.HIDE,
        Button.HIDE: Verdict.HIDE,
    } | dict.fromkeys((*GUESSES, Button.IS_ELSE), Verdict.AUTHOR_DECIDES)


@pytest.mark.parametrize(("policy", "who"), EVERYBODY)
def test_saying_what_it_is_releases_what_a_yes_releases_and_no_more(policy: Policy, who: Who) -> None:
    refuses = {Verdict.ONLY_AUTHOR: Verdict.AUTHOR_DECIDES}
    for sensitive in (False, True):
        yes = verdict(policy, who, Stage.PROPOSED, Button.YES, sensitive)
        for button in (*GUESSES, Button.IS_ELSE):
            assert verdict(policy, who, Stage.PROPOSED, button, sensitive) is refuses.get(yes, yes)


def test_a_button_of_another_stage_is_late() -> None:
    assert verdict(Policy.AUTHOR, Who.AUTHOR, Stage.FILED, Button.YES, False) is Verdict.LATE
    assert verdict(Policy.AUTHOR, Who.AUTHOR, Stage.DECLINED, Button.UNDO, False) is Verdict.LATE


def test_the_table_is_as_last_approved() -> None:
    approved = Path(APPROVED).read_text("utf-8")
    assert drawn() == approved, "changed on purpose? python -m tests.support.policy_table"
