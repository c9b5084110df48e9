"""Connections to one HTTP server that are kept: one POST on each at a time.

Everybody's wait for a view ends in such a call. http.client reads an answer's head with the parser that is made for
mail, which alone takes longer than all that is done here; httptools reads it in C, as it does for our own server.
"""

from __future__ import annotations

import socket
import ssl
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import BadStatusLine, IncompleteRead, RemoteDisconnected
from time import monotonic
from urllib.error import URLError
from urllib.parse import urlsplit

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser
from urllib3.util.wait import wait_for_read

_KEPT = 64
"""As many as threads may call at once; further ones are closed after use."""
_CHUNK_BYTES = 1 << 16
_FINAL = 200
"""A status below it is news about an answer that is still to come."""


Patience = Callable[[], float]
"""How many seconds the next step may take."""


def each_step(seconds: float) -> Patience:
    return lambda: seconds


def altogether(seconds: float) -> Patience:
    """From now on. Raises TimeoutError once they are over."""
    deadline = monotonic() + seconds

    def left_s() -> float:
        left = deadline - monotonic()
        if left <= 0:
            raise TimeoutError("the answer did not come in time")
        return left

    return left_s


class StaleConnectionError(ConnectionResetError):
    """A kept connection broke: the server may have closed it at the moment when it was used again."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    """By their names as they came."""
    body: bytes


class Connections:
    """To the server of `base_url`, an http or https one. Safe between threads."""

    def __init__(
        self,
        base_url: str,
        headers: Mapping[str, str],
        *,
        tls: ssl.SSLContext | None = None,
        before_waiting: Callable[[], object] = lambda: None,
    ) -> None:
        """`headers` are sent with every request. `tls` says whom to trust; the system's authorities by default.
        `before_waiting` is told that the thread is about to wait, for a connection or an answer."""
        where = urlsplit(base_url)
        self._is_https = where.scheme.lower() == "https"
        self._host = where.hostname or ""
        self._port = where.port or (443 if self._is_https else 80)
        self._path = where.path.rstrip("/")
        lines = {"Host": where.netloc.rpartition("@")[2], "Accept-Encoding": "identity", **headers}
        self._head = "".join(f"{name}: {_line(value)}\r\n" for name, value in lines.items())
        self._tls = tls
        self._before_waiting = before_waiting
        self._idle: deque[socket.socket] = deque()
        self._is_closed = False

    def close(self) -> None:
        """Close what is idle now, and whatever is in use after its answer."""
        self._is_closed = True
        self._close_idle()

    def _close_idle(self) -> None:
        with suppress(IndexError):  # another thread was quicker with the last one
            while True:
                self._idle.pop().close()

    def post(self, name: str, body: bytes, content_type: str, patience: Patience) -> Answer:
        """POST to the `name` below the server's path.

        Raises URLError where there is no connection, TimeoutError, ConnectionError, and HTTPException for an answer
        that is none or breaks off; StaleConnectionError where a kept connection breaks, and then the others that are
        idle are not used again, either. The request may have arrived all the same.
        """
        head = f"POST {self._path}/{_line(name)} HTTP/1.1\r\n{self._head}Content-Type: {content_type}\r\n"
        request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode("latin-1") + body
        kept = self._taken()
        connection = kept or self._opened(patience)
        is_kept = False
        try:
            answer, may_be_kept = self._exchanged(connection, request, patience)
            is_kept = may_be_kept and not self._is_closed and len(self._idle) < _KEPT
        except ConnectionResetError as error:
            if not kept:
                raise
            self._close_idle()
            raise StaleConnectionError(str(error)) from error
        finally:
            if is_kept:
                self._idle.append(connection)
            else:
                connection.close()
        return answer

    def _exchanged(self, connection: socket.socket, request: bytes, patience: Patience) -> tuple[Answer, bool]:
        """The answer, and whether the connection may be used again."""
        connection.settimeout(patience())
        with suppress(BrokenPipeError):  # it may have answered before it closed
            connection.sendall(request)
        self._before_waiting()
        reading = _Reading()
        parser = HttpResponseParser(reading)
        has_begun = has_ended = False
        try:
            while not (reading.is_whole and parser.get_status_code() >= _FINAL) and not has_ended:
                connection.settimeout(patience())
                if received := connection.recv(_CHUNK_BYTES):
                    has_begun = True
                    parser.feed_data(received)
                elif not has_begun:
                    raise RemoteDisconnected("Remote end closed connection without response")
                elif not reading.is_in_body or reading.says("content-length") or reading.says("transfer-encoding"):
                    raise IncompleteRead(b"".join(reading.body))
                else:  # an answer that has not said how long it is
                    has_ended = True
        except (HttpParserError, HttpParserUpgrade) as error:
            raise BadStatusLine(type(error).__name__) from error
        stays = parser.get_http_version() == "1.1" and reading.says("connection") != "close" and not has_ended
        return Answer(parser.get_status_code(), reading.headers, b"".join(reading.body)), stays

    def _taken(self) -> socket.socket | None:
        """One that was used last and is still open: what has closed can be read from, and says nothing else."""
        while self._idle:
            try:
                connection = self._idle.pop()
            except IndexError:  # another thread was quicker
                return None
            if not wait_for_read(connection, timeout=0):
                return connection
            connection.close()
        return None

    def _opened(self, patience: Patience) -> socket.socket:
        connection: socket.socket | None = None
        self._before_waiting()
        try:
            connection = socket.create_connection((self._host, self._port), patience())
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if not self._is_https:
                return connection
            connection.settimeout(patience())
            return self._trusted().wrap_socket(connection, server_hostname=self._host)
        except OSError as error:
            if connection:
                connection.close()
            if isinstance(error, TimeoutError):
                raise
            raise URLError(str(error)) from error

    def _trusted(self) -> ssl.SSLContext:
        if self._tls is None:  # reading the authorities takes longer than a call
            self._tls = ssl.create_default_context()
        return self._tls


class _Reading:
    """One answer, as httptools tells of it."""

    def __init__(self) -> None:
        self.on_message_begin()

    def on_message_begin(self) -> None:
        """Also after news about it, which have a head of their own."""
        self.headers: dict[str, str] = {}
        self.body: list[bytes] = []
        self.is_in_body = False
        self.is_whole = False

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.decode("latin-1")] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        self.is_in_body = True

    def on_body(self, part: bytes) -> None:
        self.body.append(part)

    def on_message_complete(self) -> None:
        self.is_whole = True

    def says(self, name: str) -> str:
        """A header's value in small letters, empty where there is none."""
        return next((value.lower() for each, value in self.headers.items() if each.lower() == name), "")


def _line(text: str) -> str:
    """Text that stays on its line."""
    if "\r" in text or "\n" in text:
        raise ValueError("a line break has no place in a header")
    return text
