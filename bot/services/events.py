"""The Meeting as an event: where its copies go, and what each of them says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.domain.calendar import Attendee, Connection, ConnectionState, Event
from bot.domain.event_copies import CopyChange, CopyRole, EventCopy
from bot.domain.event_needs import CONFERENCE_CALENDARS
from bot.domain.event_planning import plan_copies, replanned
from bot.domain.ids import ConnectionId, ResourceId, UserId, WorkspaceId, is_room
from bot.domain.invitation import Invitation
from bot.domain.meeting import Meeting
from bot.domain.people import Person
from bot.domain.reassignment import as_withdrawn
from bot.domain.rooms import Room
from bot.ports import CalendarProvider, Directory, UnitOfWork, UnitOfWorkFactory
from bot.services import event_contents as contents
from bot.services.guests import Guest, Guests, guest_of


@dataclass(frozen=True, slots=True)
class Reach:
    """The calendars that a Meeting's event can be put into: `connections` of everybody in it, its `rooms` with the one
    each is reserved through, the `chosen` one. A `CalendarSystems` about all of these `accounts`."""

    connections: Mapping[UserId, Sequence[Connection]]
    rooms: Mapping[ResourceId, tuple[Room, Connection | None]]
    chosen: Connection | None
    accounts: Mapping[ConnectionId, Connection]
    providers: Mapping[str, CalendarProvider]

    def delivers(self, provider: str) -> bool:
        return provider in self.providers and self.providers[provider].delivers_to_attendees

    def place(self, copy: EventCopy) -> str:
        connection = self.accounts.get(copy.connection_id) if copy.connection_id else None
        if connection is None or connection.provider not in self.providers:
            return f"{copy.connection_id or copy.holder} {copy.calendar}"
        account, calendar = written_to(connection, copy)
        return f"{connection.provider} {self.providers[connection.provider].place(account, calendar)}"

    def must_be_invited(self, room: Room, through: Connection) -> bool:
        return _must_be_invited(self.providers, room, through)


class Events:
    """`public_url` is what the members' links begin with."""

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        directory: Directory,
        providers: Mapping[str, CalendarProvider],
        public_url: str,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._directory = directory
        self._providers = providers
        self._public_url = public_url

    def plan(self, meeting: Meeting, invitation: Invitation) -> tuple[EventCopy, ...]:
        """Where the event of a new Meeting goes. Stores nothing."""
        with self._unit_of_work() as unit:
            return self.planned(unit, meeting, invitation)

    def planned(self, unit: UnitOfWork, meeting: Meeting, invitation: Invitation) -> tuple[EventCopy, ...]:
        """The same in a transaction of the caller's."""
        reach = self._within_reach(unit, meeting, invitation)
        return plan_copies(meeting, invitation, reach.connections, reach.rooms, reach, reach.chosen)

    def replanned(self, unit: UnitOfWork, meeting: Meeting, invitation: Invitation) -> CopyChange:
        """What becomes of the stored copies, locked, now that other people, or Rooms, are in the Meeting. Stores
        nothing."""
        copies = unit.event_copies.of_meeting(meeting.id, lock=True)  # the worker may be writing one
        reach = self._within_reach(unit, meeting, invitation, copies)
        return replanned(copies, meeting, invitation, reach.connections, reach.rooms, reach, reach.chosen)

    def usable(
        self, unit: UnitOfWork, workspace_id: WorkspaceId, users: Sequence[UserId]
    ) -> Mapping[UserId, Sequence[Connection]]:
        """Each user's connections to calendar systems that are set up here."""
        found = unit.connections.of_users(workspace_id, users)
        return {user: [one for one in own if one.provider in self._providers] for user, own in found.items()}

    def delivers(self, provider: str) -> bool:
        return provider in self._providers and self._providers[provider].delivers_to_attendees

    def must_be_invited(self, room: Room, through: Connection) -> bool:
        return _must_be_invited(self._providers, room, through)

    def invited_rooms(self, unit: UnitOfWork, rooms: Sequence[ResourceId]) -> list[tuple[Room, str]]:
        """Those of these Rooms that can only be invited, with the system that can."""
        through = [(room, self._of_room(unit, room)) for room in unit.rooms.by_ids(rooms).values()]
        return [(room, own.provider) for room, own in through if own and self.must_be_invited(room, own)]

    def guests(self, meeting: Meeting, invitation: Invitation) -> Guests:
        """Raises NotFoundError, DeliveryError where Slack cannot be asked."""
        workspace_id, inviter_id = invitation.workspace_id, invitation.inviter_id
        members = meeting.assigned_member_ids
        optional = invitation.details.optional_besides(members)
        with self._unit_of_work() as unit:
            connections = self.usable(unit, workspace_id, [*members, *optional, inviter_id])
            rooms = unit.rooms.by_ids([resource for resource in meeting.assigned if is_room(resource)])
            through = {room.id: self._of_room(unit, room) for room in rooms.values()}
            held = {copy.holder: copy.connection_id for copy in unit.event_copies.of_meeting(meeting.id)}
        taken: set[str] = set()

        def guest(person: Person) -> Guest:
            found = guest_of(person, connections[person.user_id], held.get(person.resource_id))
            if found.address.lower() in taken:  # the account of somebody else in the meeting, too
                found = Guest(person, person.email, frozenset({person.email.lower()}))
            return found

        inviter = guest(self._directory.person(workspace_id, inviter_id))
        everybody: dict[UserId, Guest] = {}
        for person in self._directory.named(workspace_id, (*members, *optional)):
            user = person.user_id
            everybody[user] = inviter if user == inviter_id else guest(person)
            taken.add(everybody[user].address.lower())
        return Guests(
            inviter=inviter,
            members=tuple(everybody[user] for user in members),
            optional=tuple(everybody[user] for user in optional),
            rooms=tuple((room, own.provider if (own := through[room.id]) else "") for room in rooms.values()),
        )

    def of_copy(self, meeting: Meeting, invitation: Invitation, copy: EventCopy, guests: Guests | None = None) -> Event:
        """What belongs into this calendar, or into the mail that takes its place. For whoever is not in the Meeting
        any more it is cancelled, with them in it."""
        if copy.is_withdrawn:
            meeting = as_withdrawn(meeting, copy.holder)
        guests = guests or self.guests(meeting, invitation)
        is_whole = copy.role is CopyRole.EVENT
        holder = guests.of(copy.holder)
        organizer = holder if is_whole and holder else guests.inviter
        # Whoever invites may keep the event and not take part.
        host = organizer if organizer in guests.members else next(iter(guests.members), organizer)
        # A calendar system that delivers would invite everybody again: there a copy has nobody in it but its owner.
        is_alone = copy.role is CopyRole.COPY and self.delivers(copy.provider)
        attendees = () if is_alone else contents.attendees(guests, invitation, copy.provider if is_whole else None)
        is_shared = is_whole and invitation.letter.include_customer
        link = "" if is_shared or is_room(copy.holder) else f"{self._public_url}/m/{copy.token}"
        if is_shared:  # the Customer reads it too, and whoever has a member's link can cancel in the team's name
            way_out = "The team can reschedule or cancel this meeting in Slack."
        else:
            team = ", for the team" if is_whole else ""
            way_out = f"See, reschedule or cancel this meeting{team}: {link}" if link else ""
        kind = invitation.details.conferencing.kind
        makes_conference = is_whole and CONFERENCE_CALENDARS.get(kind) == copy.provider
        return contents.event(
            meeting,
            invitation,
            guests,
            organizer=Attendee(organizer.person.name, organizer.address),
            attendees=attendees,
            summary=contents.summary(invitation, host.person, is_shared=is_shared),
            description=(
                *contents.description(meeting, invitation),
                contents.company(guests, invitation) if is_alone else "",
                way_out,
            ),
            url=link,
            conference=kind.value if makes_conference else "",
        )

    def of_customer(
        self, meeting: Meeting, invitation: Invitation, copies: Sequence[EventCopy], link: str
    ) -> Event | None:
        """What our own mail invites the Customer to; None where the calendar does, or the event leaves them out.

        `link` is the Customer's own: whoever has it can act on it, so it is in no other copy.
        """
        if not invitation.letter.include_customer or is_invited_by_calendar(invitation, copies):
            return None
        guests = self.guests(meeting, invitation)
        return contents.event(
            meeting,
            invitation,
            guests,
            organizer=Attendee(guests.inviter.person.name, guests.inviter.address),
            attendees=contents.attendees(guests, invitation, None),
            summary=invitation.details.subject,
            description=contents.description(meeting, invitation),
            url=link,
        )

    def _within_reach(
        self, unit: UnitOfWork, meeting: Meeting, invitation: Invitation, copies: Sequence[EventCopy] = ()
    ) -> Reach:
        """`copies` are those that exist already."""
        users = [*meeting.assigned_member_ids, *invitation.details.optional_members]
        rooms = unit.rooms.by_ids([resource for resource in meeting.assigned if is_room(resource)])
        through = {room.id: (room, self._of_room(unit, room)) for room in rooms.values()}
        connections = self.usable(unit, meeting.workspace_id, users)
        chosen = self._chosen(unit, invitation)
        accounts = [chosen, *(connection for _, connection in through.values())]
        accounts += [connection for own in connections.values() for connection in own]
        accounts += [connection_of(unit, copy) for copy in copies]
        known = {connection.id: connection for connection in accounts if connection}
        return Reach(connections, through, chosen, known, self._providers)

    def _chosen(self, unit: UnitOfWork, invitation: Invitation) -> Connection | None:
        """The inviter's connection that the event is to lie in, as it writes there; None where nothing was chosen, or
        it does not work any more."""
        chosen = invitation.letter.calendar
        found = unit.connections.get(chosen.connection_id) if chosen else None
        if chosen is None or found is None or found.user_id != invitation.inviter_id:
            return None
        if found.state is ConnectionState.BROKEN or found.provider not in self._providers:
            return None
        return replace(found, write_calendar=chosen.calendar)

    def _of_room(self, unit: UnitOfWork, room: Room) -> Connection | None:
        found = unit.connections.get(room.connection_id)
        return found if found and found.provider in self._providers else None


def is_invited_by_calendar(invitation: Invitation, copies: Sequence[EventCopy]) -> bool:
    """Whether the calendar system itself invites the Customer."""
    return invitation.letter.include_customer and any(copy.role is CopyRole.EVENT for copy in copies)


def written_to(connection: Connection, copy: EventCopy) -> tuple[Connection, str]:
    """The connection and calendar to hand to the provider: those the copy was planned for, whatever has been chosen
    in *Setup* since."""
    if is_room(copy.holder):
        return connection, copy.calendar
    return replace(connection, write_calendar=copy.calendar), ""


def connection_of(unit: UnitOfWork, copy: EventCopy) -> Connection | None:
    """The connection that the copy was written with; None where it is gone, or there never was one."""
    return unit.connections.get(copy.connection_id) if copy.connection_id else None


def _must_be_invited(providers: Mapping[str, CalendarProvider], room: Room, through: Connection) -> bool:
    return through.provider in providers and providers[through.provider].must_be_invited(room.address)
