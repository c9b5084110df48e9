"""The first views that people wait for, and what is worked out for open views once none of those is on its way."""

from __future__ import annotations

import logging
import secrets
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from threading import Condition

from bot.slack.errors import is_passing

PATIENCE_S = 5.0
"""How long work lets first views go before it: with people coming all the time its turn comes as well."""

log = logging.getLogger(__name__)


class FirstViews:
    """Those on their way go before the work for `threads`: each piece of it begins when there is none."""

    def __init__(self, threads: Executor, patience_s: float = PATIENCE_S) -> None:
        self._threads = threads
        self._patience_s = patience_s
        self._on_their_way = 0
        self._changed = Condition()

    @contextmanager
    def opening(self) -> Iterator[None]:
        """While a person waits for one."""
        with self._changed:
            self._on_their_way += 1
        try:
            yield
        finally:
            with self._changed:
                self._on_their_way -= 1
                if not self._on_their_way:
                    self._changed.notify_all()

    def afterwards(self, work: Callable[[], object]) -> None:
        """Do that once nobody waits for a first view. Where it fails the log says so, with a reference."""
        self._threads.submit(self._do, work).add_done_callback(_report)

    def _do(self, work: Callable[[], object]) -> None:
        with self._changed:
            self._changed.wait_for(lambda: not self._on_their_way, self._patience_s)
        work()


def _report(done: Future[None]) -> None:
    if done.cancelled():
        return
    error = done.exception()
    if error is None:
        return
    if is_passing(error):
        log.warning("Slack did not take a view with what was worked out: %s", type(error).__name__)
    else:
        log.error(
            "work for an open view failed: %s\n%s",
            type(error).__name__,
            "".join(traceback.format_tb(error.__traceback__)),
            extra={"reference": secrets.token_hex(4)},
        )
