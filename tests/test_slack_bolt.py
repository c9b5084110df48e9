"""bot.slack.bolt: the app as the product runs it."""

from __future__ import annotations

import logging
import os
import threading
from typing import Any

import pytest
from slack_bolt import Ack, BoltRequest
from slack_sdk import WebClient

from bot.slack.bolt import SameThread, bolt_app
from tests.slack_modal import command
from tests.slack_web_api import web_api


def test_a_listener_runs_in_the_dispatching_thread_with_the_client_that_was_given() -> None:
    seen: list[tuple[int, WebClient]] = []
    with web_api() as api:
        client = api.client()
        app = bolt_app(client, "s3cret")

        @app.command("/invite")
        def invite(ack: Ack, client: WebClient) -> None:
            ack()
            seen.append((threading.get_ident(), client))

        assert command(app, "").status == 200
    assert seen == [(threading.get_ident(), client)]


def test_bolt_takes_nothing_from_the_environment_and_warns_of_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    given = {
        "SLACK_BOT_TOKEN": "xoxb-environment",
        "SLACK_CLIENT_ID": "1.2",
        "SLACK_CLIENT_SECRET": "secret",
        "SLACK_VERIFICATION_TOKEN": "verification",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with caplog.at_level(logging.INFO):
        app = bolt_app(WebClient("xoxb-settings"), "s3cret")
    assert caplog.messages == []
    assert app.oauth_flow is None
    assert app.client.token == "xoxb-settings"
    assert {name: os.environ[name] for name in given} == given


def test_an_unsigned_request_is_refused() -> None:
    request = BoltRequest(body="command=%2Finvite&text=")
    assert bolt_app(WebClient("xoxb-settings"), "s3cret").dispatch(request).status == 401


def test_the_same_thread_hands_back_what_was_returned_and_lets_errors_out() -> None:
    assert SameThread().submit(divmod, 7, 2).result() == (3, 1)

    def broken() -> Any:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        SameThread().submit(broken)
