"""What is logged: fixed action names with fields from a list, and never what people said or who they are.

The sieve sits in the handler's formatter, so that every logger passes it: ours, those of libraries, warnings and
tracebacks. What it does not know it replaces with `[redacted]`; a missing field is a smaller harm than a name.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
import traceback
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

import structlog

REDACTED = "[redacted]"

_FIELDS = """
    account action adapter at attempts batch build cases category channel closed code count counts data
    deleted desk dropped due effects erased error events expired failed field filed files finished format
    geocoder group groups handled held host in_flight incident incidents interpreter keys kind lag lane
    lease limit locked messages method migration mode moved outcome parked photos pid place_source port
    prompts queued reason received report reports retried role rooms rows rule schema seconds sent signal
    size slot stage started state status step stopped store table tenant total trouble url verb version
    waited wanted warning why work workers zone
"""
FIELDS = frozenset(_FIELDS.split())
"""Fields that may be logged. Add one only if it can never hold words, names, numbers or addresses of people."""

_ACTION = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
_CODE = re.compile(r"[\w.:/+*\[\]<>-]{1,96}", re.ASCII)
"""What a value of ours looks like: one word of code. Sentences have spaces."""

_ID_FIELDS = frozenset({"group", "incident", "report"})
_ID = re.compile(r"[0-9a-f]{16}")
"""Internal and random (`Moment.fresh`); may look like a number by chance."""

_PERSONAL = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        r"\S@\S",  # e-mail and Matrix addresses
        r"(?<![\w.-])(\+|00|0)[1-9]([ -]?\d){7,}",  # phone numbers
        r"\d{9,}",  # citizen service numbers, chat ids, phone numbers without a sign
        r"\b[A-Za-z]{2}\d{2}[A-Za-z]{4}\d{6,}",  # IBAN
        # number plates
        r"(?i)\b(?=[a-z\d-]*[a-z])(?=[a-z\d-]*\d)([a-z]{1,3}|\d{1,3})-([a-z]{1,3}|\d{1,3})-([a-z]{1,3}|\d{1,3})\b",
        r"\b(?=\d*[A-Z])(?=[A-Z]*\d)([A-Z]{1,3}\d{1,3}[A-Z]{1,3}|\d{1,3}[A-Z]{2,3}\d{1,2})\b",  # no dashes
        r"(?<![\w-])(?=[\w-]*[A-Za-z])(?=[\w-]*\d)[\w-]{24,}",  # tokens, keys and hashes
        r"(?i)bearer|passw|secret|token",
    )
)


def configure(level: str, style: str, stream: TextIO | None = None) -> None:
    """Send all logging through the sieve to `stream` (stderr), as "console" lines for people or as "json".

    Of libraries only warnings and worse are shown, unless `level` is "debug".
    """
    handler = _Handler(stream or sys.stderr)
    if level != "debug":
        handler.addFilter(_ours_or_serious)
    renderer = structlog.processors.JSONRenderer() if style == "json" else _console
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[_sieve, structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            foreign_pre_chain=[structlog.processors.TimeStamper(fmt="iso", utc=True)],
        )
    )
    root = logging.getLogger()
    for old in [one for one in root.handlers if isinstance(one, _Handler)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    logging.captureWarnings(True)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def guard_tracebacks() -> None:
    """Errors that nobody caught are logged through the sieve too; Python would print them with their words."""

    def main(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
        else:
            structlog.get_logger().critical("process.crashed", exc_info=error.with_traceback(trace))

    def thread(crash: threading.ExceptHookArgs) -> None:
        structlog.get_logger().critical("thread.crashed", exc_info=crash.exc_value)

    sys.excepthook = main
    threading.excepthook = thread


class _Handler(logging.StreamHandler[TextIO]):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the standard library's name
        """The standard library would print the message and its arguments here."""
        self.stream.write(
            f"log.failed logger={_code(record.name)} file={_file(record.pathname)}:{record.lineno}\n"
        )


def _ours_or_serious(record: logging.LogRecord) -> bool:
    return hasattr(record, "_logger") or record.levelno >= logging.WARNING


def _sieve(_: Any, __: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """What is left of an entry, whoever made it."""
    meta = {key: entry[key] for key in ("_record", "_from_structlog") if key in entry}
    record: logging.LogRecord = entry["_record"]
    ours = entry["_from_structlog"]
    clean: dict[str, Any] = {"timestamp": entry.get("timestamp", ""), "level": record.levelname.lower()}
    if ours:
        clean["event"] = _action(entry.get("event"))
        clean |= {key: _field(key, value) for key, value in entry.items() if key not in _HANDLED}
    else:
        at = f"{_file(record.pathname)}:{record.lineno}"
        clean |= {"event": "library.logged", "logger": _code(record.name), "at": at}
    error = _error(entry.get("exc_info"), record)
    if error is not None:
        clean |= {"exception": _chain(error), "frames": _frames(error)}
    return clean | meta


_HANDLED = frozenset({"_record", "_from_structlog", "event", "timestamp", "level", "exc_info", "stack_info"})


def _action(event: Any) -> str:
    return event if isinstance(event, str) and _ACTION.fullmatch(event) else REDACTED


def _field(key: str, value: Any) -> Any:
    if key not in FIELDS:
        return REDACTED
    if key in _ID_FIELDS and isinstance(value, str) and _ID.fullmatch(value):
        return value
    if isinstance(value, Mapping):
        return {_code(str(name)): _scalar(count) for name, count in value.items()}
    return _scalar(value)


def _scalar(value: Any) -> Any:
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, BaseException):
        return type(value).__name__
    if isinstance(value, type):
        return value.__name__
    if isinstance(value, int):
        return value if abs(value) < 10**8 else REDACTED
    return _code(str(value)) if isinstance(value, str | Path) else REDACTED


def _code(text: str) -> str:
    """One word of code, if it is one and looks like nobody's number or address."""
    if not text:
        return ""
    if not _CODE.fullmatch(text) or any(pattern.search(text) for pattern in _PERSONAL):
        return REDACTED
    return text


def _error(exc_info: Any, record: logging.LogRecord) -> BaseException | None:
    if isinstance(exc_info, BaseException):
        return exc_info
    if isinstance(exc_info, tuple):
        found: BaseException | None = exc_info[1]
        return found
    if exc_info:
        return sys.exc_info()[1]
    return record.exc_info[1] if isinstance(record.exc_info, tuple) else None


def _chain(error: BaseException) -> str:
    """Class names from the outermost error to its causes; messages may quote what somebody said."""
    names: list[str] = []
    seen: set[int] = set()
    here: BaseException | None = error
    while here is not None and id(here) not in seen and len(names) < 8:
        seen.add(id(here))
        inside = (
            f"[{','.join(_chain(one) for one in here.exceptions)}]" if isinstance(here, BaseExceptionGroup) else ""
        )
        names.append(type(here).__name__ + inside)
        here = here.__cause__ or (None if here.__suppress_context__ else here.__context__)
    return "<".join(names)


def _frames(error: BaseException) -> list[str]:
    """Where it happened, the innermost last: positions in code, without source lines or local values."""
    walked = list(traceback.walk_tb(error.__traceback__))[-12:]
    return [f"{_file(frame.f_code.co_filename)}:{line} {frame.f_code.co_name}" for frame, line in walked]


def _file(path: str) -> str:
    """The last folders of a path: enough to find the code, nothing about the machine."""
    return "/".join(Path(path).parts[-3:])


def _console(_: Any, __: str, entry: MutableMapping[str, Any]) -> str:
    """One line for people, and the frames below it."""
    frames = entry.pop("frames", [])
    head = f"{entry.pop('timestamp')} {entry.pop('level'):<8} {entry.pop('event')}"
    fields = " ".join(f"{key}={value}" for key, value in entry.items())
    return "\n    ".join([f"{head} {fields}".rstrip(), *frames])
