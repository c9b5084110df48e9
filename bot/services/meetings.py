"""Meetings: what people on the inviter's side may do with them."""

from __future__ import annotations

from bot.domain.activity import MeetingItem, may_see
from bot.domain.ids import MeetingId
from bot.domain.invitation import Invitation
from bot.domain.meeting import CanceledBy, Meeting, MeetingStatus
from bot.domain.people import Person
from bot.errors import NotFoundError, StaleStateError
from bot.ports import Clock, UnitOfWorkFactory
from bot.services.activity import Activity
from bot.services.cancelling import cancelled_in


class Meetings:
    """The rule of who may see holds for every action."""

    def __init__(self, unit_of_work: UnitOfWorkFactory, activity: Activity, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._activity = activity
        self._clock = clock

    def item(self, viewer: Person, meeting_id: str) -> MeetingItem:
        """The Meeting as its card shows it. Raises NotFoundError also where the viewer may not see it."""
        meeting, invitation = self.find(viewer, meeting_id)
        return self._activity.meeting_item(meeting, invitation)

    def cancel(self, viewer: Person, meeting_id: str, reason: str) -> None:
        """Cancel it for everybody; twice is once. Raises NotFoundError, StaleStateError once it has begun."""
        meeting, invitation = self.find(viewer, meeting_id)
        now = self._clock()
        if meeting.status is MeetingStatus.CANCELED:
            return
        if not meeting.is_live or meeting.start <= now:
            raise StaleStateError("This meeting has begun already, so it cannot be cancelled any more.")
        by, by_id = CanceledBy.USER, viewer.user_id
        with self._unit_of_work(write=True) as unit:
            if cancelled_in(unit, meeting, invitation, now, by=by, by_id=by_id, reason=reason):
                unit.commit()

    def find(self, viewer: Person, meeting_id: str) -> tuple[Meeting, Invitation]:
        """Raises NotFoundError also where the viewer may not see it."""
        with self._unit_of_work() as unit:
            meeting = unit.meetings.get(MeetingId(meeting_id))
            invitation = unit.invitations.get(meeting.invitation_id) if meeting else None
        if meeting is None or invitation is None or not may_see(viewer, invitation, meeting.assigned_member_ids):
            raise NotFoundError("There is no such meeting, or it is not yours to see.")
        return meeting, invitation
