"""What an export says, and what it never says."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bot.labelled import NOBODY, lines, masking, rows
from bot.model.example import Example
from bot.model.ids import GroupId
from bot.model.reading import Extent, Intent, Interpretation
from bot.model.taxonomy import taxonomy
from bot.model.tenant import Tenant
from bot.ports.fakes.interpreter import FakeInterpreter
from nlp.corpus.reading import read_file
from nlp.corpus.validate import check
from nlp.interpreter import interpreter
from tests.support.examples import an_example
from tests.support.records import KEES, NOON, TENANT, later

TENANTS = {TENANT: Tenant(id=TENANT, name="Zonstad", municipality="Zonstad")}
NONE = an_example("i2", intent=Intent.NONE, category=None, places=(), photo=False, person=KEES)


def test_a_row_has_the_labelled_form_and_the_authors_labels() -> None:
    (row,) = rows([an_example()], TENANTS, {GroupId("g1"): "telegram"})
    assert row == {
        "id": "r001-0001",
        "group": "r001",
        "place": "Zonstad",
        "platform": "telegram",
        "at": f"{NOON.astimezone(ZoneInfo('Europe/Amsterdam')):%Y-%m-%dT%H:00}",
        "author": NOBODY,
        "text": "Glas bij de zvquux, zegt [naam]",
        "reply_to": None,
        "media": "photo",
        "intent": "report",
        "category": "zwerfvuil",
        "urgent": False,
        "location": ["bij de zvquux"],
        "pii": [],
        "ref": None,
        "why": "zegt de schrijver",
    }


def test_what_is_written_the_validator_accepts_and_training_reads(tmp_path: Path) -> None:
    path = tmp_path / "residents.jsonl"
    path.write_text(lines(rows([an_example(), NONE, an_example("i3", "g2")], TENANTS, {})), "utf-8")
    assert check([path]) == []
    told = read_file(path)
    assert [(one.group, one.intent, one.platform) for one in told] == [
        ("r001", Intent.REPORT, "other"),
        ("r001", Intent.NONE, "other"),
        ("r002", Intent.REPORT, "other"),
    ]


def test_no_group_incident_or_person_can_be_read_from_it() -> None:
    example = an_example("incident77", "group88", person=KEES)
    text = lines(rows([example], TENANTS, {}))
    assert not [word for word in ("incident77", "group88", KEES, example.consent_id) if word in text]


def test_a_tenant_that_is_gone_has_no_name_and_utc() -> None:
    (row,) = rows([an_example()], {}, {})
    assert (row["place"], row["at"]) == ("onbekend", f"{NOON:%Y-%m-%dT%H:00}")


def test_a_platform_the_form_does_not_know_is_other() -> None:
    assert rows([an_example()], TENANTS, {GroupId("g1"): "web"})[0]["platform"] == "other"


def test_what_todays_interpreter_sees_is_masked_as_well_and_places_with_it() -> None:
    text = "bij Kees, Laan 12"
    sees = Interpretation(personal=(Extent(start=4, end=8, kind="name"), Extent(start=10, end=17, kind="address")))
    masked = masking(FakeInterpreter({text: sees}))
    (row,) = rows([an_example(text=text, places=("Laan 12", "bij"))], TENANTS, {}, masked)
    assert (row["text"], row["location"]) == ("bij [naam], [adres]", ["bij"])


def test_what_is_masked_already_stays_as_it_is() -> None:
    masked = masking(interpreter("light"))
    text = "vol glas bij de glasbak, bel [naam] op [telefoonnummer] of mail [e-mailadres], auto [kenteken]"
    assert masked(text) == text
    assert masked("bel Kees maar op 06-12345678") == "bel [naam] maar op [telefoonnummer]"


HOURS = st.integers(0, 9000).map(lambda hours: NOON + timedelta(hours=hours))
TEXTS = st.text(min_size=1).map(str.strip).filter(bool)


@st.composite
def examples(draw: st.DrawFn) -> list[Example]:
    """As `Examples.every` gives them: by group, then time."""
    found = []
    for number in range(draw(st.integers(0, 8))):
        is_report = draw(st.booleans())
        text = draw(TEXTS)
        found.append(
            an_example(
                f"i{number}",
                draw(st.sampled_from(("g1", "g2", "g3"))),
                text=text,
                said_at=draw(HOURS),
                intent=Intent.REPORT if is_report else Intent.NONE,
                category=draw(st.sampled_from(sorted(taxonomy()))) if is_report else None,
                places=(text,) if is_report else (),
                photo=draw(st.booleans()),
            )
        )
    return sorted(found, key=lambda one: (one.group_id, one.said_at, one.id))


@given(examples())
def test_whatever_residents_allowed_is_written_as_valid_lines(found: list[Example]) -> None:
    told = rows(found, TENANTS, {})
    text = lines(told)
    assert [json.loads(line) for line in text.split("\n") if line] == list(told)
    assert len({row["id"] for row in told}) == len(found)
    assert all(row["location"] == [] for row in told if row["intent"] == "none")
    assert [row["group"] for row in told] == sorted(row["group"] for row in told)


def test_groups_are_numbered_in_their_order() -> None:
    early, late = an_example("i9", "g2", said_at=NOON), an_example("i1", "g9", said_at=later(hours=1))
    assert [row["id"] for row in rows([early, late], TENANTS, {})] == ["r001-0001", "r002-0001"]
