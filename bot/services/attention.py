"""What is wrong with a Meeting's event or conference, and what the people of the inviter's side may do about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.delivery import Delivery, DeliveryKind
from bot.domain.event_copies import CopyRole, EventCopy
from bot.domain.invitation import ConferencingKind, Invitation
from bot.domain.meeting import Meeting
from bot.domain.people import Person
from bot.errors import StaleStateError
from bot.ports import Clock, UnitOfWork, UnitOfWorkFactory
from bot.services import invitation_rows, meeting_rows
from bot.services.events import Events, connection_of
from bot.services.meetings import Meetings

_IN_ORDER = "Everything is in order by now: there is nothing left to decide."


class AttentionDesk:
    """Who may see a Meeting may decide. Every method raises NotFoundError, and StaleStateError where by now there is
    nothing to decide."""

    def __init__(self, unit_of_work: UnitOfWorkFactory, meetings: Meetings, events: Events, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._meetings = meetings
        self._events = events
        self._clock = clock

    def write_again(self, viewer: Person, meeting_id: str) -> None:
        """Write the event as we know it wherever something else was found, and try the conference again."""
        found, invitation = self._meetings.find(viewer, meeting_id)
        now = self._clock()
        with self._unit_of_work(write=True) as unit:
            meeting = unit.meetings.get(found.id, lock=True) or found
            plan = self._events.planned(unit, meeting, invitation) if meeting.is_live else ()
            rows = [
                *_conference_again(unit, meeting, invitation, now),
                *_events_again(unit, meeting, invitation, plan, now),
            ]
            if not rows:
                raise StaleStateError(_IN_ORDER)
            unit.meetings.raise_sequence(meeting.id)
            _queue(unit, meeting, rows, now)
            unit.outbox.add(*invitation_rows.changed(invitation, now))
            unit.commit()

    def keep(self, viewer: Person, meeting_id: str) -> None:
        """Leave everything as it was found, and say no more of it."""
        meeting, invitation = self._meetings.find(viewer, meeting_id)
        with self._unit_of_work(write=True) as unit:
            unit.meetings.get(meeting.id, lock=True)  # first, like whoever changes it
            open_ones = [copy for copy in _locked(unit, meeting) if copy.attention]
            for copy in open_ones:
                unit.event_copies.put(replace(copy, is_accepted=True))
            was_told = unit.meetings.set_conference_problem(meeting.id, "")
            if not open_ones and not was_told:
                raise StaleStateError(_IN_ORDER)
            unit.outbox.add(*invitation_rows.changed(invitation, self._clock()))
            unit.commit()


def _events_again(
    unit: UnitOfWork, meeting: Meeting, invitation: Invitation, plan: Sequence[EventCopy], now: datetime
) -> Iterator[Delivery]:
    lost = _lost(unit, meeting) if meeting.is_live else ()
    for copy in lost:
        unit.event_copies.delete(copy.meeting_id, copy.holder)
    copies = unit.event_copies.of_meeting(meeting.id)
    for copy in _locked(unit, meeting):
        if copy.finding:
            is_to_be = meeting.is_live and not copy.is_withdrawn
            kind = DeliveryKind.EVENT_WRITE if is_to_be else DeliveryKind.EVENT_CANCEL
            in_order = replace(copy, finding=None, suspicion=None, suspected_at=None, is_accepted=False)
            unit.event_copies.put(in_order)
            yield meeting_rows.row(meeting, kind, copy.holder, now)
    if not lost:
        return
    holders = {copy.holder for copy in copies}
    planned = [copy for copy in plan if copy.holder not in holders and not (holders and copy.role is CopyRole.EVENT)]
    unit.event_copies.put(*planned)
    yield from meeting_rows.events_written(meeting, planned, now)
    if any(copy.role is CopyRole.EVENT for copy in lost) and not any(copy.role is CopyRole.EVENT for copy in planned):
        # The lost calendar was to invite the Customer: now our mail does.
        yield meeting_rows.confirmation(meeting, invitation, now)


def _locked(unit: UnitOfWork, meeting: Meeting) -> Sequence[EventCopy]:
    """The Meeting's copies as they are while nobody writes or reads one: the worker may be at it."""
    return unit.event_copies.of_meeting(meeting.id, with_withdrawn=True, lock=True)


def _lost(unit: UnitOfWork, meeting: Meeting) -> Sequence[EventCopy]:
    """Copies that never came into a calendar which is disconnected by now."""
    return [
        copy
        for copy in unit.event_copies.of_meeting(meeting.id)
        if copy.written is None and copy.role is not CopyRole.MAIL and connection_of(unit, copy) is None
    ]


def _conference_again(unit: UnitOfWork, meeting: Meeting, invitation: Invitation, now: datetime) -> Iterator[Delivery]:
    kind = invitation.details.conferencing.kind
    if meeting.is_live and meeting.conference_problem and kind is ConferencingKind.ZOOM:
        unit.meetings.set_conference_problem(meeting.id, "")
        yield meeting_rows.row(meeting, DeliveryKind.CONFERENCE_WRITE, kind, now)


def _queue(unit: UnitOfWork, meeting: Meeting, rows: Sequence[Delivery], now: datetime) -> None:
    """What waits for its next try anyway is tried now, not twice."""
    waiting = {(row.kind, row.recipient) for row in unit.outbox.pending(meeting.id)}
    for kind in {row.kind for row in rows}:
        unit.outbox.hasten(meeting.id, kind, now)
    unit.outbox.add(*(row for row in rows if (row.kind, row.recipient) not in waiting))
