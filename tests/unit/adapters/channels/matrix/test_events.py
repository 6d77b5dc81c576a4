"""Raw Matrix events, as homeservers, clients and bridges send them, become channel events; none breaks."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.channels.matrix.events import View, digit_of, offered, own_move, read, target
from adapters.channels.matrix.reading import moment, number
from adapters.channels.matrix.rooms import Facts, Post, Posts
from bot.model.channel import ChannelEvent, Chose, Deleted, Edited, MemberChanged, Said
from bot.model.group import Role
from bot.model.ids import Address, PostRef, Room
from bot.model.place import Point

FOLDER = Path(__file__).parent / "events"
RAW = {file.stem: json.loads(file.read_text("utf-8")) for file in sorted(FOLDER.glob("*.json"))}
ROOM, ME = Room("!r:example.nl"), Address("@bart:example.nl")
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
YES, NO = "9f2c41d07b6ae853:yes", "9f2c41d07b6ae853:no"


def a_view(version: int = 10) -> View:
    """A room in which everybody has said something."""
    posts = Posts()
    posts.note(ROOM, PostRef("$bart1"), Post(author=ME, choices=(YES, NO)))
    posts.note(ROOM, PostRef("$jan1"), Post(author=Address("@jan:example.nl")))
    posts.note(ROOM, PostRef("$fatima1"), Post(author=Address("@fatima:example.nl")))
    posts.note(ROOM, PostRef("$tap1"), Post(author=Address("@jan:example.nl"), reaction=True))
    facts = Facts(room=ROOM, version=version, creators=frozenset({Address("@fatima:example.nl")}))
    facts.meet(Address("@jan:example.nl"), "Jan de Vries")
    return View(facts=facts, posts=posts, me=ME, now=NOW)


def heard(name: str) -> list[ChannelEvent]:
    return read(RAW[name], a_view())


def said(name: str) -> Said:
    (event,) = heard(name)
    assert isinstance(event, Said)
    return event


def test_a_message_says_who_what_where_and_when() -> None:
    event = said("text")
    assert (event.text, event.room, event.post, event.id) == ("glas bij de glasbak", ROOM, "$ev1", "$ev1")
    assert (event.person.address, event.person.name) == ("@jan:example.nl", "Jan de Vries")
    assert event.at == datetime(2025, 11, 17, 17, 20, 1, tzinfo=UTC)
    assert not event.to_bot


@pytest.mark.parametrize(
    ("name", "text", "reply_to", "to_bot"),
    [
        ("reply_with_fallback", "bij nummer 12", "$bart1", True),
        ("thread_fallback", "in de draad", "$root", False),
        ("thread_answer", "op die ene", "$one", False),
        ("pill_mention", "@bart meld glas op straat", None, True),
        ("bang_command", "/meld glas bij de glasbak", None, True),
        ("exclamation", "!let op: glas op straat", None, False),
        ("emote", "zwaait", None, False),
        ("whatsapp_ghost", "lamp stuk", None, False),
        ("control_characters", "rood[31m om", None, False),
    ],
)
def test_words_arrive_as_people_mean_them(name: str, text: str, reply_to: str | None, to_bot: bool) -> None:
    event = said(name)
    assert (event.text, event.reply_to, event.to_bot) == (text, reply_to, to_bot)


@pytest.mark.parametrize(
    ("name", "text", "photos"),
    [
        ("image", "", 1),
        ("image_with_caption", "kijk eens", 1),
        ("image_encrypted", "", 1),
        ("file_that_is_an_image", "", 1),
    ],
)
def test_photos_are_named_by_their_post_with_the_words_beside_them(name: str, text: str, photos: int) -> None:
    event = said(name)
    assert event.text == text
    assert [media.ref for media in event.media] == [event.post] * photos


@pytest.mark.parametrize(
    ("name", "point", "text"),
    [
        ("location", Point(lat=52.05, lon=4.35), ""),
        ("location_msc3488", Point(lat=52.0512, lon=4.3521), "Glasbak"),
    ],
)
def test_a_shared_location_is_a_point_without_the_words_a_client_made_up(
    name: str, point: Point, text: str
) -> None:
    assert (said(name).location, said(name).text) == (point, text)


def test_a_poll_is_read_as_its_question_and_answers() -> None:
    assert said("poll_msc3381").text == "Wanneer schoonmaken?\n- Zaterdag\n- Zondag"
    assert said("poll_stable").text == "Doen we het?\n- Ja"


def test_an_edit_is_its_authors_and_has_the_new_words_alone() -> None:
    (edited,) = heard("edit")
    assert isinstance(edited, Edited)
    assert (edited.post, edited.text) == ("$jan1", "glas op straat")
    assert heard("edit_of_somebody_else") == []


def test_a_digit_picks_a_choice_whether_tapped_or_typed() -> None:
    for name, choice in (("reaction", NO), ("typed_digit", YES)):
        (chose,) = heard(name)
        assert isinstance(chose, Chose)
        assert chose.choice == choice
    assert heard("reaction_heart") == []


@pytest.mark.parametrize("name", ["redaction_old_rooms", "redaction_room_v11"])
def test_a_redaction_is_a_deletion_wherever_it_names_its_post(name: str) -> None:
    (deleted,) = heard(name)
    assert isinstance(deleted, Deleted)
    assert deleted.post == "$jan1"


def test_a_reaction_that_is_taken_back_deletes_no_post() -> None:
    assert heard("redaction_of_reaction") == []


def test_comings_and_goings_are_told_and_new_names_are_not() -> None:
    told = {
        name: heard(name) for name in ("member_joins", "member_changes_name", "member_kicked", "member_invited")
    }
    assert [bool(events) for events in told.values()] == [True, False, True, False]
    joins, kicked = told["member_joins"][0], told["member_kicked"][0]
    assert isinstance(joins, MemberChanged)
    assert isinstance(kicked, MemberChanged)
    assert (joins.present, kicked.present, joins.role) == (True, False, Role.MEMBER)


def test_new_power_levels_tell_whose_role_changed() -> None:
    changed = {
        event.person.address: event.role for event in heard("power_levels") if isinstance(event, MemberChanged)
    }
    assert changed == {"@jan:example.nl": Role.MEMBER, "@kees:example.nl": Role.ADMIN}
    assert len({event.id for event in heard("power_levels")}) == 2


def test_a_creator_of_room_version_12_stays_admin_whatever_the_power_levels() -> None:
    event = copy.deepcopy(RAW["power_levels"])
    event["content"]["users"].pop("@fatima:example.nl")
    told = {one.person.address for one in read(event, a_view(12)) if isinstance(one, MemberChanged)}
    assert "@fatima:example.nl" not in told
    assert "@fatima:example.nl" in {
        e.person.address for e in read(event, a_view()) if isinstance(e, MemberChanged)
    }


@pytest.mark.parametrize(
    "name",
    [
        "redacted_message", "notice_of_a_bot", "bridge_notice", "sticker", "video", "encrypted", "poll_vote",
        "poll_end", "tombstone", "unknown_type", "call",
    ],
)  # fmt: skip
def test_what_is_no_message_of_a_person_says_nothing(name: str) -> None:
    assert heard(name) == []


def test_a_clock_that_is_ahead_does_not_make_a_message_of_tomorrow() -> None:
    assert said("clock_ahead").at == NOW


def test_barts_own_events_are_never_heard() -> None:
    for event in RAW.values():
        assert read({**event, "sender": ME}, a_view()) == []


def test_barts_own_coming_and_going_is_told_from_a_new_name() -> None:
    def move(now: str, before: str = "") -> str:
        unsigned = {"prev_content": {"membership": before}} if before else {}
        event = {"type": "m.room.member", "state_key": ME, "content": {"membership": now}, "unsigned": unsigned}
        return own_move(event, ME)

    assert [move("join"), move("join", "invite"), move("join", "leave"), move("join", "join")] == ["in"] * 3 + [""]
    assert [move("leave"), move("ban", "join"), move("invite")] == ["out", "out", ""]


@pytest.mark.parametrize(
    ("typed", "digit"),
    [("1", 1), (" 2 ", 2), ("3️⃣", 3), ("4⃣", 4), ("12", None), ("0", None), ("", None), ("👍", None), ("½", None)],
)
def test_a_digit_is_a_digit_however_it_is_written(typed: str, digit: int | None) -> None:
    assert digit_of(typed) == digit


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20) | st.just(ME),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A real event with some of its values replaced, added or left out, anywhere in it."""
    event = copy.deepcopy(RAW[draw(st.sampled_from(sorted(RAW)))])
    for _ in range(draw(st.integers(1, 4))):
        spot, parent, key = event, None, ""
        while isinstance(spot, dict) and spot and (parent is None or draw(st.booleans())):
            parent, key = spot, draw(st.sampled_from(sorted(spot, key=str)))
            spot = spot[key]
        if parent is None:
            break
        if draw(st.booleans()):
            parent[key] = draw(JSON)
        else:
            del parent[key]
    return event


@given(event=mutated(), version=st.sampled_from([1, 11, 12]))
def test_no_event_however_broken_raises(event: dict[str, Any], version: int) -> None:
    view = a_view(version)
    target(event)
    own_move(event, ME)
    view.facts.learn(event)
    for one in read(event, view):
        assert one.id
        assert one.at <= NOW
        assert one.room == ROOM


@given(raw=JSON)
def test_nothing_that_json_can_hold_raises(raw: Any) -> None:
    event = (
        raw
        if isinstance(raw, dict)
        else {"content": raw, "type": "m.room.message", "event_id": "$a", "sender": "@b:c"}
    )
    read(event, a_view())
    Facts(room=ROOM).learn(event)
    assert all(isinstance(one, str) for one in offered({"nl.bart.choices": raw}))
    assert moment({"origin_server_ts": raw}, NOW) <= NOW
    assert number({"n": raw}, "n") is None or isinstance(number({"n": raw}, "n"), int)
