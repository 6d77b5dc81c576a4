"""May this message be kept to learn from? Who is asked, about what, and what takes it back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.model.buttons import Button
from bot.model.channel import Deleted, Edited, MemberChanged
from bot.model.consent import Consent, Evidence, Subject, commit_to
from bot.model.desk import Filed
from bot.model.example import Example, Unlearn
from bot.model.group import GroupSettings, GroupState, Member, Policy, Role
from bot.model.happening import DeadlinePassed, FilingDone, Heard, Revised, Steered
from bot.model.ids import PersonKey, PostRef, Room
from bot.model.incident import Learning, MediaRef, Stage
from bot.model.place import Place
from bot.model.reading import Extent, Intent, Interpretation
from bot.model.snapshot import PromptAnswer, Snapshot
from bot.process.chain import Outcome
from bot.process.learning import words
from tests.support.flows import CONTEXT, GLASS, Story, chose, deadline, muted, person, said, said_to, shown
from tests.support.records import ADMIN, JAN, KEES, NOON, SAMIRA, a_content, a_group, an_incident

LEARNS = replace(CONTEXT, tenant=replace(CONTEXT.tenant, learning_days=90))
TEXT = "glas bij de bak, zegt Kees"
UNSURE = replace(
    GLASS,
    categories=(("zwerfvuil", 0.6), ("container", 0.2), ("verdacht", 0.1)),
    places=(Extent(start=5, end=15, kind="place"),),
    personal=(Extent(start=22, end=26, kind="name"),),
)


def story(settings: GroupSettings | None = None, **more: Any) -> Story:
    """Jan is asked about the glass, in a group that learns."""
    manners = settings or GroupSettings(learning=True)
    members = more.pop("members", {})
    known = Snapshot(group=a_group(settings=manners), members=members)
    told = Story(known=known, context=more.pop("context", LEARNS))
    told.hears(JAN, TEXT, more.pop("meaning", UNSURE), **more)
    deadline(told)
    assert told.incident.stage is Stage.PROPOSED
    return told


def declined(**more: Any) -> tuple[Story, Outcome]:
    told = story(**more)
    return told, told.presses(JAN, Button.NO)


def filed(by: PersonKey = JAN, **more: Any) -> tuple[Story, Outcome]:
    told = story(**more)
    told.presses(by, Button.YES)
    shown(told)
    deadline(told)
    assert told.incident.stage is Stage.FILING
    done = FilingDone(incident_id=told.incident.id, desk="gemeente", filed=Filed(reference="SIG-1"))
    return told, told.happens(done)


def kept(outcome: Outcome) -> list[Example]:
    return [one for one in outcome.changes if isinstance(one, Example)]


def acts(outcome: Outcome) -> list[str]:
    return [one.act for one in outcome.changes if isinstance(one, Evidence)]


# --- who is asked ---


@pytest.mark.parametrize("ends", [declined, filed])
def test_the_author_is_asked_privately_after_an_answer(ends: Any) -> None:
    told, outcome = ends()
    assert "learn.ask" in said_to(outcome)
    assert told.incident.learning is Learning.OPEN


@pytest.mark.parametrize("ends", [declined, filed])
@pytest.mark.parametrize(
    "more",
    [
        {"settings": GroupSettings()},
        {"context": CONTEXT},
        {"context": muted(LEARNS)},
        {"members": {JAN: Member(group_id=a_group().id, key=JAN, no_learning=True)}},
        {"meaning": replace(UNSURE, categories=(("jongeren", 1.0),))},
    ],
    ids=["group off", "tenant off", "cannot speak privately", "does not want it", "about people"],
)
def test_nobody_is_asked_who_should_not_be(ends: Any, more: dict[str, Any]) -> None:
    if "meaning" in more:
        tenant = replace(
            LEARNS.tenant, routes={**LEARNS.tenant.routes, "politie": LEARNS.tenant.routes["gemeente"]}
        )
        more = {**more, "context": replace(LEARNS, tenant=tenant)}
    told, outcome = ends(**more)
    assert "learn.ask" not in said_to(outcome)
    assert told.incident.learning is Learning.NOT_ASKED


def test_after_a_no_without_learning_the_words_go_at_once() -> None:
    told, _ = declined(settings=GroupSettings())
    assert not told.known.contents


def test_who_did_not_answer_is_not_asked() -> None:
    told = story()
    assert "learn.ask" not in said_to(deadline(told))
    assert not told.known.contents
    hidden = story()
    assert "learn.ask" not in said_to(hidden.presses(ADMIN, Button.HIDE))


def test_a_neighbours_yes_asks_nobody() -> None:
    _, outcome = filed(by=KEES, settings=GroupSettings(learning=True, policy=Policy.ANYONE))
    assert "learn.ask" not in said_to(outcome)


def test_taking_a_yes_back_asks_nothing() -> None:
    told = story()
    told.presses(JAN, Button.YES)
    assert "learn.ask" not in said_to(told.presses(JAN, Button.UNDO))
    assert not told.known.contents


def test_with_hardly_any_time_left_nobody_is_asked() -> None:
    told = story()
    told.now = told.incident.began_at + timedelta(minutes=29, seconds=30)
    assert "learn.ask" not in said_to(told.presses(JAN, Button.NO))
    assert not told.known.contents


# --- what is kept ---


def test_no_report_becomes_an_example_of_an_ordinary_message() -> None:
    told, _ = declined()
    outcome = told.presses(JAN, Button.NOT_A_REPORT)
    (example,) = kept(outcome)
    assert example.text == "glas bij de bak, zegt [naam]"
    assert (example.intent, example.category, example.places) == (Intent.NONE, None, ())
    assert (example.kept_at, example.until - told.now) == (told.now, timedelta(days=90))
    assert said_to(outcome) == ["learn.kept"]
    assert not told.known.contents
    assert told.known.examples == {JAN: 1}


def test_a_report_that_was_not_wanted_is_one_all_the_same() -> None:
    told, _ = declined()
    (example,) = kept(told.presses(JAN, Button.RATHER_NOT))
    assert (example.intent, example.category) == (Intent.REPORT, "zwerfvuil")
    assert example.places == ("bij de bak",)


@pytest.mark.parametrize(
    ("button", "answer"),
    [(Button.NOT_A_REPORT, PromptAnswer.NOT_A_REPORT), (Button.RATHER_NOT, PromptAnswer.RATHER_NOT)],
)
def test_what_the_author_says_of_a_no_counts_for_the_threshold(button: Button, answer: PromptAnswer) -> None:
    told, _ = declined()
    told.presses(JAN, button)
    assert [p.answer for p in told.known.prompts] == [answer]


@pytest.mark.parametrize(
    ("button", "category"), [(Button.KEEP_EXAMPLE, "zwerfvuil"), (Button.KIND_1, "container")]
)
def test_the_author_of_a_report_says_what_kind_it_was(button: Button, category: str) -> None:
    told, _ = filed(media=(MediaRef(ref="photo-1"),))
    (example,) = kept(told.presses(JAN, button))
    assert (example.intent, example.category, example.photo) == (Intent.REPORT, category, True)
    assert example.places == ("bij de bak",)
    assert told.incident.stage is Stage.FILED
    assert told.incident.category == "zwerfvuil"


def test_a_kind_about_people_is_never_offered() -> None:
    told, _ = filed()
    assert told.incident.kinds == ("container",)
    (example,) = kept(told.presses(JAN, Button.KIND_2))
    assert example.category == "zwerfvuil"


def test_there_is_a_consent_to_exactly_the_text_that_is_kept() -> None:
    told, _ = filed()
    content = told.content
    outcome = told.presses(JAN, Button.KEEP_EXAMPLE)
    (consent,) = [one for one in outcome.changes if isinstance(one, Consent)]
    (example,) = kept(outcome)
    assert (consent.subject, consent.given_by, consent.id) == (Subject.LEARNING, JAN, example.consent_id)
    assert consent.commitment == commit_to(content, None, example.text)


def test_when_it_was_said_is_kept_to_the_hour() -> None:
    told, _ = declined(at=NOON + timedelta(minutes=0))
    assert kept(told.presses(JAN, Button.NOT_A_REPORT))[0].said_at == NOON.replace(minute=0, second=0)


def test_a_home_is_no_part_of_what_is_kept() -> None:
    content = a_content(outgoing="lek bij Laan 12, op Laan 12", places=("Laan 12", ""))
    home = an_incident(place=Place(label="Laan 12", home=True))
    assert words(home, content) == "lek bij [adres], op [adres]"
    assert words(an_incident(), content) == content.outgoing


# --- who answers, and when ---


@pytest.mark.parametrize("who", [KEES, ADMIN])
def test_nobody_else_can_answer(who: PersonKey) -> None:
    told, _ = declined()
    outcome = told.presses(who, Button.NOT_A_REPORT)
    assert (kept(outcome), said_to(outcome)) == ([], ["toast.author_decides"])
    assert told.incident.learning is Learning.OPEN


def test_a_second_answer_changes_nothing() -> None:
    told, _ = filed()
    told.presses(JAN, Button.KEEP_EXAMPLE)
    outcome = told.presses(JAN, Button.KEEP_EXAMPLE)
    assert (kept(outcome), said_to(outcome)) == ([], ["toast.no_longer"])


def test_a_declined_message_waits_no_longer_than_any_other() -> None:
    told, _ = declined()
    assert told.incident.deadline == told.incident.began_at + timedelta(minutes=30)
    told.now = told.incident.deadline
    late = told.presses(JAN, Button.NOT_A_REPORT)
    assert (kept(late), said_to(late)) == ([], ["toast.no_longer"])
    told.happens(DeadlinePassed(incident_id=told.incident.id))
    assert not told.known.contents
    assert told.incident.learning is Learning.CLOSED
    assert told.known.incidents[told.incident.id].deadline is None


def test_a_no_is_remembered_and_nobody_asks_again() -> None:
    told, _ = declined()
    outcome = told.presses(JAN, Button.NO_EXAMPLE)
    assert (kept(outcome), said_to(outcome), acts(outcome)) == ([], ["learn.refused"], ["learning_refused"])
    assert not told.known.contents
    told.goes_by(hours=7)
    told.hears(JAN, "weer glas", replace(GLASS, categories=(("verlichting", 1.0),)))
    deadline(told)
    assert "learn.ask" not in said_to(told.presses(JAN, Button.NO))


# --- taking it back ---


def with_example(told: Story) -> Story:
    told.known = replace(told.known, examples={JAN: 2, KEES: 1})
    return told


def gone() -> MemberChanged:
    return MemberChanged(
        id="e", room=Room("room-g1"), at=NOON, person=person(JAN), present=False, role=Role.MEMBER
    )


@pytest.mark.parametrize("text", ["/nietvoormij", "/leerniet"])
def test_who_wants_it_gone_is_rid_of_all_of_it(text: str) -> None:
    told = with_example(declined()[0])
    outcome = told.happens(Heard(said=said(JAN, text)))
    assert Unlearn(group_id=told.known.group.id, person=JAN) in outcome.changes
    assert "unlearned" in acts(outcome)
    assert told.known.examples == {JAN: 0, KEES: 1}
    assert not told.known.contents


def test_who_leaves_takes_it_along() -> None:
    told = with_example(declined()[0])
    outcome = told.happens(gone())
    assert Unlearn(group_id=told.known.group.id, person=JAN) in outcome.changes
    assert not told.known.contents


def test_of_who_had_nothing_nothing_is_written() -> None:
    told = Story(context=LEARNS)
    assert told.happens(gone()).changes == ()


@pytest.mark.parametrize("what", ["deleted", "edited"])
@pytest.mark.parametrize("ends", [declined, filed])
def test_who_changes_the_message_takes_its_example_back(ends: Any, what: str) -> None:
    told = with_example(ends()[0])
    post = told.incident.sources[0]
    if what == "deleted":
        outcome = told.happens(Deleted(id="d", room=Room("room-g1"), at=told.now, post=post))
    else:
        edited = Edited(id="d", room=Room("room-g1"), at=told.now, person=person(JAN), post=post, text="x")
        outcome = told.happens(Revised(edited=edited, meaning=Interpretation()))
    unlearn = Unlearn(group_id=told.known.group.id, person=JAN, incident_id=told.incident.id)
    assert unlearn in outcome.changes
    assert told.incident.learning is Learning.CLOSED


def test_another_message_that_goes_changes_nothing() -> None:
    told = with_example(filed()[0])
    assert told.happens(Deleted(id="d", room=Room("r"), at=told.now, post=PostRef("other"))).changes == ()


def test_a_withdrawn_report_is_nothing_to_learn_from() -> None:
    told = with_example(filed()[0])
    outcome = told.presses(JAN, Button.WITHDRAW)
    assert any(isinstance(one, Unlearn) and one.incident_id == told.incident.id for one in outcome.changes)


def test_without_permission_no_question_stands() -> None:
    told, _ = declined()
    told.happens(Steered(state=GroupState.PAUSED))
    assert told.incident.learning is Learning.CLOSED
    assert not told.known.contents


# --- commands ---


def settings_of(told: Story) -> bool:
    return told.known.group.settings.learning


def test_only_an_admin_turns_it_on_and_off_for_the_group() -> None:
    told = Story(context=LEARNS)
    assert said_to(told.happens(Heard(said=said(KEES, "/leren aan")))) == ["permission.not_admin"]
    assert not settings_of(told)
    outcome = told.happens(Heard(said=said(ADMIN, "/leren aan")))
    assert (settings_of(told), said_to(outcome), acts(outcome)) == (True, ["learn.on"], ["learning_on"])
    outcome = told.happens(Heard(said=said(ADMIN, "/leren uit")))
    assert (settings_of(told), said_to(outcome), acts(outcome)) == (False, ["learn.off"], ["learning_off"])


def test_where_the_tenant_does_not_want_it_an_admin_cannot_turn_it_on() -> None:
    told = Story()
    assert said_to(told.happens(Heard(said=said(ADMIN, "/leren aan")))) == ["learn.unavailable"]
    assert not settings_of(told)


def test_who_said_never_can_come_back() -> None:
    told = Story(context=LEARNS)
    assert said_to(told.happens(Heard(said=said(SAMIRA, "/leerniet")))) == ["learn.stopped"]
    assert told.known.members[SAMIRA].no_learning
    outcome = told.happens(Heard(said=said(SAMIRA, "/leermee")))
    assert (said_to(outcome), acts(outcome)) == (["learn.again"], ["learning_again"])
    assert not told.known.members[SAMIRA].no_learning


def test_coming_back_without_having_gone_is_remembered_of_nobody() -> None:
    told = Story(context=LEARNS)
    told.happens(Heard(said=said(SAMIRA, "/leermee")))
    assert SAMIRA not in told.known.members


@pytest.mark.parametrize("changed", [Role.ADMIN, Role.MEMBER])
def test_a_changed_role_leaves_what_somebody_chose(changed: Role) -> None:
    known = Member(group_id=a_group().id, key=JAN, no_learning=True, opted_out=True)
    told = Story(known=Snapshot(group=a_group(), members={JAN: known}), context=LEARNS)
    told.happens(replace(gone(), present=True, role=changed))
    told.happens(Heard(said=said(JAN, "/leren")))
    assert (told.known.members[JAN].no_learning, told.known.members[JAN].opted_out) == (True, True)
    if changed is Role.ADMIN:
        told.happens(chose(JAN, told.known.group.id, Button.GRANT, role=Role.ADMIN))
        assert told.known.members[JAN].no_learning
