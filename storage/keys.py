"""Key rotation: every encrypted column of every table, whichever they are."""

from __future__ import annotations

from sqlalchemy import Column, Engine, Table, bindparam, select, tuple_, update

from storage import connection_tables, tables, team_tables  # noqa: F401  # so that Row knows every table
from storage.columns import Row
from storage.types import EncryptedText

_BATCH = 200
"""Rows per transaction: short enough that nobody waits for the writer's lock."""


def rotate(engine: Engine) -> int:
    """Encrypt every stored secret again with the engine's newest key; returns how many there were.

    May run beside a working product, and again after an interruption.
    """
    encrypted = [
        (table, column)
        for table in Row.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, EncryptedText)
    ]
    return sum(_rotate_column(engine, table, column) for table, column in encrypted)


def _rotate_column(engine: Engine, table: Table, column: Column[str]) -> int:
    key = tuple(table.primary_key)
    batch = select(*key, column).order_by(*key).limit(_BATCH).with_for_update(of=table)
    # Reading decrypts and writing encrypts: a row written back as it was read has the newest key.
    write_back = update(table).where(*(part == bindparam(f"key_{part.name}") for part in key))
    count = 0
    while True:
        with engine.begin() as connection:
            rows = connection.execute(batch).all()
            for row in rows:
                names = {f"key_{part.name}": value for part, value in zip(key, row, strict=False)}
                connection.execute(write_back.values({column.name: row[-1]}), names)
        count += len(rows)
        if len(rows) < _BATCH:
            return count
        batch = batch.where(tuple_(*key) > tuple_(*rows[-1][:-1]))
