"""Whether what a count knows of some people and Rooms is still so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Column, ColumnElement, Connection, Select, bindparam, cast, func, select

from bot.domain.ids import ResourceId, WorkspaceId, is_room
from bot.domain.intervals import Interval
from storage.among import among
from storage.connection_tables import BusyReadingRow
from storage.prepared import Prepared
from storage.records import table_of
from storage.tables import FootprintRow
from storage.team_tables import PreferencesRow, RoomRow

_READING, _FOOTPRINT = table_of(BusyReadingRow).c, table_of(FootprintRow).c
_PREFERENCES, _ROOM = table_of(PreferencesRow).c, table_of(RoomRow).c


def _sum(version: Column[Any], *conditions: ColumnElement[bool]) -> ColumnElement[Any]:
    rows = select(func.coalesce(func.sum(version), 0)).where(*conditions)
    return cast(rows.scalar_subquery(), BigInteger)


_STATEMENT: Select[Any] = select(
    _sum(_READING.version, among(_READING.resource_id, "resources"), _READING.workspace_id == bindparam("workspace")),
    _sum(
        _FOOTPRINT.version,
        among(_FOOTPRINT.resource_id, "resources"),
        _FOOTPRINT.workspace_id == bindparam("workspace"),
        _FOOTPRINT.starts_at < bindparam("before"),
        _FOOTPRINT.ends_at > bindparam("after"),
    ),
    _sum(
        _PREFERENCES.version,
        among(_PREFERENCES.user_id, "resources"),
        _PREFERENCES.workspace_id == bindparam("workspace"),
    ),
    _sum(_ROOM.version, among(_ROOM.id, "rooms")),
)
_VERSIONS = Prepared(_STATEMENT)


class Versions:
    """`bot.ports.VersionRepository`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, workspace_id: WorkspaceId, resources: Sequence[ResourceId], window: Interval) -> tuple[int, ...]:
        (found,) = _VERSIONS.rows(
            self._connection,
            workspace=workspace_id,
            resources=resources,
            rooms=[resource for resource in resources if is_room(resource)],
            before=window.end,
            after=window.start,
        )
        return found
