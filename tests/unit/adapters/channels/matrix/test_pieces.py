"""The small parts of the Matrix channel: words, settings, errors of a homeserver, what rooms can do."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.channels.matrix import files, words
from adapters.channels.matrix.events import BANG, CHOICES
from adapters.channels.matrix.line import NoAccess, NotMatrix, meaning, path
from adapters.channels.matrix.options import Options, read_options
from adapters.channels.matrix.rooms import Facts, Post, Posts, capabilities
from bot.model.channel import Choice, Span
from bot.model.channel import Post as Said
from bot.model.errors import ConfigError, Gone, Later, Refused, StartError, StartTrouble
from bot.model.ids import Address, PostRef, Room
from bot.process.commands import _COMMANDS, MELD

GOOD = {"homeserver": "https://matrix.example.nl", "user": "@bart:example.nl", "token": "geheim"}
YES, NO = Choice(key="a:yes", label="Ja, melden"), Choice(key="a:no", label="Nee")
CAN = capabilities(None)


# Words


def test_choices_are_lines_with_digits_and_travel_in_the_post_itself() -> None:
    told = words.content(Said(spans=(Span(text="Melden?"),), choices=(YES, NO)), CAN)
    assert told["body"] == f"Melden?\n\n1️⃣ Ja, melden\n2️⃣ Nee\n{words.TAP}"
    assert told[CHOICES] == ["a:yes", "a:no"]


def test_what_is_strong_is_html_and_residents_words_stay_words() -> None:
    spans = (Span(text="<b>niet</b> & "), Span(text="wel", strong=True), Span(text="\nklaar"))
    told = words.content(Said(spans=spans, link="https://x.nl/?a=1&b=2", link_label="Lees <meer>"), CAN)
    assert told["body"] == "<b>niet</b> & wel\nklaar\nLees <meer>: https://x.nl/?a=1&b=2"
    assert told["formatted_body"] == (
        "&lt;b&gt;niet&lt;/b&gt; &amp; <strong>wel</strong><br>klaar<br>"
        '<a href="https://x.nl/?a=1&amp;b=2">Lees &lt;meer&gt;</a>'
    )
    assert "formatted_body" not in words.content(Said(spans=(Span(text="<b>kaal</b>"),)), CAN)


def test_what_is_not_urgent_rings_no_phone() -> None:
    kinds = [
        words.content(Said(spans=(Span(text="x"),), silent=silent), CAN)["msgtype"] for silent in (True, False)
    ]
    assert kinds == ["m.notice", "m.text"]


def test_an_edit_replaces_the_words_and_keeps_what_they_answer() -> None:
    post = Said(spans=(Span(text="Gemeld."),), reply_to=PostRef("$jan"))
    told = words.edited(post, "$card", CAN)
    assert told["m.relates_to"] == {"rel_type": "m.replace", "event_id": "$card"}
    assert told["m.new_content"]["body"] == "Gemeld."
    assert "m.relates_to" not in told["m.new_content"]
    assert words.content(post, CAN)["m.relates_to"] == {"m.in_reply_to": {"event_id": "$jan"}}


@given(text=st.text(max_size=4000), strong=st.booleans())
def test_whatever_is_said_fits_into_an_event_or_is_refused(text: str, strong: bool) -> None:
    post = Said(spans=(Span(text=text, strong=strong),), choices=(YES, NO))
    try:
        told = words.edited(words.checked(post, CAN), "$x", CAN)
    except Refused:
        assert len(text.encode("utf-8", "surrogatepass")) > 4000
        return
    assert len(json.dumps(told, ensure_ascii=False).encode("utf-8", "surrogatepass")) < 65_536 * 3 // 4


@pytest.mark.parametrize(
    "post",
    [
        Said(spans=(Span(text="x" * 4001),)),
        Said(spans=(Span(text="x"),), choices=(YES,) * 10),
        Said(spans=(Span(text="x"),), choices=(Choice(key="k" * 65, label="x"),)),
        Said(spans=(Span(text="x"),), choices=(Choice(key="", label="x"),)),
    ],
)
def test_what_matrix_cannot_carry_is_refused(post: Said) -> None:
    with pytest.raises(Refused):
        words.checked(post, CAN)


def test_the_same_post_has_the_same_transaction_and_no_other_has() -> None:
    one = words.transaction("post", "!r", "card:1")
    assert one == words.transaction("post", "!r", "card:1")
    assert len({one, words.transaction("post", "!r", "card:2"), words.transaction("post", "!s", "card:1")}) == 3


def test_every_command_can_begin_with_an_exclamation_mark() -> None:
    alone = [command for command in _COMMANDS if BANG.match(f"!{command}") is None]
    assert alone == []
    assert BANG.match(f"!{MELD} glas")
    assert BANG.match("!heropen MB-1")
    assert BANG.match("!let op") is None


# Settings


def test_settings_that_are_right_are_taken() -> None:
    options = read_options("channels.wijk", GOOD)
    assert (options.secret(), options.encrypted_rooms, options.by_password) == ("geheim", "ask", False)
    assert "geheim" not in repr(options)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"homeserver": "matrix.example.nl"}, "homeserver"),
        ({"homeserver": None}, "homeserver"),
        ({"user": "bart"}, "user"),
        ({"user": 5}, "user"),
        ({"token": ""}, "token"),
        ({"password": "ook"}, "token"),
        ({"encrypted_rooms": "always"}, "encrypted_rooms"),
        ({"kleur": "rood"}, "kleur"),
        ({"where": "x"}, "where"),
    ],
)
def test_a_wrong_setting_is_named_and_no_secret_with_it(change: dict[str, Any], key: str) -> None:
    with pytest.raises(ConfigError) as told:
        read_options("channels.wijk", GOOD | change)
    assert told.value.where == f"channels.wijk.{key}"
    assert "geheim" not in str(told.value)


def test_a_secret_in_a_file_is_read_when_it_is_needed(tmp_path: Path) -> None:
    file = tmp_path / "token"
    options = read_options("channels.wijk", GOOD | {"token": "", "token_file": str(file)})
    with pytest.raises(ConfigError) as told:
        options.secret()
    assert told.value.where == "channels.wijk.token_file"
    file.write_text("geheim\n", "utf-8")
    assert options.secret() == "geheim"
    file.write_text("\n", "utf-8")
    with pytest.raises(ConfigError):
        options.secret()


def test_a_password_in_a_file_means_that_bart_logs_in() -> None:
    options = Options(homeserver="https://x", user="@a:b", password_file="/x")
    assert options.by_password


# Errors of the homeserver


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (429, "M_LIMIT_EXCEEDED", Later),
        (401, "M_UNKNOWN_TOKEN", NoAccess),
        (403, "M_USER_DEACTIVATED", NoAccess),
        (502, "", Later),
        (500, "M_UNKNOWN", Later),
        (404, "M_NOT_FOUND", Gone),
        (403, "M_FORBIDDEN", Refused),
        (400, "M_DUPLICATE_ANNOTATION", Refused),
        (413, "M_TOO_LARGE", Refused),
        (404, "", NotMatrix),
    ],
)
def test_an_error_means_one_thing(status: int, code: str, error: type[Exception]) -> None:
    assert type(meaning(status, code)) is error


@pytest.mark.parametrize(("asked", "seconds"), [(2500, 2.5), (0, 0.1), (10**12, 3600.0), ("x", 5.0), (None, 5.0)])
def test_a_limit_says_how_long_to_wait(asked: object, seconds: float) -> None:
    error = meaning(429, "M_LIMIT_EXCEEDED", asked)
    assert isinstance(error, Later)
    assert error.seconds == seconds


def test_nothing_in_a_path_leads_elsewhere() -> None:
    assert path("rooms", "../../admin?x", "event", "$a/b") == (
        "/_matrix/client/v3/rooms/..%2F..%2Fadmin%3Fx/event/%24a%2Fb"
    )


# What rooms can do


def bridged(features: dict[str, Any] | None = None, network: str = "whatsapp") -> Facts:
    facts = Facts(room=Room("!w"))
    bridge = {"type": "m.bridge", "state_key": "x", "content": {"protocol": {"id": network}}}
    facts.learn(bridge)
    if features is not None:
        facts.learn({"type": "com.beeper.room_features", "state_key": "", "content": features})
    return facts


def test_a_room_of_matrix_itself_can_all() -> None:
    assert (CAN.choices, CAN.edits, CAN.edit_seconds, CAN.idempotent_send) == ("reactions", True, None, True)


def test_behind_a_bridge_that_says_nothing_digits_are_typed_and_edits_end() -> None:
    can = capabilities(bridged())
    assert (can.choices, can.edit_seconds, can.reactions_per_person) == ("text", 900.0, 1)
    assert capabilities(bridged(network="signal")).edit_seconds == 24 * 3600.0


def test_what_a_bridge_says_of_a_room_holds() -> None:
    features = {
        "edit": 2, "edit_max_age": 600, "delete": -2, "reaction": 2, "reaction_count": 1, "max_text_length": 1000,
    }  # fmt: skip
    can = capabilities(bridged(features))
    assert (can.edits, can.deletes, can.edit_seconds, can.longest_text) == (True, False, 600, 1000)
    assert can.choices == "text"
    many = capabilities(bridged({"reaction": 2}))
    assert (many.choices, many.reactions_per_person) == ("reactions", None)
    assert capabilities(bridged({"reaction": -1})).choices == "text"


def test_behind_a_bridge_choices_say_that_a_digit_is_typed_and_nothing_is_a_notice() -> None:
    told = words.content(Said(spans=(Span(text="Melden?"),), choices=(YES,), silent=True), capabilities(bridged()))
    assert told["body"] == f"Melden?\n\n1. Ja, melden\n{words.TYPE}"
    assert told["msgtype"] == "m.text"


def test_encryption_is_never_taken_back() -> None:
    facts = Facts(room=Room("!e"))
    facts.learn({"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}})
    facts.learn({"type": "m.room.encryption", "state_key": "", "content": {}})
    assert facts.encrypted


@pytest.mark.parametrize(
    ("version", "levels", "admins"),
    [
        ("11", {"users": {"@a:x": 100, "@b:x": 49}}, {"@a:x"}),
        ("12", {"users": {"@b:x": 50}}, {"@maker:x", "@also:x", "@b:x"}),
        ("11", {"users": {"@a:x": 100}, "users_default": 100}, set()),
        ("11", None, {"@maker:x", "@also:x"}),
    ],
)
def test_admins_are_those_of_the_room_version(version: str, levels: Any, admins: set[str]) -> None:
    facts = Facts(room=Room("!v"))
    create = {"room_version": version, "additional_creators": ["@also:x", 5]}
    facts.learn({"type": "m.room.create", "state_key": "", "sender": "@maker:x", "content": create})
    if levels is not None:
        facts.learn({"type": "m.room.power_levels", "state_key": "", "content": levels})
    assert facts.admins == admins


def test_only_the_latest_names_and_posts_are_remembered() -> None:
    facts, posts = Facts(room=Room("!n")), Posts(limit=2)
    for number in range(300):
        facts.meet(Address(f"@u{number}:x"), f"Naam {number}")
        posts.note(facts.room, PostRef(f"$p{number}"), Post(author=Address("@a:x")))
    assert len(facts.names) == 200
    assert posts.find(facts.room, PostRef("$p297")) is None
    assert posts.find(facts.room, PostRef("$p299")) is not None


# Files


def test_a_file_is_for_the_owner_alone_and_replaced_as_a_whole(tmp_path: Path) -> None:
    file = tmp_path / "session.json"
    assert files.load(file) == {}
    files.save(file, {"device": "A"})
    files.save(file, {"device": "B"})
    assert files.load(file) == {"device": "B"}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["session.json"]


@pytest.mark.parametrize("text", ["{", "[1]", "\x00"])
def test_a_broken_file_stops_the_start_for_good(tmp_path: Path, text: str) -> None:
    file = tmp_path / "session.json"
    file.write_text(text, "utf-8")
    with pytest.raises(StartError) as told:
        files.load(file)
    assert told.value.trouble is StartTrouble.FOR_GOOD
