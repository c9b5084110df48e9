"""A line to PostgreSQL over loopback TCP that a test can cut, or let hang: open, and nothing comes or goes."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tests.servers import DEADLINE_S


class Line:
    """Ends at the server's socket in `folder`."""

    def __init__(self, folder: str) -> None:
        self._target = str(Path(folder) / ".s.PGSQL.5432")
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._flows = threading.Event()
        self._flows.set()
        self._ends: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def hang(self) -> None:
        """Whoever connects is taken, and nobody hears anything."""
        self._flows.clear()

    def flow(self) -> None:
        self._flows.set()

    def cut(self) -> None:
        """For everybody who is connected."""
        for end in self._ends:
            _end(end)

    def close(self) -> None:
        self.flow()
        _end(self._listener)
        self.cut()
        for thread in self._threads:
            thread.join(DEADLINE_S)
        for end in (*self._ends, self._listener):
            end.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            self._ends += [near, far]
            try:
                far.connect(self._target)
            except OSError:  # the server is being restarted
                _end(near)
                continue
            for source, target in ((near, far), (far, near)):
                self._threads.append(threading.Thread(target=self._carry, args=(source, target), daemon=True))
                self._threads[-1].start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while said := source.recv(65_536):
                self._flows.wait(DEADLINE_S)
                target.sendall(said)
        _end(source)
        _end(target)


def _end(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def line_to(url: str) -> Iterator[tuple[Line, str]]:
    """A line to one of the tests' databases, and the URL that leads through it."""
    parts = urlsplit(url)
    line = Line(parse_qs(parts.query)["host"][0])
    try:
        yield line, f"postgresql://inviteonce@127.0.0.1:{line.port}{parts.path}"
    finally:
        line.close()
