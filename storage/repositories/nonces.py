"""Nonces that have been used."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from storage.records import insert_if_absent, table_of, unless_locked
from storage.tables import NonceRow

_NONCES = table_of(NonceRow)


class Nonces:
    """`bot.ports.NonceRepository`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def use(self, nonce_id: str, at: datetime) -> bool:
        return insert_if_absent(self._connection, _NONCES, {"id": nonce_id, "used_at": at})

    def delete_older(self, before: datetime) -> int:
        return self._connection.execute(unless_locked(_NONCES, _NONCES.c.used_at < before)).rowcount
