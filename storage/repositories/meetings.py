"""Meetings, and who may see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, insert, or_, select, update

from bot.domain.calendar import Conference
from bot.domain.ids import InvitationId, MeetingId, UserId, WorkspaceId
from bot.domain.intervals import Interval
from bot.domain.invitation import Invitation, MessageRef
from bot.domain.meeting import LIVE, Attendance, Meeting, MeetingStatus
from storage.prepared import Prepared, PreparedWrite
from storage.records import Records, insert_or_update, table_of
from storage.repositories.assignments import Assignments
from storage.repositories.invitations import INVITATIONS
from storage.tables import MeetingMemberRow, MeetingRow

_MEETINGS = Records(Meeting, MeetingRow)
_ROW = _MEETINGS.table.c
_MEMBERS = table_of(MeetingMemberRow)
_IS_LIVE = _ROW.status.in_(sorted(LIVE))
_ADD, _ADD_MEMBERS = PreparedWrite(insert(_MEETINGS.table)), PreparedWrite(insert(_MEMBERS))
_OF_INVITATION = Prepared(
    _MEETINGS.select()
    .where(_ROW.invitation_id == bindparam("invitation"))
    .order_by(_ROW.created_at.desc(), _ROW.start.desc())
    .limit(1)
)


class Meetings:
    """`bot.ports.MeetingRepository`."""

    def __init__(self, connection: Connection, assignments: Assignments) -> None:
        self._connection = connection
        self._assignments = assignments

    def add(self, meeting: Meeting) -> None:
        _ADD.run(self._connection, _MEETINGS.parameters(meeting) | {"ends_at": meeting.end})
        members = [_member(meeting, user_id) for user_id in meeting.assigned_member_ids]
        if members:
            _ADD_MEMBERS.run(self._connection, *members)
        self._assignments.note(meeting.workspace_id, meeting.assigned, meeting.created_at)

    def get(self, meeting_id: MeetingId, *, lock: bool = False) -> Meeting | None:
        statement = _MEETINGS.select().where(_ROW.id == meeting_id)
        # SQLite knows no row locks, and needs none: there a writing transaction is the only one.
        return _MEETINGS.one(self._connection, statement.with_for_update() if lock else statement)

    def of_invitation(self, invitation_id: InvitationId) -> Meeting | None:
        return _MEETINGS.one(self._connection, _OF_INVITATION, invitation=invitation_id)

    def cancel(self, meeting: Meeting) -> bool:
        return self._change(
            and_(_ROW.id == meeting.id, _IS_LIVE),
            status=MeetingStatus.CANCELED,
            # Counted here: it may have been moved since the caller read it.
            sequence=_ROW.sequence + 1,
            canceled_by=meeting.canceled_by,
            canceled_by_id=meeting.canceled_by_id,
            cancel_reason=meeting.cancel_reason,
        )

    def move(self, meeting: Meeting) -> bool:
        is_moved = self._change(
            and_(_ROW.id == meeting.id, _IS_LIVE),
            start=meeting.start,
            ends_at=meeting.end,
            status=meeting.status,
            sequence=meeting.sequence,
            customer_zone=meeting.customer_zone,
            last_move=meeting.last_move,
        )
        if is_moved:
            assigned = (_MEMBERS.c.meeting_id == meeting.id, _MEMBERS.c.user_id.in_(meeting.assigned_member_ids))
            self._connection.execute(update(_MEMBERS).where(*assigned).values(attendance=Attendance.INVITED))
        return is_moved

    def complete(self, meeting_id: MeetingId) -> bool:
        return self._change(and_(_ROW.id == meeting_id, _IS_LIVE), status=MeetingStatus.COMPLETED)

    def mark_no_show(self, meeting_id: MeetingId, at: datetime) -> bool:
        is_over = or_(_IS_LIVE, _ROW.status == MeetingStatus.COMPLETED)
        return self._change(and_(_ROW.id == meeting_id, is_over), status=MeetingStatus.NO_SHOW, no_show_at=at)

    def unmark_no_show(self, meeting_id: MeetingId) -> bool:
        is_marked = _ROW.status == MeetingStatus.NO_SHOW
        return self._change(and_(_ROW.id == meeting_id, is_marked), status=MeetingStatus.COMPLETED, no_show_at=None)

    def reassign(self, meeting: Meeting, before: Meeting, at: datetime) -> bool:
        present = self.get(meeting.id, lock=True)
        if present is None or not present.is_live or present.guarded != before.guarded:
            return False
        self._change(
            _ROW.id == meeting.id,
            assigned=meeting.assigned,
            vacant=meeting.vacant,
            receipts=meeting.receipts,
            sequence=_ROW.sequence + 1,
        )
        now_in = [user for user in meeting.assigned_member_ids if user not in before.assigned_member_ids]
        now_out = [user for user in before.assigned_member_ids if user not in meeting.assigned_member_ids]
        if now_in:
            insert_or_update(self._connection, _MEMBERS, [_member(meeting, user_id) for user_id in now_in])
        gone = (_MEMBERS.c.meeting_id == meeting.id, _MEMBERS.c.user_id.in_(now_out))
        removed = {"attendance": Attendance.REMOVED, "is_assigned": False}
        self._connection.execute(update(_MEMBERS).where(*gone).values(removed))
        self._assignments.note(meeting.workspace_id, set(meeting.assigned) - set(before.assigned), at)
        return True

    def set_card(self, meeting_id: MeetingId, card: MessageRef | None) -> None:
        self._change(_ROW.id == meeting_id, card=card)

    def attendance(self, meeting_id: MeetingId) -> Mapping[UserId, Attendance]:
        statement = select(_MEMBERS.c.user_id, _MEMBERS.c.attendance).where(_MEMBERS.c.meeting_id == meeting_id)
        return {row.user_id: row.attendance for row in self._connection.execute(statement)}

    def set_attendance(self, meeting_id: MeetingId, user_id: UserId, attendance: Attendance) -> bool:
        other = (
            _MEMBERS.c.meeting_id == meeting_id,
            _MEMBERS.c.user_id == user_id,
            _MEMBERS.c.is_assigned.is_(True),
            _MEMBERS.c.attendance != attendance,
        )
        return self._connection.execute(update(_MEMBERS).where(*other).values(attendance=attendance)).rowcount == 1

    def set_conference(self, meeting_id: MeetingId, conference: Conference, *, is_change: bool) -> bool:
        is_other = or_(_ROW.join_url != conference.join_url, _ROW.conference_id != conference.id)
        return self._change(
            and_(_ROW.id == meeting_id, is_other),
            join_url=conference.join_url,
            conference_id=conference.id,
            conference_problem="",
            sequence=_ROW.sequence + int(is_change),
        )

    def set_told(self, meeting_id: MeetingId, link: str, start: datetime | None = None) -> None:
        self._change(_ROW.id == meeting_id, told_link=link, **({"told_start": start} if start else {}))

    def set_conference_problem(self, meeting_id: MeetingId, problem: str) -> bool:
        is_other = _ROW.conference_problem != problem
        return self._change(and_(_ROW.id == meeting_id, is_other), conference_problem=problem)

    def raise_sequence(self, meeting_id: MeetingId) -> bool:
        return self._change(and_(_ROW.id == meeting_id, _IS_LIVE), sequence=_ROW.sequence + 1)

    def due_to_complete(self, now: datetime, limit: int) -> Sequence[Meeting]:
        statement = _MEETINGS.select().where(_IS_LIVE, _ROW.ends_at <= now).order_by(_ROW.ends_at, _ROW.id)
        return _MEETINGS.all(self._connection, statement.limit(limit))

    def coming(self, now: datetime, *, after: MeetingId | None, limit: int) -> Sequence[Meeting]:
        statement = _MEETINGS.select().where(_IS_LIVE, _ROW.ends_at > now)
        if after is not None:
            statement = statement.where(_ROW.id > after)
        return _MEETINGS.all(self._connection, statement.order_by(_ROW.id).limit(limit))

    def page(
        self,
        workspace_id: WorkspaceId,
        *,
        visible_to: UserId | None,
        statuses: Sequence[MeetingStatus],
        ends_after: datetime | None = None,
        starts_in: Interval | None = None,
        offset: int,
        limit: int,
    ) -> tuple[Sequence[tuple[Meeting, Invitation]], int]:
        both = _MEETINGS.table.join(INVITATIONS.table, _ROW.invitation_id == INVITATIONS.table.c.id)
        wanted = [_ROW.workspace_id == workspace_id, _ROW.status.in_(statuses)]
        if ends_after is not None:
            wanted.append(_ROW.ends_at > ends_after)
        if starts_in is not None:
            wanted += [_ROW.start >= starts_in.start, _ROW.start < starts_in.end]
        if visible_to is not None:
            is_theirs = (_MEMBERS.c.user_id == visible_to, _MEMBERS.c.is_assigned.is_(True))
            assigned = select(_MEMBERS.c.meeting_id).where(*is_theirs)
            wanted.append(or_(INVITATIONS.table.c.inviter_id == visible_to, _ROW.id.in_(assigned)))

        total = self._connection.scalar(select(func.count()).select_from(both).where(*wanted)) or 0
        statement = (
            select(*_MEETINGS.columns, *INVITATIONS.columns)
            .select_from(both)
            .where(*wanted)
            .order_by(_ROW.start, _ROW.id)
            .offset(offset)
            .limit(limit)
        )
        border = len(_MEETINGS.columns)
        rows = self._connection.execute(statement)
        return [(_MEETINGS.value(row[:border]), INVITATIONS.value(row[border:])) for row in rows], total

    def _change(self, condition: ColumnElement[bool], **values: object) -> bool:
        return self._connection.execute(update(_MEETINGS.table).where(condition).values(values)).rowcount == 1


def _member(meeting: Meeting, user_id: UserId) -> dict[str, object]:
    """The row of somebody who has just been assigned."""
    return {"meeting_id": meeting.id, "user_id": user_id, "attendance": Attendance.INVITED, "is_assigned": True}
