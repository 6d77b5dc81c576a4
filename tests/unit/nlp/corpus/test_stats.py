from __future__ import annotations

import pytest

from bot.model.reading import Intent
from bot.model.taxonomy import taxonomy
from nlp.corpus import Labelled, parts, read
from nlp.corpus.reading import files, of_row
from nlp.corpus.stats import WANTED, WANTED_REPORTS, count, describe, lacking, main, near_miss
from tests.support.labelled import follow_up, report, row


@pytest.fixture(scope="module")
def corpus() -> list[Labelled]:
    return read()


def test_the_corpus_holds_what_is_wanted_in_all_and_of_every_category(corpus: list[Labelled]) -> None:
    assert lacking(count(corpus)) == {}


def test_every_category_is_in_what_is_learned_from_chosen_on_and_reported_on() -> None:
    for part in ("train", "dev", "test"):
        missing = [slug for slug, number in count(read(part)).reports.items() if number < 5]

        assert missing == [], part


def test_every_file_is_in_exactly_one_part() -> None:
    placed = [writer for writers in parts().values() for writer in writers]

    assert sorted(placed) == sorted(path.stem for path in files())


def test_the_parts_share_no_group_and_together_are_everything(corpus: list[Labelled]) -> None:
    groups = [{one.group for one in read(part)} for part in parts()]

    assert sum(len(part) for part in groups) == len(set().union(*groups))
    assert sum(len(read(part)) for part in parts()) == len(corpus)


def test_a_part_that_does_not_exist_is_named() -> None:
    with pytest.raises(KeyError, match="validation"):
        read("validation")


@pytest.mark.parametrize("part", ["dev_real", "test_real"])
def test_real_prevalence_is_kept_apart(part: str) -> None:
    stats = count(read(part))

    assert 0.04 <= stats.intents[Intent.REPORT] / stats.messages <= 0.10


def test_a_row_keeps_all_its_fields() -> None:
    one = of_row(report(pii=["glas"], why="zo"), "w")

    assert (one.writer, one.id, one.intent, one.category) == ("w", "g1-001", Intent.REPORT, "zwerfvuil")
    assert (one.location, one.pii, one.why) == (("bij de glasbak op het Parijsplein",), ("glas",), "zo")
    assert one.at.isoformat() == "2026-03-02T20:01:00+00:00"


def test_counts_are_of_reports_and_not_of_follow_ups() -> None:
    stats = count([of_row(one, "w") for one in (report(), follow_up(2), follow_up(3, intent="solved"), row(4))])

    assert (stats.messages, stats.groups, stats.people, stats.follow_ups, stats.ordinary) == (4, 1, 1, 2, 0.25)
    assert stats.reports["zwerfvuil"] == 1
    assert stats.reports.keys() == taxonomy().keys()


@pytest.mark.parametrize(
    ("changes", "near"),
    [
        ({"text": "ik heb 112 gebeld, ze komen"}, True),
        ({"text": "wie heeft er een ladder"}, False),
        ({"text": "fietser gevallen, staat alweer", "intent": "report", "category": "ongeval"}, True),
        ({"text": "fietser bewusteloos", "intent": "report", "category": "ongeval", "urgent": True}, False),
        ({"text": "lamp kapot", "intent": "report", "category": "verlichting"}, False),
    ],
)
def test_a_near_miss_sounds_like_an_emergency_and_is_none(changes: dict[str, object], near: bool) -> None:
    assert near_miss(of_row(row(**changes), "w")) is near


def test_what_is_lacking_says_how_much() -> None:
    short = lacking(count([of_row(report(), "w")]))

    assert short["zwerfvuil"] == WANTED_REPORTS - 1
    assert short["groen"] == WANTED_REPORTS
    assert short["messages"] == WANTED["messages"] - 1
    assert short["ordinary"] == WANTED["ordinary"]


def test_the_description_names_writers_categories_and_what_is_lacking() -> None:
    text = "\n".join(describe([of_row(report(), "somebody")]))

    assert "1 messages by 1 writers" in text
    assert "zwerfvuil 1" in text
    assert "graffiti 100" in text
    assert "somebody" in text


def test_the_command_refuses_a_part_that_does_not_exist(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validation"]) == 2
    assert capsys.readouterr().err.startswith("validation: no such part; there are train, dev")


def test_the_command_describes_a_part(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dev_real"]) == 0
    assert capsys.readouterr().out.startswith("600 messages by 1 writers")


def test_the_description_of_everything_ends_with_the_parts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    last = capsys.readouterr().out.splitlines()[-len(parts()) :]

    assert [line.split(":")[0] for line in last] == list(parts())


@pytest.mark.parametrize("part", ["train", "dev", "test"])
def test_each_part_has_ordinary_messages_emergencies_and_follow_ups(part: str) -> None:
    stats = count(read(part))

    assert stats.ordinary >= 0.5
    assert min(stats.urgent, stats.near_misses, stats.follow_ups) >= 80


def test_places_and_personal_data_are_counted_by_message() -> None:
    two = report(pii=["glas", "Parijsplein"], location=["bij de glasbak", "Parijsplein"])

    stats = count([of_row(two, "w"), of_row(row(2), "w")])

    assert (stats.located, stats.personal) == (1, 1)
