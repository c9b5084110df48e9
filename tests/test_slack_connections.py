"""bot.slack.connections: HTTP in all the ways in which an answer may come, or not come."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from http.client import BadStatusLine, IncompleteRead, RemoteDisconnected
from urllib.error import URLError

import pytest
import trustme

from bot.slack.connections import Answer, Connections, StaleConnectionError, altogether, each_step
from tests.servers import eventually
from tests.wire import CLOSE, OK, Wire, reply, wire

PATIENCE_S = 30
CHUNKED = (
    b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"ok"\r\n8\r\n: true, \r\n7\r\n"n": 1}\r\n0\r\n\r\n'
)
TO_THE_END = b"HTTP/1.1 200 OK\r\n\r\n" + OK
FIRST_NEWS = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"


def ask(connections: Connections) -> Answer:
    return connections.post("auth.test", b"{}", "application/json", each_step(PATIENCE_S))


@contextmanager
def to(server: Wire, tls: ssl.SSLContext | None = None) -> Iterator[Connections]:
    with closing(Connections(server.url, {"Authorization": "Bearer xoxb"}, tls=tls)) as connections:
        yield connections


@pytest.mark.parametrize("said", [reply(), CHUNKED, TO_THE_END, FIRST_NEWS + reply()])
def test_an_answer_may_say_its_length_in_any_way(said: bytes) -> None:
    with wire(said) as server, to(server) as connections:
        answer = ask(connections)
        assert (answer.status, answer.body) == (200, OK)
        assert "Link" not in answer.headers
        assert ask(connections).body == OK


@pytest.mark.parametrize(
    ("said", "connections_used"),
    [
        (reply(), 1),
        (CHUNKED, 1),
        (FIRST_NEWS + reply(), 1),
        (reply(headers="Connection: close\r\n"), 2),
        (reply(headers="connection: Close\r\n"), 2),
        (reply().replace(b"HTTP/1.1", b"HTTP/1.0"), 2),
        (TO_THE_END, 2),
        (reply(b"<h1>Sorry</h1>", "503 Service Unavailable"), 1),
    ],
)
def test_a_connection_is_used_again_where_the_server_lets_us(said: bytes, connections_used: int) -> None:
    with wire(said) as server, to(server) as connections:
        ask(connections)
        assert ask(connections).body == OK
        assert server.connections == connections_used


def test_a_connection_that_the_server_has_closed_without_a_word_is_not_used_again() -> None:
    closed = threading.Event()

    def serve() -> None:
        for _ in range(2):
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(reply())
            closed.set()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        connections = Connections(f"http://127.0.0.1:{listener.getsockname()[1]}/api/", {})
        thread = threading.Thread(target=serve)
        thread.start()
        assert ask(connections).body == OK
        assert closed.wait(PATIENCE_S)
        assert ask(connections).body == OK
        thread.join(PATIENCE_S)
        connections.close()


def test_where_a_kept_connection_breaks_no_other_one_is_used_again() -> None:
    both_are_here = threading.Event()
    with wire(reply(), reply(), CLOSE) as server, to(server) as connections, ThreadPoolExecutor(2) as threads:
        server.answers_when(both_are_here)
        answers = [threads.submit(ask, connections) for _ in range(2)]
        eventually(lambda: len(server.requests) == 2, "both have asked")
        both_are_here.set()
        assert [answer.result(PATIENCE_S).body for answer in answers] == [OK, OK]
        with pytest.raises(StaleConnectionError):
            ask(connections)
        assert ask(connections).body == OK
        assert server.connections == 3


def test_an_answer_may_come_byte_by_byte() -> None:
    listener = socket.create_server(("127.0.0.1", 0))

    def dribble() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.recv(65536)
            for byte in reply(b'{"ok": true, "name": "\xc3\xa9"}'):
                connection.sendall(bytes([byte]))

    with listener, closing(Connections(f"http://127.0.0.1:{listener.getsockname()[1]}/api/", {})) as connections:
        thread = threading.Thread(target=dribble)
        thread.start()
        assert ask(connections).body.decode() == '{"ok": true, "name": "é"}'
        thread.join(PATIENCE_S)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (CLOSE, RemoteDisconnected),
        (reply(headers="Connection: close\r\n")[:-5], IncompleteRead),
        (CHUNKED[:-9].replace(b"OK\r\n", b"OK\r\nConnection: close\r\n"), IncompleteRead),
        (b"HTTP/1.1 200 OK\r\nConnection: close", IncompleteRead),
        (b"SSH-2.0-OpenSSH_9.6\r\nConnection: close\r\n\r\n", BadStatusLine),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n", BadStatusLine),
    ],
)
def test_what_is_no_whole_answer_is_an_error(said: bytes, error: type[Exception]) -> None:
    with wire(said) as server, to(server) as connections:
        with pytest.raises(error):
            ask(connections)
        assert ask(connections).body == OK, "the next call is not harmed"


def test_it_tells_before_it_waits_and_has_asked_by_then() -> None:
    told: list[int] = []

    def waits() -> None:
        told.append(len(server.requests))
        if len(told) == 3:  # the first time it opened the connection, the second time it waited for the first answer
            eventually(lambda: len(server.requests) == 2, "the second request has arrived")
            may_answer.set()

    may_answer = threading.Event()
    with wire() as server, closing(Connections(server.url, {}, before_waiting=waits)) as connections:
        ask(connections)
        server.answers_when(may_answer)
        ask(connections)
    assert told[0] == 0
    assert len(told) == 3


def test_nobody_listening_is_no_connection() -> None:
    with wire() as server:
        pass
    with to(server) as connections, pytest.raises(URLError):
        ask(connections)


def test_a_server_that_says_nothing_is_waited_for_no_longer_than_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        connections = Connections(f"http://127.0.0.1:{listener.getsockname()[1]}/", {})
        for patience in (each_step(0.05), altogether(0.05)):
            with pytest.raises(TimeoutError):
                connections.post("auth.test", b"", "text/plain", patience)


def test_patience_for_everything_together_runs_out_with_half_an_answer() -> None:
    half = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhalf"
    with wire(half) as server, to(server) as connections, pytest.raises(TimeoutError):
        connections.post("auth.test", b"", "text/plain", altogether(0.05))


def test_what_is_in_a_header_stays_there() -> None:
    with wire() as server:
        with pytest.raises(ValueError, match="line break"):
            Connections(server.url, {"Authorization": "Bearer xoxb\r\nX-Evil: 1"})
        with to(server) as connections, pytest.raises(ValueError, match="line break"):
            connections.post("auth.test\r\nX-Evil: 1", b"", "text/plain", each_step(PATIENCE_S))
    assert server.requests == []


def test_a_server_is_named_as_its_address_names_it() -> None:
    with wire() as server, closing(Connections(server.url.replace("//", "//me:secret@"), {})) as connections:
        ask(connections)
    assert f"Host: {server.url.split('/')[2]}\r\n".encode() in server.requests[0]
    assert b"secret" not in server.requests[0]


def test_once_closed_no_connection_stays_open() -> None:
    with wire() as server:
        connections = Connections(server.url, {})
        ask(connections)
        connections.close()
        assert ask(connections).body == OK
        assert ask(connections).body == OK
        assert server.connections == 3


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def server_side(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


def test_a_trusted_server_is_spoken_to_in_secret(authority: trustme.CA, server_side: ssl.SSLContext) -> None:
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    with wire(reply(b"x" * 200_000), tls=server_side) as server, to(server, trusting) as connections:
        assert len(ask(connections).body) == 200_000
        assert ask(connections).body == OK
        assert server.connections == 1


def test_a_server_that_nobody_vouches_for_hears_nothing(server_side: ssl.SSLContext) -> None:
    with wire(tls=server_side) as server, to(server) as connections:
        with pytest.raises(URLError, match="certificate"):
            ask(connections)
        assert server.requests == []
