"""What BART may look at, who lets it in, and what ends it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.model.buttons import Button, choice_key
from bot.model.channel import BotChanged, Chose, Deleted, Edited, MemberChanged, Moved
from bot.model.consent import Evidence
from bot.model.effect import Action
from bot.model.group import GroupState, Member, Permission, Reading, Role
from bot.model.happening import Heard, Restarted, Revised, Steered
from bot.model.ids import PersonKey, PostRef, Room
from bot.model.incident import Stage
from bot.model.snapshot import Snapshot
from bot.process import commands
from bot.process.chain import Outcome
from bot.process.monitor import may_read
from tests.support.flows import GLASS, Story, chose, effects, knowing, person, said, said_to
from tests.support.records import ADMIN, JAN, KEES, NOON, a_content, a_group, a_report, an_incident

OTHER_ADMIN = PersonKey("other")
ROOM = Room("room-g1")


def fresh_room() -> Story:
    group = a_group(state=GroupState.WAITING, permission=None, version=-1)
    return Story(known=Snapshot(group=group))


def bot_changed(present: bool) -> BotChanged:
    return BotChanged(id="b", room=ROOM, at=NOON, present=present, room_name="Buurt")


def member_changed(key: PersonKey, role: Role, present: bool = True) -> MemberChanged:
    return MemberChanged(id="m", room=ROOM, at=NOON, person=person(key, role), present=present, role=role)


def evidence(outcome: Outcome) -> list[str]:
    return [change.act for change in outcome.changes if isinstance(change, Evidence)]


def test_bart_introduces_itself_once_and_reads_nothing_yet() -> None:
    story = fresh_room()
    assert said_to(story.happens(bot_changed(present=True))) == ["intro.group"]
    assert said_to(story.happens(bot_changed(present=True))) == []
    assert story.known.group.state is GroupState.WAITING
    assert story.hears(JAN, "glas").changes == ()


def test_a_room_met_through_a_message_is_introduced_and_the_message_not_read() -> None:
    story = fresh_room()
    assert said_to(story.hears(JAN, "glas")) == ["intro.group"]
    assert not story.known.incidents


@pytest.mark.parametrize("state", [s for s in GroupState if s is not GroupState.ON])
def test_without_permission_no_message_is_read(state: GroupState) -> None:
    story = Story(known=Snapshot(group=a_group(state=state)))
    assert story.hears(JAN, "glas") == Outcome(known=story.known)
    outcome = story.hears(JAN, "bart, glas")
    assert (outcome.known, outcome.changes) == (story.known, ())
    assert said_to(outcome) == ([] if state is GroupState.GONE else ["permission.waiting"])


def test_on_request_only_what_is_said_to_bart_is_read() -> None:
    permission = Permission(granted_by=ADMIN, granted_at=NOON, text_version="v", reading=Reading.ON_REQUEST)
    known = Snapshot(group=a_group(permission=permission))
    assert not may_read(known, said(JAN, "glas bij de bak"))
    for text in ("bart, glas", "@bart glas", "/meld glas"):
        assert may_read(known, said(JAN, text))
    assert may_read(known, said(JAN, "glas", private=True))
    assert may_read(known, said(JAN, "glas", to_bot=True))


def test_of_who_opted_out_only_meld_is_read() -> None:
    member = Member(group_id=a_group().id, key=JAN, opted_out=True)
    known = Snapshot(group=a_group(), members={JAN: member})
    assert not may_read(known, said(JAN, "glas"))
    assert not may_read(known, said(JAN, "bart, glas"))
    assert not may_read(known, said(JAN, "brand!", private=True))
    assert may_read(known, said(JAN, "/meld glas"))
    assert may_read(known, said(KEES, "glas"))


def test_opting_out_ends_everything_unfiled_of_this_person_and_nothing_of_others() -> None:
    mine = [
        an_incident(f"i{n}", stage=stage, consent_id=None) for n, stage in enumerate(Stage) if stage.is_unfiled
    ]
    others = an_incident("kees", author=KEES)
    story = Story(known=knowing(*mine, others, contents=a_content()))
    outcome = story.happens(Heard(said=said(JAN, "/nietvoormij")))
    ended = {i.id: i.stage for i in story.known.incidents.values()}
    assert ended.pop(others.id) is Stage.PROPOSED
    danger = next(i.id for i in mine if i.stage is Stage.DANGER)
    assert ended.pop(danger) is Stage.DANGER
    assert set(ended.values()) == {Stage.WITHDRAWN}
    assert set(story.known.contents) == {others.id}
    assert evidence(outcome) == ["opted_out"]


def test_a_yes_taken_back_by_opting_out_is_on_record() -> None:
    released = an_incident(stage=Stage.RELEASED, consent_id="c1", yes_by=JAN)
    story = Story(known=knowing(released, contents=a_content()))
    assert evidence(story.happens(Heard(said=said(JAN, "/stop")))) == ["voided", "opted_out"]


def test_coming_back_is_on_record() -> None:
    story = Story()
    story.happens(Heard(said=said(JAN, "/nietvoormij")))
    outcome = story.happens(Heard(said=said(JAN, "/welvoormij")))
    assert evidence(outcome) == ["opted_in"]
    assert not story.known.members[JAN].opted_out


# --- permission ---


def press(story: Story, key: PersonKey, button: Button, role: Role | None = None) -> Outcome:
    return story.happens(chose(key, story.known.group.id, button, story.now, role))


def test_an_admin_lets_bart_in_and_the_group_hears_it() -> None:
    story = Story(known=Snapshot(group=a_group(state=GroupState.WAITING, permission=None)))
    outcome = press(story, ADMIN, Button.GRANT)
    assert said_to(outcome) == ["permission.on"]
    assert evidence(outcome) == ["granted"]
    assert story.known.group.reads_all
    permission = story.known.group.permission
    assert permission is not None
    assert permission.granted_by == ADMIN
    assert permission.text_version == story.context.texts.version
    assert said_to(press(story, ADMIN, Button.GRANT)) == ["toast.done"]


@pytest.mark.parametrize(
    "button", [Button.I_AM_ADMIN, Button.GRANT, Button.GRANT_ON_REQUEST, Button.REFUSE, Button.READ_TERMS]
)
def test_who_is_no_admin_changes_nothing(button: Button) -> None:
    story = Story(known=Snapshot(group=a_group(state=GroupState.WAITING, permission=None)))
    before = story.known
    assert said_to(press(story, JAN, button)) == ["toast.admin_only", "permission.not_admin"]
    assert story.known == before


def test_on_request_is_granted_as_such() -> None:
    story = Story(known=Snapshot(group=a_group(state=GroupState.WAITING, permission=None)))
    outcome = press(story, ADMIN, Button.GRANT_ON_REQUEST)
    assert (said_to(outcome), evidence(outcome)) == (["permission.on_request"], ["granted_on_request"])
    assert not story.known.group.reads_all


@pytest.mark.parametrize(("hours", "stands"), [(23.99, True), (24, False)])
def test_of_two_admins_the_stricter_wins_for_a_day(hours: float, stands: bool) -> None:
    story = Story()
    press(story, OTHER_ADMIN, Button.REFUSE, Role.ADMIN)
    story.goes_by(hours=hours)
    press(story, ADMIN, Button.GRANT)
    assert story.known.group.state is (GroupState.STOPPED if stands else GroupState.ON)


def test_who_refused_can_take_it_back_at_once() -> None:
    story = Story()
    press(story, ADMIN, Button.REFUSE)
    assert said_to(press(story, ADMIN, Button.GRANT)) == ["permission.on"]


def test_stop_by_an_admin_ends_what_waits_and_keeps_what_is_filed_and_the_112_card() -> None:
    stages = {Stage.HELD, Stage.PROPOSED, Stage.RELEASED, Stage.DANGER, Stage.FILING, Stage.FILED}
    incidents = [an_incident(str(stage), stage=stage) for stage in stages]
    story = Story(known=knowing(*incidents, contents=a_content()))
    outcome = story.happens(Heard(said=said(ADMIN, "/stop")))
    after = {i.id: i.stage for i in story.known.incidents.values()}
    assert after == {
        "held": Stage.DROPPED,
        "proposed": Stage.LAPSED,
        "released": Stage.LAPSED,
        "danger": Stage.DANGER,
        "filing": Stage.FILING,
        "filed": Stage.FILED,
    }
    assert (said_to(outcome), evidence(outcome)) == (["permission.stopped"], ["stopped"])


@pytest.mark.parametrize(("role", "present"), [(Role.MEMBER, True), (Role.ADMIN, False), (Role.MEMBER, False)])
def test_reading_stops_when_who_granted_it_leaves_or_loses_rights(role: Role, present: bool) -> None:
    story = Story(known=knowing(an_incident(), contents=a_content()))
    outcome = story.happens(member_changed(ADMIN, role, present))
    assert story.known.group.state is GroupState.WAITING
    assert story.incident.stage is Stage.LAPSED
    assert (said_to(outcome), evidence(outcome)) == (["permission.lost"], ["lost_rights"])


def test_another_admin_who_leaves_changes_nothing() -> None:
    story = Story()
    story.happens(member_changed(OTHER_ADMIN, Role.ADMIN))
    story.happens(member_changed(OTHER_ADMIN, Role.ADMIN, present=False))
    assert story.known.group.reads_all


def test_of_members_nothing_is_kept_but_admins_and_who_opted_out() -> None:
    story = Story()
    story.happens(member_changed(JAN, Role.MEMBER))
    assert not story.known.members
    story.happens(member_changed(KEES, Role.ADMIN))
    assert set(story.known.members) == {KEES}


def test_who_leaves_withdraws_what_waits_for_them() -> None:
    story = Story(known=knowing(an_incident(), contents=a_content()))
    story.happens(member_changed(JAN, Role.MEMBER, present=False))
    assert story.incident.stage is Stage.WITHDRAWN


def test_an_opt_out_outlives_leaving_and_coming_back() -> None:
    story = Story()
    story.happens(Heard(said=said(JAN, "/nietvoormij")))
    story.happens(member_changed(JAN, Role.MEMBER, present=False))
    story.happens(member_changed(JAN, Role.MEMBER))
    assert story.hears(JAN, "glas").changes == ()


# --- the room, the operator ---


def test_put_out_bart_forgets_its_permission_and_says_nothing_more() -> None:
    story = Story(known=knowing(an_incident(card=PostRef("card")), contents=a_content()))
    outcome = story.happens(bot_changed(present=False))
    assert (story.known.group.state, story.known.group.permission) == (GroupState.GONE, None)
    assert story.incident.stage is Stage.LAPSED
    assert effects(outcome, Action.CARD) == []
    assert story.hears(JAN, "/help").effects == ()


def test_let_in_again_old_cards_are_mended() -> None:
    story = Story(known=knowing(an_incident(card=PostRef("card")), contents=a_content()))
    story.happens(bot_changed(present=False))
    outcome = story.happens(bot_changed(present=True))
    assert [effect.incident_id for effect in effects(outcome, Action.CARD)] == [story.incident.id]


def test_a_room_that_moved_is_found_at_its_new_address() -> None:
    story = Story()
    story.happens(Moved(id="m", room=ROOM, at=NOON, to=Room("new")))
    assert story.known.group.room == "new"


def test_an_operator_pauses_and_goes_on_but_never_grants() -> None:
    story = Story(known=knowing(an_incident(), contents=a_content()))
    story.happens(Steered(state=GroupState.PAUSED))
    assert story.incident.stage is Stage.LAPSED
    assert story.hears(JAN, "glas").changes == ()
    story.happens(Steered(state=GroupState.ON))
    assert story.known.group.reads_all
    never = Story(known=Snapshot(group=a_group(state=GroupState.PAUSED, permission=None)))
    never.happens(Steered(state=GroupState.ON))
    assert never.known.group.state is GroupState.WAITING


def test_nobody_steers_a_group_that_bart_has_left() -> None:
    story = Story()
    story.happens(bot_changed(present=False))
    story.happens(Steered(state=GroupState.PAUSED))
    assert story.known.group.state is GroupState.GONE
    assert said_to(story.happens(bot_changed(present=True))) == ["intro.group"]


def test_a_restart_introduces_bart_again_where_it_still_waits() -> None:
    story = Story(known=Snapshot(group=a_group(state=GroupState.WAITING, permission=None)))
    assert said_to(story.happens(Restarted(stamp="s"))) == ["intro.group"]
    assert said_to(Story().happens(Restarted(stamp="s"))) == []


# --- commands and numbers ---


@pytest.mark.parametrize(
    ("text", "command", "rest", "to_bot"),
    [
        ("/meld glas bij de bak", "meld", "glas bij de bak", True),
        ("/MELD@bart_bot  glas", "meld", "glas", True),
        ("/help", "help", "", True),
        ("@Bart, glas", "", "glas", True),
        ("BART: glas", "", "glas", True),
        ("bart, glas", "", "glas", True),
        ("bartje zegt hoi", "", "bartje zegt hoi", False),
        (" gewoon ", "", "gewoon", False),
        ("/", "", "", True),
    ],
)
def test_a_message_is_split_into_command_and_words(text: str, command: str, rest: str, to_bot: bool) -> None:
    assert commands.listen(said(JAN, text)) == commands.Spoken(text=rest, command=command, to_bot=to_bot)


@pytest.mark.parametrize(
    ("command", "template"),
    [
        ("help", "help.private"),
        ("bart", "about"),
        ("status", "status.mine"),
        ("buurt", "neighbourhood"),
        ("huisregels", "houserules"),
        ("meld", "meld.ask"),
        ("start", "about"),
        ("heropen 1", "status.unknown"),
        ("nietvoormij", "optout.done"),
        ("welvoormij", "optin.done"),
    ],
)
def test_every_command_is_answered_privately(command: str, template: str) -> None:
    outcome = Story().happens(Heard(said=said(JAN, f"/{command}")))
    assert said_to(outcome) == [template]
    assert [effect.to for effect in effects(outcome, Action.WHISPER)] == ["jan@web"]


def test_an_admin_who_types_start_is_asked() -> None:
    assert said_to(Story().happens(Heard(said=said(ADMIN, "/start")))) == ["permission.ask"]


def test_an_unknown_command_is_not_ours_in_a_group_and_answered_privately() -> None:
    assert said_to(Story().happens(Heard(said=said(JAN, "/weer")))) == []
    assert said_to(Story().happens(Heard(said=said(JAN, "/weer", private=True)))) == ["help.private"]


def test_the_same_command_has_the_same_key_for_five_minutes_unless_the_group_has_news() -> None:
    story = Story(known=Snapshot(group=a_group(version=3)))
    first, second = (story.happens(Heard(said=said(JAN, "/status"))).effects[0].idem for _ in range(2))
    assert first == second
    story.known = replace(story.known, group=replace(story.known.group, version=4))
    assert story.happens(Heard(said=said(JAN, "/status"))).effects[0].idem != first
    story.goes_by(minutes=5)
    story.known = replace(story.known, group=replace(story.known.group, version=3))
    assert story.happens(Heard(said=said(JAN, "/status"))).effects[0].idem != first


def test_meld_is_not_heard_before_permission() -> None:
    story = Story(known=Snapshot(group=a_group(state=GroupState.WAITING, permission=None)))
    assert said_to(story.hears(JAN, "/meld glas")) == ["permission.waiting"]


@pytest.mark.parametrize(
    ("number", "stage"), [("1", Stage.RELEASED), ("4", Stage.DECLINED), ("5", Stage.PROPOSED)]
)
def test_every_button_works_as_a_typed_number(number: str, stage: Stage) -> None:
    incident = an_incident(category="zwerfvuil", card=PostRef("card"), deadline=NOON + timedelta(minutes=30))
    story = Story(known=knowing(incident, contents=a_content()))
    story.happens(Heard(said=said(JAN, number, reply_to=PostRef("card"))))
    assert story.incident.stage is stage


@pytest.mark.parametrize(
    "choice", ["", "nonsense", "i1:nonsense", ":yes", "unknown:yes", choice_key("g2", Button.GRANT)]
)
def test_a_button_that_is_not_ours_changes_nothing(choice: str) -> None:
    story = Story(known=knowing(an_incident(), contents=a_content()))
    before = story.known
    press = Chose(id="p", room=ROOM, at=NOON, person=person(JAN), choice=choice, press="press")
    story.happens(press)
    assert story.known == before


def test_edits_and_deletions_of_unknown_messages_change_nothing() -> None:
    story = Story(known=knowing(an_incident(sources=("said-1",)), contents=a_content()))
    edited = Edited(id="e", room=ROOM, at=NOON, person=person(JAN), post=PostRef("other"), text="x")
    assert story.happens(Revised(edited=edited, meaning=GLASS)).changes == ()
    assert story.happens(Deleted(id="d", room=ROOM, at=NOON, post=PostRef("other"))).changes == ()


def test_cards_that_stood_still_after_stop_are_mended_when_bart_is_let_in_again() -> None:
    filed = an_incident(stage=Stage.FILED, report_id="r1", card=PostRef("card"), shown=1, step=3)
    story = Story(
        known=replace(
            knowing(filed, reports=[a_report()]), group=a_group(state=GroupState.STOPPED, permission=None)
        )
    )
    assert [e.incident_id for e in effects(press(story, ADMIN, Button.GRANT), Action.CARD)] == [filed.id]
