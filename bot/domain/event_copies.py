"""Where a Meeting's event lies: decided once, at booking, so that it is changed and cancelled where it was written.

One invitation per recipient, never two. Where the organiser's calendar delivers to the attendees there is one
event with everybody in it, and that is all. Where it does not, each assigned member and Room gets a copy with the
same UID, and our own mail invites those whose calendar we cannot write.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from bot.domain.calendar import Connection, ConnectionState
from bot.domain.event_needs import CONFERENCE_CALENDARS, needs
from bot.domain.ids import ConnectionId, MeetingId, ResourceId, UserId, WorkspaceId, is_room, new_link_token
from bot.domain.invitation import ConferencingKind, Invitation
from bot.domain.meeting import Meeting
from bot.domain.rooms import Room

LINK_TO_COME = frozenset({*CONFERENCE_CALENDARS, ConferencingKind.ZOOM})
"""Conferences that are made once the Meeting is booked."""

CONFIRMED_AFTER = timedelta(seconds=60)
"""A reading counts once another one at least this much later says the same."""
_SOON = timedelta(days=14)
_OFTEN = timedelta(minutes=5)
_SELDOM = timedelta(hours=1)


class CopyRole(StrEnum):
    EVENT = "event"
    """The one event, with everybody as attendees: the calendar system invites them."""
    COPY = "copy"
    MAIL = "mail"
    """No calendar that we can write: our own mail invites."""


class Trouble(StrEnum):
    """What is not as it should be with an event or a conference."""

    NOT_WRITTEN = "not_written"
    NOT_REMOVED = "not_removed"
    MISSING = "missing"
    MOVED = "moved"
    ATTENDEES = "attendees"
    ROOM_DECLINED = "room_declined"
    NO_LINK = "no_link"
    NO_CONFERENCE = "no_conference"


@dataclass(frozen=True, slots=True)
class Finding:
    """`detail`: the start an event was moved to (ISO 8601), the names that are missing, or why it failed."""

    trouble: Trouble
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Attention:
    """A finding for people to decide about; `who` is whose calendar it is in, empty for a conference."""

    finding: Finding
    who: str = ""


@dataclass(frozen=True, slots=True)
class CopyChange:
    """What becomes of a Meeting's copies once somebody else is in it. `is_elsewhere`: the one event lies in another
    calendar from now on, and what was made with it is gone."""

    kept: tuple[EventCopy, ...]
    added: tuple[EventCopy, ...]
    withdrawn: tuple[EventCopy, ...]
    is_elsewhere: bool = False

    @property
    def present(self) -> tuple[EventCopy, ...]:
        return (*self.kept, *self.added)

    def relinked(self) -> CopyChange:
        """The same with another members' link in the event that everybody shares: whoever is gone has the old one."""
        kept = (replace(copy, token=new_link_token()) if copy.role is CopyRole.EVENT else copy for copy in self.kept)
        return replace(self, kept=tuple(kept))


@dataclass(frozen=True, slots=True)
class EventCopy:
    """One copy of a Meeting's event. `holder` is whose calendar it lies in; there is one a holder.

    `calendar` is the calendar's id there (empty: the account's default; a Room's address). `token` is the secret of
    the members' link `/m/…`. `written` is the sequence last written, None before. `check_at` is when it is read next,
    None: not any more. `suspicion` is what the last reading found and the next one has to confirm; `finding` is what
    is confirmed, until a reading finds everything in order; `is_accepted`: somebody said *Keep as it is*.
    `is_withdrawn`: its holder is not in the Meeting any more, and the copy is to be cancelled, or has been.
    """

    meeting_id: MeetingId
    workspace_id: WorkspaceId
    holder: ResourceId
    role: CopyRole
    token: str = field(repr=False)
    connection_id: ConnectionId | None = None
    provider: str = ""
    calendar: str = ""
    written: int | None = None
    check_at: datetime | None = None
    suspicion: Finding | None = None
    suspected_at: datetime | None = None
    finding: Finding | None = None
    is_accepted: bool = False
    is_withdrawn: bool = False

    @property
    def attention(self) -> Finding | None:
        """What somebody has to decide about."""
        return None if self.is_accepted else self.finding


class CalendarSystems(Protocol):
    """What is known of calendar systems, and of the accounts within reach, without asking them."""

    def delivers(self, provider: str) -> bool:
        """Whether it invites attendees itself."""

    def place(self, copy: EventCopy) -> str:
        """What names the calendar that the copy lies in, the same for everybody who writes there."""

    def must_be_invited(self, room: Room, through: Connection) -> bool:
        """Whether it can be reserved only by an event in that very system."""


def next_reading(end: datetime, now: datetime) -> datetime | None:
    """When an event that ends then is read again: every 5 minutes within 14 days, else every hour."""
    if end <= now:
        return None
    return now + (_OFTEN if end - now <= _SOON else _SELDOM)


def organizer_of(
    meeting: Meeting, invitation: Invitation, connections: Mapping[UserId, Sequence[Connection]]
) -> UserId | None:
    """In whose calendar the event lies: the inviter's own where they are assigned, else the first assigned member's.

    Whoever has no calendar is passed over; None where nobody has one.
    """
    members = meeting.assigned_member_ids
    first = (invitation.inviter_id,) if invitation.inviter_id in members else ()
    return next((user for user in (*first, *members) if connections.get(user)), None)


def plan_copies(
    meeting: Meeting,
    invitation: Invitation,
    connections: Mapping[UserId, Sequence[Connection]],
    rooms: Mapping[ResourceId, tuple[Room, Connection | None]],
    systems: CalendarSystems,
    chosen: Connection | None = None,
) -> tuple[EventCopy, ...]:
    """Every copy of the Meeting's event, one a calendar. `connections` are usable ones of assigned and optional
    members, `rooms` the assigned Rooms with the connection each is reserved through.

    `chosen` is the connection of the inviter's that they want the event in, with the calendar that it writes to:
    then the event lies there, whether they take part or not. Else whoever has accounts at several systems keeps the
    event in the one that its conference or its Rooms need.
    """
    organizer = organizer_of(meeting, invitation, connections)
    if chosen:
        organizer = invitation.inviter_id
        connections = {**connections, organizer: (chosen,)}
    home = preferred(connections[organizer], _wanted(meeting, invitation, rooms, systems)) if organizer else None
    copies: list[EventCopy] = []
    delivering = home.provider if home and systems.delivers(home.provider) else ""
    if organizer is not None and delivering:
        copies.append(_copy(meeting, ResourceId(organizer), CopyRole.EVENT, home))
    else:
        host = (organizer,) if chosen and organizer else ()
        people = dict.fromkeys((*host, *meeting.assigned_member_ids, *invitation.details.optional_members))
        ordered = sorted(people, key=lambda user: user != organizer)
        copies += [_copy_for_person(meeting, user, connections) for user in ordered]
    copies += _room_copies(meeting, rooms, delivering)
    return _one_a_calendar(copies, systems)


def replanned(
    copies: Sequence[EventCopy],
    meeting: Meeting,
    invitation: Invitation,
    connections: Mapping[UserId, Sequence[Connection]],
    rooms: Mapping[ResourceId, tuple[Room, Connection | None]],
    systems: CalendarSystems,
    chosen: Connection | None = None,
) -> CopyChange:
    """The copies of a Meeting in which somebody has taken a place, or given one up; the rest as for `plan_copies`.

    Whatever can stay where it was written stays, whatever would be planned today: nobody is invited twice, and a
    calendar that somebody else in the Meeting uses too keeps its copy. Only where the event lay in the calendar of
    somebody who is gone is it planned anew.
    """
    event = next((copy for copy in copies if copy.role is CopyRole.EVENT), None)
    present = {*meeting.assigned, *map(ResourceId, invitation.details.optional_members)}
    everybodys = [_copy_for_person(meeting, user, connections) for user in meeting.assigned_member_ids]
    in_use = {systems.place(copy) for copy in everybodys if copy.connection_id}

    def stays(copy: EventCopy) -> bool:
        return copy.holder in present or _is_chosen(copy, invitation) or systems.place(copy) in in_use

    if event and not stays(event):
        planned = plan_copies(meeting, invitation, connections, rooms, systems, chosen)
    else:
        guests = () if event else everybodys
        planned = (*guests, *_room_copies(meeting, rooms, event.provider if event else ""))
    kept = tuple(copy for copy in copies if stays(copy))
    known = {copy.holder for copy in kept}
    places = {systems.place(copy) for copy in kept}
    return CopyChange(
        kept=kept,
        added=tuple(
            copy
            for copy in _one_a_calendar(planned, systems)
            if copy.holder not in known and systems.place(copy) not in places
        ),
        withdrawn=tuple(replace(copy, is_withdrawn=True, check_at=None) for copy in copies if not stays(copy)),
        is_elsewhere=event is not None and not stays(event),
    )


def _one_a_calendar(copies: Sequence[EventCopy], systems: CalendarSystems) -> tuple[EventCopy, ...]:
    """The first of those that would lie in the same calendar."""
    places: dict[str, EventCopy] = {}
    for copy in copies:
        places.setdefault(systems.place(copy), copy)
    return tuple(places.values())


def _wanted(
    meeting: Meeting,
    invitation: Invitation,
    rooms: Mapping[ResourceId, tuple[Room, Connection | None]],
    systems: CalendarSystems,
) -> str:
    """The system that the event has to lie in; empty where any will do."""
    reserved = [rooms[room_id] for room_id in filter(is_room, meeting.assigned) if room_id in rooms]
    invited = [(room, own.provider) for room, own in reserved if own and systems.must_be_invited(room, own)]
    return next((need.provider for need in needs(invitation.details.conferencing.kind, invited)), "")


def is_elsewhere(invitation: Invitation, copies: Sequence[EventCopy]) -> bool:
    """Whether the calendar that the inviter chose was gone, so that the event lies where the default rule says."""
    return invitation.letter.calendar is not None and not any(_is_chosen(copy, invitation) for copy in copies)


def _is_chosen(copy: EventCopy, invitation: Invitation) -> bool:
    """Whether it lies in the calendar that the inviter chose for the event."""
    chosen = invitation.letter.calendar
    return chosen is not None and (copy.connection_id, copy.calendar) == (chosen.connection_id, chosen.calendar)


def _copy_for_person(meeting: Meeting, user: UserId, connections: Mapping[UserId, Sequence[Connection]]) -> EventCopy:
    own = connections.get(user)
    role = CopyRole.COPY if own else CopyRole.MAIL
    return _copy(meeting, ResourceId(user), role, preferred(own) if own else None)


def _room_copies(
    meeting: Meeting, rooms: Mapping[ResourceId, tuple[Room, Connection | None]], delivering: str
) -> tuple[EventCopy, ...]:
    """Of the Rooms that the event's calendar system does not reserve itself."""
    found = (
        (room_id, *rooms.get(room_id, (None, None))) for room_id in dict.fromkeys(filter(is_room, meeting.assigned))
    )
    return tuple(
        _copy(meeting, room_id, CopyRole.COPY, through, calendar=room.address)
        for room_id, room, through in found
        if room and through and through.provider != delivering
    )


def preferred(connections: Sequence[Connection], wanted: str = "") -> Connection:
    """The first that works, of the wanted system if there is one; else the first: a broken one may be connected again
    before the meeting."""
    return min(connections, key=lambda one: (one.state is not ConnectionState.OK, one.provider != wanted))


def _copy(
    meeting: Meeting, holder: ResourceId, role: CopyRole, connection: Connection | None, *, calendar: str = ""
) -> EventCopy:
    return EventCopy(
        meeting_id=meeting.id,
        workspace_id=meeting.workspace_id,
        holder=holder,
        role=role,
        token=new_link_token(),
        connection_id=connection.id if connection else None,
        provider=connection.provider if connection else "",
        calendar=calendar or (connection.write_calendar if connection else ""),
    )
