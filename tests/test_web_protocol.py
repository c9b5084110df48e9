"""bot.web.protocol: requests of every size but with a head without end."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.web.protocol import HEAD_BYTES, BoundedProtocol
from tests.servers import serving

_PATIENCE_S = 30


async def measure(request: Request) -> Response:
    return PlainTextResponse(f"{len(await request.body())} bytes")


@pytest.fixture
def wire() -> Iterator[socket.socket]:
    app = Starlette(routes=[Route("/", measure, methods=["GET", "POST"])])
    with serving(app, http=BoundedProtocol) as url:
        address = urlsplit(url)
        with socket.create_connection((address.hostname, address.port), _PATIENCE_S) as connection:
            yield connection


def answer(wire: socket.socket) -> bytes:
    """What comes, up to the end of one answer or of the connection."""
    received = b""
    while not received.endswith(b" bytes") and (more := wire.recv(65536)):
        received += more
    return received


def test_requests_follow_each_other_on_one_connection_whatever_their_bodies(wire: socket.socket) -> None:
    for size in (0, 10, 3 * HEAD_BYTES, 20):
        wire.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size)
        assert answer(wire).endswith(b"\r\n\r\n%d bytes" % size)


def test_a_head_in_many_pieces_is_one_head(wire: socket.socket) -> None:
    for number in range(100):
        wire.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n" if not number else b"X-%d: %s\r\n" % (number, b"y" * 100))
    wire.sendall(b"\r\n")
    assert answer(wire).endswith(b"0 bytes")


CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"


def test_a_body_in_many_chunks_may_end_with_trailers(wire: socket.socket) -> None:
    chunk = b"%x\r\n%s\r\n" % (HEAD_BYTES, b"x" * HEAD_BYTES)
    wire.sendall(CHUNKED + 3 * chunk + b"0\r\nX-Sum: 1\r\n\r\n")
    assert answer(wire).endswith(b"\r\n\r\n%d bytes" % (3 * HEAD_BYTES))


@pytest.mark.parametrize(
    "beginning",
    [b"GET / HTTP/1.1\r\nX: ", b"GET /", CHUNKED + b"0\r\nX: ", CHUNKED + b"1\r\nx\r\n0\r\nX: ", CHUNKED + b"1;x="],
)
def test_a_head_without_end_is_refused(wire: socket.socket, beginning: bytes) -> None:
    with pytest.raises(ConnectionError):
        pour(wire, beginning)


def pour(wire: socket.socket, beginning: bytes) -> None:
    """Send that, and then far more than any buffer in between holds."""
    wire.sendall(beginning)
    for _ in range(1000):
        wire.sendall(b"y" * 65536)
