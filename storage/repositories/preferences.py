"""What people have set for themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, bindparam, select

from bot.domain.ids import UserId, WorkspaceId
from bot.domain.preferences import Preferences
from storage.among import among
from storage.prepared import Prepared
from storage.records import Records, insert_or_update, new_version
from storage.team_tables import PreferencesRow

_PREFERENCES = Records(Preferences, PreferencesRow)
_ROW = _PREFERENCES.table.c
_OF_USERS = Prepared(
    select(_ROW.user_id, *_PREFERENCES.columns).where(
        _ROW.workspace_id == bindparam("workspace"), among(_ROW.user_id, "users")
    )
)


class PreferencesOfUsers:
    """`bot.ports.PreferencesRepository`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, workspace_id: WorkspaceId, user_id: UserId) -> Preferences:
        return self.of_users(workspace_id, [user_id])[user_id]

    def of_users(self, workspace_id: WorkspaceId, user_ids: Sequence[UserId]) -> Mapping[UserId, Preferences]:
        rows = _OF_USERS.rows(self._connection, workspace=workspace_id, users=user_ids)
        unset = Preferences()
        found = dict.fromkeys(user_ids, unset)
        found.update((row[0], _PREFERENCES.value(row[1:])) for row in rows)
        return found

    def put(self, workspace_id: WorkspaceId, user_id: UserId, preferences: Preferences) -> None:
        whose = {"workspace_id": workspace_id, "user_id": user_id, "version": new_version()}
        insert_or_update(self._connection, _PREFERENCES.table, [whose | _PREFERENCES.parameters(preferences)])
