"""A room remembers what was said, for whom, and tells browsers what they missed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from adapters.channels.web import history as module
from adapters.channels.web.history import History, Kept, bot_entry, toast_entry
from bot.model.channel import Post, Span
from bot.model.ids import Address, PostRef
from bot.model.webroom import ChatEntry

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
JAN, KEES, NOBODY = Address("jan"), Address("kees"), Address("")


def kept(ref: str, text: str = "hoi", by: Address = JAN, only: Address | None = None, photo: str = "") -> Kept:
    entry = bot_entry(PostRef(ref), NOW, Post(spans=(Span(text=text),)), private=only is not None)
    return Kept(entry=replace(entry, by_bot=False, photo=photo), by=by, only=only)


def texts(entries: list[ChatEntry]) -> list[str]:
    return ["".join(span.text for span in entry.spans) for entry in entries]


def test_a_resident_sees_own_posts_as_own() -> None:
    room = History(10, NOW)
    room.add(kept("1", by=JAN))
    assert [entry.mine for entry in room.seen_by(JAN, 0)] == [True]
    assert [entry.mine for entry in room.seen_by(KEES, 0)] == [False]


def test_a_private_entry_is_on_one_screen_only() -> None:
    room = History(10, NOW)
    room.add(kept("1", "alleen jan", by=NOBODY, only=JAN))
    assert texts(room.seen_by(JAN, 0)) == ["alleen jan"]
    assert room.seen_by(KEES, 0) == []


def test_the_oldest_posts_and_their_photos_are_forgotten_first() -> None:
    room = History(2, NOW)
    room.add(kept("1", photo="p1"), b"one")
    room.add(kept("2", photo="p2"), b"two")
    room.add(kept("3"))
    assert [entry.post for entry in room.seen_by(JAN, 0)] == ["2", "3"]
    assert room.photo("p1") is None
    assert room.photo("p2") == b"two"


def test_photos_have_a_budget_together_and_the_oldest_go_first() -> None:
    room = History(10, NOW)
    half = bytes(module.PHOTO_BYTES // 2)
    for number in (1, 2, 3):
        room.add(kept(str(number), photo=f"p{number}"), half)
    assert room.photo("p1") is None
    assert room.photo("p2") is not None
    assert room.photo("p3") is not None


def test_a_deleted_post_keeps_its_place_and_loses_its_words_and_photo() -> None:
    room = History(10, NOW)
    one = kept("1", "geheim", photo="p1")
    room.add(one, b"photo")
    room.delete(one)
    (entry,) = room.seen_by(KEES, 0)
    assert entry.deleted
    assert entry.spans == ()
    assert entry.photo == ""
    assert room.photo("p1") is None


def test_a_photo_is_shown_to_who_sees_its_post() -> None:
    room = History(10, NOW)
    room.add(kept("1", only=JAN, photo="p1"), b"photo")
    assert room.shows_photo(JAN, "p1")
    assert not room.shows_photo(KEES, "p1")
    assert not room.shows_photo(JAN, "p2")


def test_serials_go_up_over_a_restart() -> None:
    before = History(10, NOW)
    before.add(kept("1"))
    last = before.seen_by(JAN, 0)[-1].serial
    after = History(10, NOW.replace(second=1))
    after.add(kept("2"))
    assert [entry.post for entry in after.seen_by(JAN, last)] == ["2"]


def test_a_serial_from_the_future_means_starting_over() -> None:
    room = History(10, NOW)
    room.add(kept("1"))
    assert len(room.seen_by(JAN, 2**52)) == 1


def test_a_toast_is_shown_once_to_who_is_there_and_not_to_who_comes_later() -> None:
    room = History(10, NOW)
    room.add(kept("1"))
    here = room.seen_by(JAN, 0)[-1].serial
    for _ in range(2):
        room.toast(Kept(entry=toast_entry(PostRef("t.1"), NOW, "Genoteerd"), by=NOBODY, only=JAN))
    assert [(entry.toast, entry.post) for entry in room.seen_by(JAN, here)] == [(True, "t.1")]
    assert room.seen_by(KEES, here) == []
    assert texts(room.seen_by(JAN, 0)) == ["hoi"]


OPERATIONS = st.lists(
    st.tuples(st.sampled_from(["add", "change", "delete"]), st.integers(0, 7), st.sampled_from([None, JAN, KEES])),
    max_size=30,
)


@given(OPERATIONS, st.integers(0, 30))
def test_a_browser_that_catches_up_sees_what_a_fresh_one_sees(
    operations: list[tuple[str, int, Address | None]], pause: int
) -> None:
    room = History(100, NOW)
    seen: dict[PostRef, ChatEntry] = {}
    for step, (act, number, only) in enumerate(operations):
        found = room.find(PostRef(str(number)))
        if act == "add" and found is None:
            room.add(kept(str(number), f"versie {step}", only=only))
        elif act == "change" and found is not None:
            room.change(found, replace(found.entry, spans=(Span(text=f"versie {step}"),)))
        elif act == "delete" and found is not None:
            room.delete(found)
        if step == pause:
            seen = {entry.post: entry for entry in room.seen_by(JAN, 0)}
    after = max((entry.serial for entry in seen.values()), default=0)
    seen |= {entry.post: entry for entry in room.seen_by(JAN, after)}
    fresh = room.seen_by(JAN, 0)
    assert seen == {entry.post: entry for entry in fresh}
    assert all(not entry.private or room.find(entry.post) for entry in fresh)
    assert len({entry.serial for entry in fresh}) == len(fresh)


async def test_a_watcher_gets_changes_by_serial_and_ends_when_the_room_closes() -> None:
    room = History(10, NOW)
    one = kept("1")
    room.add(one)
    room.add(kept("2"))
    room.change(one, one.entry)
    seen: list[tuple[str, int]] = []

    async def watch() -> None:
        seen.extend([(entry.post, entry.serial) async for entry in room.watch(JAN, 0)])

    watching = asyncio.create_task(watch())
    await asyncio.sleep(0)
    room.add(kept("3"))
    await asyncio.sleep(0)
    room.close()
    await asyncio.wait_for(watching, 5)
    assert [post for post, _ in seen] == ["2", "1", "3"]
    assert [serial for _, serial in seen] == sorted(serial for _, serial in seen)


async def test_a_slow_watcher_skips_old_versions_and_misses_no_post() -> None:
    room = History(100, NOW)
    watching = room.watch(JAN, 0)
    first = kept("0")
    room.add(first)
    assert (await anext(watching)).post == "0"
    for number in range(1, 51):
        room.add(kept(str(number)))
        room.change(first, replace(first.entry, spans=(Span(text=f"versie {number}"),)))
    caught_up = [await anext(watching) for _ in range(51)]
    assert [entry.post for entry in caught_up] == [str(number) for number in range(1, 51)] + ["0"]
    assert texts(caught_up)[-1] == "versie 50"
    room.close()


async def test_a_change_during_a_slow_reading_is_not_lost() -> None:
    room = History(10, NOW)
    room.add(kept("1"))
    room.add(kept("2"))
    watching = room.watch(JAN, 0)
    assert (await anext(watching)).post == "1"
    room.add(kept("3"))
    assert [(await anext(watching)).post for _ in range(2)] == ["2", "3"]
    room.close()
