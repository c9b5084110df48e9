"""bot.slack.client: slack_sdk's client in every way, but that its connections are kept."""

from __future__ import annotations

import json
import logging
import math
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import RemoteDisconnected
from typing import Any
from urllib.error import URLError

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.models.metadata import Metadata

from bot.errors import DeliveryError
from bot.slack.client import KeptClient
from bot.slack.errors import translated
from tests.cast import ManualClock
from tests.wire import CLOSE, Wire, reply, wire


@contextmanager
def client_of(server: Wire) -> Iterator[KeptClient]:
    client = KeptClient("xoxb-token", server.url, pause_s=0)
    yield client
    client.close()


def test_one_connection_serves_many_calls() -> None:
    with wire() as server, client_of(server) as client:
        for number in range(3):
            assert client.chat_postMessage(channel="C1", text=f"é {number}")["n"] == 1
    assert server.connections == 1
    first = server.requests[0]
    assert first.startswith(b"POST /api/chat.postMessage HTTP/1.1")
    assert b"authorization: bearer xoxb-token" in first.lower()
    assert b"slackclient/" in first and b'"text":"\\u00e9 0"' in first


@dataclass(frozen=True)
class Wired:
    server: Wire
    ours: KeptClient
    slack_sdks: WebClient


@pytest.fixture(scope="module")
def wired() -> Iterator[Wired]:
    with wire() as server, client_of(server) as client:
        yield Wired(server, client, WebClient("xoxb-token", server.url))


TYPED = 'Ana & Beñat + 50% = “ja”?\n🎉\u2028\x00"\\'
BLOCKS = [{"type": "section", "text": {"type": "plain_text", "text": TYPED, "emoji": False}}]
VIEW = {"type": "modal", "title": {"type": "plain_text", "text": TYPED}, "blocks": BLOCKS, "notify_on_close": True}
METADATA = Metadata(event_type="inviteonce", event_payload={"id": TYPED})
CALLS: Mapping[str, Callable[[WebClient], object]] = {
    "views.open": lambda slack: slack.views_open(trigger_id="1.2", view=VIEW),
    "views.push": lambda slack: slack.views_push(trigger_id="1.2", view=VIEW),
    "views.update": lambda slack: slack.views_update(view_id="V1", hash="h", view=VIEW),
    "views.update, without a hash": lambda slack: slack.views_update(view_id="V1", hash=None, view=VIEW),
    "views.publish": lambda slack: slack.views_publish(user_id="U1", view=VIEW),
    "chat.postMessage": lambda slack: slack.chat_postMessage(
        channel="C1", thread_ts=None, text=TYPED, blocks=BLOCKS, unfurl_links=False, metadata=METADATA
    ),
    "chat.update": lambda slack: slack.chat_update(
        channel="C1", ts="1.2", text=TYPED, blocks=BLOCKS, metadata=METADATA
    ),
    "chat.delete": lambda slack: slack.chat_delete(channel="C1", ts="1.2"),
    "users.info": lambda slack: slack.users_info(user=TYPED, include_locale=True),
    "users.list": lambda slack: slack.users_list(limit=1000, cursor="", include_locale=True),
    "users.list, without locales": lambda slack: slack.users_list(limit=1000, cursor="a=", include_locale=False),
    "conversations.info": lambda slack: slack.conversations_info(channel="C1"),
    "auth.test": lambda slack: slack.auth_test(),
    "auth.test, with another token": lambda slack: slack.auth_test(token="xoxb-other"),
}
"""Every method that is called, and what of its arguments is written down in a way of its own."""


def asked(request: bytes) -> tuple[bytes, Mapping[str, bytes], object]:
    """The request's first line, what it says of whom and of its kind, and what its body means."""
    head, _, body = request.partition(b"\n\n")
    first, *lines = head.split(b"\r\n")
    headers = {name.lower().decode(): value.strip() for name, _, value in (line.partition(b":") for line in lines)}
    said = {name: headers[name] for name in ("authorization", "content-type", "user-agent", "accept-encoding", "host")}
    return first, said, json.loads(body) if body.startswith(b"{") else body


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_slack_is_asked_as_slack_sdk_asks_it(call: Callable[[WebClient], object]) -> None:
    with wire() as server, client_of(server) as client:
        call(WebClient("xoxb-token", server.url))
        call(client)
    slack_sdks, ours = (asked(request) for request in server.requests)
    assert ours == slack_sdks


LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
NESTED = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)
NAMES = st.text(min_size=1).filter(lambda name: name != "token")


@given(json=st.dictionaries(NAMES, NESTED), params=st.dictionaries(NAMES, LEAVES))
def test_arguments_arrive_as_from_slack_sdk(wired: Wired, json: dict[str, Any], params: dict[str, Any]) -> None:
    for arguments in ({"json": json}, {"params": params}):
        for client in (wired.slack_sdks, wired.ours):
            client.api_call("any.method", **arguments)
        slack_sdks, ours = (asked(request) for request in wired.server.requests[-2:])
        assert ours == slack_sdks


def test_it_tells_before_it_waits_for_slack() -> None:
    told: list[int] = []
    with wire() as server:
        client = KeptClient("xoxb-token", server.url, before_waiting=lambda: told.append(len(server.requests)))
        client.auth_test()
        client.close()
    assert told[0] == 0
    assert len(server.requests) == 1


def test_threads_have_connections_of_their_own_and_share_them_afterwards() -> None:
    with wire() as server, client_of(server) as client, ThreadPoolExecutor(8) as threads:
        for _ in range(3):
            assert all(answer["ok"] for answer in threads.map(lambda _: client.auth_test(), range(8)))
    assert server.connections <= 8
    assert len(server.requests) == 24


def test_a_connection_that_slack_has_closed_in_the_meantime_is_opened_again() -> None:
    with wire(reply(headers="Connection: close\r\n")) as server, client_of(server) as client:
        assert client.auth_test()["ok"]
        assert client.auth_test()["ok"]
    assert (server.connections, len(server.requests)) == (2, 2)


def test_a_connection_that_breaks_is_tried_once_more_as_before() -> None:
    with wire(CLOSE) as server, client_of(server) as client:
        assert client.auth_test()["ok"]
    assert len(server.requests) == 2


def test_a_call_on_a_kept_connection_that_was_just_closed_is_made_again_at_once() -> None:
    with wire(reply(), CLOSE) as server:
        client = KeptClient("xoxb-token", server.url, pause_s=math.inf)
        for _ in range(2):
            assert client.auth_test()["ok"]
        client.close()
    assert (server.connections, len(server.requests)) == (2, 3)


def test_a_connection_that_breaks_twice_is_told_as_slack_sdk_tells_it() -> None:
    with wire(CLOSE, CLOSE) as server, client_of(server) as client, pytest.raises(RemoteDisconnected):
        client.auth_test()
    assert len(server.requests) == 2


def test_nobody_listening_is_an_urllib_error_and_a_delivery_that_is_tried_again() -> None:
    with wire() as server:
        pass
    with client_of(server) as client:
        with pytest.raises(URLError):
            client.auth_test()
        with pytest.raises(DeliveryError) as refusal, translated(ManualClock()):
            client.auth_test()
    assert not refusal.value.permanent


def test_an_answer_that_breaks_off_is_a_delivery_that_is_tried_again() -> None:
    half = reply(headers="Connection: close\r\n")[:-5]
    with wire(half) as server, client_of(server) as client, pytest.raises(DeliveryError), translated(ManualClock()):
        client.auth_test()


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        (b'{"ok": true, "view": {"id": "V1", "hash": "1.a", "blocks": [{"type": "divider"}]}, "n": 1}', ("V1", "1.a")),
        (b'{"ok": true, "view": {"id": "V1", "blocks": []}}', ("V1", None)),
    ],
)
def test_of_a_view_that_is_shown_only_its_id_and_its_state_are_read(said: bytes, heard: tuple[str, str | None]) -> None:
    with wire(reply(said)) as server, client_of(server) as client:
        answer = client.views_update(view_id="V1", view={"type": "modal"})
    assert answer.data == {"ok": True, "view": {"id": heard[0], "hash": heard[1]}}


@pytest.mark.parametrize("said", [b'{"ok": true}', b'{"ok": true, "view": {"state": 1}}'])
def test_an_answer_about_a_view_that_says_less_is_read_as_it_is(said: bytes) -> None:
    with wire(reply(said)) as server, client_of(server) as client:
        assert client.views_publish(user_id="U1", view={"type": "home"}).data == json.loads(said)


def test_a_refusal_is_slacks_own() -> None:
    refused = reply(b'{"ok": false, "error": "hash_conflict"}')
    with wire(refused) as server, client_of(server) as client, pytest.raises(SlackApiError) as refusal:
        client.views_update(view_id="V1", view={"type": "modal"})
    assert refusal.value.response["error"] == "hash_conflict"


def test_a_pause_that_slack_asks_for_is_kept_in_the_error() -> None:
    limited = reply(b'{"ok": false, "error": "ratelimited"}', "429 Too Many Requests", "Retry-After: 7\r\n")
    with wire(limited) as server, client_of(server) as client, pytest.raises(SlackApiError) as refusal:
        client.auth_test()
    assert refusal.value.response.status_code == 429
    assert refusal.value.response.headers["Retry-After"] == "7"


def test_what_people_typed_is_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with wire() as server, client_of(server) as client:
        client.chat_postMessage(channel="C1", text="anna@acme.com")
    assert "anna@acme.com" not in caplog.text


@pytest.mark.parametrize("status", ["302 Found", "500 Internal Server Error", "503 Service Unavailable"])
def test_a_page_in_between_is_an_error_and_leads_nowhere(status: str) -> None:
    page = reply(b"<h1>Sorry</h1>", status, "Location: /elsewhere\r\n", kind="text/html; charset=utf-8")
    with wire(page) as server, client_of(server) as client, pytest.raises(SlackApiError) as refusal:
        client.auth_test()
    assert refusal.value.response.status_code == int(status[:3])
    assert len(server.requests) == 1


def test_silence_is_an_error_within_the_timeout() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    with listener:
        client = KeptClient("xoxb-token", f"http://127.0.0.1:{listener.getsockname()[1]}/api/", timeout_s=1)
        with pytest.raises(TimeoutError):
            client.auth_test()
        client.close()


class Hanging:
    """A Slack that takes every request and answers none of them before it has recovered; then all new ones."""

    def __init__(self, listener: socket.socket) -> None:
        self.asked = 0
        self.has_recovered = False
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}/api/"
        self._listener = listener
        self._kept: list[socket.socket] = []

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.asked += 1
            self._kept.append(connection)
            if self.has_recovered:
                connection.recv(65536)
                connection.sendall(reply(headers="Connection: close\r\n"))

    def hang_up(self) -> None:
        for connection in self._kept:
            connection.close()


@contextmanager
def hanging() -> Iterator[Hanging]:
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        slack = Hanging(listener)
        thread = threading.Thread(target=slack.serve, daemon=True)
        thread.start()
        yield slack
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(30)
        slack.hang_up()


def test_threads_that_a_hanging_slack_has_taken_are_soon_back() -> None:
    """With the patience of other calls, an hour here, all of them would still be waiting."""
    with hanging() as slack, ThreadPoolExecutor(8) as listeners:
        client = KeptClient("xoxb-token", slack.url, timeout_s=3600, view_timeout_s=0.2)
        calls = [
            *(listeners.submit(client.views_open, trigger_id="1", view={}) for _ in range(8)),
            *(listeners.submit(client.views_update, view_id="V1", view={}) for _ in range(8)),
            *(listeners.submit(client.views_publish, user_id="U1", view={}) for _ in range(8)),
        ]
        assert all(isinstance(call.exception(60), TimeoutError) for call in calls)
        assert slack.asked == len(calls), "what has taken too long is not asked again"
        slack.has_recovered = True
        assert listeners.submit(client.views_open, trigger_id="2", view={}).result(60)["ok"]
        client.close()


def test_other_calls_wait_longer_than_views_do() -> None:
    with wire() as server:
        client = KeptClient("xoxb-token", server.url, view_timeout_s=1e-9)
        assert client.chat_postMessage(channel="C1", text="slow")["ok"]
        client.close()


def test_a_proxy_is_asked_as_slack_sdk_asks_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with wire() as server:
        monkeypatch.setenv("HTTP_PROXY", server.url.removesuffix("/api/"))
        client = KeptClient("xoxb-token", "http://slack.invalid/api/")
        assert client.auth_test()["ok"]
        client.close()
    assert server.requests[0].startswith(b"POST http://slack.invalid/api/auth.test HTTP/1.1")
