"""Subscriptions to pushes. A push is known by the hash of the secret that it carries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, delete, exists, or_, select, update

from bot.domain.calendar import ConnectionState
from bot.domain.ids import ConnectionId, token_hash
from bot.domain.pushes import Push
from storage.connection_tables import ConnectionRow, EventCopyRow, PushRow
from storage.records import Records, insert_if_absent, table_of

_PUSHES = Records(Push, PushRow)
_ROW = _PUSHES.table.c
_CONNECTION = table_of(ConnectionRow).c
_COPY = table_of(EventCopyRow).c


class Pushes:
    """`bot.ports.PushRepository`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def due(
        self, providers: Sequence[str], whole: Sequence[str], now: datetime, limit: int
    ) -> Sequence[tuple[ConnectionId, str]]:
        calendar = case((_CONNECTION.provider.in_(whole), ""), else_=_COPY.calendar)
        wanted = (
            select(_CONNECTION.id, calendar.label("calendar"))
            .join_from(table_of(EventCopyRow), table_of(ConnectionRow), _COPY.connection_id == _CONNECTION.id)
            .where(_COPY.check_at.is_not(None), _CONNECTION.provider.in_(providers))
            .where(_CONNECTION.state == ConnectionState.OK)
            .distinct()
            .subquery()
        )
        same = (_ROW.connection_id == wanted.c.id) & (_ROW.calendar == wanted.c.calendar)
        statement = (
            select(wanted.c.id, wanted.c.calendar)
            .outerjoin_from(wanted, _PUSHES.table, same)
            .where(or_(_ROW.connection_id.is_(None), _ROW.due_at <= now))
            .order_by(_ROW.due_at.nulls_first(), wanted.c.id, wanted.c.calendar)
            .limit(limit)
        )
        return [(ConnectionId(found), calendar) for found, calendar in self._connection.execute(statement)]

    def idle(self, whole: Sequence[str], limit: int) -> Sequence[Push]:
        there = or_(_COPY.calendar == _ROW.calendar, _ROW.provider.in_(whole))
        in_use = exists().where(_COPY.connection_id == _ROW.connection_id, _COPY.check_at.is_not(None), there)
        statement = _PUSHES.select().where(~in_use).order_by(_ROW.connection_id, _ROW.calendar).limit(limit)
        return _PUSHES.all(self._connection, statement)

    def get(self, connection_id: ConnectionId, calendar: str, *, lock: bool = False) -> Push | None:
        statement = _PUSHES.select().where(_ROW.connection_id == connection_id, _ROW.calendar == calendar)
        # SQLite knows no row locks, and needs none: there a writing transaction is the only one.
        return _PUSHES.one(self._connection, statement.with_for_update() if lock else statement)

    def of_connection(self, connection_id: ConnectionId) -> Sequence[Push]:
        statement = _PUSHES.select().where(_ROW.connection_id == connection_id).order_by(_ROW.calendar)
        return _PUSHES.all(self._connection, statement)

    def lease(self, push: Push, seen: Push | None) -> bool:
        if seen is None:
            return insert_if_absent(self._connection, _PUSHES.table, _row(push))
        leased = update(_PUSHES.table).where(*_key(push), _ROW.due_at == seen.due_at).values(_row(push))
        return self._connection.execute(leased).rowcount == 1

    def put(self, push: Push) -> bool:
        known = update(_PUSHES.table).where(*_key(push))
        return self._connection.execute(known.values(_row(push))).rowcount == 1

    def delete(self, push: Push) -> None:
        self._connection.execute(delete(_PUSHES.table).where(*_key(push)))

    def by_secrets(self, secrets: Sequence[str]) -> Sequence[Push]:
        hashes = [token_hash(secret) for secret in secrets]
        return _PUSHES.all(self._connection, _PUSHES.select().where(_ROW.secret_hash.in_(hashes)))


def _key(push: Push) -> tuple[ColumnElement[bool], ...]:
    return (_ROW.connection_id == push.connection_id, _ROW.calendar == push.calendar)


def _row(push: Push) -> dict[str, Any]:
    return _PUSHES.parameters(push) | {"secret_hash": token_hash(push.secret)}
