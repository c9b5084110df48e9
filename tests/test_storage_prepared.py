"""A prepared statement does what SQLAlchemy's own way of running it does, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta, timezone

import pytest
from cryptography.fernet import Fernet, MultiFernet
from sqlalchemy import Connection, Engine, bindparam, case, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, ResourceClosedError

from bot.domain.calendar import ConnectionState
from bot.domain.ids import ConnectionId, UserId
from storage.among import among
from storage.connection_tables import ConnectionRow
from storage.database import Database
from storage.engines import Engines, open_engines
from storage.prepared import Prepared, PreparedWrite
from storage.records import table_of
from tests.databases import KEYS
from tests.storage_cast import HOUR, NOON, a_connection, a_meeting, an_invitation

_TABLE = table_of(ConnectionRow)
_ROW = _TABLE.c
STATEMENT = (
    select(*_ROW, case((_ROW.account == "a", 1), else_=2))
    .where(among(_ROW.user_id, "users"), _ROW.connected_at >= bindparam("since"))
    .order_by(_ROW.user_id)
    .limit(6)
)
PREPARED = Prepared(STATEMENT)


@pytest.fixture
def connection(database: Database, database_url: str) -> Iterator[Connection]:
    """Reads where ten people have connected an account, each an hour after the one before."""
    with database.unit_of_work(write=True) as unit:
        for number in range(10):
            account = a_connection(_user(number), id=ConnectionId(f"c{number}"), connected_at=NOON + number * HOUR)
            unit.connections.put(account)
        unit.commit()
    engines = open_engines(database_url, MultiFernet([Fernet(KEYS[0])]))
    with engines.reader.connect() as connection:
        yield connection
    engines.dispose()


def _user(number: int) -> UserId:
    return UserId(f"U{number}")


@pytest.mark.parametrize("how_many", range(10))
def test_it_answers_the_same_for_lists_of_every_length(connection: Connection, how_many: int) -> None:
    given = {"users": [_user(number) for number in range(how_many)], "since": NOON + 2 * HOUR}
    expected = connection.execute(STATEMENT, given).all()
    assert PREPARED.rows(connection, **given) == expected
    assert len(expected) == min(max(how_many - 2, 0), 6)


def test_each_time_it_answers_what_it_is_asked(connection: Connection) -> None:
    for number in (3, 8, 5):
        given = {"users": [_user(number), "nobody"], "since": NOON.astimezone(timezone(timedelta(hours=9)))}
        assert [row.user_id for row in connection.execute(STATEMENT, given)] == [_user(number)]
        (row,) = PREPARED.rows(connection, **given)
        assert _user(number) in row


def test_it_reads_what_the_transaction_has_written(database: Database) -> None:
    account = a_connection()
    with database.unit_of_work(write=True) as unit:
        unit.connections.put(account)
        assert unit.connections.of_user(account.workspace_id, account.user_id) == [account]


def test_it_refuses_to_work_after_the_transaction(database: Database) -> None:
    account = a_connection()
    with database.unit_of_work() as unit:
        pass
    with pytest.raises(ResourceClosedError):
        unit.connections.of_user(account.workspace_id, account.user_id)


def test_postgresql_keeps_what_is_prepared_when_a_transaction_is_rolled_back(engines: Engines) -> None:
    for _ in range(10):
        with rolled_back(engines.reader) as connection:
            PREPARED.rows(connection, users=["nobody"], since=NOON)
        with rolled_back(engines.writer) as connection:
            RENAME.run(connection, {"who": "nobody"})
    with rolled_back(engines.reader) as connection:
        prepared = connection.scalars(text("SELECT statement FROM pg_prepared_statements"))
        assert {statement.partition(" ")[0] for statement in prepared} == {"SELECT", "UPDATE"}


def test_postgresql_forgets_what_is_prepared_after_an_error(engines: Engines) -> None:
    """What was to be prepared in a transaction that has failed is not, whatever the driver thinks."""
    for _ in range(10):
        with rolled_back(engines.writer) as connection:
            RENAME.run(connection, {"who": "nobody"})
            for _ in range(2):
                with pytest.raises(DBAPIError):
                    connection.execute(text("SELECT 1 / 0"))
            with pytest.raises(DBAPIError):
                RENAME.run(connection, {"who": "nobody"}, {"who": "nobody else"})
        with rolled_back(engines.writer) as connection:
            assert RENAME.run(connection, {"who": "nobody"}, {"who": "nobody else"}) == 0


@pytest.fixture
def engines(postgres_url: str) -> Iterator[Engines]:
    engines = open_engines(postgres_url, MultiFernet([Fernet(KEYS[0])]))
    yield engines
    engines.dispose()


@contextmanager
def rolled_back(engine: Engine) -> Iterator[Connection]:
    """A connection in a transaction that stores nothing."""
    with engine.connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()


RENAME = PreparedWrite(
    update(_TABLE).where(_ROW.user_id == bindparam("who"), _ROW.state == ConnectionState.OK).values(account="new")
)


def test_a_write_says_how_many_rows_it_changed(database: Database, database_url: str) -> None:
    with database.unit_of_work(write=True) as unit:
        for number in range(3):
            unit.connections.put(a_connection(_user(number), id=ConnectionId(f"c{number}")))
        unit.commit()
    engines = open_engines(database_url, MultiFernet([Fernet(KEYS[0])]))
    with engines.writer.begin() as connection:
        assert RENAME.run(connection, {"who": _user(0)}) == 1
        assert RENAME.run(connection, {"who": _user(1)}, {"who": _user(2)}, {"who": "nobody"}) == 2
        assert set(connection.scalars(select(_ROW.account))) == {"new"}
        assert RENAME.run(connection, {"who": "nobody"}) == 0
    engines.dispose()


def test_what_the_database_refuses_raises_what_sqlalchemy_would_without_what_it_was_given(database: Database) -> None:
    meeting = a_meeting(an_invitation())
    with database.unit_of_work(write=True) as unit:
        unit.meetings.add(meeting)
        with pytest.raises(IntegrityError) as refused:
            unit.meetings.add(meeting)
    assert refused.value.statement is None
    assert refused.value.params is None
