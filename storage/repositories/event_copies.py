"""Where each Meeting's event lies, and what was last found there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, case, delete, update

from bot.domain.event_copies import CopyRole, EventCopy
from bot.domain.ids import ConnectionId, MeetingId, ResourceId, token_hash
from storage.connection_tables import EventCopyRow
from storage.prepared import Prepared
from storage.records import Records, insert_or_update

_COPIES = Records(EventCopy, EventCopyRow)
_ROW = _COPIES.table.c
_EVENT_FIRST = (case((_ROW.role == CopyRole.EVENT, 0), else_=1), _ROW.holder)
_OF_MEETING = _COPIES.select().where(_ROW.meeting_id == bindparam("meeting")).order_by(*_EVENT_FIRST)
_STATEMENTS = {
    (with_withdrawn, lock): Prepared(found.with_for_update() if lock else found)
    for with_withdrawn, found in ((True, _OF_MEETING), (False, _OF_MEETING.where(_ROW.is_withdrawn.is_(False))))
    for lock in (True, False)
}
"""SQLite knows no row locks, and needs none: there a writing transaction is the only one."""


class EventCopies:
    """`bot.ports.EventCopyRepository`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, *copies: EventCopy) -> None:
        rows = [_COPIES.parameters(copy) | {"token_hash": token_hash(copy.token)} for copy in copies]
        if rows:
            insert_or_update(self._connection, _COPIES.table, rows)

    def get(self, meeting_id: MeetingId, holder: ResourceId, *, lock: bool = False) -> EventCopy | None:
        statement = _COPIES.select().where(_ROW.meeting_id == meeting_id, _ROW.holder == holder)
        return _COPIES.one(self._connection, statement.with_for_update() if lock else statement)

    def of_meeting(
        self, meeting_id: MeetingId, *, with_withdrawn: bool = False, lock: bool = False
    ) -> Sequence[EventCopy]:
        return _COPIES.all(self._connection, _STATEMENTS[with_withdrawn, lock], meeting=meeting_id)

    def by_token(self, token: str) -> EventCopy | None:
        return _COPIES.one(self._connection, _COPIES.select().where(_ROW.token_hash == token_hash(token)))

    def due(self, now: datetime, limit: int) -> Sequence[EventCopy]:
        statement = _COPIES.select().where(_ROW.check_at <= now).order_by(_ROW.check_at, _ROW.meeting_id, _ROW.holder)
        return _COPIES.all(self._connection, statement.limit(limit))

    def lease(self, copy: EventCopy, until: datetime) -> bool:
        unchanged = (
            _ROW.meeting_id == copy.meeting_id,
            _ROW.holder == copy.holder,
            _ROW.check_at == copy.check_at,
        )
        return self._connection.execute(update(_COPIES.table).where(*unchanged).values(check_at=until)).rowcount == 1

    def check_by(self, connection_id: ConnectionId, at: datetime) -> int:
        later = (_ROW.connection_id == connection_id, _ROW.check_at > at)
        return self._connection.execute(update(_COPIES.table).where(*later).values(check_at=at)).rowcount

    def delete(self, meeting_id: MeetingId, holder: ResourceId) -> None:
        gone = (_ROW.meeting_id == meeting_id, _ROW.holder == holder)
        self._connection.execute(delete(_COPIES.table).where(*gone))
