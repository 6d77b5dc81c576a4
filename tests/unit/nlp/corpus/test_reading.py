from __future__ import annotations

import json
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest

from bot.model.reading import Intent
from nlp.corpus import Labelled, parts, read, read_file
from nlp.corpus.reading import HERE, files
from tests.support.chats import labelled
from tests.support.labelled import follow_up, report, row, written


@pytest.fixture(scope="module")
def corpus() -> list[Labelled]:
    return read()


def test_a_file_is_read_in_its_order_under_the_name_of_its_writer(tmp_path: Path) -> None:
    messages = read_file(written(tmp_path / "somebody.jsonl", [report(1), follow_up(2), row(3)]))

    assert [one.id for one in messages] == ["g1-001", "g1-002", "g1-003"]
    assert {one.writer for one in messages} == {"somebody"}


def test_what_was_typed_is_read_exactly(tmp_path: Path) -> None:
    typed = 'Môgge 👋🏽\nof nee:\u2028goeiemiddag \\o/ "quote" \'t'

    (one,) = read_file(written(tmp_path / "somebody.jsonl", [row(text=typed)]))

    assert one.text == typed


def test_nothing_is_lost_between_the_file_and_the_record(corpus: list[Labelled]) -> None:
    lines = [json.loads(line) for path in files() for line in path.read_text("utf-8").split("\n") if line]

    assert len(lines) == len(corpus)
    for line, one in zip(lines, corpus, strict=True):
        assert (line["id"], line["text"], line["intent"]) == (one.id, one.text, one.intent.value)
        assert (tuple(line["location"]), tuple(line["pii"])) == (one.location, one.pii)
        assert (line["category"], line["urgent"], line["ref"]) == (one.category, one.urgent, one.ref)


def test_messages_of_a_group_come_in_the_order_of_time(corpus: list[Labelled]) -> None:
    groups: defaultdict[str, list[Labelled]] = defaultdict(list)
    for one in corpus:
        groups[one.group].append(one)

    for group in groups.values():
        assert group == sorted(group, key=lambda one: one.at)


def test_what_a_follow_up_is_about_came_before_it(corpus: list[Labelled]) -> None:
    earlier: dict[str, Labelled] = {}
    for one in corpus:
        if one.ref is not None:
            assert earlier[one.ref].intent is Intent.REPORT
            assert earlier[one.ref].group == one.group
        earlier[one.id] = one


def test_each_part_says_why_its_writers_are_in_it() -> None:
    table = tomllib.loads((HERE / "split.toml").read_text("utf-8"))

    assert all(part["why"] for part in table.values())
    assert [name for name, part in table.items() if part.get("rest")] == ["train"]


def test_a_writer_whom_no_part_names_is_learned_from() -> None:
    named = set(parts()["dev"] + parts()["dev_real"] + parts()["test"] + parts()["test_real"])

    assert set(parts()["train"]) == {path.stem for path in files()} - named


def test_a_part_is_read_writer_by_writer() -> None:
    read_writers = list(dict.fromkeys(one.writer for one in read("dev")))

    assert tuple(read_writers) == parts()["dev"]


def test_the_chats_of_other_tests_are_the_same_messages() -> None:
    sample = read_file(HERE / "sample.jsonl")

    assert [one.reading.text for one in labelled()] == [one.text for one in sample]
    assert [one.about for one in labelled()] == [one.ref for one in sample]


def test_a_reply_to_a_report_or_to_what_was_said_about_it_knows_the_report() -> None:
    messages = {one.id: one for one in read_file(HERE / "sample.jsonl")}
    for one, chat in zip(messages.values(), labelled(), strict=True):
        replied = messages.get(one.reply_to or "")
        about = None if replied is None else replied.id if replied.intent is Intent.REPORT else replied.ref
        assert chat.reading.reply_about == about
