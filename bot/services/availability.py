"""Availability: calendars read in parallel within a deadline, and counted. Fails closed and says who."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, Future, wait
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.calendar import Connection, ConnectionState, FreeBusy
from bot.domain.explain import costs
from bot.domain.ids import ConnectionId, MeetingId, ResourceId, UserId, WorkspaceId
from bot.domain.intervals import Interval
from bot.domain.invitation import Details, SlotRules, slot_search
from bot.domain.people import Person
from bot.domain.report import Restriction, SlotReport
from bot.domain.slots import Calendar, SlotSearch, available_slots
from bot.domain.timeframe import clock_changes, windows
from bot.domain.working_hours import default_working_hours
from bot.errors import DeliveryError, NotFoundError
from bot.ports import BusyReading, CalendarProvider, Clock, Directory, UnitOfWorkFactory

FRESH = timedelta()
"""Ask the calendars now."""
RECENT = timedelta(minutes=5)
"""Good enough for a number on a screen."""
DEADLINE_S = 2.5
"""Whoever has not answered by then is unreadable, by name."""
_FAILURE_KEPT = timedelta(seconds=10)
_READ_AHEAD = timedelta(days=45)

NO_CALENDAR = "no calendar connected"
BROKEN = "the connection is broken"
LATE = "the calendar did not answer in time"


@dataclass(frozen=True, slots=True)
class Reading:
    """Calendars for the engine, people by resource (None where Slack could not say), and the oldest answer's time."""

    calendars: Mapping[ResourceId, Calendar]
    people: Mapping[ResourceId, Person | None]
    read_at: datetime

    def name(self, resource: ResourceId) -> str:
        person = self.people.get(resource)
        return person.name if person else str(resource)


class Availability:
    """Answers searches from calendars and our own claims."""

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        directory: Directory,
        providers: Mapping[str, CalendarProvider],
        clock: Clock,
        executor: Executor,
        background: Executor,
    ) -> None:
        """`executor` asks the calendars, `background` reads ahead; two, so that neither waits for itself."""
        self._unit_of_work = unit_of_work
        self._directory = directory
        self._providers = providers
        self._clock = clock
        self._executor = executor
        self._background = background

    def report(
        self, workspace_id: WorkspaceId, details: Details, rules: SlotRules, *, max_age: timedelta
    ) -> SlotReport:
        """The slots with what explains them. Calendars that cannot be read are named, never free."""
        search = slot_search(details, rules)
        reading = self.read(workspace_id, search, rules, max_age=max_age)
        now = self._clock()
        slots = available_slots(search, reading.calendars, now)
        prices = sorted(costs(search, reading.calendars, now).items(), key=lambda item: (-item[1], item[0]))
        return SlotReport(
            search=search,
            starts=slots.starts,
            restrictions=tuple(Restriction(reading.name(who), price) for who, price in prices if price),
            unreadable=tuple(reading.name(resource) for resource in slots.unreadable),
            read_at=reading.read_at,
            clock_changes=clock_changes(search.frame),
        )

    def read(
        self,
        workspace_id: WorkspaceId,
        search: SlotSearch,
        rules: SlotRules,
        *,
        max_age: timedelta,
        besides: MeetingId | None = None,
    ) -> Reading:
        """What the search needs of every candidate; `besides` leaves one Meeting's own claims out."""
        resources = sorted({candidate for requirement in search.requirements for candidate in requirement})
        window = self._window(search)
        readings = self._readings(workspace_id, resources, window, max_age)
        with self._unit_of_work() as unit:
            claimed = unit.claims.busy(workspace_id, resources, window, besides=besides)
        people = {resource: self._person(workspace_id, resource) for resource in resources}
        calendars = {}
        for resource in resources:
            person, answer = people[resource], readings[resource].free_busy
            if person is None or not answer.readable:
                calendars[resource] = Calendar(readable=False)
                continue
            hours = default_working_hours(person.time_zone) if rules.respect_working_hours else None
            calendars[resource] = Calendar(busy=(*answer.busy, *claimed[resource]), working_hours=hours)
        read_at = min((reading.read_at for reading in readings.values()), default=self._clock())
        return Reading(calendars, people, read_at)

    def warm(self, workspace_id: WorkspaceId, details: Details, rules: SlotRules) -> Future[object]:
        """Read in the background, so that the next count finds the busy times at hand."""
        search = slot_search(details, rules)
        resources = sorted({candidate for requirement in search.requirements for candidate in requirement})
        return self._background.submit(self._readings, workspace_id, resources, self._window(search), RECENT)

    def forget(self, workspace_id: WorkspaceId, users: Sequence[UserId]) -> None:
        """Their calendars are asked again next time (a connection has changed)."""
        with self._unit_of_work(write=True) as unit:
            unit.busy_cache.forget(workspace_id, [ResourceId(user) for user in users])
            unit.commit()

    def _window(self, search: SlotSearch) -> Interval:
        """What the search can touch from now on, with some days more so that small changes ask nobody again."""
        today = self._clock().replace(hour=0, minute=0, second=0, microsecond=0)
        frame = windows(search.frame)
        end = frame[-1].end + search.buffer_after if frame else today
        # Whole days, so that the same question has the same window all day long.
        end_day = end.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=2)
        return Interval(today - timedelta(days=2), max(end_day, today + _READ_AHEAD))

    def _readings(
        self, workspace_id: WorkspaceId, resources: Sequence[ResourceId], window: Interval, max_age: timedelta
    ) -> Mapping[ResourceId, BusyReading]:
        """One reading per resource, from the kept ones where young enough, else from the calendars."""
        now = self._clock()
        with self._unit_of_work() as unit:
            kept = unit.busy_cache.get(workspace_id, resources) if max_age else {}
            missing = [who for who in resources if not _is_usable(kept.get(who), window, now, max_age)]
            connections = unit.connections.of_users(workspace_id, [UserId(who) for who in missing])
        fresh = self._ask({ResourceId(user): found for user, found in connections.items()}, window)
        if fresh:
            with self._unit_of_work(write=True) as unit:
                unit.busy_cache.put(workspace_id, list(fresh.values()))
                unit.commit()
        return {**{who: kept[who] for who in resources if who in kept}, **fresh}

    def _ask(
        self, connections: Mapping[ResourceId, Sequence[Connection]], window: Interval
    ) -> dict[ResourceId, BusyReading]:
        by_provider: dict[str, list[Connection]] = defaultdict(list)
        for found in connections.values():
            for connection in found:
                if connection.state is ConnectionState.OK and connection.provider in self._providers:
                    by_provider[connection.provider].append(connection)
        futures = {
            self._executor.submit(self._providers[provider].free_busy, asked, window, timeout_s=DEADLINE_S): asked
            for provider, asked in by_provider.items()
        }
        done, _late = wait(futures, timeout=DEADLINE_S)
        answers: dict[ConnectionId, FreeBusy] = {}
        for future in done:
            answers.update(future.result())
        read_at = self._clock()
        return {who: BusyReading(who, window, read_at, _together(found, answers)) for who, found in connections.items()}

    def _person(self, workspace_id: WorkspaceId, resource: ResourceId) -> Person | None:
        """None where Slack cannot say who it is: then their hours are unknown and nothing of them is free."""
        try:
            return self._directory.person(workspace_id, UserId(resource))
        except (NotFoundError, DeliveryError):
            return None


def _together(connections: Sequence[Connection], answers: Mapping[ConnectionId, FreeBusy]) -> FreeBusy:
    """Everything one person's accounts say; one that cannot be read makes the person unreadable."""
    if not connections:
        return FreeBusy(unreadable=NO_CALENDAR)
    busy: list[Interval] = []
    for connection in connections:
        if connection.state is ConnectionState.BROKEN:
            return FreeBusy(unreadable=BROKEN)
        answer = answers.get(connection.id, FreeBusy(unreadable=LATE))
        if not answer.readable:
            return answer
        busy.extend(answer.busy)
    return FreeBusy(busy=tuple(busy))


def _is_usable(reading: BusyReading | None, window: Interval, now: datetime, max_age: timedelta) -> bool:
    if reading is None or not reading.window.contains(window):
        return False
    kept_for = max_age if reading.free_busy.readable else min(max_age, _FAILURE_KEPT)
    return now - reading.read_at <= kept_for
