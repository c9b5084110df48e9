"""Where people last were in App Home."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.domain.activity import HomeState
from bot.domain.ids import UserId, WorkspaceId
from storage.records import Records, insert_or_update
from storage.tables import HomeRow

_HOMES = Records(HomeState, HomeRow)
_ROW = _HOMES.table.c


class Homes:
    """`bot.ports.HomeRepository`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, workspace_id: WorkspaceId, user_id: UserId) -> HomeState | None:
        whose = (_ROW.workspace_id == workspace_id, _ROW.user_id == user_id)
        return _HOMES.one(self._connection, _HOMES.select().where(*whose))

    def put(self, workspace_id: WorkspaceId, user_id: UserId, state: HomeState) -> None:
        row = {"workspace_id": workspace_id, "user_id": user_id} | _HOMES.parameters(state)
        insert_or_update(self._connection, _HOMES.table, [row])
