"""Bookings decided per second: status, meeting, claims and a delivery in one transaction, or a refusal.

Eight threads of one process; every slot is wanted by four customers, and one of them must get it. SQLite at
`synchronous=FULL`, and PostgreSQL where it is installed (without fsync). Beside it SQLite's own share: one row a
transaction, one thread, no product. Run: `python -m tests.benchmarks.storage`.
"""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bot.domain.ids import InvitationId
from storage.database import Database, open_database
from tests.benchmarks.table import Line, print_table
from tests.databases import KEYS
from tests.postgres import running, server_programs
from tests.storage_cast import BEN, DAY, PRIYA, an_invitation
from tests.test_storage_race import BOOKED, book

THREADS = 8
SLOTS, CUSTOMERS = 400, 4
TARGET = 500
_BARE_ROWS = 400


def rows() -> Iterator[Line]:
    with tempfile.TemporaryDirectory() as folder:
        bare = _bare_commits(Path(folder) / "bare.db")
        rate, doubled = _decided(f"sqlite:///{Path(folder) / 'bench.db'}")
        yield Line("bookings decided, SQLite FULL", rate, TARGET, "/s", bare, "one row a commit", True)
        yield Line("booked twice, SQLite", doubled, 0, "slots")
    programs = server_programs()
    if programs is not None:
        with running(programs) as server:
            rate, doubled = _decided(server.create("bench"))
        yield Line("bookings decided, PostgreSQL", rate, TARGET, "/s", more_is_better=True)
        yield Line("booked twice, PostgreSQL", doubled, 0, "slots")


def _decided(url: str) -> tuple[float, int]:
    """How many attempts were answered a second, and how many slots more or fewer than one of them got."""
    database = open_database(url, KEYS)
    try:
        database.migrate()
        _invite(database)
        attempts = [(slot, customer) for slot in range(SLOTS) for customer in range(CUSTOMERS)]
        with ThreadPoolExecutor(THREADS) as hands:
            began = time.perf_counter()
            outcomes = list(hands.map(lambda attempt: _attempt(database, *attempt), attempts))
            seconds = time.perf_counter() - began
    finally:
        database.close()
    booked = Counter(slot for (slot, _), outcome in zip(attempts, outcomes, strict=True) if outcome == BOOKED)
    return len(attempts) / seconds, sum(booked[slot] != 1 for slot in range(SLOTS))


def _invite(database: Database) -> None:
    with database.unit_of_work(write=True) as unit:
        for slot in range(SLOTS):
            for customer in range(CUSTOMERS):
                unit.invitations.add(an_invitation(PRIYA, BEN, id=f"{slot}-{customer}"))
        unit.commit()


def _attempt(database: Database, slot: int, customer: int) -> str:
    return book(database, InvitationId(f"{slot}-{customer}"), slot * DAY)


def _bare_commits(file: Path) -> float:
    connection = sqlite3.connect(file, isolation_level=None)
    for statement in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "CREATE TABLE t (id INTEGER)"):
        connection.execute(statement)
    began = time.perf_counter()
    for number in range(_BARE_ROWS):
        connection.execute("INSERT INTO t VALUES (?)", (number,))
    seconds = time.perf_counter() - began
    connection.close()
    return _BARE_ROWS / seconds


if __name__ == "__main__":
    print_table(rows())
