"""Rooms from the directories that a person's calendars belong to: looked up once, then searched while they are chosen.

What was found is kept for an hour behind a token that the modal carries, so that any process can go on with it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from bot.domain.calendar import Connection, ConnectionState
from bot.domain.ids import new_link_token
from bot.domain.people import Person
from bot.domain.room_directory import ListedRoom, Lookup, Unlisted, dumped, in_order, loaded, matching
from bot.errors import (
    CalendarUnreadableError,
    ConsentNeededError,
    NoRoomDirectoryError,
    NotConnectedError,
    StaleStateError,
)
from bot.ports import CalendarProvider, Clock, UnitOfWorkFactory
from bot.services.rooms import require_inviter

LIFETIME = timedelta(hours=1)
_PURPOSE = "room-directory"
_TOO_OLD = "The list from the directory is too old by now. Press Add rooms again, and choose from a new one."


class RoomDirectory:
    """Everybody who may invite may look; others get NotAllowedError."""

    def __init__(
        self, unit_of_work: UnitOfWorkFactory, providers: Mapping[str, CalendarProvider], clock: Clock
    ) -> None:
        self._unit_of_work = unit_of_work
        self._providers = providers
        self._clock = clock

    def look_up(self, person: Person) -> Lookup:
        """Asks each of the person's calendar systems, which may take a while. Raises NotConnectedError."""
        require_inviter(person)
        with self._unit_of_work() as unit:
            connections = unit.connections.of_user(person.workspace_id, person.user_id)
        usable = [one for one in connections if one.state is ConnectionState.OK and one.provider in self._providers]
        if not usable:
            raise NotConnectedError("Connect a calendar first: rooms are found through it.")
        found: list[ListedRoom] = []
        unlisted: list[Unlisted] = []
        for connection in usable:
            try:
                found.extend(self._providers[connection.provider].rooms(connection))
            except (ConsentNeededError, NoRoomDirectoryError, CalendarUnreadableError) as error:
                unlisted.append(_unlisted(connection, error))
        rooms = in_order(found)
        new = self._not_yet_added(person, rooms)
        return Lookup(self._kept(person, rooms) if new else "", len(rooms), len(new), tuple(unlisted))

    def search(self, person: Person, token: str, text: str) -> Sequence[ListedRoom]:
        """Those that nobody has added yet and that hold every word of `text`. Raises StaleStateError."""
        return matching(self._not_yet_added(person, self._found(person, token)), text)

    def chosen(self, person: Person, token: str, keys: Iterable[str]) -> Sequence[ListedRoom]:
        """The rooms by their keys. Raises StaleStateError."""
        by_key = {room.key: room for room in self._found(person, token)}
        return [by_key[key] for key in keys if key in by_key]

    def _not_yet_added(self, person: Person, rooms: Sequence[ListedRoom]) -> Sequence[ListedRoom]:
        with self._unit_of_work() as unit:
            added = {room.address for room in unit.rooms.of_workspace(person.workspace_id)}
        return [room for room in rooms if room.address not in added]

    def _kept(self, person: Person, rooms: Sequence[ListedRoom]) -> str:
        token = new_link_token()
        kept = json.dumps({"for": [person.workspace_id, person.user_id], "rooms": dumped(rooms)})
        with self._unit_of_work(write=True) as unit:
            unit.one_time.add(token, _PURPOSE, kept, self._clock() + LIFETIME)
            unit.commit()
        return token

    def _found(self, person: Person, token: str) -> Sequence[ListedRoom]:
        with self._unit_of_work() as unit:
            stored = unit.one_time.look(token, _PURPOSE, self._clock())
        kept = json.loads(stored) if stored is not None else {}
        if kept.get("for") != [person.workspace_id, person.user_id]:
            raise StaleStateError(_TOO_OLD)
        return loaded(kept["rooms"])


def _unlisted(connection: Connection, error: Exception) -> Unlisted:
    may_ask = isinstance(error, ConsentNeededError)
    return Unlisted(connection.account, str(error), connection.id if may_ask else "")
