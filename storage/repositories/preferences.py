"""What people have set for themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, select

from bot.domain.ids import UserId, WorkspaceId
from bot.domain.preferences import Preferences
from storage.among import among
from storage.prepared import Prepared
from storage.records import Records, insert_if_absent, insert_or_update, new_version
from storage.team_tables import PreferencesRow

_PREFERENCES = Records(Preferences, PreferencesRow)
_ROW = _PREFERENCES.table.c
_OF_USERS = Prepared(
    select(_ROW.user_id, *_PREFERENCES.columns).where(
        _ROW.workspace_id == bindparam("workspace"), among(_ROW.user_id, "users")
    )
)
# SQLite knows no row locks, and needs none: there a writing transaction is the only one.
_LOCKED = Prepared(
    _PREFERENCES.select()
    .where(_ROW.workspace_id == bindparam("workspace"), _ROW.user_id == bindparam("user"))
    .with_for_update()
)


class PreferencesOfUsers:
    """`bot.ports.PreferencesRepository`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, workspace_id: WorkspaceId, user_id: UserId, *, lock: bool = False) -> Preferences:
        if not lock:
            return self.of_users(workspace_id, [user_id])[user_id]
        unset = Preferences()
        # Whoever has set nothing has no row yet, and nothing else can be locked.
        insert_if_absent(self._connection, _PREFERENCES.table, _row(workspace_id, user_id, unset))
        return _PREFERENCES.one(self._connection, _LOCKED, workspace=workspace_id, user=user_id) or unset

    def of_users(self, workspace_id: WorkspaceId, user_ids: Sequence[UserId]) -> Mapping[UserId, Preferences]:
        rows = _OF_USERS.rows(self._connection, workspace=workspace_id, users=user_ids)
        unset = Preferences()
        found = dict.fromkeys(user_ids, unset)
        found.update((row[0], _PREFERENCES.value(row[1:])) for row in rows)
        return found

    def put(self, workspace_id: WorkspaceId, user_id: UserId, preferences: Preferences) -> None:
        insert_or_update(self._connection, _PREFERENCES.table, [_row(workspace_id, user_id, preferences)])


def _row(workspace_id: WorkspaceId, user_id: UserId, preferences: Preferences) -> dict[str, Any]:
    whose = {"workspace_id": workspace_id, "user_id": user_id, "version": new_version()}
    return whose | _PREFERENCES.parameters(preferences)
