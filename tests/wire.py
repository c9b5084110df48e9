"""A server that says exactly the bytes that a test gives it, whatever HTTP thinks of them."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

OK = b'{"ok": true, "n": 1}'
CLOSE = b""
"""Close the connection without an answer."""
_LENGTHS = (b"Content-Length:", b"chunked")


def reply(body: bytes = OK, status: str = "200 OK", headers: str = "", kind: str = "application/json") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return head.encode() + body


class Wire:
    """A server that says exactly these bytes, one a request, whichever connection that comes on."""

    def __init__(self, listener: socket.socket, replies: Sequence[bytes], tls: ssl.SSLContext | None) -> None:
        scheme = "https" if tls else "http"
        self.url = f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/api/"
        self._tls = tls
        self.connections = 0
        self.requests: list[bytes] = []
        self._listener = listener
        self._replies = list(replies)
        self._lock = threading.Lock()
        self._may_answer = threading.Event()
        self._may_answer.set()

    def answers_when(self, event: threading.Event) -> None:
        """From now on, no sooner than that."""
        self._may_answer = event

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
        with connection, suppress(ssl.SSLError, ConnectionError):  # whom the client does not trust it leaves
            self._answer(self._tls.wrap_socket(connection, server_side=True) if self._tls else connection)

    def _answer(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as incoming:
            while head := self._head(incoming):
                length = next(int(line.split(b":")[1]) for line in head if line.lower().startswith(b"content-length"))
                body = incoming.read(length)
                with self._lock:
                    self.requests.append(b"".join(head) + b"\n" + body)
                    said = self._replies.pop(0) if self._replies else reply()
                self._may_answer.wait(30)
                if said == CLOSE:
                    return
                connection.sendall(said)
                if b"Connection: close" in said or not any(length in said for length in _LENGTHS):
                    return

    @staticmethod
    def _head(incoming: object) -> list[bytes]:
        lines: list[bytes] = []
        while (line := incoming.readline()).strip():  # type: ignore[attr-defined]  # a file of bytes
            lines.append(line)
        return lines


@contextmanager
def wire(*replies: bytes, tls: ssl.SSLContext | None = None) -> Iterator[Wire]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Wire(listener, replies, tls)
        thread = threading.Thread(target=server.accept, daemon=True)
        thread.start()
        yield server
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(30)
