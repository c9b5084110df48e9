"""The slot engine: which starts can be booked (product.md section 5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.ids import ResourceId
from bot.domain.intervals import Interval
from bot.domain.timeframe import TimeFrame
from bot.domain.working_hours import WorkingHours


@dataclass(frozen=True, slots=True)
class SlotSearch:
    """What is asked: the frame, the lengths, and for each requirement its candidates in order of preference."""

    frame: TimeFrame
    duration: timedelta
    spacing: timedelta
    requirements: tuple[tuple[ResourceId, ...], ...]
    notice: timedelta = timedelta()
    buffer_before: timedelta = timedelta()
    buffer_after: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Calendar:
    """What is known of one resource. An unreadable one is never available."""

    busy: tuple[Interval, ...] = field(default=())
    working_hours: WorkingHours | None = None
    readable: bool = True


@dataclass(frozen=True, slots=True)
class Slots:
    """The answer: distinct starts in order (UTC), and the requirements' unreadable resources, sorted."""

    starts: tuple[datetime, ...]
    unreadable: tuple[ResourceId, ...] = ()
