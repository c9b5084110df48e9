"""How a domain value lies in a table: a column of the same name for each of its fields.

Statements are SQLAlchemy Core on a connection. An ORM session would answer a read after a compare-and-set
from its identity map, with the row as it was before.

Statements that somebody waits for are `storage.prepared`: to build one anew, and to find out that it is compiled
already, takes longer than all the rest of it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from functools import lru_cache
from random import getrandbits
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Connection, Delete, Select, Table, delete, inspect, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

from bot.errors import NameTakenError
from storage.prepared import Prepared, PreparedWrite

Value = TypeVar("Value")

_VERSION_BITS = 40
"""The sum of eight million rows still fits into 64."""


class Records(Generic[Value]):
    """Values of one dataclass in one table.

    Raises KeyError when built, where a field of the value has no column: nothing is lost silently.
    """

    def __init__(self, value_type: type[Value], row: type[SQLModel]) -> None:
        if not dataclasses.is_dataclass(value_type):
            raise TypeError(f"{value_type.__name__} is not a dataclass")
        self._make = value_type
        self.table = table_of(row)
        self._names = tuple(field.name for field in dataclasses.fields(value_type))
        self.columns = tuple(self.table.c[name] for name in self._names)
        self._everything = select(*self.columns)

    def select(self) -> Select[Any]:
        """All columns that `value` needs, in its order."""
        return self._everything

    def value(self, row: Sequence[Any]) -> Value:
        return self._make(*row)

    def one(self, connection: Connection, statement: Select[Any] | Prepared, **given: Any) -> Value | None:
        """The first value of a `select()` (narrowed by the caller), or None where there is none.

        `given` are the values of the statement's `bindparam`s.
        """
        row = next(iter(_rows(connection, statement, given)), None)
        return None if row is None else self.value(row)

    def all(self, connection: Connection, statement: Select[Any] | Prepared, **given: Any) -> tuple[Value, ...]:
        return tuple(self.value(row) for row in _rows(connection, statement, given))

    def parameters(self, value: Value) -> dict[str, Any]:
        """The row of a value, without the columns that only queries need."""
        return {name: getattr(value, name) for name in self._names}


def _rows(
    connection: Connection, statement: Select[Any] | Prepared, given: Mapping[str, Any]
) -> Sequence[Sequence[Any]]:
    if isinstance(statement, Prepared):
        return statement.rows(connection, **given)
    return connection.execute(statement, given).all()


def table_of(row: type[SQLModel]) -> Table:
    """The table that a SQLModel class declares."""
    table = inspect(row).local_table
    assert isinstance(table, Table)  # `local_table` may be a join in other mappings than ours
    return table


def new_version() -> int:
    """A number that no other content of a row has: drawn by lot, so that the sum over some rows tells of any change,
    even where two of them change places."""
    return getrandbits(_VERSION_BITS)


def insert_or_update(
    connection: Connection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    unless_newer: str | None = None,
) -> int:
    """Store each row under its primary key, over the one that is there; returns how many were stored.

    `unless_newer` names a column: where the stored row has a greater value there, it stays.
    """
    return _upsert(connection.dialect.name, table, tuple(rows[0]), unless_newer).run(connection, *rows)


def put_named(connection: Connection, table: Table, row: Mapping[str, Any], kind: str) -> None:
    """Store a row with a name, as `insert_or_update` does. Raises NameTakenError where another one has the name."""
    try:
        insert_or_update(connection, table, [{**row, "name_key": row["name"].casefold()}])
    except IntegrityError as error:
        raise NameTakenError(f"There is a {kind} named {row['name']} already.") from error


def insert_if_absent(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Store the row where its primary key is free; False where it is not."""
    return _insert_if_absent(connection.dialect.name, table).run(connection, row) == 1


def unless_locked(table: Table, *conditions: ColumnElement[bool]) -> Delete:
    """A DELETE that leaves out what somebody is just changing, and so waits for nobody, nor anybody for it and each
    other."""
    key = tuple_(*table.primary_key)
    # SQLite knows no row locks, and needs none: there a writing transaction is the only one.
    found = select(*table.primary_key).where(*conditions).with_for_update(skip_locked=True)
    return delete(table).where(key.in_(found))


@lru_cache(maxsize=128)
def _upsert(dialect: str, table: Table, names: tuple[str, ...], unless_newer: str | None) -> PreparedWrite:
    statement = _insert(dialect, table)
    new, key = statement.excluded, [column.name for column in table.primary_key]
    statement = statement.on_conflict_do_update(
        index_elements=key,
        set_={name: new[name] for name in names if name not in key},
        where=None if unless_newer is None else table.c[unless_newer] <= new[unless_newer],
    )
    return PreparedWrite(statement)


@lru_cache(maxsize=128)
def _insert_if_absent(dialect: str, table: Table) -> PreparedWrite:
    return PreparedWrite(_insert(dialect, table).on_conflict_do_nothing())


def _insert(dialect: str, table: Table) -> Any:
    """The dialect's own, which knows ON CONFLICT."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
