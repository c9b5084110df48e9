"""How many threads are at work on Slack's requests at once: few, one request after the other."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import suppress
from typing import Any

AT_ONCE = 2
"""One computes while the other waits for the disk."""

Work = Callable[[], None]
"""Raises nothing."""


class Turns:
    """Work for `threads`, of which few are at it at once; the rest is begun in the order in which it came.

    Python runs one thread at a time. Twenty requests that are worked on together are all as late as the last of them,
    and a fifth of the work is changing places. A turn is over as soon as its thread waits for Slack, or for work that
    it has handed to another thread.
    """

    def __init__(self, threads: Executor, at_once: int = AT_ONCE) -> None:
        self._threads = threads
        self._at_once = at_once
        self._at_work = 0
        self._waiting: deque[Work] = deque()
        self._lock = threading.Lock()
        self._mine = threading.local()

    def submit(self, work: Work) -> None:
        with self._lock:
            if self._at_work == self._at_once:
                self._waiting.append(work)
                return
            self._at_work += 1
        self._threads.submit(self._take_turns, work)

    def hurry(self, work: Work) -> None:
        """Begin it now where it still waits: whatever those before it wait for, it may not be kept for long."""
        with self._lock:
            if work not in self._waiting:
                return
            self._waiting.remove(work)
        self._threads.submit(work)

    def over(self) -> None:
        """This thread is about to wait: if it has a turn, that is the next one's."""
        if getattr(self._mine, "has_turn", False):
            self._mine.has_turn = False
            following = self._next()
            if following:
                with suppress(RuntimeError):  # the process is ending, and has answered whom it answers
                    self._threads.submit(self._take_turns, following)

    def _take_turns(self, first: Work) -> None:
        work: Work | None = first
        while work:
            self._mine.has_turn = True
            work()
            work = self._next() if self._mine.has_turn else None
        self._mine.has_turn = False

    def _next(self) -> Work | None:
        with self._lock:
            if self._waiting:
                return self._waiting.popleft()
            self._at_work -= 1
            return None


class Elsewhere(Executor):
    """`threads`, for work that whoever hands it over waits for: that is the end of their turn."""

    def __init__(self, threads: Executor, turns: Turns) -> None:
        self._threads = threads
        self._turns = turns

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        pending = self._threads.submit(fn, *args, **kwargs)
        self._turns.over()
        return pending
