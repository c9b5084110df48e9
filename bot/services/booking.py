"""Booking: what the Customer sees behind the link, and the one transaction that makes a Meeting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.assignment import choose
from bot.domain.booking import BookingState, Situation
from bot.domain.event_copies import EventCopy
from bot.domain.ids import ResourceId, UserId, is_room
from bot.domain.invitation import Invitation, InvitationStatus
from bot.domain.meeting import CanceledBy, Meeting, MeetingStatus
from bot.domain.people import Person
from bot.domain.slots import available_slots
from bot.errors import (
    CalendarUnreadableError,
    ClaimRefusedError,
    DeliveryError,
    InvitationChangedError,
    NotFoundError,
    SlotTakenError,
    StaleStateError,
)
from bot.ports import Clock, Directory, UnitOfWorkFactory
from bot.services import invitation_rows
from bot.services.availability import FRESH, Availability
from bot.services.cancelling import cancelled_in
from bot.services.events import Events, is_invited_by_calendar
from bot.services.new_meetings import meeting_of, planned, store_meeting
from bot.services.nonces import Nonces
from bot.services.turns import lineup_of

_GLANCE = timedelta(minutes=1)
_TRIES = 8
"""How often people are chosen anew when a claim is refused, or a pool has changed, at the last moment."""

_TAKEN = "This time has just been taken. Please pick another one."
_USED = "This page is out of date. Here is how things stand now."


class Booking:
    """For the Customer, who holds nothing but the link's token."""

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        directory: Directory,
        availability: Availability,
        events: Events,
        nonces: Nonces,
        clock: Clock,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._directory = directory
        self._availability = availability
        self._events = events
        self._nonces = nonces
        self._clock = clock

    def look(self, token: str) -> BookingState:
        """The present state; changes nothing. Raises NotFoundError."""
        invitation, meeting = self._find(token)
        situation = self._situation(invitation, meeting)
        if situation is not Situation.OPEN:
            return self._state(situation, invitation, meeting)
        slots = self._availability.slots(
            invitation.workspace_id, invitation.inviter_id, invitation.search, invitation.rules, max_age=_GLANCE
        )
        if slots.starts:
            return replace(self._state(Situation.OPEN, invitation, None), starts=slots.starts)
        is_waited_for = slots.unreadable and not self._have_left(invitation, slots.unreadable)
        situation = Situation.UNREADABLE if is_waited_for else Situation.ALL_TAKEN
        return self._state(situation, invitation, None)

    def nonce(self, token: str) -> str:
        """A new one for the page's form. Nothing is stored. Raises NotFoundError."""
        invitation, _meeting = self._find(token)
        return self._nonces.issue(invitation.id)

    def opened(self, token: str) -> None:
        """Record that a person (not a scanner) looked at the page. Raises NotFoundError."""
        invitation, _meeting = self._find(token)
        if invitation.opened_at is not None:
            return
        now = self._clock()
        with self._unit_of_work(write=True) as unit:
            if unit.invitations.mark_opened(invitation.id, now):
                unit.outbox.add(*invitation_rows.changed(invitation, now))
                unit.commit()

    def confirm(self, token: str, start: datetime, nonce: str, zone: str | None) -> BookingState:
        """Book the slot: a fresh read of the calendars, then one transaction.

        Raises NotFoundError, StaleStateError (used or foreign nonce, no longer open), SlotTakenError,
        CalendarUnreadableError; then nothing has changed.
        """
        for _attempt in range(_TRIES):
            invitation, meeting = self._find(token)
            nonce_id = self._nonces.id_of(nonce, invitation.id)
            if nonce_id is None or self._situation(invitation, meeting) is not Situation.OPEN:
                raise StaleStateError(_USED)
            meeting = self._choose(invitation, start, zone)
            try:
                meeting, copies = self._book(invitation, meeting, nonce_id)
            except (ClaimRefusedError, InvitationChangedError):
                continue
            scheduled = replace(invitation, status=InvitationStatus.SCHEDULED)
            return self._state(Situation.BOOKED, scheduled, meeting, copies)
        raise SlotTakenError(_TAKEN)

    def cancel(self, token: str, nonce: str, reason: str) -> BookingState:
        """Cancel the Meeting, until its start. Raises NotFoundError, StaleStateError."""
        invitation, meeting = self._find(token)
        nonce_id = self._nonces.id_of(nonce, invitation.id)
        now = self._clock()
        if nonce_id is None or meeting is None or not meeting.is_live or meeting.start <= now:
            raise StaleStateError(_USED)
        with self._unit_of_work(write=True) as unit:
            if not unit.nonces.use(nonce_id, now):
                raise StaleStateError(_USED)
            cancelled = cancelled_in(unit, meeting, invitation, now, by=CanceledBy.CUSTOMER, reason=reason)
            if cancelled is None:
                raise StaleStateError(_USED)
            unit.commit()
        return self._state(Situation.CANCELED_BY_CUSTOMER, invitation, cancelled)

    def _choose(self, invitation: Invitation, start: datetime, zone: str | None) -> Meeting:
        """The Meeting at that start with free people in it, by calendars read now."""
        # Stored only where the page needs it: that is a second transaction, before the one that books.
        reading = self._availability.read(
            invitation.workspace_id,
            invitation.inviter_id,
            invitation.search,
            invitation.rules,
            max_age=FRESH,
            keeps=False,
        )
        with self._unit_of_work() as unit:  # not before: calendars take their time, and others are booked meanwhile
            lineup = lineup_of(unit, invitation, self._clock())
        search = replace(invitation.search, requirements=lineup.requirements)
        slots = available_slots(search, reading.calendars, self._clock())
        assigned = choose(search, reading.calendars, start) if start in slots.starts else None
        if assigned is None:
            self._availability.keep(invitation.workspace_id, reading)  # the page says what is left by it
            if slots.unreadable and not self._have_left(invitation, slots.unreadable):
                names = [reading.name(resource) for resource in slots.unreadable]
                raise CalendarUnreadableError("The calendars could not be read just now.", names)
            raise SlotTakenError(_TAKEN)
        return meeting_of(invitation, lineup, start, assigned, self._clock(), zone)

    def _have_left(self, invitation: Invitation, unreadable: Sequence[ResourceId]) -> bool:
        """Whether all of them are people who have left Slack: they are not to be waited for."""
        if any(map(is_room, unreadable)):
            return False
        try:
            people = self._directory.named(invitation.workspace_id, [UserId(who) for who in unreadable])
        except DeliveryError:
            return False
        return all(person.is_deactivated for person in people)

    def _book(self, invitation: Invitation, meeting: Meeting, nonce_id: str) -> tuple[Meeting, Sequence[EventCopy]]:
        """The Meeting, and where its event goes: all of it or nothing.

        Raises StaleStateError, InvitationChangedError, ClaimRefusedError.
        """
        now = self._clock()
        meeting, copies = planned(self._events, meeting, invitation)
        with self._unit_of_work(write=True) as unit:
            if not unit.nonces.use(nonce_id, now):
                raise StaleStateError(_USED)
            if not unit.invitations.book(invitation):
                raise InvitationChangedError(_USED)
            if invitation.opened_at is None:
                unit.invitations.mark_opened(invitation.id, now)  # whoever books is no scanner
            store_meeting(unit, meeting, invitation, copies, now)
            unit.commit()
        return meeting, copies

    def _find(self, token: str) -> tuple[Invitation, Meeting | None]:
        with self._unit_of_work() as unit:
            invitation = unit.invitations.by_token(token)
            if invitation is None:
                raise NotFoundError("This link leads nowhere.")
            return invitation, unit.meetings.of_invitation(invitation.id)

    def _situation(self, invitation: Invitation, meeting: Meeting | None) -> Situation:
        """What holds without the calendars. While its inviter is not in Slack, nobody would hear of what comes of an
        Invitation: it is as withdrawn, and open again when they are back."""
        situation = _by_database(invitation, meeting, self._clock())
        if situation is Situation.OPEN and self._inviter(invitation).is_deactivated:
            return Situation.WITHDRAWN
        return situation

    def _inviter(self, invitation: Invitation) -> Person:
        (inviter,) = self._directory.named(invitation.workspace_id, [invitation.inviter_id])
        return inviter

    def _state(
        self,
        situation: Situation,
        invitation: Invitation,
        meeting: Meeting | None,
        copies: Sequence[EventCopy] | None = None,
    ) -> BookingState:
        """`copies` are the Meeting's, where the caller knows them."""
        member_ids: tuple[UserId, ...] = meeting.assigned_member_ids if meeting else invitation.member_ids
        members = self._directory.named(invitation.workspace_id, member_ids)
        if meeting and copies is None:
            with self._unit_of_work() as unit:
                copies = unit.event_copies.of_meeting(meeting.id)
        return BookingState(
            situation,
            invitation,
            self._inviter(invitation),
            members,
            meeting=meeting,
            is_invited_by_calendar=is_invited_by_calendar(invitation, copies or ()),
        )


def _by_database(invitation: Invitation, meeting: Meeting | None, now: datetime) -> Situation:
    """What the database alone says; OPEN says nothing about people and calendars yet."""
    if invitation.status is InvitationStatus.CANCELED:
        return Situation.WITHDRAWN
    if invitation.status is InvitationStatus.EXPIRED:
        return Situation.EXPIRED
    if meeting is None:
        return Situation.EXPIRED if invitation.expires_at < now else Situation.OPEN
    if meeting.status is MeetingStatus.CANCELED:
        by_customer = meeting.canceled_by is CanceledBy.CUSTOMER
        return Situation.CANCELED_BY_CUSTOMER if by_customer else Situation.CANCELED_BY_USER
    return Situation.PAST if meeting.end <= now else Situation.BOOKED
