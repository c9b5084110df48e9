"""What calendars said last, with its age."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select

from bot.domain.ids import ResourceId, WorkspaceId
from bot.domain.intervals import Interval
from bot.ports import BusyReading
from storage.among import among
from storage.connection_tables import BusyReadingRow
from storage.prepared import Prepared, PreparedWrite
from storage.records import insert_or_update, new_version, table_of, unless_locked

_READINGS = table_of(BusyReadingRow)
_ROW = _READINGS.c
_OF_RESOURCES = Prepared(
    select(_ROW.resource_id, _ROW.window_start, _ROW.window_end, _ROW.read_at, _ROW.busy, _ROW.unreadable).where(
        _ROW.workspace_id == bindparam("workspace"), among(_ROW.resource_id, "resources")
    )
)
_FORGET = PreparedWrite(
    delete(_READINGS).where(_ROW.workspace_id == bindparam("workspace"), _ROW.resource_id == bindparam("resource"))
)


class BusyCache:
    """`bot.ports.BusyCacheRepository`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, workspace_id: WorkspaceId, resources: Sequence[ResourceId]) -> Mapping[ResourceId, BusyReading]:
        """Those that are kept; whoever is not a key has to be read."""
        rows = _OF_RESOURCES.rows(self._connection, workspace=workspace_id, resources=resources)
        windows: dict[tuple[datetime, datetime], Interval] = {}  # calendars are read many at once, about the same time
        found = {}
        for resource_id, start, end, read_at, busy, unreadable in rows:
            window = windows.get((start, end))
            if window is None:
                window = windows[start, end] = Interval(start, end)
            found[resource_id] = BusyReading(resource_id, window, read_at, busy, unreadable)
        return found

    def put(self, workspace_id: WorkspaceId, readings: Sequence[BusyReading]) -> None:
        """Of two readings of one resource the later one stays, in whichever order they arrive."""
        rows = [
            {
                "workspace_id": workspace_id,
                "resource_id": reading.resource_id,
                "window_start": reading.window.start,
                "window_end": reading.window.end,
                "read_at": reading.read_at,
                "busy": reading.busy,
                "unreadable": reading.unreadable,
                "version": new_version(),
            }
            for reading in sorted(readings, key=lambda reading: reading.resource_id)
        ]
        if rows:
            insert_or_update(self._connection, _READINGS, rows, unless_newer="read_at")

    def forget(self, workspace_id: WorkspaceId, resources: Sequence[ResourceId]) -> None:
        # In the order in which `put` stores them, so that neither waits for the other.
        rows = [{"workspace": workspace_id, "resource": resource} for resource in sorted(resources)]
        if rows:
            _FORGET.run(self._connection, *rows)

    def delete_older(self, read_before: datetime) -> int:
        return self._connection.execute(unless_locked(_READINGS, _ROW.read_at < read_before)).rowcount
