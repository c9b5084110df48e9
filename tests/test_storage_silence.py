"""PostgreSQL goes away in the middle of a statement, or says nothing any more: the transaction fails, in time, and the
next one works. With a server of our own, and a line to it that is cut or hangs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from cryptography.fernet import Fernet, MultiFernet
from sqlalchemy import Connection, Float, bindparam, func, select, text
from sqlalchemy.exc import DBAPIError
from starlette.testclient import TestClient

from bot.domain.invitation import Invitation
from bot.outages import Outages
from bot.web.app import web_app
from bot.worker import Worker
from storage.database import Database, open_database
from storage.engines import Engines, open_engines
from storage.prepared import Prepared, PreparedWrite
from tests.databases import KEYS
from tests.installation import surroundings
from tests.line import Line, line_to
from tests.postgres import PostgresServer, installed
from tests.servers import DEADLINE_S, ROOT, bare_environ, eventually, running
from tests.test_web_app import quiet_slack
from tests.world import Stage

LONGEST_S = 2.0
"""For what is to fail. What is to work is tried again: a busy machine may take longer."""
_TEMPLATE = "silence"


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """One that can be ill-treated."""
    with installed() as server:
        database = open_database(server.create(_TEMPLATE), KEYS)
        database.migrate()
        database.close()
        yield server


@pytest.fixture
def direct(server: PostgresServer) -> str:
    """The URL of a migrated database."""
    return server.create(f"test_{uuid4().hex}", _TEMPLATE)


@pytest.fixture
def line(direct: str) -> Iterator[tuple[Line, str]]:
    with line_to(direct) as found:
        yield found


@pytest.fixture
def engines(line: tuple[Line, str]) -> Iterator[Engines]:
    engines = open_engines(line[1], MultiFernet([Fernet(KEYS[0])]), LONGEST_S)
    yield engines
    engines.dispose()


@pytest.fixture
def database(line: tuple[Line, str]) -> Iterator[Database]:
    database = open_database(line[1], KEYS, LONGEST_S)
    yield database
    database.close()


# ---------------------------------------------------------------- one statement

_SLEEP = Prepared(select(func.pg_sleep(bindparam("seconds", type_=Float))))
_SLEEP_OFTEN = PreparedWrite(text("SELECT pg_sleep(CAST(:seconds AS FLOAT))"))
_NIGHT = {"seconds": 600.0}

STATEMENTS: dict[str, Callable[[Connection], object]] = {
    "prepared": lambda connection: _SLEEP.rows(connection, **_NIGHT),
    "many": lambda connection: _SLEEP_OFTEN.run(connection, _NIGHT, _NIGHT),
    "plain": lambda connection: connection.execute(text("SELECT pg_sleep(600)")),
}

MISHAPS: dict[str, Callable[[PostgresServer, Line, str], object]] = {
    "it is terminated": lambda server, line, url: _ask(url, f"SELECT pg_terminate_backend({_asleep(url)})"),
    "it is killed": lambda server, line, url: os.kill(_asleep(url), signal.SIGKILL),
    "the server is restarted": lambda server, line, url: server.restart(),
    "the line is cut": lambda server, line, url: line.cut(),
    "the line hangs": lambda server, line, url: line.hang(),
    "the server has timed out": lambda server, line, url: _ask(url, f"SELECT pg_cancel_backend({_asleep(url)})"),
}


@pytest.mark.parametrize("statement", STATEMENTS)
@pytest.mark.parametrize("mishap", MISHAPS)
def test_statement_fails_and_the_next_transaction_works(
    server: PostgresServer, line: tuple[Line, str], direct: str, engines: Engines, mishap: str, statement: str
) -> None:
    def run() -> None:
        with engines.writer.begin() as connection:
            STATEMENTS[statement](connection)

    with ThreadPoolExecutor(1) as thread:
        under_way = thread.submit(run)
        eventually(lambda: under_way.done() or _asleep(direct) > 0, "it is under way")
        MISHAPS[mishap](server, line[0], direct)
        with pytest.raises(DBAPIError):
            under_way.result(DEADLINE_S)
    line[0].flow()
    eventually(lambda: _works(engines), "the next transaction works")
    assert engines.writer.pool.checkedout() == 0  # type: ignore[attr-defined]  # as ours are


def test_transaction_that_cannot_begin_or_end_fails_in_time(line: tuple[Line, str], engines: Engines) -> None:
    eventually(lambda: _works(engines), "a transaction works")
    line[0].hang()
    with ThreadPoolExecutor(1) as thread, pytest.raises(DBAPIError):
        thread.submit(engines.writer.begin().__enter__).result(DEADLINE_S)
    line[0].flow()
    eventually(lambda: _works(engines), "the next transaction works")
    with ThreadPoolExecutor(1) as thread, pytest.raises(DBAPIError):
        thread.submit(_commit, engines, line[0]).result(DEADLINE_S)
    line[0].flow()
    eventually(lambda: _works(engines), "the next transaction works")
    assert engines.writer.pool.checkedout() == 0  # type: ignore[attr-defined]  # as ours are


def test_migration_takes_its_time(direct: str) -> None:
    """It may wait for another process that migrates, which may take minutes."""
    database = open_database(direct, KEYS, LONGEST_S)
    lock = 0x1E11E07CE
    with psycopg.connect(direct) as other, ThreadPoolExecutor(1) as thread:
        other.execute("SELECT pg_advisory_lock(%s)", [lock])
        migrated = thread.submit(database.migrate)
        eventually(lambda: migrated.done() or _ask(direct, _WAITING) is not None, "it waits")
        with ThreadPoolExecutor(1) as second, pytest.raises(DBAPIError):
            second.submit(_lock_of, database, lock).result(DEADLINE_S)  # so much time has passed
        assert not migrated.done()
        other.execute("SELECT pg_advisory_unlock(%s)", [lock])
        migrated.result(DEADLINE_S)
    database.close()


_WAITING = "SELECT 1 FROM pg_locks WHERE NOT granted LIMIT 1"


def _lock_of(database: Database, lock: int) -> None:
    with database.unit_of_work() as unit:
        unit._connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})


def _commit(engines: Engines, line: Line) -> None:
    with engines.writer.begin() as connection:
        connection.execute(text("SELECT 1"))
        line.hang()


def _works(engines: Engines) -> bool:
    try:
        with engines.writer.begin() as connection:
            return connection.scalar(text("SELECT 1")) == 1
    except DBAPIError:
        return False  # it recovers


def _asleep(url: str) -> int:
    """The process that is asleep in one of our statements; 0 where none is."""
    asleep = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
    found = _ask(url, asleep)
    return int(found[0]) if found else 0


def _ask(url: str, sql: str) -> tuple[int, ...] | None:
    with psycopg.connect(url) as connection:
        return connection.execute(sql).fetchone()  # type: ignore[call-overload,no-any-return]  # written here


# ---------------------------------------------------------------- those who wait for it


def test_page_says_that_something_went_wrong_and_the_next_one_is_there(
    direct: str, line: tuple[Line, str], database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    invitation = invited(direct)
    stage = Stage(database.unit_of_work)
    app = web_app(booking=stage.services.booking, slack_endpoint=quiet_slack, readiness=list, clock=stage.clock)
    browser = TestClient(app, raise_server_exceptions=False)
    line[0].hang()
    answer = browser.get(f"/i/{invitation.token}")
    line[0].flow()
    assert (answer.status_code, "mention reference" in answer.text) == (500, True)
    [failed] = [record for record in caplog.records if record.message == "a request failed"]
    assert failed.__dict__["reference"] in answer.text
    eventually(lambda: browser.get(f"/i/{invitation.token}").status_code == 200, "the next page is there")


def test_worker_goes_on_where_the_line_hung_in_the_middle_of_its_work(
    direct: str, line: tuple[Line, str], database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    invited(direct)
    stage = Stage(database.unit_of_work)
    stage.clock.advance(timedelta(seconds=1))
    worker = Worker(stage.services, Outages(database.is_current, stage.clock))
    line[0].hang()
    worker.start()
    try:
        eventually(lambda: "cannot be reached" in caplog.text, "the outage is told")
        line[0].flow()
        stage.clock.advance(timedelta(minutes=2))
        eventually(lambda: bool(stage.mailer.sent), "what was to be sent is sent")
    finally:
        worker.stop()


def invited(url: str) -> Invitation:
    database = open_database(url, KEYS)
    stage = Stage(database.unit_of_work)
    stage.connect()
    invitation = stage.invite()
    database.close()
    return invitation


# ---------------------------------------------------------------- processes that are to stop

_WAIT = """
import sys
from storage.database import open_database
from tests.databases import KEYS
from bot.domain.ids import DraftId
print("asks", flush=True)
with open_database(sys.argv[1], KEYS).unit_of_work() as unit:
    unit.drafts.get(DraftId("none"))
"""


def test_ctrl_c_is_heard_while_the_main_thread_waits_for_an_answer(direct: str) -> None:
    with _locked(direct, "drafts"):
        process = subprocess.Popen(
            [sys.executable, "-c", _WAIT, direct], cwd=ROOT, env=bare_environ(), stderr=subprocess.PIPE
        )
        with process:
            try:
                eventually(lambda: _ask(direct, _WAITING) is not None, "it waits")
                process.send_signal(signal.SIGINT)
                _, said = process.communicate(timeout=DEADLINE_S)
            finally:
                process.kill()
    assert b"KeyboardInterrupt" in said


@pytest.mark.parametrize("command", ["worker", "run"])
def test_process_that_is_to_stop_waits_for_nobodys_lock(direct: str, tmp_path: Path, command: str) -> None:
    with surroundings() as around:
        environ = {**around.environ, "DATABASE_URL": direct}
        ready_url = None if command == "worker" else f"{around.url}/readyz"
        with running(command, folder=tmp_path, environ=environ, ready_url=ready_url) as product:
            if command == "worker":
                product.wait_for("The worker is running.")
            with _locked(direct, "outbox"):
                eventually(lambda: _ask(direct, _WAITING) is not None, "it waits")
                assert product.stop() == 0


@contextmanager
def _locked(url: str, table: str) -> Iterator[None]:
    """By somebody who never ends."""
    with psycopg.connect(url) as connection:
        connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")  # type: ignore[call-overload]
        yield
