"""Transactions: all or nothing, readers beside writers, threads in a queue, killed processes harmless."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError, ResourceClosedError

from bot.domain.activity import HomeState
from bot.domain.ids import DraftId, UserId
from bot.domain.invitation import Draft
from bot.errors import SettingsError
from bot.ports import UnitOfWork, UnitOfWorkFactory
from storage.database import Database, open_database
from tests.databases import KEYS
from tests.servers import eventually
from tests.storage_cast import DANA, NOON, NORTHWIND, a_draft, a_meeting, an_invitation

_ROOT = Path(__file__).parent.parent
_WRITE_AND_HANG = """
import sys
from storage.database import open_database
from tests.databases import KEYS
from tests.storage_cast import NOON
with open_database(sys.argv[1], KEYS).unit_of_work(write=True) as unit:
    unit.nonces.use("from the dead", NOON)
    print("written", flush=True)
    sys.stdin.read()
"""


def test_database_satisfies_the_port(database: Database) -> None:
    factory: UnitOfWorkFactory = database.unit_of_work
    unit: UnitOfWork = factory(write=True)
    with unit:
        unit.commit()


def test_what_is_not_committed_is_rolled_back(unit_of_work: UnitOfWorkFactory) -> None:
    draft = a_draft()
    with unit_of_work(write=True) as unit:
        unit.drafts.add(draft)
    with pytest.raises(IntegrityError):
        _add_twice(unit_of_work, draft)
    with unit_of_work() as unit:
        assert unit.drafts.get(draft.id) is None


def _add_twice(unit_of_work: UnitOfWorkFactory, draft: Draft) -> None:
    with unit_of_work(write=True) as unit:
        unit.drafts.add(draft)
        unit.drafts.add(draft)
        unit.commit()


def test_a_server_that_was_restarted_is_asked_again(postgres_database: Database, postgres_url: str) -> None:
    def read_and_write() -> int:
        with postgres_database.unit_of_work(write=True) as unit, postgres_database.unit_of_work() as other:
            assert unit.drafts.get(DraftId("none")) is other.drafts.get(DraftId("none")) is None
            return len(_pids(postgres_url))

    assert read_and_write() == 2
    before = _pids(postgres_url)
    with psycopg.connect(postgres_url) as administrator:
        for pid in before:
            administrator.execute("SELECT pg_terminate_backend(%s)", [pid])
    eventually(lambda: not any(map(_is_running, before)), "its connections end")
    assert read_and_write() == 2
    assert not before & _pids(postgres_url)


def _pids(url: str) -> set[int]:
    others = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with psycopg.connect(url) as connection:
        return {pid for (pid,) in connection.execute(others)}


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # the server runs as somebody else
        return True
    return True


def test_what_is_committed_is_there_for_everybody(unit_of_work: UnitOfWorkFactory) -> None:
    draft = a_draft()
    with unit_of_work(write=True) as unit:
        unit.drafts.add(draft)
        unit.commit()
    with unit_of_work() as unit:
        assert unit.drafts.get(draft.id) == draft


def test_nothing_works_after_commit(unit_of_work: UnitOfWorkFactory) -> None:
    with unit_of_work(write=True) as unit:
        unit.commit()
        with pytest.raises(ResourceClosedError):
            unit.drafts.add(a_draft())


def test_reading_transaction_refuses_to_write(unit_of_work: UnitOfWorkFactory) -> None:
    with unit_of_work() as unit, pytest.raises(DBAPIError):
        unit.drafts.add(a_draft())
    with unit_of_work(write=True) as unit:
        unit.drafts.add(a_draft())
        unit.commit()


def test_reader_does_not_wait_for_a_writer_and_sees_what_was(unit_of_work: UnitOfWorkFactory) -> None:
    draft = a_draft()
    with unit_of_work(write=True) as writing:
        writing.drafts.add(draft)
        with unit_of_work() as reading:
            assert reading.drafts.get(draft.id) is None
        writing.commit()


def test_writer_does_not_wait_for_a_reader(unit_of_work: UnitOfWorkFactory) -> None:
    draft = a_draft()
    with unit_of_work() as reading:
        assert reading.drafts.get(draft.id) is None
        with unit_of_work(write=True) as writing:
            writing.drafts.add(draft)
            writing.commit()


def test_meeting_of_no_invitation_is_refused_at_commit(unit_of_work: UnitOfWorkFactory) -> None:
    with unit_of_work(write=True) as unit:
        unit.meetings.add(a_meeting(an_invitation()))
        with pytest.raises(IntegrityError):
            unit.commit()
    with unit_of_work(write=True) as unit:  # the connection is as good as new
        unit.commit()


def test_hundred_threads_write_and_none_is_turned_away(database: Database) -> None:

    def write(number: int) -> None:
        for _ in range(3):
            with database.unit_of_work(write=True) as unit:
                unit.homes.put(NORTHWIND, UserId(f"U{number}"), HomeState(page=number))
                unit.nonces.use(f"{number}", NOON)
                unit.commit()

    with ThreadPoolExecutor(100) as pool:
        list(pool.map(write, range(100)))
    with database.unit_of_work() as unit:
        assert [unit.homes.get(NORTHWIND, UserId(f"U{number}")) for number in range(100)] == [
            HomeState(page=number) for number in range(100)
        ]


def test_sqlite_transaction_that_writes_has_read_nothing_stale(sqlite_database: Database) -> None:
    """A plain BEGIN would read first and be refused, or count wrong, when it writes."""

    def count_up(_: int) -> None:
        with sqlite_database.unit_of_work(write=True) as unit:
            state = unit.homes.get(NORTHWIND, DANA) or HomeState()
            unit.homes.put(NORTHWIND, DANA, HomeState(page=state.page + 1))
            unit.commit()

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(count_up, range(100)))
    with sqlite_database.unit_of_work() as unit:
        assert unit.homes.get(NORTHWIND, DANA) == HomeState(page=100)


def test_killed_writer_leaves_nothing_and_blocks_nobody(database: Database, database_url: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _WRITE_AND_HANG, database_url],
        cwd=_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "written\n"
        process.kill()
    with database.unit_of_work(write=True) as unit:
        assert unit.nonces.use("from the dead", NOON)


@pytest.mark.parametrize(
    "url",
    ["", "inviteonce.db", "sqlite://", "sqlite:///:memory:", "mysql://host/name", "postgresql+nothing://host/name"],
)
def test_wrong_address_names_its_setting(url: str) -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL"):
        open_database(url, KEYS)


@pytest.mark.parametrize("keys", [(), ("too short",), (*KEYS, "")])
def test_wrong_key_names_its_setting(keys: tuple[str, ...]) -> None:
    with pytest.raises(SettingsError, match="ENCRYPTION_KEYS"):
        open_database("sqlite:///inviteonce.db", keys)


def test_opening_touches_no_file(tmp_path: Path) -> None:
    open_database(f"sqlite:///{tmp_path}/inviteonce.db", KEYS).close()
    assert not list(tmp_path.iterdir())
