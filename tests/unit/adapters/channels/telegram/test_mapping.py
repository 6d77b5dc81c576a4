"""Updates as Telegram really sends them, one file a situation, and what BART hears of each."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.channels.telegram.albums import gathered, may_go_on
from adapters.channels.telegram.mapping import Heard, Me, hear
from bot.model.channel import BotChanged, ChannelEvent, Chose, Edited, MemberChanged, Moved, Said

FOLDER = Path(__file__).parent / "updates"
FILES = sorted(FOLDER.glob("*.json"))
ME = Me(id=110201543, username="bart_proef_bot")
NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)


def recorded(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text("utf-8"))["update"]


def told(event: ChannelEvent, heard: Heard) -> str:
    """An event in one line."""
    about = f" about {heard.about}" + " proven" * heard.proven if heard.about else ""
    match event:
        case Said():
            person = event.person
            who = f"{person.address}{' anonymous' * person.anonymous} '{person.name}'"
            parts = [f"Said {who} {event.post}"]
            parts += [f"re {event.reply_to}"] if event.reply_to else []
            parts += ["media " + ",".join(media.ref for media in event.media)] if event.media else []
            parts += [f"at {event.location.lat} {event.location.lon}"] if event.location else []
            parts += ["private"] * event.private + ["to bot"] * (event.to_bot)
            return " ".join(parts) + f"{about}: {event.text}"
        case Edited():
            return f"Edited {event.person.address} {event.post}: {event.text}"
        case Chose():
            return f"Chose {event.person.address} {event.choice} press {event.press}{about}"
        case MemberChanged():
            return f"MemberChanged {event.person.address} {'in' if event.present else 'out'} {event.role}"
        case BotChanged():
            by = event.by.address if event.by else ""
            return f"BotChanged {'in' if event.present else 'out'} '{event.room_name}' by {by}"
        case Moved():
            return f"Moved {event.room} -> {event.to}"
    raise AssertionError(type(event))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_update_is_heard_as_what_it_is(file: Path) -> None:
    case = json.loads(file.read_text("utf-8"))
    heard = hear(case["update"], ME, NOW)
    assert not heard.unreadable
    assert [told(event, heard) for event in heard.events] == case["events"]
    assert heard.id == case["update"]["update_id"]


def test_there_are_updates_of_every_kind() -> None:
    assert len(FILES) >= 60


@pytest.mark.parametrize(
    "raw", [None, 7, "text", [], {}, {"update_id": "7"}, {"update_id": True}, {"update_id": None}]
)
def test_what_has_no_number_cannot_be_confirmed_and_says_nothing(raw: object) -> None:
    assert hear(raw, ME, NOW) == Heard(id=None, unreadable=True)


def test_what_cannot_be_read_keeps_its_number_so_that_the_next_can_follow() -> None:
    heard = hear({"update_id": 8, "message": {"message_id": 1}}, ME, NOW)
    assert heard == Heard(id=8, unreadable=True)


def test_times_are_utc_and_a_press_is_now() -> None:
    (said,) = hear(recorded("text"), ME, NOW).events
    assert (said.at.utcoffset(), said.at) == (timedelta(0), datetime.fromtimestamp(1795000000, UTC))
    assert hear(recorded("press"), ME, NOW).events[0].at == NOW


def test_a_room_has_a_title_and_the_bot_its_rights() -> None:
    assert hear(recorded("text"), ME, NOW).title == "Buurtapp Parijsplein"
    assert hear(recorded("bot_promoted"), ME, NOW).bot_is_admin is True
    assert hear(recorded("bot_added"), ME, NOW).bot_is_admin is False
    assert hear(recorded("text"), ME, NOW).bot_is_admin is None


def test_an_album_is_one_message_with_its_words_and_all_photos() -> None:
    heard = [hear(recorded(name), ME, NOW) for name in ("album_first", "text", "album_second")]
    assert may_go_on(heard)
    joined = gathered(heard)
    assert [len(one.events) for one in joined] == [1, 1, 0]
    assert told(joined[0].events[0], joined[0]) == (
        "Said 5002 'Jan de Wit' -1001000000001.23 media a1-large,a2-large: twee kanten"
    )
    assert joined[0].events[0].id == heard[0].events[0].id
    assert not may_go_on(heard[:2])


def test_an_album_without_words_is_its_first_message() -> None:
    heard = [hear(recorded("album_first"), ME, NOW)]
    assert told(gathered(heard)[0].events[0], heard[0]).startswith(
        "Said 5002 'Jan de Wit' -1001000000001.22 media"
    )


# --- mutated ---

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("\ud83d")
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where something stands in a JSON value."""
    found = [path] if path else []
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        found += places(one, (*path, key))
    return found


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A real update of which up to three things are something else, or gone."""
    raw = json.loads(draw(st.sampled_from(FILES)).read_text("utf-8"))["update"]
    for _ in range(draw(st.integers(1, 3))):
        *path, last = draw(st.sampled_from(places(raw) or [("update_id",)]))
        at = raw
        for key in path:
            at = at[key]
        if draw(st.booleans()):
            at[last] = draw(JSON)
        elif isinstance(at, dict):
            del at[last]
        else:
            at.pop(last)
        if not raw:
            return raw
    return raw


def is_sound(event: ChannelEvent) -> bool:
    """Nothing in it would trip up whoever handles it."""
    texts = [event.id, event.room]
    if isinstance(event, Said | Edited):
        texts += [event.text, event.post, event.person.address, event.person.name]
    if isinstance(event, Said):
        texts += [media.ref for media in event.media]
    if isinstance(event, Chose):
        texts += [event.choice, event.press]
    for text in texts:
        text.encode()
    return event.at.utcoffset() == timedelta(0)


@given(mutated())
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_wrong_with_an_update_reading_it_never_raises(raw: Any) -> None:
    heard = hear(raw, ME, NOW)
    assert all(is_sound(event) for event in heard.events)
    gathered([heard, heard])
