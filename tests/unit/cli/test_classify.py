"""`bart classify` and `bart evaluate` at the command line."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from bot.cli import main

REPORT = {
    "id": "a-1",
    "group": "a",
    "at": "2026-03-02T21:14",
    "author": "Jan",
    "text": "glas bij de glasbak op het plein",
}
FOLLOW = {"id": "a-2", "group": "a", "at": "2026-03-02T21:16", "author": "Els", "text": "ligt er bij mij ook nog"}
LABELS = {"intent": "report", "category": "zwerfvuil", "urgent": False, "location": [], "pii": [], "ref": None}


def written(path: Path, *rows: object) -> str:
    file = path / "chat.jsonl"
    file.write_text("".join(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows), "utf-8")
    return str(file)


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_each_message_gets_one_line_in_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["classify", written(tmp_path, REPORT, FOLLOW)]) == 0

    first, second = told(capsys)
    assert list(first) == [
        "id", "intent", "p_report", "category", "categories", "urgent", "p_urgent", "location", "pii", "ref"
    ]  # fmt: skip
    assert (first["id"], first["intent"], first["category"]) == ("a-1", "report", "zwerfvuil")
    assert (second["intent"], second["ref"]) == ("addition", "a-1")


def test_labels_are_not_looked_at(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["classify", written(tmp_path, REPORT, FOLLOW)])
    plain = told(capsys)
    main(["classify", written(tmp_path, REPORT | LABELS, FOLLOW | LABELS | {"intent": "none"})])

    assert told(capsys) == plain


def test_the_reasons_come_when_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["classify", "--explain", written(tmp_path, REPORT)])

    assert told(capsys)[0]["reasons"]


def test_the_rules_alone_can_be_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["classify", "--model", "rules", written(tmp_path, FOLLOW)]) == 0
    assert told(capsys)[0]["intent"] == "none"


def test_it_reads_stdin(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(json.dumps(REPORT).encode() + b"\n")))

    assert main(["classify"]) == 0
    assert told(capsys)[0]["id"] == "a-1"


@pytest.mark.parametrize(
    ("bad", "what"),
    [
        ("{oops\n", "is not JSON"),
        ("[1]\n", "is not a JSON object"),
        ('{"id": "x", "group": "a"}\n', "text: must be a text"),
        ('{"id": "", "group": "a", "text": "t"}\n', "id: must be a text"),
        ('{"id": "x", "group": "a", "text": "t", "at": "noon"}\n', "at: must be a time"),
        ('{"id": "x", "group": "a", "text": "t", "author": 3}\n', "author: must be a text or null"),
    ],
)
def test_a_bad_line_is_named_and_the_good_ones_before_it_are_there(
    bad: str, what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["classify", written(tmp_path, REPORT, bad, FOLLOW)]) == 2

    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 1
    assert ":2: " in err
    assert what in err


def test_a_file_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["classify", str(tmp_path / "none.jsonl")]) != 0
    assert "none.jsonl" in capsys.readouterr().err


def test_bytes_that_are_not_utf_8_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "chat.jsonl"
    file.write_bytes(b'{"id": "\xff"}\n')

    assert main(["classify", str(file)]) == 2
    assert ":1: is not UTF-8" in capsys.readouterr().err


def test_an_unpaired_surrogate_comes_out_as_an_escape(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = '{"id": "s", "group": "a", "text": "op de \\ud800straat ligt glas, groet Jan"}\n'

    assert main(["classify", written(tmp_path, line)]) == 0
    assert told(capsys)[0]["id"] == "s"


def test_evaluate_prints_each_figure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", written(tmp_path, REPORT | LABELS, {**FOLLOW, **LABELS, "intent": "none"})]) == 0

    out = capsys.readouterr().out
    assert "messages: 2" in out
    assert "intent.report.recall: 1" in out
    assert "report.recall_at_10_false_per_1000: " in out


def test_evaluate_wants_labels(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", written(tmp_path, REPORT)]) == 2
    assert "message a-1: has no label intent" in capsys.readouterr().err


def test_evaluate_of_nothing_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", written(tmp_path)]) == 2
    assert "has no messages" in capsys.readouterr().err
