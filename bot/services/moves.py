"""Moving a Meeting from Slack: pages of slots, and the move itself, for whoever may see the Meeting."""

from __future__ import annotations

from datetime import datetime

from bot.domain.activity import MeetingItem
from bot.domain.on_behalf import Offer, OfferPage, days_of, page_of
from bot.domain.people import Person
from bot.errors import StaleStateError
from bot.services.activity import Activity
from bot.services.availability import RECENT
from bot.services.meetings import Meetings
from bot.services.rescheduling import MOVED_ON, TOO_LATE, Mover, Rescheduling


class MoveDesk:
    """Every method raises NotFoundError also where the viewer may not see the Meeting."""

    def __init__(self, meetings: Meetings, activity: Activity, rescheduling: Rescheduling) -> None:
        self._meetings = meetings
        self._activity = activity
        self._rescheduling = rescheduling

    def item(self, viewer: Person, meeting_id: str) -> MeetingItem:
        """The Meeting as its card shows it. Raises StaleStateError where it cannot be moved (any more)."""
        meeting, invitation = self._meetings.find(viewer, meeting_id)
        if not self._rescheduling.may_be_moved(meeting):
            raise StaleStateError(TOO_LATE)
        return self._activity.meeting_item(meeting, invitation)

    def page(self, viewer: Person, meeting_id: str, number: int = 0) -> OfferPage:
        """Some days of what it may move to, on the viewer's clock."""
        meeting, invitation = self._meetings.find(viewer, meeting_id)
        offer = self._rescheduling.offer(meeting, invitation, max_age=RECENT)
        days = days_of(offer.starts, viewer.time_zone)
        shown, number, pages = page_of(days, number)
        return OfferPage(
            time_zone=viewer.time_zone,
            days=tuple((day, tuple(map(Offer, starts))) for day, starts in shown),
            number=number,
            pages=pages,
            free=len(offer.starts),
            shows_taken=False,
            unreadable=offer.unreadable,
        )

    def move(self, viewer: Person, meeting_id: str, start: datetime, was: datetime, note: str) -> MeetingItem:
        """Move it from the start that the viewer was shown.

        Raises StaleStateError, SlotTakenError, CalendarUnreadableError; then nothing has changed.
        """
        meeting, invitation = self._meetings.find(viewer, meeting_id)
        if meeting.start != was:
            raise StaleStateError(MOVED_ON)
        moved = self._rescheduling.move(meeting, invitation, start, Mover(by_id=viewer.user_id, note=note))
        return self._activity.meeting_item(moved, invitation)
