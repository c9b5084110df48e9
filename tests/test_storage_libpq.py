"""PostgreSQL asked through libpq: the same answers and errors as psycopg's own cursor gives."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.fernet import Fernet, MultiFernet
from psycopg import OperationalError
from psycopg.errors import UniqueViolation
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from storage.engines import Engines, open_engines
from storage.libpq import LibpqCursor
from tests.databases import KEYS
from tests.storage_cast import NOON

_EVERYTHING = "SELECT $1::TEXT, $2::BIGINT, $3::TIMESTAMP WITH TIME ZONE, $4::BOOLEAN, $5::BYTEA, $6::TEXT[]"


@pytest.fixture
def engines(postgres_url: str) -> Iterator[Engines]:
    engines = open_engines(postgres_url, MultiFernet([Fernet(KEYS[0])]))
    yield engines
    engines.dispose()


@pytest.fixture
def connection(engines: Engines) -> Iterator[Connection]:
    with engines.writer.begin() as connection:
        connection.execute(text("CREATE TEMPORARY TABLE notes (number INTEGER PRIMARY KEY, note TEXT) ON COMMIT DROP"))
        yield connection


def test_one_statement_serves_values_of_every_size_and_none(connection: Connection) -> None:
    cursor = LibpqCursor(connection.connection)
    rows: list[tuple[Any, ...]] = [
        ("naïve ☃ %s", 5, NOON, True, b"\x00\xff", ["a", "b"]),
        ("", -(2**40), datetime(1969, 7, 20, 20, 17, 40, 1, tzinfo=UTC), False, b"", []),
        (None, None, None, None, None, None),
    ]
    for row in rows:
        cursor.execute(_EVERYTHING, row)
        assert cursor.fetchall() == [row]
    prepared = connection.scalars(text("SELECT statement FROM pg_prepared_statements")).all()
    assert prepared.count(_EVERYTHING) == 1


def test_many_rows_are_counted(connection: Connection) -> None:
    cursor = LibpqCursor(connection.connection)
    cursor.executemany("INSERT INTO notes VALUES ($1::INTEGER, $2::TEXT)", [(number, "") for number in range(9)])
    assert cursor.rowcount == 9
    cursor.executemany("UPDATE notes SET note = 'low' WHERE number < $1::INTEGER", [(3,), (0,), (4,)])
    assert cursor.rowcount == 7
    assert connection.scalar(text("SELECT count(*) FROM notes WHERE note = 'low'")) == 4


def test_more_goes_both_ways_than_a_connection_holds(connection: Connection) -> None:
    """The server answers before it has been told everything, and waits until somebody listens."""
    cursor = LibpqCursor(connection.connection)
    cursor.executemany("SELECT $1::TEXT", [("x" * 100_000,)] * 300)
    assert cursor.rowcount == 300


def test_what_is_refused_among_many_is_said_and_the_connection_goes_on(engines: Engines) -> None:
    with engines.writer.connect() as connection:
        connection.execute(text("CREATE TEMPORARY TABLE notes (number INTEGER PRIMARY KEY)"))
        cursor = LibpqCursor(connection.connection)
        with pytest.raises(UniqueViolation):
            cursor.executemany("INSERT INTO notes VALUES ($1::INTEGER)", [(1,), (1,), (2,)])
        connection.rollback()
        cursor.execute("SELECT $1::INTEGER", (7,))
        assert cursor.fetchall() == [(7,)]


def test_a_connection_that_is_cut_raises_and_is_not_used_again(engines: Engines) -> None:
    connection = engines.writer.connect()
    pid = connection.scalar(text("SELECT pg_backend_pid()"))
    _cut(connection)
    with pytest.raises(OperationalError):
        LibpqCursor(connection.connection).execute("SELECT $1::INTEGER", (7,))
    with pytest.raises(DBAPIError):
        connection.close()  # there is nothing left to roll back
    with engines.writer.connect() as other:
        assert other.scalar(text("SELECT pg_backend_pid()")) != pid


def test_a_server_that_says_goodbye_among_many_rows_is_heard(engines: Engines) -> None:
    connection = engines.writer.connect()
    pid = connection.scalar(text("SELECT pg_backend_pid()"))
    with engines.writer.connect() as other:
        other.execute(text("SELECT pg_terminate_backend(:pid, 60000)"), {"pid": pid})
    with pytest.raises(OperationalError):
        LibpqCursor(connection.connection).executemany("SELECT $1::INTEGER", [(7,), (8,)])
    with pytest.raises(DBAPIError):
        connection.close()  # there is nothing left to roll back


def _cut(connection: Connection) -> None:
    driver: Any = connection.connection.driver_connection
    with socket.socket(fileno=os.dup(driver.pgconn.socket)) as line:
        line.shutdown(socket.SHUT_RDWR)
