"""When everybody was last given a Meeting: a row of each person that every booking of theirs changes."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection

from bot.domain.ids import ResourceId, WorkspaceId
from storage.records import insert_or_update, table_of
from storage.team_tables import AssignmentRow

_ASSIGNMENTS = table_of(AssignmentRow)


class Assignments:
    """Collects them, to be written as the last of a transaction: whatever else books the same person waits for these
    rows from then on, and so for nothing but the commit."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._noted: dict[tuple[WorkspaceId, ResourceId], datetime] = {}

    def note(self, workspace_id: WorkspaceId, resources: Collection[ResourceId], at: datetime) -> None:
        for resource_id in resources:
            key = (workspace_id, resource_id)
            self._noted[key] = max(at, self._noted.get(key, at))

    def write(self) -> None:
        """Later ones stay. In sorted order, so that two bookings of the same people cannot wait for each other."""
        rows = [
            {"workspace_id": workspace_id, "resource_id": resource_id, "assigned_at": at}
            for (workspace_id, resource_id), at in sorted(self._noted.items())
        ]
        if rows:
            insert_or_update(self._connection, _ASSIGNMENTS, rows, unless_newer="assigned_at")
