"""What is good once and for minutes. The token itself is nowhere in the database: its hash is."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from bot.domain.ids import token_hash
from storage.connection_tables import OneTimeRow
from storage.records import table_of, unless_locked

_SECRETS = table_of(OneTimeRow)
_ROW = _SECRETS.c


class OneTime:
    """`bot.ports.OneTimeRepository`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, token: str, purpose: str, payload: str, expires_at: datetime) -> None:
        row = {"token_hash": token_hash(token), "purpose": purpose, "payload": payload, "expires_at": expires_at}
        self._connection.execute(insert(_SECRETS).values(row))

    def look(self, token: str, purpose: str, now: datetime) -> str | None:
        return self._connection.scalar(select(_ROW.payload).where(*_good(token, purpose, now)))

    def take(self, token: str, purpose: str, now: datetime) -> str | None:
        taken = delete(_SECRETS).where(*_good(token, purpose, now)).returning(_ROW.payload)
        return self._connection.execute(taken).scalar_one_or_none()

    def delete_older(self, expired_before: datetime) -> int:
        return self._connection.execute(unless_locked(_SECRETS, _ROW.expires_at < expired_before)).rowcount


def _good(token: str, purpose: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return _ROW.token_hash == token_hash(token), _ROW.purpose == purpose, _ROW.expires_at > now
