"""The Customer moves their Meeting: what their link offers, and the move itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.booking import BookingState, Situation
from bot.domain.rescheduling import MoveOffer
from bot.errors import StaleStateError
from bot.services.booking import Booking
from bot.services.nonces import Nonces
from bot.services.rescheduling import Mover, Rescheduling

_GLANCE = timedelta(minutes=1)
_USED = "This page is out of date. Here is how things stand now."


class CustomerMoves:
    """For whoever holds the link's token. Every method raises NotFoundError for an unknown link."""

    def __init__(self, booking: Booking, rescheduling: Rescheduling, nonces: Nonces) -> None:
        self._booking = booking
        self._rescheduling = rescheduling
        self._nonces = nonces

    def state(self, token: str) -> BookingState:
        """The present state; asks no calendar where a Meeting is booked."""
        return self._booking.look(token)

    def look(self, token: str) -> tuple[BookingState, MoveOffer | None]:
        """The present state, and what the Meeting may move to: None where it cannot be moved (any more). Changes
        nothing."""
        state = self._booking.look(token)
        if state.meeting is None or state.situation is not Situation.BOOKED:
            return state, None
        if not self._rescheduling.may_be_moved(state.meeting):
            return state, None
        return state, self._rescheduling.offer(state.meeting, state.invitation, max_age=_GLANCE)

    def move(self, token: str, start: datetime, was: datetime, nonce: str, note: str, zone: str | None) -> BookingState:
        """Move the Meeting from the start that the Customer was shown.

        Raises StaleStateError (used or foreign nonce, another time by now, begun), SlotTakenError,
        CalendarUnreadableError; then nothing has changed.
        """
        state = self._booking.look(token)
        nonce_id = self._nonces.id_of(nonce, state.invitation.id)
        if nonce_id is None or state.meeting is None or state.meeting.start != was:
            raise StaleStateError(_USED)
        mover = Mover(by_customer=True, note=note, zone=zone)
        self._rescheduling.move(state.meeting, state.invitation, start, mover, nonce_id)
        return self._booking.look(token)
