"""Logs: what happened and where, and never what was said, by whom, or with which key."""

from __future__ import annotations

import io
import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.logs import FIELDS, REDACTED, configure, guard_tracebacks
from bot.model.effect import Action, Lane
from bot.model.errors import DeskLater, InputError
from tests.support.logging import logging_as_before

SECRETS = (
    "bah, ligt weer vol glas bij de glasbak",
    "Fatima el Idrissi",
    "jan.jansen@voorbeeld.nl",
    "@jan:matrix.example",
    "0612345678",
    "06-12345678",
    "+31612345678",
    "015-2121212",
    "12-AB-34",
    "GV-123-X",
    "GV123X",
    "NL91ABNA0417164300",
    "123456782",
    "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw",
    "syt_ZmF0aW1h_aBcDeFgHiJkLmNoPqRsT_0a1B2c",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0",
    "-1001234567890",
    "https://api.telegram.org/bot110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/getUpdates",
    "wss://host/?access_token=abc",
)


class Said(Exception):
    """An error that quotes what somebody said."""


@contextmanager
def logging_to(stream: io.StringIO) -> Iterator[None]:
    with logging_as_before():
        configure("info", "json", stream)
        yield


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    with logging_to(stream):
        yield stream


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def only(out: io.StringIO) -> dict[str, Any]:
    (line,) = lines(out)
    return line


def fail(text: str) -> None:
    local_words = text
    try:
        raise Said(local_words)
    except Said as inner:
        raise DeskLater(3.0, local_words) from inner


# what comes out


def test_an_action_comes_out_with_its_fields(out: io.StringIO) -> None:
    structlog.get_logger().info("intake.batch", events=3, seconds=0.25, account="buurt", action=Action.FILE)
    line = only(out)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "level": "info",
        "event": "intake.batch",
        "events": 3,
        "seconds": 0.25,
        "account": "buurt",
        "action": "file",
    }


def test_values_of_code_are_kept(out: io.StringIO) -> None:
    structlog.get_logger().info(
        "everything.fine",
        error=DeskLater(1.0, "wie dan ook"),
        kind=DeskLater,
        lane=Lane.DANGER,
        data=Path("/var/lib/bart"),
        url="http://127.0.0.1:8080",
        version="0.1.0",
        slot="2026-11-21T19:00",
        received=None,
        started=True,
        counts={"incidents": 2, "keys": 1},
    )
    line = only(out)
    assert (line["error"], line["kind"], line["lane"]) == ("DeskLater", "DeskLater", 0)
    assert (line["data"], line["url"]) == ("/var/lib/bart", "http://127.0.0.1:8080")
    assert (line["version"], line["slot"]) == ("0.1.0", "2026-11-21T19:00")
    assert (line["received"], line["started"]) == (None, True)
    assert line["counts"] == {"incidents": 2, "keys": 1}


@pytest.mark.parametrize("key", ["group", "incident", "report"])
def test_our_own_random_ids_are_kept_even_when_all_digits(out: io.StringIO, key: str) -> None:
    structlog.get_logger().info("a.b", **{key: "0612345678901234"})
    assert only(out)[key] == "0612345678901234"


def test_a_field_bound_before_passes_the_same_sieve(out: io.StringIO) -> None:
    structlog.get_logger().bind(account="buurt", text="glas").info("a.b")
    assert only(out).items() >= {("account", "buurt"), ("text", REDACTED)}


def test_the_level_holds(out: io.StringIO) -> None:
    structlog.get_logger().debug("a.b")
    assert out.getvalue() == ""


def test_configuring_twice_logs_once(out: io.StringIO) -> None:
    configure("info", "json", out)
    structlog.get_logger().info("a.b")
    assert len(lines(out)) == 1


def test_people_get_one_line_and_the_frames_below_it(out: io.StringIO) -> None:
    configure("info", "console", out)
    structlog.get_logger().info("intake.batch", events=3, text="glas")
    assert out.getvalue().rstrip().endswith("info     intake.batch events=3 text=[redacted]")
    try:
        fail("glas")
    except DeskLater:
        structlog.get_logger().exception("desk.failed")
    assert "\n    unit/test_logs.py:" in out.getvalue().replace("tests/", "")


# what does not come out


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("field", ["text", "reason", "group", "error"])
def test_no_field_lets_words_names_numbers_or_keys_out(out: io.StringIO, secret: str, field: str) -> None:
    structlog.get_logger().info("a.b", **{field: secret})
    assert secret not in out.getvalue()
    assert only(out)[field] == REDACTED


@pytest.mark.parametrize("secret", SECRETS)
def test_a_sentence_is_no_action_name(out: io.StringIO, secret: str) -> None:
    structlog.get_logger().warning(secret)
    assert only(out)["event"] == REDACTED


def test_arguments_and_objects_stay_inside(out: io.StringIO) -> None:
    structlog.get_logger().info("a.b", 612345678, reason=["Jan"], count=612345678, counts={"Jan zegt": "wat nu"})
    text = out.getvalue()
    assert "Jan" not in text
    assert "612345678" not in text


@pytest.mark.parametrize("secret", SECRETS)
def test_a_traceback_keeps_classes_and_positions_only(out: io.StringIO, secret: str) -> None:
    try:
        fail(secret)
    except DeskLater as caught:
        structlog.get_logger().exception("desk.failed")
        structlog.get_logger().error("desk.failed", exc_info=caught)
    assert secret not in out.getvalue()
    for line in lines(out):
        assert line["exception"] == "DeskLater<Said"
        assert [frame.rpartition(" ")[2] for frame in line["frames"]][-1] == "fail"
        assert all(frame.startswith("tests/unit/test_logs.py:") for frame in line["frames"])


def test_a_group_of_errors_is_told_by_its_classes(out: io.StringIO) -> None:
    group = ExceptionGroup("Jan zei", [Said("glas"), InputError("Jan", "glas")])
    structlog.get_logger().error("a.b", exc_info=group)
    assert only(out)["exception"] == "ExceptionGroup[Said,InputError]"


def test_a_ring_of_causes_ends(out: io.StringIO) -> None:
    one, other = Said("a"), Said("b")
    one.__cause__, other.__cause__ = other, one
    structlog.get_logger().error("a.b", exc_info=one)
    assert only(out)["exception"] == "Said<Said"


@pytest.mark.parametrize("name", ["uvicorn.error", "httpx", "apscheduler.scheduler", "asyncio"])
@pytest.mark.parametrize("secret", SECRETS)
def test_a_library_says_only_who_how_bad_and_where(out: io.StringIO, name: str, secret: str) -> None:
    try:
        fail(secret)
    except DeskLater:
        logging.getLogger(name).exception("failed on %s", secret, extra={"event": secret}, stack_info=True)
    assert secret not in out.getvalue()
    line = only(out)
    assert (line["event"], line["logger"], line["level"]) == ("library.logged", name, "error")
    assert line["at"].startswith("tests/unit/test_logs.py:")
    assert line["exception"] == "DeskLater<Said"


def test_a_traceback_that_another_handler_wrote_out_stays_inside(out: io.StringIO) -> None:
    record = logging.LogRecord("httpx", logging.ERROR, __file__, 1, "glas", (), None)
    record.exc_text = "Traceback: Said: Fatima"
    logging.getLogger().handle(record)
    assert "Fatima" not in out.getvalue()


def test_chatter_of_libraries_is_left_out_unless_debugging(out: io.StringIO) -> None:
    logging.getLogger("apscheduler").info("HTTP Request: GET https://...")
    assert out.getvalue() == ""
    configure("debug", "json", out)
    logging.getLogger("apscheduler").info("HTTP Request: GET https://...")
    assert only(out)["event"] == "library.logged"


def test_a_log_call_that_itself_fails_is_told_without_its_arguments(out: io.StringIO) -> None:
    (handler,) = [one for one in logging.getLogger().handlers if getattr(one, "stream", None) is out]
    handler.handle(logging.LogRecord("httpx", logging.WARNING, __file__, 1, "%s %s", ("Fatima",), None))
    assert out.getvalue().startswith("log.failed logger=httpx file=tests/unit/test_logs.py:")
    assert "Fatima" not in out.getvalue()


def test_a_warning_of_python_passes_the_sieve(out: io.StringIO) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(False)
        logging.captureWarnings(True)
        warnings.warn("Fatima zegt glas", UserWarning, stacklevel=1)
    assert only(out)["logger"] == "py.warnings"
    assert "Fatima" not in out.getvalue()


@pytest.fixture
def hooks() -> Iterator[None]:
    main, thread = sys.excepthook, threading.excepthook
    guard_tracebacks()
    yield
    sys.excepthook, threading.excepthook = main, thread


@pytest.mark.usefixtures("hooks")
def test_what_nobody_caught_loses_its_words(out: io.StringIO, capsys: pytest.CaptureFixture[str]) -> None:
    error = Said("Fatima")
    sys.excepthook(Said, error, None)
    thread = threading.Thread(target=fail, args=("Fatima",))
    thread.start()
    thread.join()
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert [line["event"] for line in lines(out)] == ["process.crashed", "thread.crashed"]
    assert "Fatima" not in out.getvalue() + capsys.readouterr().err


def test_no_field_is_meant_for_words_or_people() -> None:
    assert not FIELDS & {"text", "message", "name", "author", "person", "room", "address", "email", "token", "key"}


# for any text at all

letters = st.text(alphabet=st.characters(categories=["L"]), min_size=1, max_size=12)
sentences = st.lists(letters, min_size=2, max_size=6).map(" ".join)
fields = st.sampled_from(sorted(FIELDS)) | st.just("text")


def assert_kept_inside(sentence: str, field: str) -> None:
    stream = io.StringIO()
    with logging_to(stream):
        structlog.get_logger().error("a.b", exc_info=Said(sentence), **{field: sentence})
        structlog.get_logger().error(sentence)
        logging.getLogger("library").error(sentence, exc_info=Said(sentence))
    ours, unnamed, _ = lines(stream)
    assert (ours[field], unnamed["event"]) == (REDACTED, REDACTED)
    assert sentence not in json.dumps(lines(stream), ensure_ascii=False)


@given(sentence=sentences, field=fields)
def test_no_sentence_comes_out_of_any_field(sentence: str, field: str) -> None:
    assert_kept_inside(sentence, field)


@pytest.mark.soak
@settings(max_examples=5000, deadline=None)
@given(sentence=sentences, field=fields)
def test_no_sentence_comes_out_of_any_field_in_a_long_run(sentence: str, field: str) -> None:
    assert_kept_inside(sentence, field)
