"""bot.slack.bolt: the app as the product runs it."""

from __future__ import annotations

import logging
import os
import re
import threading
from typing import Any

import pytest
from slack_bolt import Ack, App, BoltRequest, BoltResponse
from slack_sdk import WebClient

from bot.slack.bolt import SameThread, bolt_app
from bot.slack.client import KeptClient
from tests.slack_modal import command
from tests.slack_web_api import web_api
from tests.wire import wire

OK = BoltResponse(status=200)
BODIES: list[dict[str, Any]] = [
    {"command": "/invite", "text": ""},
    {"type": "shortcut", "callback_id": "start"},
    {"type": "message_action", "callback_id": "start", "message": {}},
    {"type": "block_actions", "actions": [{"action_id": "press", "block_id": "b"}]},
    {"type": "block_actions", "actions": [{"action_id": "field_3", "block_id": "b"}]},
    {"type": "block_suggestion", "action_id": "search", "block_id": "b", "value": ""},
    {"type": "view_submission", "view": {"type": "modal", "callback_id": "form"}},
    {"type": "view_closed", "view": {"type": "modal", "callback_id": "form_2"}},
    {"type": "event_callback", "event": {"type": "app_home_opened"}},
    {"type": "block_actions", "actions": [{"action_id": "other", "block_id": "b"}]},
]


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


def test_the_first_request_needs_no_connection_besides_the_one_that_is_kept() -> None:
    """Bolt asks whose token it is, before the first listener, while a trigger id is running out."""
    with wire() as server:
        client = KeptClient("xoxb-token", server.url)
        app = bolt_app(client, "s3cret")

        @app.command("/invite")
        def invite(ack: Ack, client: WebClient) -> None:
            ack()
            client.views_open(trigger_id="1", view={})

        assert command(app, "").status == 200
        client.close()
    assert [request.split()[1] for request in server.requests] == [b"/api/auth.test", b"/api/views.open"]
    assert server.connections == 1


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


def test_listeners_find_their_requests_as_bolts_own_do() -> None:
    ours, bolts = (
        bolt_app(WebClient("xoxb-settings"), "s3cret"),
        App(client=WebClient("xoxb-settings"), signing_secret="s3cret", token_verification_enabled=False),
    )
    for app in (ours, bolts):
        listen_to_everything(app)
    requests = [BoltRequest(body=body, mode="socket_mode") for body in BODIES]
    found = [[listener.matches(req=each, resp=OK) for each in requests] for listener in ours._listeners]
    assert found == [[listener.matches(req=each, resp=OK) for each in requests] for listener in bolts._listeners]
    assert [any(column) for column in zip(*found, strict=True)] == [True] * (len(BODIES) - 1) + [False]


def listen_to_everything(app: App) -> None:
    def nothing(ack: Ack) -> None:
        ack()

    app.command("/invite")(nothing)
    app.global_shortcut("start")(nothing)
    app.message_shortcut("start")(nothing)
    app.action("press")(nothing)
    app.action(re.compile("^field"))(nothing)
    app.options("search")(nothing)
    app.view("form")(nothing)
    app.view_closed(re.compile("^form"))(nothing)
    app.event("app_home_opened")(nothing)
