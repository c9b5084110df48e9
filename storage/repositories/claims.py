"""Claims: the guard against double booking.

A footprint is cut into cells of five minutes, and (workspace, resource, cell) is a primary key. Two
transactions that want one cell meet there: the second waits for the first, and is refused if that commits, for
then it has got fewer cells than it asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from sqlalchemy import Connection, bindparam, delete, insert, select, text
from sqlalchemy.exc import OperationalError

from bot.domain.ids import MeetingId, ResourceId, WorkspaceId
from bot.domain.intervals import Interval
from bot.domain.meeting import Meeting
from bot.errors import ClaimRefusedError
from storage.among import among
from storage.prepared import Prepared, PreparedWrite
from storage.records import new_version, table_of, unless_locked
from storage.tables import ClaimRow, FootprintRow

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CELL = timedelta(minutes=5)
_DEADLOCK = "40P01"
"""PostgreSQL's SQLSTATE deadlock_detected."""

_CLAIMS = table_of(ClaimRow)
_FOOTPRINTS = table_of(FootprintRow)
_ROW = _FOOTPRINTS.c
_ADD_FOOTPRINTS = PreparedWrite(insert(_FOOTPRINTS))
_BUSY = (
    select(_ROW.resource_id, _ROW.starts_at, _ROW.ends_at)
    .where(
        _ROW.workspace_id == bindparam("workspace"),
        among(_ROW.resource_id, "resources"),
        _ROW.starts_at < bindparam("before"),
        _ROW.ends_at > bindparam("after"),
    )
    .order_by(_ROW.starts_at)
)
_BUSY_OF, _BUSY_BESIDES = Prepared(_BUSY), Prepared(_BUSY.where(_ROW.meeting_id != bindparam("besides")))


class Claims:
    """`bot.ports.ClaimRepository`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, meeting: Meeting, footprint: Interval) -> None:
        # Sorted, so that two bookings that want the same cells ask in the same order and cannot wait for each other.
        resources = sorted(set(meeting.assigned))
        if not resources:
            return
        claimed = cells(footprint)
        given: dict[str, object] = {f"resource_{n}": resource_id for n, resource_id in enumerate(resources)}
        given |= {"workspace_id": meeting.workspace_id, "meeting_id": meeting.id}
        given |= {"first": claimed.start, "last": claimed.stop - 1}
        try:
            granted = _claim_cells(len(resources)).run(self._connection, given)
        except OperationalError as error:
            # Two meetings that swap their times hold what the other wants: the database gives up on one of them.
            if getattr(error.orig, "sqlstate", None) != _DEADLOCK:
                raise
            raise ClaimRefusedError("Somebody needed for this time is just being booked.") from error
        if granted < len(claimed) * len(resources):
            self._connection.close()  # nobody shall commit what was granted
            raise ClaimRefusedError("Somebody needed for this time has just been booked.")
        footprints = [
            {
                "meeting_id": meeting.id,
                "resource_id": resource_id,
                "workspace_id": meeting.workspace_id,
                "starts_at": footprint.start,
                "ends_at": footprint.end,
                "version": new_version(),
            }
            for resource_id in resources
        ]
        _ADD_FOOTPRINTS.run(self._connection, *footprints)

    def release(self, meeting_id: MeetingId) -> None:
        self._connection.execute(delete(_FOOTPRINTS).where(_ROW.meeting_id == meeting_id))
        self._connection.execute(delete(_CLAIMS).where(_CLAIMS.c.meeting_id == meeting_id))

    def busy(
        self,
        workspace_id: WorkspaceId,
        resources: Sequence[ResourceId],
        window: Interval,
        *,
        besides: MeetingId | None = None,
    ) -> Mapping[ResourceId, Sequence[Interval]]:
        given: dict[str, object] = {
            "workspace": workspace_id,
            "resources": resources,
            "before": window.end,
            "after": window.start,
        }
        if besides is None:
            rows = _BUSY_OF.rows(self._connection, **given)
        else:
            rows = _BUSY_BESIDES.rows(self._connection, **given, besides=besides)
        busy: dict[ResourceId, list[Interval]] = {resource_id: [] for resource_id in resources}
        for resource_id, start, end in rows:
            busy[resource_id].append(Interval(start, end))
        return busy

    def delete_older(self, ended_before: datetime) -> int:
        self._connection.execute(unless_locked(_CLAIMS, _CLAIMS.c.cell < (ended_before - _EPOCH) // _CELL))
        return self._connection.execute(unless_locked(_FOOTPRINTS, _ROW.ends_at <= ended_before)).rowcount


@lru_cache(maxsize=256)
def _claim_cells(resources: int) -> PreparedWrite:
    """Every cell that is free from `first` to `last` of `resource_0`, `resource_1`, … in this order, all in one go:
    neither a day-long meeting nor one with many people costs more round trips than a short one."""
    named = ", ".join(f"({n}, CAST(:resource_{n} AS TEXT))" for n in range(resources))
    statement = text(
        f"""
        INSERT INTO claims (workspace_id, resource_id, cell, meeting_id)
        WITH RECURSIVE cells (cell) AS (
            SELECT CAST(:first AS INTEGER) UNION ALL SELECT cell + 1 FROM cells WHERE cell < :last
        ), resources (place, resource_id) AS (VALUES {named})
        SELECT :workspace_id, resource_id, cell, :meeting_id FROM resources CROSS JOIN cells
        ORDER BY place, cell ON CONFLICT DO NOTHING
        """  # noqa: S608 - nothing but numbers is put in
    )
    return PreparedWrite(statement)


def cells(footprint: Interval) -> range:
    """Every five-minute cell that the footprint touches, counted from 1970."""
    first = (footprint.start - _EPOCH) // _CELL
    after = -((_EPOCH - footprint.end) // _CELL)  # rounded up
    return range(first, after)
