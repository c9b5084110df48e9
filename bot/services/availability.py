"""Availability: searches answered from calendars, working hours and our own claims. Fails closed and says who."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from bot.domain.explain import explained_slots
from bot.domain.ids import MeetingId, ResourceId, UserId, WorkspaceId, is_room
from bot.domain.intervals import Interval
from bot.domain.invitation import Details, SlotRules, slot_search
from bot.domain.people import Person
from bot.domain.preferences import Preferences
from bot.domain.report import Restriction, SlotReport
from bot.domain.rooms import Room
from bot.domain.slots import Calendar, Slots, SlotSearch, available_slots
from bot.domain.timeframe import TimeFrame, clock_changes, windows
from bot.domain.working_hours import WorkingHours, default_working_hours
from bot.errors import DeliveryError, NotFoundError
from bot.ports import BusyReading, Clock, Directory, UnitOfWork, UnitOfWorkFactory, reading_in
from bot.services.readings import FRESH, RECENT, NotAtHandError, Readings, Resources
from bot.services.remembered import Asked, Reading, Remembered

__all__ = ["FRESH", "RECENT", "Availability", "Reading"]

_READ_AHEAD = timedelta(days=60)


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
        self._remembered = Remembered()

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

    def slots(
        self, workspace_id: WorkspaceId, inviter_id: UserId, search: SlotSearch, rules: SlotRules, *, max_age: timedelta
    ) -> Slots:
        """The slots and who could not be read, for those who need no explanation."""
        reading = self.read(workspace_id, inviter_id, search, rules, max_age=max_age)
        return available_slots(search, reading.calendars, self._clock())

    def read(
        self,
        workspace_id: WorkspaceId,
        inviter_id: UserId,
        search: SlotSearch,
        rules: SlotRules,
        *,
        max_age: timedelta,
        besides: MeetingId | None = None,
        within: UnitOfWork | None = None,
        keeps: bool = True,
    ) -> Reading:
        """What the search needs of every candidate; `besides` leaves one Meeting's own claims out, which also keeps the
        Rooms that are removed by now. `within` a transaction of the caller's nobody is asked: raises NotAtHandError
        where that is needed. Without `keeps` what they say is not stored.

        Members without a connection are read through the inviter's.
        """
        window, named = self._window(search), sorted(search.resources)
        members = [resource for resource in named if not is_room(resource)]
        people = self._people(workspace_id, members, asks=within is None)
        asked = Asked(workspace_id, tuple(named), window, rules.respect_working_hours)
        is_usual = besides is None and bool(max_age)
        versions: tuple[int, ...] = ()
        with reading_in(within, self._unit_of_work) as unit:
            if is_usual:
                versions = unit.versions.of(workspace_id, named, window)
                known = self._remembered.get(asked, versions, people)
                if known and known.is_usable(self._clock(), max_age):
                    return known
            rooms = unit.rooms.by_ids([resource for resource in named if is_room(resource)])
            resources = {resource: rooms.get(resource) if is_room(resource) else people[resource] for resource in named}
            kept = self._readings.kept(unit, workspace_id, resources, window, reader_id=inviter_id, max_age=max_age)
            if kept.missing and within:
                raise NotAtHandError
            ours = None if kept.missing else _our_own(unit, workspace_id, resources, window, rules, besides)
        answers = self._readings.complete(kept, keeps=keeps)
        if ours is None:  # of what was booked while the calendars were asked, too
            with self._unit_of_work() as unit:
                ours = _our_own(unit, workspace_id, resources, window, rules, besides)
        calendars = {
            resource: _calendar(known, answers[resource], ours.claimed[resource], ours.preferences)
            if besides or not _is_removed(known)
            else Calendar(readable=False)
            for resource, known in resources.items()
        }
        failed = [answer.read_at for answer in answers.values() if answer.unreadable is not None]
        read_at = min((answer.read_at for answer in answers.values()), default=self._clock())
        unkept = () if keeps else tuple(answers.values())
        reading = Reading(calendars, resources, read_at, min(failed, default=None), unkept)
        if is_usual and not kept.missing:
            self._remembered.put(asked, versions, reading)
        return reading

    def keep(self, workspace_id: WorkspaceId, reading: Reading) -> None:
        """Store what its calendars have said after all."""
        self._readings.keep(workspace_id, reading.unkept)

    def warm(self, workspace_id: WorkspaceId, inviter_id: UserId, details: Details, rules: SlotRules) -> Future[object]:
        """Read in the background, so that the next count finds the busy times at hand."""
        search = slot_search(details, rules)
        return self._background.submit(self.read, workspace_id, inviter_id, search, rules, max_age=RECENT)

    def _window(self, search: SlotSearch) -> Interval:
        """What the search can touch from now on, with some days more so that small changes ask nobody again."""
        today = self._clock().replace(hour=0, minute=0, second=0, microsecond=0)
        frame_end = _end_of(search.frame)
        end = frame_end + search.buffer_after if frame_end else today
        # Whole days, so that the same question has the same window all day long.
        end_day = end.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=2)
        return Interval(today - timedelta(days=2), max(end_day, today + _READ_AHEAD))

    def _people(self, workspace_id: WorkspaceId, members: Sequence[ResourceId], *, asks: bool) -> Resources:
        """Who each of them is. Raises NotAtHandError where Slack would have to be asked and is not."""
        known = self._directory.at_hand(workspace_id, [UserId(member) for member in members])
        if not asks and len(known) < len(members):
            raise NotAtHandError
        return {member: known.get(UserId(member)) or self._person(workspace_id, member) for member in members}

    def _person(self, workspace_id: WorkspaceId, resource: ResourceId) -> Person | None:
        """None where Slack cannot say who it is: then their hours are unknown and nothing of them is free."""
        try:
            return self._directory.person(workspace_id, UserId(resource))
        except (NotFoundError, DeliveryError):
            return None


@dataclass(frozen=True, slots=True)
class _OurOwn:
    """What our own tables know; `preferences` are empty where working hours do not count."""

    claimed: Mapping[ResourceId, Sequence[Interval]]
    preferences: Mapping[UserId, Preferences]


def _our_own(
    unit: UnitOfWork,
    workspace_id: WorkspaceId,
    resources: Resources,
    window: Interval,
    rules: SlotRules,
    besides: MeetingId | None,
) -> _OurOwn:
    people = [person.user_id for person in resources.values() if isinstance(person, Person)]
    return _OurOwn(
        unit.claims.busy(workspace_id, tuple(resources), window, besides=besides),
        unit.preferences.of_users(workspace_id, people) if rules.respect_working_hours else {},
    )


@lru_cache(maxsize=256)
def _end_of(frame: TimeFrame) -> datetime | None:
    """When the frame's last window is over; None where it has none. Kept, because the clock changes cost much."""
    found = windows(frame)
    return found[-1].end if found else None


def reported(search: SlotSearch, reading: Reading, now: datetime) -> SlotReport:
    """The slots with what restricts them, names in place of ids. The reading may know more than was asked."""
    found = explained_slots(search, reading.calendars, now)
    prices = sorted((-price, who) for who, price in found.costs.items() if price)
    return SlotReport(
        search=search,
        starts=found.slots.starts,
        restrictions=tuple(Restriction(reading.name(who), -price, who) for price, who in prices),
        unreadable=tuple(reading.name(resource) for resource in found.slots.unreadable),
        read_at=reading.read_at,
        offered=found.offered,
        clock_changes=clock_changes(search.frame),
        notice_costs=found.notice_costs,
    )


def _is_removed(known: Person | Room | None) -> bool:
    return isinstance(known, Room) and known.is_removed


def _calendar(
    known: Person | Room | None,
    answer: BusyReading,
    claimed: Sequence[Interval],
    preferences: Mapping[UserId, Preferences],
) -> Calendar:
    """The engine's calendar of one resource; `preferences` are empty where working hours do not count.

    Somebody deactivated in Slack can be in no meeting, however free a calendar says they are.
    """
    if known is None or answer.unreadable is not None or (isinstance(known, Person) and known.is_deactivated):
        return Calendar(readable=False)
    hours = None
    if isinstance(known, Person) and known.user_id in preferences:
        hours = working_hours_of(known, preferences[known.user_id])
    return Calendar(busy=tuple(claimed), working_hours=hours, index=answer.busy)


def working_hours_of(person: Person, preferences: Preferences) -> WorkingHours:
    """What the member has set, else Mon-Fri 09:00-17:00 in their zone."""
    return preferences.working_hours or default_working_hours(preferences.time_zone or person.time_zone)
