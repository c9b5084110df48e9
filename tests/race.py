"""A race over one database: many threads of several real processes, let go at the same moment, round after round.

    outcomes = race(database_url, KEYS, confirm, processes=4, threads=25, rounds=20)

`confirm(database, round_number, contestant)` is a function at the top of a module (processes find it by its
name); what it returns is that contestant's outcome. What it raises fails the race.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing.synchronize import Barrier
from typing import TypeAlias

from storage.database import Database, open_database
from tests.processes import prepared

Attempt: TypeAlias = Callable[[Database, int, int], str]

_PATIENCE_S = 120

_start: Barrier


def race(
    url: str, keys: Sequence[str], attempt: Attempt, *, processes: int, threads: int, rounds: int
) -> list[Counter[str]]:
    """How often each outcome came about, per round. All `processes * threads` contestants run in every round."""
    context = prepared()
    start = context.Barrier(processes * threads, timeout=_PATIENCE_S)
    with ProcessPoolExecutor(processes, context, _line_up, (start,)) as pool:
        running = [
            pool.submit(_run, url, keys, attempt, range(first, first + threads), rounds)
            for first in range(0, processes * threads, threads)
        ]
        laps = [lap for process in running for lap in process.result()]
    return [Counter(lap[number] for lap in laps) for number in range(rounds)]


def _line_up(start: Barrier) -> None:
    """In each process, before anything else: know the barrier, which cannot be sent along with a task."""
    global _start
    _start = start


def _run(url: str, keys: Sequence[str], attempt: Attempt, contestants: range, rounds: int) -> list[list[str]]:
    """One process: its contestants' outcomes, round by round."""
    database = open_database(url, keys)

    def run(contestant: int) -> list[str]:
        outcomes = []
        for number in range(rounds):
            _start.wait()
            outcomes.append(attempt(database, number, contestant))
        return outcomes

    try:
        with ThreadPoolExecutor(len(contestants)) as pool:
            return list(pool.map(run, contestants))
    finally:
        database.close()
