"""Rooms: added by pasting addresses, each checked through the calendar connection of whoever adds it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.domain.calendar import Connection, ConnectionState, FreeBusy
from bot.domain.ids import ROOM_PREFIX, ResourceId, WorkspaceId, new_id
from bot.domain.intervals import Interval
from bot.domain.people import Person
from bot.domain.pools import Pool, PoolMember
from bot.domain.room_directory import ListedRoom
from bot.domain.rooms import MAX_CAPACITY, MAX_EQUIPMENT, MAX_NAME, Room, WantedRoom, pasted_rooms
from bot.domain.typed import line
from bot.errors import FormError, NameTakenError, NotAllowedError, NotConnectedError, NotFoundError
from bot.ports import CalendarProvider, Clock, GuardedCalendar, UnitOfWork, UnitOfWorkFactory
from bot.services.followers import follow

ADDRESSES, NAME, CAPACITY, EQUIPMENT = "addresses", "name", "capacity", "equipment"
"""Fields that a FormError of this service names."""
MAX_PASTED = 100

_CALDAV = "caldav"
"""The one system in which an address is a URL."""
_DEADLINE_S = 2.5
_GLANCE = timedelta(days=7)
"""How much of a calendar is read to see whether it can be."""

_GONE = "This room is not there any more."
_KNOWN = "It is in the list already."
_NO_ADDRESS = "This is neither an email address nor a calendar’s URL."
_READ_ONLY = (
    "Its calendar can be read through {}, but not written, so no meeting could reserve it. "
    "Ask whoever owns it to let that account write."
)
_NEEDS_CALDAV = (
    "A calendar’s URL is read through a CalDAV account. Connect one first, or paste the room’s email address."
)


@dataclass(frozen=True, slots=True)
class Failure:
    """What was pasted, and why it was not added."""

    text: str
    reason: str


class Rooms:
    """Everybody who may invite may add and change Rooms; others get NotAllowedError."""

    def __init__(
        self, unit_of_work: UnitOfWorkFactory, providers: Mapping[str, CalendarProvider], clock: Clock
    ) -> None:
        self._unit_of_work = unit_of_work
        self._providers = providers
        self._clock = clock

    def list(self, workspace_id: WorkspaceId) -> tuple[Room, ...]:
        """By name."""
        with self._unit_of_work() as unit:
            return tuple(unit.rooms.of_workspace(workspace_id))

    def get(self, workspace_id: WorkspaceId, room_id: str) -> Room:
        """Raises NotFoundError."""
        with self._unit_of_work() as unit:
            return _find(unit, workspace_id, room_id)

    def add(
        self, person: Person, text: str, listed: Sequence[ListedRoom] = ()
    ) -> tuple[tuple[Room, ...], tuple[Failure, ...]]:
        """The Rooms added, and what was not, with reasons: never one whose calendar cannot be read, nor one that has to
        be written and says that it may not.

        `listed` were chosen from a directory, the others are pasted. Asks the calendars (up to 5 s a connection).
        Raises FormError where there is nothing to add, NotConnectedError where there is no calendar to read through.
        """
        require_inviter(person)
        typed, rejected = pasted_rooms(text)
        chosen = {room.address: _wanted(room) for room in listed}
        wanted = (*chosen.values(), *(room for room in typed if room.address not in chosen))
        if not wanted and not rejected:
            raise FormError({ADDRESSES: "Paste at least one address, for example atlas@rooms.example.com."})
        if len(wanted) > MAX_PASTED:
            raise FormError({ADDRESSES: f"Up to {MAX_PASTED} rooms can be added at once. Paste the rest afterwards."})
        with self._unit_of_work() as unit:
            connections = unit.connections.of_user(person.workspace_id, person.user_id)
            known = {room.address for room in unit.rooms.of_workspace(person.workspace_id)}
        usable = [one for one in connections if one.state is ConnectionState.OK and one.provider in self._providers]
        if not usable:
            raise NotConnectedError("Connect a calendar first: rooms are read through it.")
        new = [room for room in wanted if room.address not in known]
        readers, reasons = self._readers(usable, new)
        added = []
        failures = [
            *(Failure(piece, _NO_ADDRESS) for piece in rejected),
            *(Failure(room.label, _KNOWN) for room in wanted if room.address in known),
        ]
        for room in new:
            if room.address not in readers:
                failures.append(Failure(room.label, reasons[room.address]))
            elif stored := self._store(person, room, readers[room.address]):
                added.append(stored)
            else:
                failures.append(Failure(room.label, _KNOWN))
        return tuple(added), tuple(failures)

    def change(self, person: Person, room_id: str, *, name: str, capacity: Any = None, equipment: str = "") -> Room:
        """`capacity` is a number, as text or not, or nothing. Raises FormError, NotFoundError."""
        require_inviter(person)
        name, equipment, seats = line(name), line(equipment), line(capacity)
        errors = {}
        if not name:
            errors[NAME] = "Give the room a name, for example Atlas."
        elif len(name) > MAX_NAME:
            errors[NAME] = f"Names can have up to {MAX_NAME} characters."
        if seats and not (seats.isascii() and seats.isdigit() and len(seats) < 6 and 1 <= int(seats) <= MAX_CAPACITY):
            errors[CAPACITY] = f"Type how many people fit in, as a number from 1 to {MAX_CAPACITY:,}, or nothing."
        if len(equipment) > MAX_EQUIPMENT:
            errors[EQUIPMENT] = f"Equipment can have up to {MAX_EQUIPMENT} characters."
        if errors:
            raise FormError(errors)
        with self._unit_of_work(write=True) as unit:
            room = replace(
                _find(unit, person.workspace_id, room_id, lock=True),
                name=name,
                capacity=int(seats) if seats else None,
                equipment=equipment,
            )
            unit.rooms.put(room)
            unit.commit()
        return room

    def remove(self, person: Person, room_id: str) -> None:
        """From the list, and from every pool, which Invitations that are out follow. Meetings keep it, and can be moved
        with it. Twice is once."""
        require_inviter(person)
        with self._unit_of_work(write=True) as unit:
            room = unit.rooms.get(ResourceId(room_id), lock=True)
            if room is None or room.is_removed or room.workspace_id != person.workspace_id:
                return
            for pool in _without(unit, room, self._clock()):
                unit.pools.put(pool)
            unit.rooms.put(replace(room, is_removed=True))
            unit.commit()

    def _readers(
        self, connections: Sequence[Connection], rooms: Sequence[WantedRoom]
    ) -> tuple[Mapping[str, Connection], Mapping[str, str]]:
        """By address: the first connection through which it can be read and reserved, or why it can be through none."""
        now = self._clock()
        window = Interval(now, now + _GLANCE)
        readers: dict[str, Connection] = {}
        reasons = {room.address: _NEEDS_CALDAV for room in rooms}
        for connection in connections:
            asked = [
                room.address
                for room in rooms
                if room.address not in readers and (connection.provider == _CALDAV or not room.is_url)
            ]
            if not asked:
                continue
            provider = self._providers[connection.provider]
            answers = provider.free_busy_of(connection, asked, window, timeout_s=_DEADLINE_S)
            for address in asked:
                answer = answers.get(address, FreeBusy(unreadable="the calendar did not say anything about it"))
                if answer.unreadable is None:
                    readers[address] = connection
                else:
                    reasons[address] = f"Its calendar cannot be read through {connection.account}: {answer.unreadable}."
            read = [address for address in asked if address in readers]
            if read and isinstance(provider, GuardedCalendar):
                for address in provider.read_only(connection, read, timeout_s=_DEADLINE_S):
                    del readers[address]
                    reasons[address] = _READ_ONLY.format(connection.account)
        return readers, reasons

    def _store(self, person: Person, wanted: WantedRoom, reader: Connection) -> Room | None:
        """None where somebody else has just added it. One that was removed comes back as the same Room."""
        room = Room(
            id=ResourceId(f"{ROOM_PREFIX}{new_id()}"),
            workspace_id=person.workspace_id,
            name=wanted.name,
            address=wanted.address,
            connection_id=reader.id,
            capacity=wanted.capacity,
            equipment=wanted.equipment,
        )
        try:
            with self._unit_of_work(write=True) as unit:
                known = unit.rooms.at_address(room.workspace_id, room.address, lock=True)
                if known and known.is_removed:
                    room = replace(room, id=known.id)
                unit.rooms.put(room)
                unit.commit()
        except NameTakenError:
            return None
        return room


def _wanted(room: ListedRoom) -> WantedRoom:
    return WantedRoom(room.address, room.name, room.capacity, room.equipment, is_listed=True)


def _without(unit: UnitOfWork, room: Room, now: datetime) -> Sequence[Pool]:
    """The workspace's pools that the Room is in, locked and without it, to be stored once all of them are followed."""
    holding = (
        pool for pool in unit.pools.of_workspace(room.workspace_id) if any(_is(one, room) for one in pool.members)
    )
    found = []
    for pool_id in sorted(pool.id for pool in holding):
        if before := unit.pools.get(pool_id, lock=True):
            pool = replace(before, members=tuple(one for one in before.members if not _is(one, room)))
            follow(unit, before, pool, now)
            found.append(pool)
    return found


def _is(member: PoolMember, room: Room) -> bool:
    return member.resource_id == room.id


def _find(unit: UnitOfWork, workspace_id: WorkspaceId, room_id: str, *, lock: bool = False) -> Room:
    room = unit.rooms.get(ResourceId(room_id), lock=lock)
    if room is None or room.is_removed or room.workspace_id != workspace_id:
        raise NotFoundError(_GONE)
    return room


def require_inviter(person: Person) -> None:
    if not person.may_invite:
        raise NotAllowedError("Only members of this workspace can change rooms. Ask a colleague to do it for you.")
