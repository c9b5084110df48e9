"""No-show: the Customer did not come. It can be said for 14 days after the Meeting's end, and taken back as long."""

from __future__ import annotations

from bot.domain.meeting import MeetingStatus
from bot.domain.people import Person
from bot.errors import StaleStateError
from bot.ports import Clock, UnitOfWorkFactory
from bot.services import meeting_rows
from bot.services.meetings import Meetings

_NOT_NOW = "A no-show can be noted from the end of a meeting on, for 14 days."
_TOO_LATE = "This can be taken back for 14 days after the meeting, and not any more."


class NoShows:
    """Who may see a Meeting may say it. Both raise NotFoundError, and StaleStateError where it is not the time."""

    def __init__(self, unit_of_work: UnitOfWorkFactory, meetings: Meetings, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._meetings = meetings
        self._clock = clock

    def mark(self, viewer: Person, meeting_id: str) -> None:
        """The claims are free again, and turns of pools are given back; twice is once."""
        meeting, invitation = self._meetings.find(viewer, meeting_id)
        now = self._clock()
        if meeting.status is MeetingStatus.NO_SHOW:
            return
        if not meeting.may_be_no_show(now):
            raise StaleStateError(_NOT_NOW)
        with self._unit_of_work(write=True) as unit:
            if unit.meetings.mark_no_show(meeting.id, now):
                unit.claims.release(meeting.id)
                unit.pools.remove_turns(invitation.id, now)
                unit.outbox.add(*meeting_rows.no_show_changed(meeting, invitation, now))
                unit.commit()

    def take_back(self, viewer: Person, meeting_id: str) -> None:
        """They came after all: the Meeting counts as completed, and so do its turns. The time is past: nobody has to
        be claimed again."""
        meeting, invitation = self._meetings.find(viewer, meeting_id)
        now = self._clock()
        if meeting.status is MeetingStatus.COMPLETED:
            return
        if not meeting.may_take_back_no_show(now):
            raise StaleStateError(_TOO_LATE)
        with self._unit_of_work(write=True) as unit:
            marked = unit.meetings.get(meeting.id, lock=True)
            if marked and marked.no_show_at and unit.meetings.unmark_no_show(meeting.id):
                unit.pools.restore_turns(invitation.id, marked.no_show_at)
                unit.outbox.add(*meeting_rows.no_show_changed(meeting, invitation, now))
                unit.commit()
