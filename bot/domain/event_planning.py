"""Where a Meeting's event lies: decided once, at booking, so that it is changed and cancelled where it was written.

One invitation per recipient, never two. Where the organiser's calendar delivers to the attendees there is one
event with everybody in it, and that is all. Where it does not, each assigned member and Room gets a copy with the
same UID, and our own mail invites those whose calendar we cannot write.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from bot.domain.calendar import Connection, ConnectionState
from bot.domain.event_copies import CopyChange, CopyRole, EventCopy, is_chosen
from bot.domain.event_needs import needs
from bot.domain.ids import ResourceId, UserId, is_room, new_link_token
from bot.domain.invitation import Invitation
from bot.domain.meeting import Meeting
from bot.domain.rooms import Room


class CalendarSystems(Protocol):
    """What is known of calendar systems, and of the accounts within reach, without asking them."""

    def delivers(self, provider: str) -> bool:
        """Whether it invites attendees itself."""

    def place(self, copy: EventCopy) -> str:
        """What names the calendar that the copy lies in, the same for everybody who writes there."""

    def must_be_invited(self, room: Room, through: Connection) -> bool:
        """Whether it can be reserved only by an event in that very system."""


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
        return copy.holder in present or is_chosen(copy, invitation) or systems.place(copy) in in_use

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
