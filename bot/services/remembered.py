"""Readings that were put together before: good as long as nothing that they are made of has changed.

Whoever looks for a time changes one field after the other, about the same people: to read a hundred calendars from
the database again and again would take most of the time until they see the new count.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from threading import Lock

from bot.domain.ids import ResourceId, WorkspaceId, is_room
from bot.domain.intervals import Interval
from bot.domain.relaxations import tireless
from bot.domain.rooms import UNKNOWN_ROOM
from bot.domain.search import Calendar
from bot.ports import BusyReading
from bot.services.readings import Resources, kept_for

_MOST_CALENDARS = 2_000
"""Some 3 kB each."""


@dataclass(frozen=True)
class Reading:
    """Calendars for the engine, who or what each resource is, and the oldest answer's time (`failed_at`: of those
    that could not be read). `unkept` are answers that have not been stored."""

    calendars: Mapping[ResourceId, Calendar]
    resources: Resources
    read_at: datetime
    failed_at: datetime | None = None
    unkept: tuple[BusyReading, ...] = ()

    @cached_property
    def without_hours(self) -> Mapping[ResourceId, Calendar]:
        """The calendars without working hours."""
        return tireless(self.calendars)

    def name(self, resource: ResourceId) -> str:
        known = self.resources.get(resource)
        if known:
            return known.name
        return UNKNOWN_ROOM if is_room(resource) else "somebody whom Slack does not name just now"

    def is_usable(self, now: datetime, max_age: timedelta) -> bool:
        """Whether each of its calendars would still be taken from what is kept."""
        if self.failed_at is not None and now - self.failed_at > kept_for(max_age, failed=True):
            return False
        return now - self.read_at <= max_age


@dataclass(frozen=True, slots=True)
class Asked:
    """What a Reading is about; the resources are sorted."""

    workspace_id: WorkspaceId
    resources: tuple[ResourceId, ...]
    window: Interval
    with_working_hours: bool


class Remembered:
    """The last Readings of this process, `most` calendars altogether. Safe between threads."""

    def __init__(self, most: int = _MOST_CALENDARS) -> None:
        self._most = most
        self._size = 0
        self._readings: OrderedDict[Asked, tuple[tuple[int, ...], Reading]] = OrderedDict()
        self._lock = Lock()

    def get(self, asked: Asked, versions: tuple[int, ...], people: Resources) -> Reading | None:
        """None where the database holds other versions by now, or Slack says otherwise who somebody is."""
        with self._lock:
            known = self._readings.get(asked)
            if known is None or known[0] != versions:
                return None
            self._readings.move_to_end(asked)
        reading = known[1]
        return reading if people.items() <= reading.resources.items() else None

    def put(self, asked: Asked, versions: tuple[int, ...], reading: Reading) -> None:
        """`versions` were read before what the Reading is made of."""
        with self._lock:
            if asked in self._readings:
                del self._readings[asked]
                self._size -= len(asked.resources)
            self._readings[asked] = (versions, reading)
            self._size += len(asked.resources)
            while self._size > self._most:
                oldest, _ = self._readings.popitem(last=False)
                self._size -= len(oldest.resources)
