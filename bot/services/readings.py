"""Readings: calendars asked in parallel within a deadline, and kept with their age. Fails closed and says why."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from bot.domain.calendar import Connection, ConnectionState, FreeBusy
from bot.domain.cells import BusyIndex
from bot.domain.ids import ConnectionId, ResourceId, UserId, WorkspaceId
from bot.domain.intervals import Interval
from bot.domain.people import Person
from bot.domain.rooms import Room
from bot.ports import BusyReading, CalendarProvider, Clock, UnitOfWork, UnitOfWorkFactory

FRESH = timedelta()
"""Ask the calendars now."""
RECENT = timedelta(minutes=5)
"""Good enough for a number on a screen."""
DEADLINE_S = 2.5
"""Whoever has not answered by then is unreadable, by name."""
_GRACE_S = 0.5
"""How much longer is waited than a calendar system has: with one calendar that hangs it answers for all the others at
its deadline, and no sooner."""
_FAILURE_KEPT = timedelta(seconds=10)

NO_CALENDAR = "no calendar connected"
BROKEN = "the connection is broken"
LATE = "the calendar did not answer in time"
UNKNOWN = "it is not known any more"

_Answers = TypeVar("_Answers")

Resources = Mapping[ResourceId, Person | Room | None]
"""Who or what each resource is; None where that could not be found out."""


class NotAtHandError(Exception):
    """Calendars would have to be asked, which the caller does not want."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What was young enough, and for everything else whom to ask."""

    workspace_id: WorkspaceId
    window: Interval
    reader_id: UserId
    readings: Mapping[ResourceId, BusyReading]
    missing: Resources
    connections: Mapping[UserId, Sequence[Connection]] = field(default_factory=dict)
    rooms: Mapping[ConnectionId, Connection | None] = field(default_factory=dict)


class Readings:
    """Busy times of people and rooms: first what is kept, by `kept`, then all of them, by `complete`.

    `executor` asks the calendars.
    """

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        providers: Mapping[str, CalendarProvider],
        clock: Clock,
        executor: Executor,
        deadline_s: float = DEADLINE_S,
        grace_s: float = _GRACE_S,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._providers = providers
        self._clock = clock
        self._executor = executor
        self._deadline_s = deadline_s
        self._grace_s = grace_s

    def kept(
        self,
        unit: UnitOfWork,
        workspace_id: WorkspaceId,
        resources: Resources,
        window: Interval,
        *,
        reader_id: UserId,
        max_age: timedelta,
    ) -> Kept:
        """The readings that are kept and young enough. Whoever has connected no calendar of their own will be read
        through those of `reader_id`, as far as it is shared with any of them."""
        now = self._clock()
        known = unit.busy_cache.get(workspace_id, tuple(resources)) if max_age else {}
        missing = {
            resource: what
            for resource, what in resources.items()
            if not _is_usable(known.get(resource), window, now, max_age)
        }
        if not missing:
            return Kept(workspace_id, window, reader_id, known, missing)
        people = [UserId(resource) for resource, what in missing.items() if not isinstance(what, Room)]
        connections = unit.connections.of_users(workspace_id, [*people, reader_id])
        through = {what.connection_id for what in missing.values() if isinstance(what, Room)}
        rooms = {connection_id: unit.connections.get(connection_id) for connection_id in sorted(through)}
        return Kept(workspace_id, window, reader_id, known, missing, connections, rooms)

    def complete(self, kept: Kept, *, keeps: bool = True) -> Mapping[ResourceId, BusyReading]:
        """One reading per resource: the calendars of those that are missing are asked now, and what they say is kept.
        Takes no transaction of the caller's, because others are asked meanwhile."""
        if not kept.missing:
            return kept.readings
        fresh = self._ask(kept.missing, kept.window, kept.connections, kept.rooms, kept.reader_id)
        if keeps:
            self.keep(kept.workspace_id, list(fresh.values()))
        return {**kept.readings, **fresh}

    def keep(self, workspace_id: WorkspaceId, readings: Sequence[BusyReading]) -> None:
        with self._unit_of_work(write=True) as unit:
            unit.busy_cache.put(workspace_id, readings)
            unit.commit()

    def _ask(
        self,
        resources: Resources,
        window: Interval,
        connections: Mapping[UserId, Sequence[Connection]],
        rooms: Mapping[ConnectionId, Connection | None],
        reader_id: UserId,
    ) -> dict[ResourceId, BusyReading]:
        own: dict[ResourceId, Sequence[Connection]] = {}
        through: dict[ResourceId, tuple[Sequence[Connection], str]] = {}
        readers = self._usable(connections.get(reader_id, ()))
        for resource, what in resources.items():
            if isinstance(what, Room):
                found = rooms[what.connection_id]
                through[resource] = (self._usable([found] if found else []), what.address)
            elif connections[UserId(resource)]:
                own[resource] = connections[UserId(resource)]
            else:
                through[resource] = (readers, what.email if what else "")
        answers, shared = self._answers(own, through, window)
        read_at = self._clock()
        free_busy = {resource: _together(asked, answers) for resource, asked in own.items()}
        for resource, (asked, address) in through.items():
            missing = FreeBusy(unreadable=NO_CALENDAR if resources[resource] else UNKNOWN)
            told = [shared.get((connection.id, address), missing) for connection in asked] or [missing]
            free_busy[resource] = next((answer for answer in told if answer.readable), told[0])
        return {
            resource: BusyReading(
                resource, window, read_at, BusyIndex.of(_within(window, answer.busy)), answer.unreadable
            )
            for resource, answer in free_busy.items()
        }

    def _answers(
        self,
        own: Mapping[ResourceId, Sequence[Connection]],
        through: Mapping[ResourceId, tuple[Sequence[Connection], str]],
        window: Interval,
    ) -> tuple[dict[ConnectionId, FreeBusy], dict[tuple[ConnectionId, str], FreeBusy]]:
        """Everybody asked at once; who is late by the deadline is not in the answers, or unreadable there."""
        deadline = time.monotonic() + self._deadline_s
        mine: list[Future[Mapping[ConnectionId, FreeBusy]]] = []
        others: dict[Future[Mapping[str, FreeBusy]], tuple[Connection, Sequence[str]]] = {}
        by_provider: dict[str, list[Connection]] = defaultdict(list)
        for connection in {one.id: one for found in own.values() for one in found}.values():
            if connection.state is ConnectionState.OK and connection.provider in self._providers:
                by_provider[connection.provider].append(connection)
        for key, asked in by_provider.items():
            mine.append(self._executor.submit(_by, deadline, self._providers[key].free_busy, asked, window))
        by_reader: dict[ConnectionId, tuple[Connection, list[str]]] = {}
        for readers, address in through.values():
            for reader in readers if address else ():
                by_reader.setdefault(reader.id, (reader, []))[1].append(address)
        for reader, addresses in by_reader.values():
            ask: Callable[..., Mapping[str, FreeBusy]] = self._providers[reader.provider].free_busy_of
            others[self._executor.submit(_by, deadline, ask, reader, addresses, window)] = (reader, addresses)
        futures: list[Future[Any]] = [*mine, *others]
        done = wait(futures, timeout=self._deadline_s + self._grace_s).done
        answers = {key: value for future in mine if future in done for key, value in future.result().items()}
        shared = {
            (reader.id, address): (
                future.result().get(address, FreeBusy(unreadable=LATE)) if future in done else FreeBusy(unreadable=LATE)
            )
            for future, (reader, addresses) in others.items()
            for address in addresses
        }
        return answers, shared

    def _usable(self, connections: Sequence[Connection]) -> Sequence[Connection]:
        return [one for one in connections if one.state is ConnectionState.OK and one.provider in self._providers]


def _by(deadline: float, ask: Callable[..., _Answers], *asked: Any) -> _Answers:
    """The calendar system's answers, for which it has until the deadline (a reading of `time.monotonic`)."""
    return ask(*asked, timeout_s=max(0.0, deadline - time.monotonic()))


def _together(connections: Sequence[Connection], answers: Mapping[ConnectionId, FreeBusy]) -> FreeBusy:
    """Everything one person's accounts say; one that cannot be read makes the person unreadable."""
    busy: list[Interval] = []
    for connection in connections:
        if connection.state is ConnectionState.BROKEN:
            return FreeBusy(unreadable=BROKEN)
        answer = answers.get(connection.id, FreeBusy(unreadable=LATE))
        if not answer.readable:
            return answer
        busy.extend(answer.busy)
    return FreeBusy(busy=tuple(busy))


def _within(window: Interval, busy: Sequence[Interval]) -> Sequence[Interval]:
    """Cut to the window: an event may last for centuries."""
    start, end = window.start, window.end
    if all(start <= one.start and one.end <= end for one in busy):  # as a rule
        return busy
    return [Interval(max(one.start, start), min(one.end, end)) for one in busy if one.overlaps(window)]


def _is_usable(reading: BusyReading | None, window: Interval, now: datetime, max_age: timedelta) -> bool:
    if reading is None or not reading.window.contains(window):
        return False
    return now - reading.read_at <= kept_for(max_age, failed=reading.unreadable is not None)


def kept_for(max_age: timedelta, *, failed: bool) -> timedelta:
    """How old an answer may be: whoever could not be read is asked again soon."""
    return min(max_age, _FAILURE_KEPT) if failed else max_age
