"""Statements that somebody waits for. SQLAlchemy says once how to ask and how to understand the answer; from then on
the driver is asked directly, because SQLAlchemy takes ten times as long to run a statement as SQLite to answer it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Delete, Dialect, Insert, Select, TextClause, Update
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from storage.libpq import LibpqCursor  # imported where PostgreSQL is used: its driver takes its time

WORDS = "prepared"
"""The execution option in which an engine keeps what it has been prepared for: it belongs to no other database."""
CURSOR = "cursor"
"""The one with which an engine makes a cursor of a connection, where the driver's own is too slow."""

_Change = Callable[[Any], Any]


@contextmanager
def cursor_of(connection: Connection) -> Iterator[DBAPICursor | LibpqCursor]:
    """The engine's, or else the driver's own, in the connection's transaction. Raises what SQLAlchemy raises."""
    driver = connection.dialect.loaded_dbapi
    make, raw = connection.get_execution_options().get(CURSOR), connection.connection
    cursor: DBAPICursor | LibpqCursor = make(raw) if make else raw.cursor()
    try:
        yield cursor
    except driver.Error as error:
        is_gone = connection.dialect.is_disconnect(error, raw.dbapi_connection, None)
        if is_gone:
            connection.invalidate(error)
        # Without the statement and what it was given: that is about people.
        raise DBAPIError.instance(
            None, None, error, driver.Error, connection_invalidated=is_gone, dialect=connection.dialect
        ) from error
    finally:
        cursor.close()


class Prepared:
    """A SELECT whose values are `bindparam`s, and lists of them `among`."""

    def __init__(self, statement: Select[Any]) -> None:
        self._statement = statement

    def rows(self, connection: Connection, **given: Any) -> list[tuple[Any, ...]]:
        """In the connection's transaction. Raises what SQLAlchemy raises."""
        words = self._words(connection)
        with cursor_of(connection) as cursor:
            cursor.execute(words.sql, words.parameters(given))
            found = cursor.fetchall()
        return [
            tuple([out(value) if out else value for out, value in zip(words.out, row, strict=True)]) for row in found
        ]

    def _words(self, connection: Connection) -> _Words:
        known = connection.get_execution_options()[WORDS]
        words: _Words | None = known.get(self)
        if words is None:
            out = [column.type for column in self._statement.selected_columns]
            words = known[self] = _words(self._statement, connection.dialect, out)
        return words


class PreparedWrite:
    """A change whose values are `bindparam`s, or of the columns that it is given."""

    def __init__(self, statement: Insert | Update | Delete | TextClause) -> None:
        self._statement = statement

    def run(self, connection: Connection, *rows: Mapping[str, Any]) -> int:
        """With each of these in turn, all alike; how many rows have changed. Raises what SQLAlchemy raises."""
        words = self._words(connection, tuple(rows[0]))
        parameters = [words.parameters(row) for row in rows]
        with cursor_of(connection) as cursor:
            if len(rows) == 1:
                cursor.execute(words.sql, parameters[0])
            else:
                cursor.executemany(words.sql, parameters)
            return cursor.rowcount

    def _words(self, connection: Connection, names: tuple[str, ...]) -> _Words:
        known, key = connection.get_execution_options()[WORDS], (self, names)
        words: _Words | None = known.get(key)
        if words is None:
            statement = self._statement
            if isinstance(statement, Insert):  # without RETURNING: nobody asks for the keys
                statement = statement.inline()
            words = known[key] = _words(statement, connection.dialect, columns=names)
        return words


@dataclass(frozen=True, slots=True)
class _Words:
    """A statement as one database understands it.

    `into` and `out` change values on their way; `fixed` are those that the statement has in itself; `order` names all
    of them, as they are counted.
    """

    sql: str
    into: Mapping[str, _Change | None]
    fixed: Mapping[str, Any]
    order: Sequence[str]
    out: Sequence[_Change | None]

    def parameters(self, given: Mapping[str, Any]) -> Sequence[Any]:
        values = dict(self.fixed)
        for name, value in given.items():
            into = self.into[name]
            values[name] = into(value) if into else value
        return [values[name] for name in self.order]


def _words(statement: Any, dialect: Dialect, out: Sequence[Any] = (), columns: Sequence[str] | None = None) -> _Words:
    options = {"column_keys": columns} if isinstance(statement, Insert | Update) else {}
    compiled = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True}, **options)
    into = {
        name: value.type.dialect_impl(dialect).bind_processor(dialect) for value, name in compiled.bind_names.items()
    }
    own = {name: value.value for value, name in compiled.bind_names.items() if not value.required}
    sql, order = str(compiled), compiled.positiontup
    if order is None:  # psycopg's way to name values; PostgreSQL itself counts them
        order = list(into)
        sql %= {name: f"${number}" for number, name in enumerate(order, 1)}
    return _Words(
        sql,
        into,
        {name: change(value) if (change := into[name]) else value for name, value in own.items()},
        order,
        [kind.dialect_impl(dialect).result_processor(dialect, None) for kind in out],
    )
