"""bot.slack.client: slack_sdk's client in every way, but that its connections are kept."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import RemoteDisconnected
from urllib.error import URLError

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

from bot.errors import DeliveryError
from bot.slack.client import KeptClient
from bot.slack.errors import translated
from tests.cast import ManualClock

OK = b'{"ok": true, "n": 1}'
CLOSE = b""
"""Close the connection without an answer."""


def reply(body: bytes = OK, status: str = "200 OK", headers: str = "", kind: str = "application/json") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return head.encode() + body


class Wire:
    """A server that says exactly these bytes, one a request, whichever connection that comes on."""

    def __init__(self, listener: socket.socket, replies: Sequence[bytes]) -> None:
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}/api/"
        self.connections = 0
        self.requests: list[bytes] = []
        self._listener = listener
        self._replies = list(replies)
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []

    def accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as incoming:
            while head := self._head(incoming):
                length = next(int(line.split(b":")[1]) for line in head if line.lower().startswith(b"content-length"))
                body = incoming.read(length)
                with self._lock:
                    self.requests.append(b"".join(head) + b"\n" + body)
                    said = self._replies.pop(0) if self._replies else reply()
                if said == CLOSE:
                    return
                connection.sendall(said)
                if b"Connection: close" in said:
                    return

    @staticmethod
    def _head(incoming: object) -> list[bytes]:
        lines: list[bytes] = []
        while (line := incoming.readline()).strip():  # type: ignore[attr-defined]  # a file of bytes
            lines.append(line)
        return lines


@contextmanager
def wire(*replies: bytes) -> Iterator[Wire]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Wire(listener, replies)
        thread = threading.Thread(target=server.accept, daemon=True)
        thread.start()
        yield server
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(30)


@contextmanager
def client_of(server: Wire) -> Iterator[KeptClient]:
    client = KeptClient("xoxb-token", server.url)
    for handler in client.retry_handlers:
        handler.interval_calculator.calculate_sleep_duration = lambda _: 0.0  # type: ignore[attr-defined]
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
    assert b"slackclient/" in first and b'"text": "\\u00e9 0"' in first


def test_it_tells_before_it_waits_for_slack() -> None:
    with wire() as server:
        asked: list[int] = []
        client = KeptClient("xoxb-token", server.url, before_waiting=lambda: asked.append(len(server.requests)))
        client.auth_test()
        client.close()
    assert asked == [0]
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


def test_a_retry_handler_sees_the_pause_that_slack_asks_for() -> None:
    limited = reply(b'{"ok": false, "error": "ratelimited"}', "429 Too Many Requests", "Retry-After: 0\r\n")
    with wire(limited) as server, client_of(server) as client:
        client.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=1))
        assert client.auth_test()["ok"]
    assert len(server.requests) == 2


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
