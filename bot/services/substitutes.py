"""Substitutes: who, or which Room, may take a place in a Meeting. Calendars are read now, and fail closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import time, timedelta

from bot.domain.ids import ResourceId, UserId, is_room
from bot.domain.invitation import Invitation
from bot.domain.meeting import Meeting
from bot.domain.reassignment import other_rooms, seat_of
from bot.domain.rooms import UNKNOWN_ROOM, Room
from bot.domain.search import SlotSearch
from bot.domain.slots import is_free
from bot.domain.substitutes import RoomOffer, Substitute
from bot.domain.timeframe import TimeFrame, TimeRange, Weekday
from bot.errors import DeliveryError, NotFoundError
from bot.ports import Clock, Directory, UnitOfWork, UnitOfWorkFactory
from bot.services.availability import FRESH, Availability, Reading
from bot.services.own_events import OwnEvents
from bot.services.turns import ledger_of

_FIRST_ASKED = 25
"""Those who stand first in line; further ones, more and more at once, only where none of these is free."""

_CANNOT = "cannot be in a meeting: bots and deactivated people cannot"
_UNCONNECTED = "has not connected a calendar, so nobody knows when they are free"
_UNREADABLE = "has a calendar that cannot be read just now"
_CLAIMED = "has another meeting then"
_AWAY = "is not at work then"
_BUSY = "is busy then"
_TAKEN = "is taken then"
_GONE = "is not known here any more"

_WHOLE_DAY = (TimeRange(time(), time()),)

Ideas = Mapping[ResourceId, str]
"""Who may be asked, in order of preference, each with where the idea comes from."""


class Substitutes:
    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        directory: Directory,
        availability: Availability,
        own_events: OwnEvents,
        clock: Clock,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._directory = directory
        self._availability = availability
        self._own_events = own_events
        self._clock = clock

    def of(self, meeting: Meeting, invitation: Invitation, out: ResourceId) -> tuple[Substitute, ...]:
        """Those who come to mind for this place, the free ones first."""
        with self._unit_of_work() as unit:
            ideas = self._ideas(unit, meeting, invitation, out)
        found, waiting, at_once = list[Substitute](), list(ideas.items()), _FIRST_ASKED
        while waiting and not any(one.is_free for one in found):
            asked, waiting = dict(waiting[:at_once]), waiting[at_once:]
            found += self._asked(meeting, invitation, asked)
            at_once *= 2
        return tuple(sorted(found, key=lambda one: not one.is_free))

    def one(self, meeting: Meeting, invitation: Invitation, resource_id: ResourceId) -> Substitute:
        """Whether this one is free then."""
        return self._asked(meeting, invitation, {resource_id: ""})[0]

    def room_offers(self, meeting: Meeting, invitation: Invitation, declined: str) -> tuple[RoomOffer, ...]:
        """For each Room of the Meeting that is among those named, separated by commas, a free one in its place."""
        with self._unit_of_work() as unit:
            rooms = unit.rooms.by_ids([resource for resource in meeting.assigned if is_room(resource)])
        named = {declined, *declined.split(", ")}
        offers: list[RoomOffer] = []
        for room in rooms.values():
            if room.name in named:
                taken = {offer.instead.resource_id for offer in offers if offer.instead}
                free = (one for one in self.of(meeting, invitation, room.id) if one.is_free)
                instead = next((one for one in free if one.resource_id not in taken), None)
                offers.append(RoomOffer(room.id, room.name, instead))
        return tuple(offers)

    def _ideas(self, unit: UnitOfWork, meeting: Meeting, invitation: Invitation, out: ResourceId) -> Ideas:
        seat = seat_of(meeting, invitation, out)
        pool = unit.pools.get(seat.pool_id) if seat.pool_id else None
        if is_room(out):
            known = unit.rooms.of_workspace(meeting.workspace_id)
            found = other_rooms(seat, unit.rooms.get(out), known, pool.active if pool else ())
            return {room.id: _holds(room) for room in found if room.id not in meeting.assigned}
        ideas: dict[ResourceId, str] = {}
        if pool:
            line = ledger_of(unit, pool, self._clock()).line(besides=meeting.assigned)
            notes = (f"{'next' if number == 0 else 'also'} in {pool.name}" for number in range(len(line)))
            ideas |= {one.resource_id: note for one, note in zip(line, notes, strict=True)}
        else:
            ideas |= dict.fromkeys(seat.candidates, "an alternative")
        optional = (ResourceId(user) for user in invitation.details.optional_members)
        ideas |= {who: "so far optional" for who in optional if who not in ideas}
        return {who: note for who, note in ideas.items() if who not in meeting.assigned}

    def _asked(self, meeting: Meeting, invitation: Invitation, ideas: Ideas) -> tuple[Substitute, ...]:
        """Each with what is in the way, by a fresh reading; the Meeting's own claims and event are not."""
        if not ideas:
            return ()
        search = _search(meeting, invitation, tuple(ideas))
        rules, footprint = invitation.rules, meeting.footprint(invitation.rules)

        def read() -> Reading:
            return self._availability.read(
                meeting.workspace_id, invitation.inviter_id, search, rules, max_age=FRESH, besides=meeting.id
            )

        people = [UserId(who) for who in ideas if not is_room(who)]
        with self._unit_of_work() as unit:
            connected = {
                ResourceId(user) for user, own in unit.connections.of_users(meeting.workspace_id, people).items() if own
            }
            invited = {copy.holder for copy in unit.event_copies.of_meeting(meeting.id)}
        invited.update(map(ResourceId, invitation.details.optional_members))
        # Whoever has the event in their calendar already is not busy by it.
        invited_ideas = replace(meeting, assigned=tuple(who for who in ideas if who in invited))
        reading = self._own_events.left_out(invited_ideas, read) if invited_ideas.assigned else read()

        def obstacle(resource_id: ResourceId) -> str:
            known, calendar = reading.resources[resource_id], reading.calendars[resource_id]
            if known is None or known.workspace_id != meeting.workspace_id:
                return _GONE
            if isinstance(known, Room) and known.is_removed:
                return _GONE
            if not isinstance(known, Room) and not known.may_be_member:
                return _CANNOT
            if not calendar.readable:
                return _UNREADABLE if isinstance(known, Room) or resource_id in connected else _UNCONNECTED
            if any(footprint.overlaps(claim) for claim in calendar.busy):
                return _CLAIMED
            if calendar.index and calendar.index.overlaps(footprint):
                return _TAKEN if isinstance(known, Room) else _BUSY
            return "" if is_free(calendar, search, meeting.start) else _AWAY

        return tuple(Substitute(who, reading.name(who), note, obstacle(who)) for who, note in ideas.items())

    def handover(self, meeting: Meeting, out: ResourceId, came: ResourceId, reader: UserId) -> str:
        """What has happened, as the reader hears it: "Priya Raman takes the place of Ben Okafor"."""
        gone, you = self.name(meeting, out), ResourceId(reader)
        if not came:
            return f"It takes place without {'you' if out == you else gone}"
        if is_room(out):
            return f"{self.name(meeting, came)} in place of {gone}"
        if came == you:
            return f"You take the place of {gone}"
        return f"{self.name(meeting, came)} takes {'your place' if out == you else f'the place of {gone}'}"

    def name(self, meeting: Meeting, resource_id: ResourceId) -> str:
        """As people know them, also those who are gone."""
        if is_room(resource_id):
            with self._unit_of_work() as unit:
                room = unit.rooms.get(resource_id)
            return room.name if room else UNKNOWN_ROOM
        try:
            return self._directory.person(meeting.workspace_id, UserId(resource_id)).name
        except (NotFoundError, DeliveryError):
            return "somebody who is gone"


def _search(meeting: Meeting, invitation: Invitation, candidates: tuple[ResourceId, ...]) -> SlotSearch:
    """The question whether they are free at the Meeting's time."""
    day = meeting.start.date()
    whole_days = TimeFrame(day, day + timedelta(days=1), frozenset(Weekday), _WHOLE_DAY, "UTC")
    rules = invitation.rules
    return SlotSearch(
        frame=whole_days,
        duration=meeting.duration,
        spacing=meeting.duration,
        requirements=(candidates,),
        buffer_before=rules.buffer_before,
        buffer_after=rules.buffer_after,
    )


def _holds(room: Room) -> str:
    return " · ".join(filter(None, (f"for {room.capacity}" if room.capacity else "", room.equipment)))
