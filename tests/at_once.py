"""Several at the same moment, in threads; and one while another's transaction is open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import Any

import psycopg

from tests.servers import eventually

_PATIENCE_S = 120


def at_once(*actions: Callable[[], Any]) -> list[Any]:
    """Let go together; what each returns, or the product's own error that it raises. Any other error fails the test."""
    from bot.errors import InviteOnceError

    start = Barrier(len(actions), timeout=_PATIENCE_S)

    def run(action: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return action()
        except InviteOnceError as error:
            return error

    with ThreadPoolExecutor(len(actions)) as threads:
        return list(threads.map(run, actions))


@contextmanager
def meanwhile(action: Callable[[], Any], database_url: str) -> Iterator[Future[Any]]:
    """The action in another thread, begun while the caller's transaction is open: the block is entered once PostgreSQL
    lets it wait for a lock, or it is over. SQLite lets nobody begin to write before the transaction ends."""
    with ThreadPoolExecutor(1) as thread:
        future = thread.submit(action)
        if database_url.startswith("postgresql"):
            eventually(lambda: future.done() or _somebody_waits(database_url), "it waits, or is over")
        yield future


def _somebody_waits(url: str) -> bool:
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid)"
            " WHERE NOT granted AND datname = current_database() LIMIT 1"
        )
        return found.fetchone() is not None
