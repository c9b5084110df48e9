"""bot.listeners.late: what is shown first, what afterwards, and that a defect is shown and logged."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

import pytest
from slack_bolt import Ack, App
from slack_sdk import WebClient
from slack_sdk.models.views import View

from blocks import ids
from blocks import setup_fields as form
from blocks.wizard import notice_view
from bot.errors import StaleStateError
from bot.listeners import failures
from bot.listeners.late import answer_late, reason
from bot.listeners.screen import Screen
from storage.database import Database
from tests.block_kit import shown
from tests.listening import Watched, bolt, latest, listening, opened, submitted
from tests.slack_web_api import WebApi
from tests.test_listeners_reassign import Late
from tests.world import Stage

VIEW: dict[str, Any] = {"type": "modal", "callback_id": "flowers", "blocks": []}


@pytest.fixture
def stage(sqlite_database: Database) -> Stage:
    stage = Stage(sqlite_database.unit_of_work)
    stage.connect()
    return stage


@pytest.fixture
def water(api: WebApi) -> Iterator[Callable[[Future[str]], dict[str, Any]]]:
    """Submit; what Slack is answered."""
    with Watched(2) as pool:
        app = bolt(api, pool)
        failures.register(app)
        pending: list[Future[str]] = []

        def outcome() -> View:
            error = pending[0].exception()
            return notice_view("Garden", reason(error, "A hose has burst.") if error else pending[0].result())

        def flowers(ack: Ack, view: dict[str, Any], client: WebClient) -> None:
            answer_late(ack, Screen(client, view), pending[0], notice_view("Garden", "Watering…"), outcome)

        def submit(future: Future[str]) -> dict[str, Any]:
            pending.append(future)
            return submitted(app, VIEW, {})

        app.view("flowers")(flowers)
        yield submit


def done(result: str = "", error: Exception | None = None) -> Future[str]:
    future: Future[str] = Future()
    if error:
        future.set_exception(error)
    else:
        future.set_result(result)
    return future


def test_the_meantime_is_the_answer_and_the_outcome_is_drawn(
    water: Callable[[Future[str]], dict[str, Any]], api: WebApi
) -> None:
    assert "Watering…" in shown(water(done("All are watered."))["view"])
    assert "All are watered." in shown(latest(api, "views.update"))


def test_a_refusal_is_drawn_in_its_own_words_and_is_none_for_the_log(
    water: Callable[[Future[str]], dict[str, Any]], api: WebApi, caplog: pytest.LogCaptureFixture
) -> None:
    water(done(error=StaleStateError("They have withered.")))
    assert "They have withered." in shown(latest(api, "views.update"))
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_a_defect_is_drawn_in_ours_and_logged(
    water: Callable[[Future[str]], dict[str, Any]], api: WebApi, caplog: pytest.LogCaptureFixture
) -> None:
    water(done(error=ValueError("anna@acme.com")))
    assert "A hose has burst." in shown(latest(api, "views.update"))
    [record] = [record for record in caplog.records if "a listener failed" in record.getMessage()]
    assert "anna@acme.com" not in record.getMessage()


def test_rooms_that_are_looked_up_when_something_breaks_are_not_looked_up_for_ever(api: WebApi, stage: Stage) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise RuntimeError("a defect of the test")

    stage.calendar.free_busy_of = fail  # type: ignore[method-assign]  # the fake breaks
    with Watched(4) as pool:
        app: App = listening(api, stage, pool, Late(), 0)
        typed = {form.ROOM_ADDRESSES: {"value": "atlas@rooms.example"}}
        answer = submitted(app, opened(app, api, ids.ADD_ROOMS), typed)
        assert "Looking up" in shown(answer["view"])
        assert "Something went wrong on our side" in shown(latest(api, "views.update"))
