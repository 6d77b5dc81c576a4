"""What browsers send is cleaned or refused; addresses of posts stay the same over restarts."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.channels.plain import DIRECTION
from adapters.channels.web import words
from bot.model.errors import InputError
from bot.model.ids import Address, PostRef, Room
from bot.model.place import Point

ROOM, JAN, KEES = Room("plein"), Address("jan"), Address("kees")
ANY_TEXT = st.text(st.characters(exclude_categories=[]), max_size=200)


@given(ANY_TEXT)
@example("\ud800\x00\u202e\r\n\t")
def test_cleaned_text_has_nothing_that_controls_a_screen(text: str) -> None:
    cleaned = words.clean_text(text)
    assert all(char == "\n" or unicodedata.category(char) not in {"Cc", "Cs"} for char in cleaned)
    assert not DIRECTION & set(cleaned)
    assert cleaned.encode("utf-8").decode("utf-8") == cleaned
    assert words.clean_text(cleaned) == cleaned


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), max_size=200))
def test_ordinary_words_stay_as_they_were_typed(text: str) -> None:
    assert words.clean_text(text) == text


def test_lines_stay_lines_and_families_stay_families() -> None:
    assert words.clean_text("een\r\ntwee\rdrie\tvier") == "een\ntwee\ndrie vier"
    assert words.clean_text("👩‍👩‍👧") == "👩‍👩‍👧"


def test_a_text_of_4000_characters_fits_and_one_more_does_not() -> None:
    assert len(words.clean_text("x" * 4000)) == 4000
    with pytest.raises(InputError, match="4001") as caught:
        words.clean_text("x" * 4001)
    assert caught.value.where == "text"


@pytest.mark.parametrize("client_id", ["", "x" * 65, "met\nregel", "\x00", "é"])
def test_an_id_that_no_browser_makes_is_refused(client_id: str) -> None:
    with pytest.raises(InputError) as caught:
        words.check_client_id(client_id)
    assert caught.value.where == "client_id"


@pytest.mark.parametrize("choice", ["", "k" * 65, "é" * 33, "a\nb"])
def test_a_choice_that_cannot_be_one_is_refused(choice: str) -> None:
    with pytest.raises(InputError) as caught:
        words.check_choice(choice)
    assert caught.value.where == "choice"


@pytest.mark.parametrize("point", [(91, 0), (0, 181), (float("nan"), 0), (0, float("nan")), (float("inf"), 0)])
def test_a_place_off_the_earth_is_refused(point: tuple[float, float]) -> None:
    with pytest.raises(InputError) as caught:
        words.check_location(Point(lat=point[0], lon=point[1]))
    assert caught.value.where == "location"


def test_a_photo_over_20_megabytes_is_refused_before_it_is_decoded() -> None:
    words.check_photo(bytes(words.LARGEST_PHOTO))
    with pytest.raises(InputError) as caught:
        words.check_photo(bytes(words.LARGEST_PHOTO + 1))
    assert caught.value.where == "photo"


def test_posts_of_different_people_rooms_and_ids_differ_and_stay_the_same() -> None:
    refs = {
        words.resident_ref(ROOM, JAN, "1", False),
        words.resident_ref(ROOM, JAN, "1", True),
        words.resident_ref(ROOM, JAN, "2", False),
        words.resident_ref(ROOM, KEES, "1", False),
        words.resident_ref(Room("laan"), JAN, "1", False),
        words.bot_ref(ROOM, "1"),
        words.bot_ref(ROOM, "1", JAN),
    }
    assert len(refs) == 7
    assert words.resident_ref(ROOM, JAN, "1", False) in refs
    for ref in refs:
        words.check_ref("reply_to", ref)


def test_a_post_says_whose_it_is_without_being_remembered() -> None:
    ref = words.resident_ref(ROOM, JAN, "1", False)
    assert words.is_of_resident(ref, ROOM, JAN)
    assert not words.is_of_resident(ref, ROOM, KEES)
    assert not words.is_of_resident(ref, Room("laan"), JAN)
    assert not words.is_of_bot(ref)
    assert words.is_of_bot(words.bot_ref(ROOM, "card"))
    assert not words.is_of_resident(words.bot_ref(ROOM, "card"), ROOM, JAN)


@given(st.text(max_size=60))
def test_made_up_addresses_are_nobodys_posts(text: str) -> None:
    assert not words.is_of_resident(PostRef(text), ROOM, JAN)
    assert not words.is_of_bot(PostRef(text))
    with pytest.raises(InputError):
        words.check_ref("edits", PostRef(text))
