"""Members' links: what somebody of the inviter's side sees and may do who holds nothing but the link in their event.

The link is another one than the Customer's, and cannot act as the Customer. In an event that everybody shares,
everybody has the same one: then nobody can say whose hand it was.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.activity import MeetingItem
from bot.domain.event_copies import CopyRole, EventCopy
from bot.domain.ids import UserId
from bot.domain.invitation import Invitation
from bot.domain.meeting import CanceledBy, Meeting
from bot.domain.rescheduling import MoveOffer
from bot.errors import NotFoundError, StaleStateError
from bot.ports import Clock, UnitOfWorkFactory
from bot.services.activity import Activity
from bot.services.cancelling import cancelled_in
from bot.services.nonces import Nonces
from bot.services.rescheduling import Mover, Rescheduling

_GLANCE = timedelta(minutes=1)
_NOWHERE = "This link leads nowhere."
_USED = "This page is out of date. Here is how things stand now."


class MemberLinks:
    """Every method raises NotFoundError for an unknown link."""

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        activity: Activity,
        rescheduling: Rescheduling,
        nonces: Nonces,
        clock: Clock,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._activity = activity
        self._rescheduling = rescheduling
        self._nonces = nonces
        self._clock = clock

    def look(self, token: str) -> MeetingItem:
        """The Meeting as it is now; changes nothing."""
        _, meeting, invitation = self._find(token)
        return self._activity.meeting_item(meeting, invitation)

    def nonce(self, token: str) -> str:
        """A new one for the page's form. Nothing is stored."""
        copy, _, _ = self._find(token)
        return self._nonces.issue(_subject(copy))

    def cancel(self, token: str, nonce: str, reason: str) -> MeetingItem:
        """Cancel the Meeting, until its start. Raises StaleStateError."""
        copy, meeting, invitation = self._find(token)
        nonce_id, now = self._nonces.id_of(nonce, _subject(copy)), self._clock()
        if nonce_id is None or not meeting.is_live or meeting.start <= now:
            raise StaleStateError(_USED)
        by, by_id = CanceledBy.USER, _hand(copy)
        with self._unit_of_work(write=True) as unit:
            if not unit.nonces.use(nonce_id, now):
                raise StaleStateError(_USED)
            cancelled = cancelled_in(unit, meeting, invitation, now, by=by, by_id=by_id, reason=reason)
            if cancelled is None:
                raise StaleStateError(_USED)
            unit.commit()
        return self._activity.meeting_item(cancelled, invitation)

    def offer(self, token: str) -> tuple[MeetingItem, MoveOffer | None]:
        """The Meeting, and what it may move to: None where it cannot be moved (any more). Changes nothing."""
        _, meeting, invitation = self._find(token)
        item = self._activity.meeting_item(meeting, invitation)
        if not self._rescheduling.may_be_moved(meeting):
            return item, None
        return item, self._rescheduling.offer(meeting, invitation, max_age=_GLANCE)

    def move(self, token: str, start: datetime, was: datetime, nonce: str, note: str) -> MeetingItem:
        """Move the Meeting from the start that the page showed.

        Raises StaleStateError, SlotTakenError, CalendarUnreadableError; then nothing has changed.
        """
        copy, meeting, invitation = self._find(token)
        nonce_id = self._nonces.id_of(nonce, _subject(copy))
        if nonce_id is None or meeting.start != was:
            raise StaleStateError(_USED)
        mover = Mover(by_id=_hand(copy), note=note)
        moved = self._rescheduling.move(meeting, invitation, start, mover, nonce_id)
        return self._activity.meeting_item(moved, invitation)

    def _find(self, token: str) -> tuple[EventCopy, Meeting, Invitation]:
        with self._unit_of_work() as unit:
            copy = unit.event_copies.by_token(token)
            meeting = unit.meetings.get(copy.meeting_id) if copy else None
            invitation = unit.invitations.get(meeting.invitation_id) if meeting else None
        if copy is None or copy.is_withdrawn or meeting is None or invitation is None:
            raise NotFoundError(_NOWHERE)
        return copy, meeting, invitation


def _hand(copy: EventCopy) -> UserId | None:
    """Whose link it is; None where everybody in the event has the same one."""
    return None if copy.role is CopyRole.EVENT else UserId(copy.holder)


def _subject(copy: EventCopy) -> str:
    return f"member:{copy.meeting_id}:{copy.holder}"
