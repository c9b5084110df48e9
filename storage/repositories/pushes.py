"""Subscriptions to pushes. A push is known by the hash of the secret that it carries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, exists, or_, select, update

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

    def due(self, providers: Sequence[str], now: datetime, limit: int) -> Sequence[ConnectionId]:
        has_events = exists().where(_COPY.connection_id == _CONNECTION.id, _COPY.check_at.is_not(None))
        is_wanting = or_(_ROW.connection_id.is_(None), _ROW.due_at <= now, _ROW.calendar != _CONNECTION.write_calendar)
        statement = (
            select(_CONNECTION.id)
            .outerjoin_from(table_of(ConnectionRow), _PUSHES.table, _ROW.connection_id == _CONNECTION.id)
            .where(_CONNECTION.provider.in_(providers), _CONNECTION.state == ConnectionState.OK)
            .where(is_wanting, has_events)
            .order_by(_ROW.due_at.nulls_first(), _CONNECTION.id)
            .limit(limit)
        )
        return [ConnectionId(found) for found in self._connection.scalars(statement)]

    def get(self, connection_id: ConnectionId, *, lock: bool = False) -> Push | None:
        statement = _PUSHES.select().where(_ROW.connection_id == connection_id)
        # SQLite knows no row locks, and needs none: there a writing transaction is the only one.
        return _PUSHES.one(self._connection, statement.with_for_update() if lock else statement)

    def lease(self, push: Push, seen: Push | None) -> bool:
        if seen is None:
            return insert_if_absent(self._connection, _PUSHES.table, _row(push))
        unchanged = (_ROW.connection_id == push.connection_id, _ROW.due_at == seen.due_at)
        leased = update(_PUSHES.table).where(*unchanged, _ROW.calendar == seen.calendar).values(_row(push))
        return self._connection.execute(leased).rowcount == 1

    def put(self, push: Push) -> bool:
        known = update(_PUSHES.table).where(_ROW.connection_id == push.connection_id)
        return self._connection.execute(known.values(_row(push))).rowcount == 1

    def by_secrets(self, secrets: Sequence[str]) -> Sequence[Push]:
        hashes = [token_hash(secret) for secret in secrets]
        return _PUSHES.all(self._connection, _PUSHES.select().where(_ROW.secret_hash.in_(hashes)))


def _row(push: Push) -> dict[str, Any]:
    return _PUSHES.parameters(push) | {"secret_hash": token_hash(push.secret)}
