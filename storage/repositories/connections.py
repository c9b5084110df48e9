"""People's accounts at calendar providers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection as DatabaseConnection
from sqlalchemy import bindparam, delete, func, or_, select, update

from bot.domain.calendar import Connection, ConnectionState
from bot.domain.ids import ConnectionId, UserId, WorkspaceId
from storage.among import among
from storage.connection_tables import ConnectionRow
from storage.prepared import Prepared
from storage.records import Records, insert_or_update

_CONNECTIONS = Records(Connection, ConnectionRow)
_ROW = _CONNECTIONS.table.c
_WITH_ID = _CONNECTIONS.select().where(_ROW.id == bindparam("which"))
# SQLite knows no row locks, and needs none: there a writing transaction is the only one.
_BY_ID, _LOCKED = Prepared(_WITH_ID), Prepared(_WITH_ID.with_for_update())
_OF_USERS = Prepared(
    _CONNECTIONS.select()
    .where(_ROW.workspace_id == bindparam("workspace"), among(_ROW.user_id, "users"))
    .order_by(_ROW.connected_at, _ROW.id)
)
_ANY_OF_USER = Prepared(
    select(_ROW.id).where(_ROW.workspace_id == bindparam("workspace"), _ROW.user_id == bindparam("user")).limit(1)
)


class Connections:
    """`bot.ports.ConnectionRepository`."""

    def __init__(self, connection: DatabaseConnection) -> None:
        self._connection = connection

    def put(self, connection: Connection) -> None:
        insert_or_update(self._connection, _CONNECTIONS.table, [_CONNECTIONS.parameters(connection)])

    def get(self, connection_id: ConnectionId, *, lock: bool = False) -> Connection | None:
        return _CONNECTIONS.one(self._connection, _LOCKED if lock else _BY_ID, which=connection_id)

    def lease(self, connection_id: ConnectionId, holder: str, now: datetime, until: datetime) -> bool:
        is_free = or_(_ROW.renewing_until.is_(None), _ROW.renewing_until <= now)
        leased = update(_CONNECTIONS.table).where(_ROW.id == connection_id, is_free)
        return self._connection.execute(leased.values(renewing_until=until, renewing_by=holder)).rowcount == 1

    def release(self, connection_id: ConnectionId, holder: str) -> None:
        held = update(_CONNECTIONS.table).where(_ROW.id == connection_id, _ROW.renewing_by == holder)
        self._connection.execute(held.values(renewing_until=None, renewing_by=None))

    def uses_account(self, provider: str, account: str) -> bool:
        same = (_ROW.provider == provider, func.lower(_ROW.account) == account.lower())
        return self._connection.execute(select(_ROW.id).where(*same).limit(1)).first() is not None

    def due_to_remind(self, now: datetime, limit: int) -> Sequence[Connection]:
        """Longest overdue first."""
        due = (_ROW.state == ConnectionState.BROKEN, _ROW.remind_at <= now)
        statement = _CONNECTIONS.select().where(*due).order_by(_ROW.remind_at, _ROW.id).limit(limit)
        return _CONNECTIONS.all(self._connection, statement)

    def has_any(self, workspace_id: WorkspaceId, user_id: UserId) -> bool:
        return bool(_ANY_OF_USER.rows(self._connection, workspace=workspace_id, user=user_id))

    def of_user(self, workspace_id: WorkspaceId, user_id: UserId) -> Sequence[Connection]:
        """Longest connected first."""
        return self.of_users(workspace_id, [user_id])[user_id]

    def of_users(self, workspace_id: WorkspaceId, user_ids: Sequence[UserId]) -> Mapping[UserId, Sequence[Connection]]:
        found: dict[UserId, list[Connection]] = {user_id: [] for user_id in user_ids}
        given = {"workspace": workspace_id, "users": list(user_ids)}
        for connection in _CONNECTIONS.all(self._connection, _OF_USERS, **given):
            found[connection.user_id].append(connection)
        return found

    def delete(self, connection_id: ConnectionId) -> None:
        self._connection.execute(delete(_CONNECTIONS.table).where(_ROW.id == connection_id))
