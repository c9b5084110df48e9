"""What the processes write to standard error: a line a record, with the ids given as `extra`."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TextIO

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
"""What every record has; whatever else is in one was given as `extra`."""

_QUIET = ("alembic", "apscheduler", "googleapiclient", "httplib2", "slack_bolt.RequestVerification", "uvicorn")
"""Libraries that tell of every request, run or start. Paths of the Customer's pages hold secrets: no access log.

Bolt's verification writes down the whole body of what it refuses.
"""


def configure_logging(level: str, log_format: str, stream: TextIO | None = None) -> None:
    """Send this process's log to the stream (standard error by default), as `text` or `json`.

    `level` is for the product; libraries never go below INFO, because their DEBUG shows what people typed.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter() if log_format == "json" else TextFormatter())
    root = logging.getLogger()
    for former in tuple(root.handlers):
        root.removeHandler(former)
    root.addHandler(handler)
    number = logging.getLevelNamesMapping()[level]
    root.setLevel(max(number, logging.INFO))
    for package in ("bot", "blocks", "storage"):
        logging.getLogger(package).setLevel(number)
    for library in _QUIET:
        logging.getLogger(library).setLevel(max(number, logging.WARNING))
    logging.captureWarnings(True)


class TextFormatter(logging.Formatter):
    """`2026-12-01T15:00:00.123Z INFO bot.worker: Delivered kind=mail.invitation`, a traceback below it."""

    def format(self, record: logging.LogRecord) -> str:
        ids = "".join(f" {name}={_one_line(value)}" for name, value in _extra(record).items())
        line = f"{_instant(record)} {record.levelname} {record.name}: {_one_line(record.getMessage())}{ids}"
        trace = _trace(self, record)
        return f"{line}\n{trace}" if trace else line


class JsonFormatter(logging.Formatter):
    """One JSON object a line: `time`, `level`, `logger`, `message`, `trace` where there is one, and the extras."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            **_extra(record),
            "time": _instant(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        trace = _trace(self, record)
        if trace:
            entry["trace"] = trace
        return json.dumps(entry, ensure_ascii=False, default=str)


def _extra(record: logging.LogRecord) -> Mapping[str, Any]:
    return {name: value for name, value in vars(record).items() if name not in _STANDARD}


def _instant(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _one_line(value: object) -> str:
    """The value's text, in which a line break cannot forge a record."""
    return str(value).replace("\r", "\\r").replace("\n", "\\n")


def _trace(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    trace = formatter.formatException(record.exc_info) if record.exc_info else ""
    return "\n".join(part for part in (trace, record.stack_info or "") if part)
