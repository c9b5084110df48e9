"""bot.logs: what operators read."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.logs import configure_logging

Log = Callable[[str, str], io.StringIO]


@pytest.fixture
def log() -> Iterator[Log]:
    """Configures logging into a string, and puts everything back afterwards."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    named = {name: item.level for name, item in root.manager.loggerDict.items() if isinstance(item, logging.Logger)}

    def configured(level: str, log_format: str) -> io.StringIO:
        stream = io.StringIO()
        configure_logging(level, log_format, stream)
        return stream

    yield configured
    logging.captureWarnings(False)
    root.handlers[:] = handlers
    root.setLevel(level)
    for name in list(root.manager.loggerDict):
        logging.getLogger(name).setLevel(named.get(name, logging.NOTSET))


def entry(stream: io.StringIO) -> dict[str, Any]:
    (line,) = stream.getvalue().splitlines()
    parsed = json.loads(line)
    assert isinstance(parsed, dict)
    return parsed


def test_a_json_line_carries_the_ids(log: Log) -> None:
    stream = log("INFO", "json")
    logging.getLogger("bot.worker").info("Delivered %s", "mail", extra={"delivery": "d1", "attempts": 2})
    line = entry(stream)
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "INFO",
        "logger": "bot.worker",
        "message": "Delivered mail",
        "delivery": "d1",
        "attempts": 2,
    }


def test_a_text_line_carries_the_ids_and_the_instant_in_utc(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    stream = log("INFO", "text")
    logging.getLogger("bot.worker").info("Delivered", extra={"delivery": "d1"})
    instant, _, rest = stream.getvalue().rstrip("\n").partition(" ")
    assert rest == "INFO bot.worker: Delivered delivery=d1"
    assert datetime.fromisoformat(instant).utcoffset() == timedelta(0)


def test_what_somebody_typed_cannot_forge_a_line(log: Log) -> None:
    stream = log("INFO", "text")
    logging.getLogger("bot").info("Hello\nERROR bot: fake", extra={"reference": "x\r\ny"})
    assert len(stream.getvalue().splitlines()) == 1


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_a_traceback_is_kept(log: Log, log_format: str) -> None:
    stream = log("INFO", log_format)
    try:
        raise KeyError("k")
    except KeyError:
        logging.getLogger("bot").exception("Failed")
    assert "KeyError" in stream.getvalue()
    assert "Traceback" in stream.getvalue()


def test_an_extra_cannot_replace_the_records_own_fields(log: Log) -> None:
    stream = log("INFO", "json")
    logging.getLogger("bot").info("Failed", extra={"level": "fake", "logger": "fake", "time": "fake"})
    assert entry(stream)["level"] == "INFO"


def test_debug_is_for_the_product_and_not_for_libraries(log: Log) -> None:
    stream = log("DEBUG", "text")
    logging.getLogger("bot.app").debug("ours")
    logging.getLogger("slack_sdk.web").debug("theirs")
    assert "ours" in stream.getvalue()
    assert "theirs" not in stream.getvalue()


def test_there_is_no_access_log(log: Log) -> None:
    stream = log("INFO", "text")
    logging.getLogger("uvicorn.access").info("GET /i/secret-token")
    assert stream.getvalue() == ""


def test_body_of_a_forged_request_is_not_written_down(log: Log) -> None:
    stream = log("DEBUG", "text")
    logging.getLogger("slack_bolt.RequestVerification").info("Invalid (body: text=Anna+anna%40acme.com)")
    assert stream.getvalue() == ""


def test_errors_alone_are_logged_at_error(log: Log) -> None:
    stream = log("ERROR", "text")
    logging.getLogger("bot").warning("w")
    logging.getLogger("uvicorn.access").warning("w")
    assert stream.getvalue() == ""


def test_configuring_twice_does_not_write_twice(log: Log) -> None:
    log("INFO", "text")
    stream = log("INFO", "text")
    logging.getLogger("bot").info("once")
    assert stream.getvalue().count("once") == 1


def test_standard_error_is_the_default(log: Log, capsys: pytest.CaptureFixture[str]) -> None:
    log("INFO", "text")
    configure_logging("INFO", "text")
    logging.getLogger("bot").info("hello")
    assert "hello" in capsys.readouterr().err
