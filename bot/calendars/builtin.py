"""The playground's calendar: kept in our own database, one per account, and one per Room."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.calendar import CalendarInfo, Connection, Event, EventStatus, FreeBusy
from bot.domain.ids import ConnectionId, WorkspaceId
from bot.domain.intervals import Interval, merged
from bot.domain.room_directory import ListedRoom, in_order
from bot.errors import NoRoomDirectoryError
from bot.ports import ItemisedCalendar, TitledCalendar, UnitOfWorkFactory


class BuiltinCalendar(TitledCalendar, ItemisedCalendar):
    """A `CalendarProvider` that cannot be away: its answers come from the database that asks."""

    key = "builtin"
    delivers_to_attendees = False

    def __init__(self, unit_of_work: UnitOfWorkFactory, listed: Iterable[ListedRoom] = ()) -> None:
        """`listed` is the directory of all houses."""
        self._unit_of_work = unit_of_work
        self._listed = in_order(listed)

    def place(self, connection: Connection, calendar: str = "") -> str:
        return (calendar or connection.account).casefold()

    def must_be_invited(self, address: str) -> bool:
        return False

    def free_busy(
        self, connections: Sequence[Connection], window: Interval, *, timeout_s: float
    ) -> Mapping[ConnectionId, FreeBusy]:
        """Opaque events that are not cancelled; `timeout_s` has no use here."""
        with self._unit_of_work() as unit:
            found = {
                workspace_id: unit.builtin_events.busy(workspace_id, [one.account for one in group], window)
                for workspace_id, group in _by_workspace(connections).items()
            }
        return {one.id: _free_busy(found[one.workspace_id][one.account]) for one in connections}

    def free_busy_of(
        self, reader: Connection, addresses: Sequence[str], window: Interval, *, timeout_s: float
    ) -> Mapping[str, FreeBusy]:
        """Rooms are open to everybody of their house: `…@rooms.northwind.example` to `…@northwind.example`. People
        share nothing here: they connect their own calendar with one click."""
        answers = dict.fromkeys(addresses, FreeBusy(unreadable="this calendar is not shared"))
        rooms = [address for address in addresses if _is_room_of(address, reader.account)]
        with self._unit_of_work() as unit:
            found = unit.builtin_events.busy(reader.workspace_id, rooms, window)
        return answers | {address: _free_busy(busy) for address, busy in found.items()}

    def calendars(self, connection: Connection) -> Sequence[CalendarInfo]:
        return (CalendarInfo(connection.account, connection.account, is_primary=True),)

    def rooms(self, connection: Connection) -> Sequence[ListedRoom]:
        """Those of the account's house."""
        found = [room for room in self._listed if _is_room_of(room.address, connection.account)]
        if not found:
            raise NoRoomDirectoryError("The playground’s directory lists no rooms. Paste their addresses instead.")
        return found

    def write(self, connection: Connection, event: Event, *, calendar: str = "") -> None:
        self._put(connection, event, calendar)

    def cancel(self, connection: Connection, event: Event, *, calendar: str = "") -> None:
        """Keep the event with STATUS:CANCELLED and free its time; an older copy written later changes nothing."""
        self._put(connection, replace(event, status=EventStatus.CANCELLED, transparent=True), calendar)

    def read(self, connection: Connection, uid: str, *, calendar: str = "") -> Event | None:
        with self._unit_of_work() as unit:
            return unit.builtin_events.get(connection.workspace_id, calendar or connection.account, uid)

    def titles(self, connection: Connection, window: Interval, *, timeout_s: float) -> Sequence[tuple[Interval, str]]:
        found = self.events(connection.workspace_id, connection.account, window)
        return [(Interval(one.start, one.end), one.summary) for one in found if one.summary and one.is_busy]

    def busy_besides(
        self,
        connection: Connection,
        uids: Collection[str],
        window: Interval,
        *,
        timeout_s: float,
        calendar: str = "",
    ) -> Sequence[Interval]:
        found = self.events(connection.workspace_id, calendar or connection.account, window)
        return [Interval(event.start, event.end) for event in found if event.is_busy and event.uid not in uids]

    def events(self, workspace_id: WorkspaceId, account: str, window: Interval) -> Sequence[Event]:
        """Everything in that calendar that overlaps the window, cancelled events too."""
        with self._unit_of_work() as unit:
            return unit.builtin_events.between(workspace_id, account, window)

    def _put(self, connection: Connection, event: Event, calendar: str) -> None:
        with self._unit_of_work(write=True) as unit:
            unit.builtin_events.put(connection.workspace_id, calendar or connection.account, event)
            unit.commit()


def _by_workspace(connections: Sequence[Connection]) -> Mapping[WorkspaceId, Sequence[Connection]]:
    found: dict[WorkspaceId, list[Connection]] = {}
    for connection in connections:
        found.setdefault(connection.workspace_id, []).append(connection)
    return found


def _free_busy(busy: Sequence[tuple[datetime, datetime]]) -> FreeBusy:
    return FreeBusy(busy=tuple(Interval(start, end) for start, end in merged(busy)))


def _is_room_of(address: str, account: str) -> bool:
    house = account.rpartition("@")[2].lower()
    return bool(house) and address.lower().rpartition("@")[2] == f"rooms.{house}"
