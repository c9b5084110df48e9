"""The playground's calendars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from bot.domain.calendar import Event
from bot.domain.ids import WorkspaceId
from bot.domain.intervals import Interval
from storage.among import among
from storage.connection_tables import BuiltinEventRow
from storage.prepared import Prepared
from storage.records import insert_or_update, table_of

_EVENTS = table_of(BuiltinEventRow)
_ROW = _EVENTS.c
_BUSY = Prepared(
    select(_ROW.account, _ROW.starts_at, _ROW.ends_at).where(
        _ROW.workspace_id == bindparam("workspace"),
        among(_ROW.account, "accounts"),
        _ROW.starts_at < bindparam("before"),
        _ROW.ends_at > bindparam("after"),
        _ROW.is_busy,
    )
)


class BuiltinEvents:
    """`bot.ports.BuiltinEventRepository`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, workspace_id: WorkspaceId, account: str, event: Event) -> bool:
        if self.get(workspace_id, account, event.uid) == event:
            return False
        row = {
            "workspace_id": workspace_id,
            "account": account,
            "uid": event.uid,
            "sequence": event.sequence,
            "starts_at": event.start,
            "ends_at": event.end,
            "is_busy": event.is_busy,
            "event": event,
        }
        return bool(insert_or_update(self._connection, _EVENTS, [row], unless_newer="sequence"))

    def get(self, workspace_id: WorkspaceId, account: str, uid: str) -> Event | None:
        whose = (_ROW.workspace_id == workspace_id, _ROW.account == account, _ROW.uid == uid)
        found: Event | None = self._connection.scalar(select(_ROW.event).where(*whose))
        return found

    def between(self, workspace_id: WorkspaceId, account: str, window: Interval) -> Sequence[Event]:
        statement = (
            select(_ROW.event)
            .where(
                _ROW.workspace_id == workspace_id,
                _ROW.account == account,
                _ROW.starts_at < window.end,
                _ROW.ends_at > window.start,
            )
            .order_by(_ROW.starts_at, _ROW.uid)
        )
        return self._connection.scalars(statement).all()

    def busy(
        self, workspace_id: WorkspaceId, accounts: Sequence[str], window: Interval
    ) -> Mapping[str, Sequence[tuple[datetime, datetime]]]:
        given = {"workspace": workspace_id, "accounts": list(accounts), "before": window.end, "after": window.start}
        busy: dict[str, list[tuple[datetime, datetime]]] = {account: [] for account in accounts}
        for account, start, end in _BUSY.rows(self._connection, **given):
            busy[account].append((start, end))
        return busy
