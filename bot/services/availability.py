"""Availability: searches answered from calendars, working hours and our own claims. Fails closed and says who."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.explain import explained_slots
from bot.domain.ids import MeetingId, ResourceId, UserId, WorkspaceId, is_room
from bot.domain.intervals import Interval
from bot.domain.invitation import Details, SlotRules, slot_search
from bot.domain.people import Person
from bot.domain.preferences import Preferences
from bot.domain.report import Restriction, SlotReport
from bot.domain.rooms import Room
from bot.domain.slots import Calendar, SlotSearch
from bot.domain.timeframe import clock_changes, windows
from bot.domain.working_hours import WorkingHours, default_working_hours
from bot.errors import DeliveryError, NotFoundError
from bot.ports import BusyReading, Clock, Directory, UnitOfWorkFactory
from bot.services.readings import FRESH, RECENT, Readings, Resources

__all__ = ["FRESH", "RECENT", "Availability", "Reading"]

_READ_AHEAD = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Reading:
    """Calendars for the engine, who or what each resource is, and the oldest answer's time."""

    calendars: Mapping[ResourceId, Calendar]
    resources: Resources
    read_at: datetime

    def name(self, resource: ResourceId) -> str:
        known = self.resources.get(resource)
        return known.name if known else str(resource)


class Availability:
    """`background` reads ahead; it must not be the executor that asks the calendars, or both would wait for it."""

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        directory: Directory,
        readings: Readings,
        clock: Clock,
        background: Executor,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._directory = directory
        self._readings = readings
        self._clock = clock
        self._background = background

    def report(
        self,
        workspace_id: WorkspaceId,
        inviter_id: UserId,
        details: Details,
        rules: SlotRules,
        *,
        max_age: timedelta,
    ) -> SlotReport:
        """The slots with what explains them. Calendars that cannot be read are named, never free."""
        search = slot_search(details, rules)
        reading = self.read(workspace_id, inviter_id, search, rules, max_age=max_age)
        return reported(search, reading, self._clock())

    def read(
        self,
        workspace_id: WorkspaceId,
        inviter_id: UserId,
        search: SlotSearch,
        rules: SlotRules,
        *,
        max_age: timedelta,
        besides: MeetingId | None = None,
    ) -> Reading:
        """What the search needs of every candidate; `besides` leaves one Meeting's own claims out.

        Members without a connection are read through the inviter's.
        """
        window = self._window(search)
        resources = self._resources(workspace_id, search)
        answers = self._readings.get(workspace_id, resources, window, reader_id=inviter_id, max_age=max_age)
        people = [person.user_id for person in resources.values() if isinstance(person, Person)]
        with self._unit_of_work() as unit:
            claimed = unit.claims.busy(workspace_id, tuple(resources), window, besides=besides)
            preferences = unit.preferences.of_users(workspace_id, people) if rules.respect_working_hours else {}
        calendars = {
            resource: _calendar(known, answers[resource], claimed[resource], preferences)
            for resource, known in resources.items()
        }
        read_at = min((answers[resource].read_at for resource in resources), default=self._clock())
        return Reading(calendars, resources, read_at)

    def warm(self, workspace_id: WorkspaceId, inviter_id: UserId, details: Details, rules: SlotRules) -> Future[object]:
        """Read in the background, so that the next count finds the busy times at hand."""
        search = slot_search(details, rules)
        return self._background.submit(self.read, workspace_id, inviter_id, search, rules, max_age=RECENT)

    def _resources(self, workspace_id: WorkspaceId, search: SlotSearch) -> Resources:
        """Who or what everybody is whom the search names."""
        named = sorted(search.resources)
        with self._unit_of_work() as unit:
            rooms = unit.rooms.by_ids([resource for resource in named if is_room(resource)])
        return {
            resource: rooms.get(resource) if is_room(resource) else self._person(workspace_id, resource)
            for resource in named
        }

    def _window(self, search: SlotSearch) -> Interval:
        """What the search can touch from now on, with some days more so that small changes ask nobody again."""
        today = self._clock().replace(hour=0, minute=0, second=0, microsecond=0)
        frame = windows(search.frame)
        end = frame[-1].end + search.buffer_after if frame else today
        # Whole days, so that the same question has the same window all day long.
        end_day = end.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=2)
        return Interval(today - timedelta(days=2), max(end_day, today + _READ_AHEAD))

    def _person(self, workspace_id: WorkspaceId, resource: ResourceId) -> Person | None:
        """None where Slack cannot say who it is: then their hours are unknown and nothing of them is free."""
        try:
            return self._directory.person(workspace_id, UserId(resource))
        except (NotFoundError, DeliveryError):
            return None


def reported(search: SlotSearch, reading: Reading, now: datetime) -> SlotReport:
    """The slots with what restricts them, names in place of ids. The reading may know more than was asked."""
    slots, costs = explained_slots(search, reading.calendars, now)
    prices = sorted(costs.items(), key=lambda item: (-item[1], item[0]))
    return SlotReport(
        search=search,
        starts=slots.starts,
        restrictions=tuple(Restriction(reading.name(who), price, who) for who, price in prices if price),
        unreadable=tuple(reading.name(resource) for resource in slots.unreadable),
        read_at=reading.read_at,
        clock_changes=clock_changes(search.frame),
    )


def _calendar(
    known: Person | Room | None,
    answer: BusyReading,
    claimed: Sequence[Interval],
    preferences: Mapping[UserId, Preferences],
) -> Calendar:
    """The engine's calendar of one resource; `preferences` are empty where working hours do not count."""
    if known is None or answer.unreadable is not None:
        return Calendar(readable=False)
    hours = None
    if isinstance(known, Person) and known.user_id in preferences:
        hours = working_hours_of(known, preferences[known.user_id])
    return Calendar(busy=tuple(claimed), working_hours=hours, index=answer.busy)


def working_hours_of(person: Person, preferences: Preferences) -> WorkingHours:
    """What the member has set, else Mon-Fri 09:00-17:00 in their zone."""
    return preferences.working_hours or default_working_hours(preferences.time_zone or person.time_zone)
