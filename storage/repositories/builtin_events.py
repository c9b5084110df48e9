"""The playground's calendars."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from bot.domain.calendar import Event
from bot.domain.ids import WorkspaceId
from bot.domain.intervals import Interval
from storage.records import Records, insert_or_update
from storage.tables import BuiltinEventRow

_EVENTS = Records(Event, BuiltinEventRow)
_ROW = _EVENTS.table.c


class BuiltinEvents:
    """`bot.ports.BuiltinEventRepository`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, workspace_id: WorkspaceId, account: str, event: Event) -> bool:
        if self.get(workspace_id, account, event.uid) == event:
            return False
        row = {"workspace_id": workspace_id, "account": account} | _EVENTS.parameters(event)
        return bool(insert_or_update(self._connection, _EVENTS.table, [row], unless_newer="sequence"))

    def get(self, workspace_id: WorkspaceId, account: str, uid: str) -> Event | None:
        whose = (_ROW.workspace_id == workspace_id, _ROW.account == account, _ROW.uid == uid)
        return _EVENTS.one(self._connection, _EVENTS.select().where(*whose))

    def between(self, workspace_id: WorkspaceId, account: str, window: Interval) -> Sequence[Event]:
        statement = (
            _EVENTS.select()
            .where(
                _ROW.workspace_id == workspace_id,
                _ROW.account == account,
                _ROW.start < window.end,
                _ROW.end > window.start,
            )
            .order_by(_ROW.start, _ROW.uid)
        )
        return _EVENTS.all(self._connection, statement)
