"""Reads that somebody waits for. SQLAlchemy says once how to ask and how to understand the answer; from then on the
driver is asked directly, because SQLAlchemy takes ten times as long to run a statement as SQLite to answer it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Dialect, Select

_Change = Callable[[Any], Any]


class Prepared:
    """A SELECT whose values are `bindparam`s, and lists of them `among`."""

    def __init__(self, statement: Select[Any]) -> None:
        self._statement = statement

    def rows(self, connection: Connection, **given: Any) -> list[tuple[Any, ...]]:
        """In the connection's transaction. The driver's errors come as they are."""
        known = connection.info  # lives as long as the driver's connection, and belongs to no other database
        words: _Words | None = known.get(self)
        if words is None:
            words = known[self] = _words(self._statement, connection.dialect)
        cursor = connection.connection.cursor()
        try:
            cursor.execute(words.sql, words.parameters(given))
            found = cursor.fetchall()
        finally:
            cursor.close()
        return [
            tuple([out(value) if out else value for out, value in zip(words.out, row, strict=True)]) for row in found
        ]


@dataclass(frozen=True, slots=True)
class _Words:
    """A SELECT as one database understands it.

    `into` and `out` change values on their way; `fixed` are those that the statement has in itself; `order` names all
    of them where the database counts them.
    """

    sql: str
    into: Mapping[str, _Change | None]
    fixed: Mapping[str, Any]
    order: Sequence[str] | None
    out: Sequence[_Change | None]

    def parameters(self, given: Mapping[str, Any]) -> Any:
        values = dict(self.fixed)
        for name, value in given.items():
            into = self.into[name]
            values[name] = into(value) if into else value
        return values if self.order is None else [values[name] for name in self.order]


def _words(statement: Select[Any], dialect: Dialect) -> _Words:
    compiled = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    into = {name: value.type.dialect_impl(dialect).bind_processor(dialect) for name, value in compiled.binds.items()}
    own = {name: value.value for name, value in compiled.binds.items() if not value.required}
    return _Words(
        str(compiled),
        into,
        {name: change(value) if (change := into[name]) else value for name, value in own.items()},
        compiled.positiontup,
        [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in statement.selected_columns],
    )
