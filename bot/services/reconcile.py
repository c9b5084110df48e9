"""Reconciling: events are read again after each write and from then on, and what differs is put to people.

Nothing is ever acted on by itself, and one reading proves nothing: what it finds has to be confirmed by another one.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, wait
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.calendar import Conference, Connection, ConnectionState, Event
from bot.domain.event_copies import CONFIRMED_AFTER, CopyRole, EventCopy, Trouble, next_reading
from bot.domain.event_needs import CONFERENCE_CALENDARS
from bot.domain.ids import ConnectionId, ResourceId, UserId
from bot.domain.invitation import Invitation
from bot.domain.meeting import Attendance, Meeting
from bot.domain.read_back import ATTENDANCE, attendee_in, compare, is_behind, is_there, judged
from bot.errors import InviteOnceError
from bot.ports import CalendarProvider, Clock, UnitOfWork, UnitOfWorkFactory
from bot.services import invitation_rows, meeting_rows
from bot.services.conferences import note_link
from bot.services.events import Events, connection_of, written_to
from bot.services.guests import Guest, Guests

log = logging.getLogger(__name__)

_BATCH = 200
_PER_MAILBOX = 20
"""Readings of one account in one run, one after the other: the others' turn is the next run's."""
_LEASE = timedelta(minutes=5)
"""Longer than one account's readings take: whatever a killed worker was reading is read again after that."""


class Reconcile:
    """`executor` asks the calendars, several accounts at once."""

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        events: Events,
        providers: Mapping[str, CalendarProvider],
        clock: Clock,
        executor: Executor,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._events = events
        self._providers = providers
        self._clock = clock
        self._executor = executor

    def read_due(self) -> int:
        """Read every event of which it is time; returns how many. Several workers share the work."""
        now = self._clock()
        with self._unit_of_work() as unit:
            due = unit.event_copies.due(now, _BATCH)
        if not due:
            return 0
        by_mailbox: dict[ConnectionId | None, list[EventCopy]] = defaultdict(list)
        with self._unit_of_work(write=True) as unit:
            for copy in due:
                mailbox = by_mailbox[copy.connection_id]
                if len(mailbox) < _PER_MAILBOX and unit.event_copies.lease(copy, now + _LEASE):
                    mailbox.append(copy)
            unit.commit()
        readings = [self._executor.submit(self._read_all, copies) for copies in by_mailbox.values() if copies]
        wait(readings)
        return sum(reading.result() for reading in readings)

    def nudge(self, connection_id: ConnectionId) -> int:
        """Read what lies in an account's calendars at the next run: its provider says that something has changed."""
        with self._unit_of_work(write=True) as unit:
            nudged = unit.event_copies.check_by(connection_id, self._clock())
            unit.commit()
        return nudged

    def written(self, copy: EventCopy, meeting: Meeting) -> None:
        """The copy has just been written as the Meeting was then: it is read now, and again a minute later."""
        now = self._clock()
        with self._unit_of_work(write=True) as unit:
            stored = unit.event_copies.get(copy.meeting_id, copy.holder, lock=True)
            invitation = unit.invitations.get(meeting.invitation_id)
            if stored is None or invitation is None:
                return
            has_calendar = copy.role is not CopyRole.MAIL and meeting.is_live and not stored.is_withdrawn
            fresh = replace(
                stored,
                written=meeting.sequence,
                suspicion=None,
                suspected_at=None,
                finding=None,
                is_accepted=False,
                check_at=now + CONFIRMED_AFTER if has_calendar else None,
            )
            unit.event_copies.put(fresh)
            if stored.finding:
                unit.outbox.add(*invitation_rows.changed(invitation, now))
            if stored.written is not None:  # what calendars said before may hold a time that has just become free
                unit.busy_cache.forget(copy.workspace_id, list({copy.holder, *meeting.assigned}))
            unit.commit()
        if has_calendar:
            self.read(fresh, again_by=fresh.check_at)

    def read(self, copy: EventCopy, again_by: datetime | None = None) -> None:
        """One reading. What cannot be read says nothing, and is read again at its next time."""
        try:
            self._read(copy, again_by)
        except InviteOnceError as error:
            log.info("an event could not be read: %s", type(error).__name__, extra={"meeting_id": copy.meeting_id})
            self._put_off(copy)

    def _read_all(self, copies: Sequence[EventCopy]) -> int:
        for copy in copies:
            self.read(copy)
        return len(copies)

    def _read(self, copy: EventCopy, again_by: datetime | None) -> None:
        with self._unit_of_work() as unit:
            meeting = unit.meetings.get(copy.meeting_id)
            invitation = unit.invitations.get(meeting.invitation_id) if meeting else None
            connection = connection_of(unit, copy)
        if meeting is None or invitation is None or not meeting.is_live or copy.is_withdrawn:
            self._finish(copy)
        elif connection is None or connection.state is ConnectionState.BROKEN:
            self._put_off(copy)  # its owner has been told
        elif connection.provider not in self._providers:
            self._finish(copy)
        else:
            self._judge(copy, meeting, invitation, connection, again_by)

    def _judge(
        self,
        copy: EventCopy,
        meeting: Meeting,
        invitation: Invitation,
        connection: Connection,
        again_by: datetime | None,
    ) -> None:
        guests = self._events.guests(meeting, invitation)
        expected = self._events.of_copy(meeting, invitation, copy, guests)
        account, calendar = written_to(connection, copy)
        found = self._providers[connection.provider].read(account, meeting.uid, calendar=calendar)
        now = self._clock()
        aliases = {guest.address.lower(): guest.known for guest in guests.everybody}
        with self._unit_of_work(write=True) as unit:
            present = unit.meetings.get(meeting.id, lock=True)  # first, like whoever changes it
            stored = unit.event_copies.get(copy.meeting_id, copy.holder, lock=True)
            if stored is None or stored.written != copy.written or present is None or not present.is_live:
                return  # written again or cancelled while we read: that was about something else
            if present.guarded != meeting.guarded or stored.is_withdrawn:
                return
            if is_behind(stored, present):
                unit.event_copies.put(replace(stored, check_at=next_reading(present.end, now)))
                unit.commit()
                return
            fresh = judged(stored, compare(copy.role, expected, found, aliases), meeting.end, now)
            if again_by and fresh.check_at:
                fresh = replace(fresh, check_at=min(fresh.check_at, again_by))
            if stored.check_at and fresh.check_at and stored.check_at <= now:
                fresh = replace(fresh, check_at=stored.check_at)  # a push came while we read: perhaps about more
            unit.event_copies.put(fresh)
            changed, declined = self._note_answers(unit, fresh, meeting, guests, found)
            news = [meeting_rows.member_declined(present, invitation, user, now) for user in declined]
            if fresh.attention != stored.attention:
                changed = True
                if fresh.attention:
                    news.append(meeting_rows.needs_attention(present, invitation, now))
            if copy.role is CopyRole.EVENT and found and is_there(found):
                self._note_link(unit, present, invitation, found)
            if changed:
                unit.outbox.add(*news, *invitation_rows.changed(invitation, now))
            unit.commit()

    def _note_answers(
        self, unit: UnitOfWork, copy: EventCopy, meeting: Meeting, guests: Guests, found: Event | None
    ) -> tuple[bool, list[UserId]]:
        """Keep the members' statuses as the event has them: whether any is new, and who declines now. The inviter
        need not be told what they did themselves."""
        changed, declined = False, []
        for guest in guests.members:
            user_id, attendance = guest.person.user_id, _attendance(copy, guest, found)
            if attendance and unit.meetings.set_attendance(meeting.id, user_id, attendance):
                changed = True
                if attendance is Attendance.DECLINED and user_id != guests.inviter.person.user_id:
                    declined.append(user_id)
        return changed, declined

    def _note_link(self, unit: UnitOfWork, meeting: Meeting, invitation: Invitation, found: Event) -> None:
        is_made_by_calendar = invitation.details.conferencing.kind in CONFERENCE_CALENDARS
        if is_made_by_calendar and found.join_url and meeting.join_url != found.join_url:
            note_link(unit, meeting, invitation, Conference("", found.join_url), self._clock())

    def _finish(self, copy: EventCopy) -> None:
        self._check_at(copy, is_over=True)

    def _put_off(self, copy: EventCopy) -> None:
        self._check_at(copy, is_over=False)

    def _check_at(self, copy: EventCopy, *, is_over: bool) -> None:
        with self._unit_of_work(write=True) as unit:
            stored = unit.event_copies.get(copy.meeting_id, copy.holder, lock=True)
            meeting = unit.meetings.get(copy.meeting_id)
            if stored is None:
                return
            later = None if is_over or meeting is None else next_reading(meeting.end, self._clock())
            unit.event_copies.put(replace(stored, check_at=later))
            unit.commit()


def _attendance(copy: EventCopy, guest: Guest, found: Event | None) -> Attendance | None:
    """What a member's calendar says about them; None where this copy says nothing."""
    is_own = copy.holder == ResourceId(guest.person.user_id)
    if copy.role is not CopyRole.EVENT and not is_own:
        return None
    if found is None or not is_there(found):
        # Of a removal the confirmed finding speaks, not one reading.
        return Attendance.REMOVED if is_own and _is_confirmed(copy, Trouble.MISSING) else None
    answer = next((person for known in guest.known if (person := attendee_in(found, known, {}))), None)
    if answer is None:
        is_removed = copy.role is CopyRole.EVENT and not is_own and _is_confirmed(copy, Trouble.ATTENDEES)
        return Attendance.REMOVED if is_removed else None
    return ATTENDANCE[answer.answer]


def _is_confirmed(copy: EventCopy, trouble: Trouble) -> bool:
    return copy.finding is not None and copy.finding.trouble is trouble
