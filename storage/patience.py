"""Patience: a transaction that is not over in time is cut off.

libpq waits for an answer for as long as the line to the server is open. Behind a proxy that hangs, or a server that is
halted, that is for ever, and so would everybody wait who needs the thread, or what its transaction has locked.
"""

from __future__ import annotations

import logging
import os
import socket
import time
from contextlib import suppress
from threading import Event, Lock, Thread
from typing import Any

log = logging.getLogger(__name__)
_HURRY_S = 5.0
"""How much is left to each transaction once the process is to stop."""
_LOOK_S = 1.0


class Patience:
    """Watches psycopg's connections while they are at work. Safe between threads."""

    def __init__(self, longest_s: float) -> None:
        self._longest_s = longest_s
        self._begun: dict[Any, float] = {}
        self._ended = Event()
        self._watch: Thread | None = None
        self._lock = Lock()

    def begin(self, connection: Any) -> None:
        """It is taken to work with from now on."""
        self._begun[connection] = time.monotonic()
        if self._watch is None:
            self._start()

    def end(self, connection: Any) -> None:
        """It has been given back, or may take as long as it wants."""
        self._begun.pop(connection, None)

    def hurry(self) -> None:
        """The process is to stop. Fit for a signal handler."""
        self._longest_s = min(self._longest_s, _HURRY_S)

    def stop(self) -> None:
        self._ended.set()

    def _start(self) -> None:
        with self._lock:
            if self._watch is None:
                self._watch = Thread(target=self._look, name="patience", daemon=True)
                self._watch.start()

    def _look(self) -> None:
        while not self._ended.wait(min(_LOOK_S, self._longest_s / 4)):
            oldest = time.monotonic() - self._longest_s
            for connection, begun_at in self._begun.copy().items():
                if begun_at < oldest:
                    self._begun.pop(connection, None)
                    _cut(connection)


def _cut(connection: Any) -> None:
    """Whoever waits for its server hears that it is gone. Nothing happens to one that is closed already."""
    if connection.closed:
        return
    with suppress(OSError), socket.socket(fileno=os.dup(connection.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)
        log.warning("The database did not end a transaction in time; its connection was cut")
