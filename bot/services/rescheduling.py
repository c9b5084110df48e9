"""Rescheduling: the one transaction that moves a Meeting, whoever moves it: the same people, the same event."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.ids import UserId
from bot.domain.invitation import Invitation
from bot.domain.meeting import Meeting, MeetingStatus, Move
from bot.domain.rescheduling import MoveOffer, may_be_moved, move_search
from bot.domain.slots import available_slots
from bot.errors import CalendarUnreadableError, ClaimRefusedError, SlotTakenError, StaleStateError
from bot.ports import Clock, UnitOfWork, UnitOfWorkFactory
from bot.services import meeting_rows
from bot.services.availability import FRESH, Availability
from bot.services.channels import channels_of
from bot.services.own_events import OwnEvents

_TRIES = 3
"""How often the calendars are looked at again when a claim is refused at the last moment."""

_TAKEN = "This time has just been taken. Please pick another one."
MOVED_ON = "This meeting has changed in the meantime. Here is how things stand now."
TOO_LATE = "This meeting has begun already, or is cancelled, so it cannot be moved any more."


@dataclass(frozen=True, slots=True)
class Mover:
    """Who moves a Meeting, and what they say about it. `zone` is the Customer's, where it is they who say it now."""

    by_customer: bool = False
    by_id: UserId | None = None
    note: str = ""
    zone: str | None = None


class Rescheduling:
    """Knows nothing of who may: those who call it do."""

    def __init__(
        self, unit_of_work: UnitOfWorkFactory, availability: Availability, own_events: OwnEvents, clock: Clock
    ) -> None:
        self._unit_of_work = unit_of_work
        self._availability = availability
        self._own_events = own_events
        self._clock = clock

    def may_be_moved(self, meeting: Meeting) -> bool:
        return may_be_moved(meeting, self._clock())

    def offer(self, meeting: Meeting, invitation: Invitation, *, max_age: timedelta) -> MoveOffer:
        """What the Meeting may move to; its own time is no move."""
        now = self._clock()
        search = move_search(invitation, meeting, now)
        reading = self._own_events.left_out(
            meeting,
            lambda: self._availability.read(
                meeting.workspace_id,
                invitation.inviter_id,
                search,
                invitation.rules,
                max_age=max_age,
                besides=meeting.id,
            ),
            max_age=max_age,
        )
        slots = available_slots(search, reading.calendars, now)
        return MoveOffer(
            tuple(start for start in slots.starts if start != meeting.start),
            tuple(reading.name(resource) for resource in slots.unreadable),
        )

    def move(
        self, meeting: Meeting, invitation: Invitation, start: datetime, mover: Mover, nonce_id: str | None = None
    ) -> Meeting:
        """The Meeting at its new time: a fresh read of the calendars, then one transaction, which uses up the nonce.

        Raises StaleStateError (it is not as the caller knows it, or the nonce is used), SlotTakenError,
        CalendarUnreadableError; then nothing has changed.
        """
        for _attempt in range(_TRIES):
            if not self.may_be_moved(meeting):
                raise StaleStateError(TOO_LATE)
            offer = self.offer(meeting, invitation, max_age=FRESH)
            if offer.unreadable:
                names = ", ".join(offer.unreadable)
                raise CalendarUnreadableError(f"Not readable just now: {names}. Nothing was moved.", offer.unreadable)
            if start not in offer.starts:
                raise SlotTakenError(_TAKEN)
            try:
                return self._store(meeting, invitation, start, mover, nonce_id)
            except ClaimRefusedError:
                continue
        raise SlotTakenError(_TAKEN)

    def _store(
        self, known: Meeting, invitation: Invitation, start: datetime, mover: Mover, nonce_id: str | None
    ) -> Meeting:
        """All of it or nothing. Raises StaleStateError, ClaimRefusedError."""
        now = self._clock()
        with self._unit_of_work(write=True) as unit:
            if nonce_id is not None and not unit.nonces.use(nonce_id, now):
                raise StaleStateError(MOVED_ON)
            moved = _moved(_unchanged(unit, known, now), start, mover, now)
            unit.meetings.move(moved)
            # Gone and claimed anew in one transaction: the new time may overlap the old one, and nobody sees a gap.
            unit.claims.release(moved.id)
            unit.claims.add(moved, moved.footprint(invitation.rules))
            copies, pending = unit.event_copies.of_meeting(moved.id), unit.outbox.pending(moved.id)
            channels = channels_of(invitation, unit.pools.by_ids(invitation.details.pool_ids))
            unit.outbox.add(*meeting_rows.moved(moved, invitation, copies, pending, channels, now))
            unit.commit()
        return moved


def _unchanged(unit: UnitOfWork, known: Meeting, now: datetime) -> Meeting:
    """The Meeting as it is stored, locked: at the time and with the people that the slots were counted for.

    Raises StaleStateError.
    """
    stored = unit.meetings.get(known.id, lock=True)
    if stored is None or not may_be_moved(stored, now):
        raise StaleStateError(TOO_LATE)
    if stored.guarded != known.guarded:
        raise StaleStateError(MOVED_ON)
    return stored


def _moved(meeting: Meeting, start: datetime, mover: Mover, now: datetime) -> Meeting:
    sequence = meeting.sequence + 1
    return replace(
        meeting,
        start=start,
        status=MeetingStatus.RESCHEDULED,
        sequence=sequence,
        customer_zone=mover.zone or meeting.customer_zone,
        last_move=Move(meeting.start, now, sequence, mover.by_customer, mover.by_id, mover.note),
    )
