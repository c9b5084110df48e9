"""What the slot engine is asked, what it knows, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain

from bot.domain.cells import COARSE, FINE, BusyIndex, Cells
from bot.domain.ids import ResourceId
from bot.domain.intervals import Interval
from bot.domain.timeframe import RASTER, TimeFrame
from bot.domain.working_hours import WorkingHours

LONGEST = timedelta(days=366)
"""Of a duration, spacing or buffer; and ten times as much of a notice."""

Requirement = tuple[ResourceId, ...]


@dataclass(frozen=True, slots=True)
class SlotSearch:
    """What is asked: the frame, the lengths, and for each requirement its candidates in order of preference.

    A requirement without candidates is one that nobody can fill. Raises ValueError, the field's name first.
    """

    frame: TimeFrame
    duration: timedelta
    spacing: timedelta
    requirements: tuple[Requirement, ...]
    notice: timedelta = timedelta()
    buffer_before: timedelta = timedelta()
    buffer_after: timedelta = timedelta()

    def __post_init__(self) -> None:
        for name, length in (("duration", self.duration), ("spacing", self.spacing)):
            if length <= timedelta() or length % RASTER:
                raise ValueError(f"{name}: must be a positive multiple of 5 minutes")
        for name, length in (("buffer_before", self.buffer_before), ("buffer_after", self.buffer_after)):
            if length < timedelta() or length % RASTER:
                raise ValueError(f"{name}: must be a multiple of 5 minutes, or 0")
        if self.notice < timedelta():
            raise ValueError("notice: must not be negative")
        for name in ("duration", "spacing", "buffer_before", "buffer_after"):
            if getattr(self, name) > LONGEST:
                raise ValueError(f"{name}: must be at most {LONGEST.days} days")
        if self.notice > 10 * LONGEST:
            raise ValueError(f"notice: must be at most {10 * LONGEST.days} days")
        if not self.requirements:
            raise ValueError("requirements: at least one is needed")

    @property
    def cells(self) -> Cells:
        """The longest cells of which every length that is asked for is a multiple."""
        lengths = (self.duration, self.spacing, self.buffer_before, self.buffer_after)
        return FINE if any(length % COARSE.length for length in lengths) else COARSE

    @property
    def resources(self) -> frozenset[ResourceId]:
        """Everybody whom some requirement names."""
        return frozenset().union(*self.requirements)

    def require(self, calendars: Mapping[ResourceId, Calendar]) -> None:
        """Raises ValueError where a candidate has no calendar: that must never be taken for a free one."""
        if not all(map(calendars.__contains__, chain.from_iterable(self.requirements))):
            missing = self.resources - calendars.keys()
            raise ValueError(f"requirements: no calendar of {', '.join(sorted(missing))}")

    def unreadable(self, calendars: Mapping[ResourceId, Calendar]) -> tuple[ResourceId, ...]:
        """Whose calendars cannot be read, of everybody named; sorted."""
        named = chain.from_iterable(self.requirements)
        return tuple(sorted({resource for resource in named if not calendars[resource].readable}))

    def footprint(self, start: datetime) -> Interval:
        """What a meeting at this start takes up, buffers included."""
        return Interval(start - self.buffer_before, start + self.duration + self.buffer_after)


@dataclass(frozen=True, slots=True)
class Calendar:
    """What is known of one resource. An unreadable one is never available.

    `index` holds busy times prepared for counting; `busy` may add to it, in any order.
    """

    busy: tuple[Interval, ...] = field(default=())
    working_hours: WorkingHours | None = None
    readable: bool = True
    index: BusyIndex | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Slots:
    """The answer: distinct starts in order (UTC), and the requirements' unreadable resources, sorted."""

    starts: tuple[datetime, ...]
    unreadable: tuple[ResourceId, ...] = ()
