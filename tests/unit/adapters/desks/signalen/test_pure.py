"""What needs no server: states, categories, words, options."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.desks.signalen import states, wording
from adapters.desks.signalen.categories import LAST_RESORT, Categories, path_of, table
from adapters.desks.signalen.options import read_options
from adapters.desks.signalen.pace import interval
from adapters.testing.desk_rig import a_filing, an_addition
from bot.model.errors import ConfigError, DeskCredentials, DeskRefused
from bot.model.place import Place, Point
from bot.model.report import ContributionKind, Status
from bot.ports.fakes.clock import NOON
from tests.fakes.signalen.workflow import CLOSED, STATES
from tests.fakes.signalen.world import tree
from tests.support.signalen import TENANT

TREE = frozenset(f"{one.main}/{one.sub}" for one in tree() if one.active)
HERE = Point(lat=52.039, lon=4.37)


def filing(text: str = "Er ligt glas.", **more: Any) -> Any:
    return a_filing("own-1", text, tenant=TENANT, **more)


# States


def test_every_state_of_the_workflow_is_one_of_ours_under_its_own_name() -> None:
    assert {code: state.name for code, state in states.STATES.items()} == {
        code: state.name for code, state in STATES.items()
    }


def test_closed_there_is_closed_here_and_only_that() -> None:
    ended = {code for code in STATES if not states.status_of(code).is_open}
    assert ended == CLOSED == states.CLOSED


@pytest.mark.parametrize("code", sorted(STATES))
def test_a_line_of_the_history_names_its_state(code: str) -> None:
    assert states.code_of(f"Status gewijzigd naar: {STATES[code].name}") == code


@pytest.mark.parametrize("action", ["", "Gemeld", "Status gewijzigd naar: Onbekend", "Notitie toegevoegd:"])
def test_other_lines_name_none(action: str) -> None:
    assert states.code_of(action) is None


def test_a_state_of_a_later_version_is_in_somebody_s_hands_and_its_text_stays_there() -> None:
    assert states.status_of("wacht op weer") is Status.IN_PROGRESS
    assert not states.tells("wacht op weer")


def test_texts_between_colleagues_are_not_for_residents() -> None:
    assert {code for code in STATES if states.tells(code)} == {
        "o", "a", "ingepland", "reopened", "reaction requested",
    }  # fmt: skip


# Categories


def test_everything_of_our_list_is_in_the_tree_it_is_delivered_with() -> None:
    plain, finer = table()
    assert set(plain.values()) | {one.to for one in finer} <= TREE
    assert {one.category for one in finer} <= set(plain)


@pytest.mark.parametrize(
    ("category", "text", "path"),
    [
        ("zwerfvuil", "Er ligt glas bij de glasbak.", "schoon/veegzwerfvuil"),
        ("container", "De prullenbak puilt uit.", "schoon/prullenbak-vol"),
        ("container", "Prullenbak is kapot", "wegen-verkeer-straatmeubilair/prullenbakkapot"),
        ("container", "De glasbak zit vol.", "afval/container-glas-vol"),
        ("container", "Container is stuk", "afval/container-is-kapot"),
        ("container", "Container zit vol", "afval/container-is-vol"),
        ("grofvuil", "Er staat een koelkast op de stoep", "afval/bruin-en-witgoed"),
        ("wegdek", "Gat in het fietspad", "wegen-verkeer-straatmeubilair/onderhoud-fietspad"),
        ("groen", "Boom omgewaaid over het pad", "openbaar-groen-en-water/boom-stormschade"),
        ("groen", "Dode boom bij de speeltuin", "openbaar-groen-en-water/boom"),
        ("groen", "de heg groeit over de stoep", "openbaar-groen-en-water/overig-groen-en-water"),
        ("ongedierte", "ratten in de kelder", "overlast-van-dieren/ratten-in-en-rond-woning"),
        ("ongedierte", "ratten bij de vijver", "overlast-van-dieren/ratten"),
        ("wrak", "fiets zonder wielen", "overlast-in-de-openbare-ruimte/fietswrak"),
        ("overig", "iets anders", "overig/overig"),
    ],
)
def test_words_choose_a_finer_category(category: str, text: str, path: str) -> None:
    assert Categories(active=TREE).choose(category, text) == path


def test_words_inside_other_words_choose_nothing() -> None:
    assert Categories(active=TREE).choose("ongedierte", "krattenhandel") == "overlast-van-dieren/overig-dieren"


def test_what_is_inactive_there_falls_back_to_plain_and_then_to_the_last_resort() -> None:
    without = TREE - {"schoon/prullenbak-vol"}
    assert Categories(active=without).choose("container", "volle prullenbak") == "afval/container-is-vol"
    without -= {"afval/container-is-vol"}
    assert Categories(active=without).choose("container", "volle prullenbak") == LAST_RESORT
    assert "container" in Categories(active=without).lost()


def test_a_tree_without_the_last_resort_is_for_the_operator() -> None:
    with pytest.raises(DeskCredentials, match="overig/overig"):
        Categories(active=frozenset()).choose("zwerfvuil", "glas")


def test_the_municipality_s_own_word_goes_before_ours() -> None:
    own = Categories(active=TREE, own={"container": "overig/overig"})
    assert own.choose("container", "kapotte prullenbak") == "overig/overig"
    assert own.all_of("container") == ("overig/overig",)


@pytest.mark.parametrize("category", ["verdacht", "geweld", "brand", "zorg", "drugs"])
def test_what_is_for_police_or_care_never_goes_there_by_itself(category: str) -> None:
    with pytest.raises(DeskRefused, match="police or care"):
        Categories(active=TREE).choose(category, "x")
    assert Categories(active=TREE, own={category: "overig/overig"}).choose(category, "x") == "overig/overig"


def test_a_category_has_the_path_that_the_server_wants() -> None:
    assert path_of("schoon/uitwerpselen") == (
        "/signals/v1/public/terms/categories/schoon/sub_categories/uitwerpselen"
    )


# Words


def test_a_report_has_the_words_the_place_and_our_reference() -> None:
    body = wording.report_body(filing(neighbours=3, about="SIG-7"), HERE, "/x", "BART")
    assert body["text"] == (
        "Er ligt glas.\n\nPlaats: glasbak, Parijsplein\nDit zien 3 bewoners.\nVervolg op melding SIG-7.\n"
        "Kenmerk: BART-own-1"
    )
    assert body["location"] == {"geometrie": {"type": "Point", "coordinates": [4.37, 52.039]}}
    assert body["reporter"] == {}
    assert "crs" not in str(body)


@given(st.text(min_size=1, max_size=3000), st.integers(min_value=1, max_value=9))
def test_words_come_back_out_of_what_was_sent(words: str, neighbours: int) -> None:
    body = wording.report_body(filing(words, neighbours=neighbours), HERE, "/x", "BART")
    assert len(body["text"]) <= 3000
    both = f"{body['text']}\n\n{body.get('text_extra', '')}".rstrip("\n") if "text_extra" in body else body["text"]
    assert wording.words_of(both) == words
    assert wording.marked(both) == "own-1"
    assert wording.has_mark(both, "own-1")


def test_the_longest_text_goes_whole_and_what_is_below_it_elsewhere() -> None:
    body = wording.report_body(filing("x" * 3000), HERE, "/x", "BART")
    assert body["text"] == "x" * 3000
    assert "Plaats: glasbak, Parijsplein" in body["text_extra"]
    assert "Kenmerk: BART-own-1" in body["text_extra"]


@pytest.mark.parametrize("longer", ["own-12", "own-1-2", "own-1x"])
def test_a_longer_reference_is_another(longer: str) -> None:
    assert not wording.has_mark(f"Kenmerk: BART-{longer}", "own-1")


@pytest.mark.parametrize(
    ("place", "sent"),
    [
        (
            Place(label="Parijsplein 12a-2, 2512AB 's-Gravenhage", home=True, source="pdok"),
            {
                "openbare_ruimte": "Parijsplein", "huisnummer": "12", "huisletter": "a",
                "huisnummer_toevoeging": "2", "postcode": "2512AB", "woonplaats": "'s-Gravenhage",
            },
        ),
        (Place(label="Parijsplein 12, 2512AB 's-Gravenhage", home=True, source="gazetteer"), None),
        (Place(label="Parijsplein, 's-Gravenhage", source="pdok"), None),
        (Place(label="bij de glasbak op Parijsplein 12", home=True, source="pdok"), None),
    ],
    ids=["an address of PDOK", "of somebody else", "a street", "words"],
)  # fmt: skip
def test_only_a_whole_address_of_pdok_goes_as_an_address(place: Place, sent: dict[str, str] | None) -> None:
    assert wording.address_of(place) == sent


@pytest.mark.parametrize(
    ("contact", "reporter", "line"),
    [
        ("", {}, False),
        ("jan@example.org", {"email": "jan@example.org", "sharing_allowed": False}, False),
        ("06 - 12 34 56 78", {"phone": "0612345678", "sharing_allowed": False}, False),
        ("Jan van nummer 12", {}, True),
        ("012345678901234567", {}, True),
    ],
)
def test_a_reporter_is_empty_unless_somebody_left_something(
    contact: str, reporter: dict[str, Any], line: bool
) -> None:
    body = wording.report_body(filing(contact=contact), HERE, "/x", "BART")
    assert body["reporter"] == reporter
    assert (f"Contact: {contact}" in body["text"]) is line


def test_a_place_without_a_point_needs_the_pin_and_says_so() -> None:
    nowhere = filing(point=None)
    with pytest.raises(DeskRefused, match="place"):
        wording.check_filing(nowhere, None)
    assert wording.check_filing(nowhere, HERE) == HERE
    assert "alleen de omschrijving is bekend" in wording.report_body(nowhere, HERE, "/x", "BART")["text"]


@pytest.mark.parametrize("kind", list(ContributionKind))
def test_every_addition_becomes_a_note_of_ours_that_is_no_question(kind: ContributionKind) -> None:
    ((mark, note),) = wording.notes_of(an_addition(kind, text="Vraag aan bewoner: hoe gaat het?"))
    assert note.startswith("BART:")
    assert wording.has_mark(note, mark)
    assert not note.startswith("Vraag")


def test_words_that_fill_a_note_become_two() -> None:
    notes = wording.notes_of(an_addition(ContributionKind.ADDITION, text="x" * 3000))
    assert [mark for mark, _ in notes] == ["add-1-1", "add-1-2"]
    assert all(len(note) <= 3000 for _, note in notes)
    assert sum(note.count("x") for _, note in notes) == 3000


@given(st.datetimes(timezones=st.just(UTC)))
def test_times_go_without_a_plus_sign(moment: datetime) -> None:
    assert "+" not in wording.iso(moment)
    assert wording.iso(moment).endswith("Z")


# How often


def test_what_is_new_is_looked_at_often_and_what_is_old_seldom() -> None:
    waits = [interval(timedelta(hours=hours), 120) for hours in (0, 1, 24, 24 * 7, 24 * 365)]
    assert waits == [120, 120, 1800, 12600, 21600]


# Options


@pytest.mark.parametrize(
    ("options", "where"),
    [
        ({}, "url"),
        ({"url": ""}, "url"),
        ({"url": "http://meldingen.example.nl"}, "url"),
        ({"url": "ftp://x"}, "url"),
        ({"url": "https://x?y=1"}, "url"),
        ({"url": "https://x", "token_url": "http://elders/token"}, "token_url"),
        ({"url": "https://x", "token_url": "https://x/t"}, "client_id"),
        ({"url": "https://x", "token_url": "https://x/t", "client_id": "bart"}, "client_secret"),
        ({"url": "https://x", "files_by": "private"}, "files_by"),
        ({"url": "https://x", "files_by": "fax"}, "files_by"),
        ({"url": "https://x", "pin": [4.37, 52.03]}, "pin"),
        ({"url": "https://x", "pin": "52.03"}, "pin"),
        ({"url": "https://x", "categories": {"zwerfvuil": "veegzwerfvuil"}}, "categories"),
        ({"url": "https://x", "posts_per_hour": 0}, "posts_per_hour"),
        ({"url": "https://x", "question_prefix": ""}, "question_prefix"),
        ({"url": "https://x", "soucre": "BART"}, "soucre"),
    ],
)
def test_a_wrong_option_is_named(options: dict[str, Any], where: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_options("desks.gemeente", options)
    assert caught.value.where == f"desks.gemeente.{where}"


def test_options_from_the_environment_are_text() -> None:
    read = read_options("desks.x", {"url": "https://x.nl/", "pin": "52.03,4.37", "posts_per_hour": "30"})
    assert (read.base, read.pin, read.posts_per_hour) == ("https://x.nl/signals", (52.03, 4.37), 30)
    assert (read.has_account, read.files_privately) == (False, False)


def test_a_time_is_told_to_the_microsecond() -> None:
    assert wording.iso(NOON) == "2026-11-21T12:00:00.000000Z"
