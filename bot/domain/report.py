"""The live number and what explains it, as the wizard and the cards show it."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.ids import ResourceId
from bot.domain.matching import can_fill
from bot.domain.relaxations import Relaxation
from bot.domain.slots import SlotSearch

TOO_FEW = "There are more places to fill than different people, or rooms, to fill them."
"""Why there is no slot where `has_too_few`."""


@dataclass(frozen=True, slots=True)
class Restriction:
    """What one person or room costs: the slots gained if it alone were always free."""

    name: str
    costs: int
    resource_id: ResourceId | None = None


@dataclass(frozen=True, slots=True)
class SlotReport:
    """An answer to a search, with names instead of ids.

    `restrictions` cost most first, those that cost nothing left out. `unreadable` are the names of those whose
    calendars could not be read. `read_at` is when the oldest calendar used was read. `offered` is how many starts
    there are far enough in the future, free or not; `clock_changes` are the local dates inside the frame on which its
    zone's UTC offset changes; `notice_costs` are the slots gained if no notice were asked for.

    `stuck` are, where there is no slot, the pools whose next in line has none even alone, each with that person's name.
    `deserted` are the pools in which nobody is active any more.

    Where it was asked for: `hours` are the slots gained if one person's working hours did not count; `relaxations` are
    the best single changes.
    """

    search: SlotSearch
    starts: tuple[datetime, ...]
    restrictions: tuple[Restriction, ...]
    unreadable: tuple[str, ...]
    read_at: datetime
    offered: int = 0
    clock_changes: tuple[date, ...] = ()
    notice_costs: int = 0
    hours: tuple[Restriction, ...] = ()
    relaxations: tuple[Relaxation, ...] = ()
    stuck: tuple[tuple[str, str], ...] = ()
    deserted: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        return len(self.starts)

    @property
    def has_too_few(self) -> bool:
        """Whether some place has nobody left of its own, however free everybody may be."""
        seats = self.search.requirements
        return all(seats) and not can_fill(seats)

    def by_day(self) -> tuple[tuple[date, tuple[datetime, ...]], ...]:
        """The starts by local date in the frame's zone; days without any are left out."""
        zone = ZoneInfo(self.search.frame.time_zone)
        days: list[tuple[date, tuple[datetime, ...]]] = []
        first = 0
        while first < len(self.starts):
            day = self.starts[first].astimezone(zone).date()
            midnight = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
            following = bisect_left(self.starts, midnight, lo=first + 1)
            days.append((day, self.starts[first:following]))
            first = following
        return tuple(days)
