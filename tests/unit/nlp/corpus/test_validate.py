from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nlp.corpus.reading import files
from nlp.corpus.validate import KEYS, Fault, check, main
from tests.support.labelled import Row, follow_up, report, row, written


def faults(tmp_path: Path, *rows: Row) -> list[str]:
    return [str(fault) for fault in check([written(tmp_path / "chat.jsonl", rows)])]


def test_every_label_of_the_corpus_is_well_formed() -> None:
    assert [str(fault) for fault in check(files())] == []


def test_a_good_chat_has_no_faults(tmp_path: Path) -> None:
    solved = follow_up(3, text="is opgeruimd", intent="solved", reply_to="g1-001")

    assert faults(tmp_path, report(), follow_up(), solved, row(4)) == []


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"platform": "icq"}, "platform: 'icq' is none of ['matrix', 'other', 'signal', 'telegram', 'whatsapp']"),
        ({"media": "sticker"}, "media: 'sticker' is not null, photo, video or audio"),
        ({"text": ""}, "text: is empty without media"),
        ({"at": "2 maart"}, "at: '2 maart' is not a time like 2026-03-02T21:14"),
        ({"at": "2026-02-30T21:14"}, "at: '2026-02-30T21:14' is not a time like 2026-03-02T21:14"),
        ({"id": "x-001"}, "id: 'x-001' does not begin with its group"),
        ({"author": ""}, "author: must be a text that is not empty"),
        ({"text": 5}, "text: must be a text that is not empty"),
        ({"why": ""}, "why: must be null or a text that is not empty"),
        ({"urgent": "ja"}, "urgent: must be true or false"),
        ({"pii": "Fatima"}, "pii: must be a list of texts that are not empty"),
        ({"intent": "melding"}, "intent: 'melding' is none of ['report', 'addition', 'solved', 'none']"),
        ({"pii": ["Henk"]}, "pii: 'Henk' is not in the text"),
        ({"pii": ["ladder "]}, "pii: 'ladder ' begins or ends with a space"),
        ({"pii": ["ladder", "ladder"]}, "pii: 'ladder' is listed twice"),
        ({"category": "groen"}, "category: a message that is none has no such label"),
        ({"urgent": True}, "urgent: a message that is none has no such label"),
        ({"location": ["ladder"]}, "location: a message that is none has no such label"),
        ({"reply_to": "g1-009"}, "reply_to: 'g1-009' is no earlier message"),
    ],
)
def test_a_fault_says_file_line_field_and_what(tmp_path: Path, changes: dict[str, Any], what: str) -> None:
    assert f"chat.jsonl:1: {what}" in faults(tmp_path, row(**changes))


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"category": "lawaai"}, "category: 'lawaai' is not in the taxonomy"),
        ({"category": None}, "category: None is not in the taxonomy"),
        ({"ref": "g1-001"}, "ref: a report starts something new and refers to nothing"),
        ({"urgent": True}, "urgent: the taxonomy has no urgent zwerfvuil: say in `why` what the danger is"),
        ({"location": ["bij de flat"]}, "location: 'bij de flat' is not in the text"),
    ],
)
def test_a_report_with_a_fault_is_found(tmp_path: Path, changes: dict[str, Any], what: str) -> None:
    assert f"chat.jsonl:1: {what}" in faults(tmp_path, report(**changes))


def test_an_urgent_report_outside_the_urgent_categories_is_accepted_when_it_says_why(tmp_path: Path) -> None:
    assert faults(tmp_path, report(urgent=True, why="dakpannen vallen op de stoep")) == []


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"ref": None}, "ref: addition must say which report it is about"),
        ({"ref": "g1-009"}, "ref: 'g1-009' is no earlier message"),
        ({"category": "groen"}, "category: 'groen', while the report g1-001 is 'zwerfvuil'"),
        ({"at": "2026-03-02T19:00"}, "at: 2026-03-02T19:00 is before the message above it in g1"),
        ({"id": "g1-001"}, "id: 'g1-001' is already at chat.jsonl:1"),
        ({"place": "Zwolle"}, "place: g1 was 'Zwolle, Assendorp' before and is 'Zwolle' here"),
        ({"platform": "signal"}, "platform: g1 was 'whatsapp' before and is 'signal' here"),
        ({"intent": "solved", "urgent": True}, "urgent: what is solved is not urgent"),
    ],
)
def test_a_follow_up_that_does_not_fit_what_came_before_is_found(
    tmp_path: Path, changes: dict[str, Any], what: str
) -> None:
    assert f"chat.jsonl:2: {what}" in faults(tmp_path, report(), follow_up(**changes))


def test_a_follow_up_points_at_the_report_and_not_at_another_follow_up(tmp_path: Path) -> None:
    found = faults(tmp_path, report(), follow_up(2), follow_up(3, ref="g1-002"))

    assert found == ["chat.jsonl:3: ref: 'g1-002' is no report but addition"]


def test_a_reply_to_one_report_is_not_about_another(tmp_path: Path) -> None:
    found = faults(tmp_path, report(1), report(2), follow_up(3, reply_to="g1-002"))

    assert found == ["chat.jsonl:3: ref: replies to the report g1-002 and is about g1-001"]


def test_a_reference_stays_in_its_group(tmp_path: Path) -> None:
    stranger = follow_up(2, id="g2-001", group="g2")

    assert faults(tmp_path, report(), stranger) == ["chat.jsonl:2: ref: 'g1-001' is in another group"]


def test_a_group_is_in_one_piece(tmp_path: Path) -> None:
    found = faults(tmp_path, row(1), row(2, id="g2-001", group="g2"), row(3))

    assert found == ["chat.jsonl:3: group: g1 goes on after another group began"]


def test_a_group_is_in_one_file(tmp_path: Path) -> None:
    first, second = written(tmp_path / "a.jsonl", [row(1)]), written(tmp_path / "b.jsonl", [row(2)])

    assert [str(one) for one in check([first, second])] == [
        "b.jsonl:1: group: g1 was 'a.jsonl' before and is 'b.jsonl' here"
    ]


def test_an_id_is_unique_over_all_files(tmp_path: Path) -> None:
    first, second = written(tmp_path / "a.jsonl", [row(1)]), written(tmp_path / "b.jsonl", [row(1)])

    assert "b.jsonl:1: id: 'g1-001' is already at a.jsonl:1" in [str(one) for one in check([first, second])]


@pytest.mark.parametrize("key", KEYS)
def test_a_missing_key_is_named(tmp_path: Path, key: str) -> None:
    short = {name: value for name, value in row().items() if name != key}

    assert faults(tmp_path, short) == [f"chat.jsonl:1: keys: missing ['{key}'], unknown []"]


def test_a_strange_key_is_named(tmp_path: Path) -> None:
    assert faults(tmp_path, row() | {"mood": "blij"}) == ["chat.jsonl:1: keys: missing [], unknown ['mood']"]


def test_keys_in_another_order_are_refused(tmp_path: Path) -> None:
    turned = dict(reversed(row().items()))

    assert faults(tmp_path, turned) == ["chat.jsonl:1: keys: in another order than documented"]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"{\n", "chat.jsonl:1: is not JSON: Expecting property name enclosed in double quotes at column 2"),
        (b"[]\n", "chat.jsonl:1: is not a JSON object"),
        (b"\xff\n", "chat.jsonl:0: is not UTF-8 at byte 0"),
        (b"{}", "chat.jsonl:1: the last line has no line end"),
    ],
)
def test_a_line_that_is_no_message_is_a_fault_and_not_an_exception(
    tmp_path: Path, content: bytes, what: str
) -> None:
    path = tmp_path / "chat.jsonl"
    path.write_bytes(content)

    assert [str(fault) for fault in check([path])] == [what]


def test_a_bad_line_does_not_hide_the_faults_after_it(tmp_path: Path) -> None:
    path = tmp_path / "chat.jsonl"
    path.write_text("nee\n" + json.dumps(row(media="sticker")) + "\n", "utf-8")

    assert [fault.line for fault in check([path])] == [1, 2]


def test_a_line_break_that_only_looks_like_one_stays_in_the_text(tmp_path: Path) -> None:
    assert faults(tmp_path, row(text="eerste regel\u2028tweede regel")) == []


def test_a_fault_of_a_whole_line_names_no_field() -> None:
    assert str(Fault(file="a.jsonl", line=3, field="", what="is not JSON")) == "a.jsonl:3: is not JSON"


def test_the_command_fails_when_there_are_faults_and_prints_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = written(tmp_path / "bad.jsonl", [row(media="sticker")])
    good = written(tmp_path / "good.jsonl", [row()])

    assert main([str(bad)]) == 1
    assert "bad.jsonl:1: media" in capsys.readouterr().out
    assert main([str(good)]) == 0
    assert capsys.readouterr().out == "1 files, 0 faults\n"
