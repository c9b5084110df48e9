"""Reassigning: somebody else, or another Room, takes a place in a Meeting, or it stays empty. One transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.domain.activity import MeetingItem
from bot.domain.calendar import Conference
from bot.domain.delivery import Delivery, DeliveryKind
from bot.domain.event_copies import CopyChange, CopyRole
from bot.domain.event_needs import CONFERENCE_CALENDARS
from bot.domain.ids import ResourceId, is_room
from bot.domain.invitation import ConferencingKind, Invitation
from bot.domain.meeting import Attendance, Meeting
from bot.domain.people import Person
from bot.domain.pools import Pool, Turn
from bot.domain.reassignment import Replacement, may_do_without, reassigned, seat_of, without
from bot.errors import ClaimRefusedError, NotFreeError, StaleStateError
from bot.ports import Clock, UnitOfWork, UnitOfWorkFactory
from bot.services import meeting_rows
from bot.services.activity import Activity
from bot.services.conferences import host_of, impossible
from bot.services.events import Events
from bot.services.meetings import Meetings
from bot.services.substitutes import Substitutes
from bot.services.turns import ledger_of

_BEGUN = "This meeting has begun already, or is cancelled, so nobody can be replaced any more."
_CHANGED = "The meeting has changed in the meantime. Look at it again."
_NOT_IN_IT = "They are not in this meeting any more. Look at it again."
_LAST = "Somebody of your side has to be there. Choose who takes the place, or cancel the meeting."


class Reassigning:
    """Who may see a Meeting may reassign it. Every method raises NotFoundError, and StaleStateError where the Meeting
    has begun, is cancelled, or has changed in the meantime."""

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        activity: Activity,
        meetings: Meetings,
        substitutes: Substitutes,
        events: Events,
        clock: Clock,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._activity = activity
        self._meetings = meetings
        self._substitutes = substitutes
        self._events = events
        self._clock = clock

    def outline(self, viewer: Person, meeting_id: str, out: str = "") -> Replacement:
        """Whose places there are, the given one chosen, else that of somebody who has declined, else the first; no
        calendar is asked."""
        meeting, invitation = self._find(viewer, meeting_id)
        places = tuple((resource, self._substitutes.name(meeting, resource)) for resource in meeting.assigned)
        item = self._activity.meeting_item(meeting, invitation)
        declined = (person.resource_id for person, status in item.members if status is Attendance.DECLINED)
        who = ResourceId(out) if out in meeting.assigned else next(declined, meeting.assigned[0])
        return Replacement(item, places, who, may_do_without=may_do_without(meeting, who))

    def substitutes(self, viewer: Person, meeting_id: str, out: str) -> Replacement:
        """The same with who may take that place, by calendars read now."""
        meeting, invitation = self._find(viewer, meeting_id)
        place = _place(meeting, out)
        outline = self.outline(viewer, meeting_id, place)
        found = self._substitutes.of(meeting, invitation, place)
        return Replacement(outline.item, outline.places, place, found, outline.may_do_without)

    def reassign(self, viewer: Person, meeting_id: str, out: str, came: str) -> MeetingItem:
        """Somebody else comes, or another Room is taken: a fresh reading, then one transaction.

        Raises NotFreeError.
        """
        meeting, invitation = self._find(viewer, meeting_id)
        place, newcomer = _place(meeting, out), ResourceId(came)
        if is_room(place) is not is_room(newcomer):
            raise NotFreeError("A room cannot take a person’s place, nor a person a room’s.")
        substitute = self._substitutes.one(meeting, invitation, newcomer)
        if newcomer in meeting.assigned:
            raise NotFreeError(f"{substitute.name} is in this meeting already. Choose somebody else.")
        if not substitute.is_free:
            raise NotFreeError(f"{substitute.name} {substitute.obstacle}. Choose another one.")
        in_place_of = f"in place of {self._substitutes.name(meeting, place)}"
        try:
            after = self._store(viewer, meeting, invitation, place, newcomer, in_place_of)
        except ClaimRefusedError as error:
            raise NotFreeError(f"{substitute.name} has just been booked for that time. Choose another one.") from error
        return self._activity.meeting_item(after, invitation)

    def do_without(self, viewer: Person, meeting_id: str, out: str) -> MeetingItem:
        """The place stays empty. Raises NotFreeError where nobody would be left."""
        meeting, invitation = self._find(viewer, meeting_id)
        place = _place(meeting, out)
        if not may_do_without(meeting, place):
            raise NotFreeError(_LAST)
        return self._activity.meeting_item(self._store(viewer, meeting, invitation, place, None, ""), invitation)

    def _find(self, viewer: Person, meeting_id: str) -> tuple[Meeting, Invitation]:
        meeting, invitation = self._meetings.find(viewer, meeting_id)
        if not meeting.is_live or meeting.start <= self._clock():
            raise StaleStateError(_BEGUN)
        return meeting, invitation

    def _store(
        self,
        viewer: Person,
        before: Meeting,
        invitation: Invitation,
        out: ResourceId,
        came: ResourceId | None,
        in_place_of: str,
    ) -> Meeting:
        """All of it or nothing. Raises StaleStateError, ClaimRefusedError."""
        now = self._clock()
        with self._unit_of_work(write=True) as unit:
            pool_id = seat_of(before, invitation, out).pool_id
            pool = unit.pools.get(pool_id, lock=True) if pool_id else None
            if came is None:
                after = without(before, invitation, out)
            else:
                reason = _reason(unit, pool, before, came, now) or f"chosen by {viewer.name}"
                after = reassigned(before, out, came, f"{reason}, {in_place_of}")
            if not unit.meetings.reassign(after, before, now):
                raise StaleStateError(_CHANGED)
            after = unit.meetings.get(after.id) or after  # with what the Customer has been told by now
            unit.claims.release(before.id)
            unit.claims.add(after, after.footprint(invitation.rules))
            unit.pools.remove_turns(invitation.id, now, resource_id=out)
            if pool and came in {member.resource_id for member in pool.members}:
                unit.pools.add_turn(Turn(pool.id, ResourceId(came), invitation.id, now))
            change = self._events.replanned(unit, after, invitation)
            change = change if is_room(out) else change.relinked()
            shared = [copy for copy in change.kept if copy.role is CopyRole.EVENT]
            unit.event_copies.put(*change.withdrawn, *change.added, *shared)
            pending = unit.outbox.pending(after.id)
            unit.outbox.add(*meeting_rows.reassigned(after, invitation, change, out, came, pending, now))
            _follow_with_conference(unit, before, after, invitation, change, pending, now)
            unit.commit()
        return after


def _place(meeting: Meeting, out: str) -> ResourceId:
    if out not in meeting.assigned:
        raise StaleStateError(_NOT_IN_IT)
    return ResourceId(out)


def _reason(unit: UnitOfWork, pool: Pool | None, before: Meeting, came: ResourceId, now: datetime) -> str:
    """The pool's own reason, where it was their turn; else empty."""
    if pool is None:
        return ""
    ledger = ledger_of(unit, pool, now)
    line = ledger.line(besides=before.assigned)
    return ledger.reason(besides=before.assigned) if line and line[0].resource_id == came else ""


def _follow_with_conference(
    unit: UnitOfWork,
    before: Meeting,
    after: Meeting,
    invitation: Invitation,
    change: CopyChange,
    pending: Sequence[Delivery],
    now: datetime,
) -> None:
    """A conference that the calendar made goes with the event: where that lies elsewhere now, another one is made. So
    it is with one of Zoom's whose host is not in the Meeting any more."""
    kind, host = invitation.details.conferencing.kind, host_of(before, invitation)
    is_there = after.conference_id or any(each.kind is DeliveryKind.CONFERENCE_WRITE for each in pending)
    if kind is ConferencingKind.ZOOM and is_there and host != host_of(after, invitation):
        unit.outbox.add(meeting_rows.conference_replaced(after, host, now))
    if not change.is_elsewhere or kind not in CONFERENCE_CALENDARS:
        return
    unit.meetings.set_conference(after.id, Conference("", ""), is_change=False)
    problem = impossible(invitation, change.present)
    if problem:
        unit.meetings.set_conference_problem(after.id, problem)
        unit.outbox.add(meeting_rows.needs_attention(after, invitation, now))
