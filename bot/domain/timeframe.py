"""The time frame: dates, weekdays and times of day in a zone, turned into instants.

The only place that deals with clock changes (product.md section 5, steps 1 and 2).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from bot.domain.intervals import Interval, Span, merged

RASTER = timedelta(minutes=5)
"""Every start, duration, spacing, buffer and range boundary is a multiple of it."""

_DAY = timedelta(days=1)
_ZERO = timedelta()
_SECOND = timedelta(seconds=1)
_EARLIEST, _LATEST = date(10, 1, 1), date(9990, 12, 31)
"""Dates that have instants in every zone, with room for the longest buffers around them."""


class Weekday(IntEnum):
    """As `date.weekday()` counts."""

    MON = 0
    TUE = 1
    WED = 2
    THU = 3
    FRI = 4
    SAT = 5
    SUN = 6


WORKDAYS = frozenset({Weekday.MON, Weekday.TUE, Weekday.WED, Weekday.THU, Weekday.FRI})


@dataclass(frozen=True, slots=True)
class TimeRange:
    """A range of wall-clock time. An end not after the start runs past midnight; equal: a whole day."""

    start: time
    end: time

    def __post_init__(self) -> None:
        for name, boundary in (("start", self.start), ("end", self.end)):
            if boundary.tzinfo is not None:
                raise ValueError(f"{name}: a wall-clock time has no zone of its own")
            if boundary.minute % 5 or boundary.second or boundary.microsecond:
                raise ValueError(f"{name}: must be a multiple of 5 minutes")


@dataclass(frozen=True, slots=True)
class TimeFrame:
    """When the Customer may choose: inclusive local dates, weekdays, ranges, and an IANA zone name.

    Raises ValueError, the field's name first.
    """

    start_date: date
    end_date: date
    weekdays: frozenset[Weekday]
    time_ranges: tuple[TimeRange, ...]
    time_zone: str

    def __post_init__(self) -> None:
        zone(self.time_zone)
        if not _EARLIEST <= self.start_date <= _LATEST:
            raise ValueError(f"start_date: must be between {_EARLIEST} and {_LATEST}")
        if not self.start_date <= self.end_date <= _LATEST:
            raise ValueError(f"end_date: must be between the start date and {_LATEST}")
        if not self.weekdays:
            raise ValueError("weekdays: at least one is needed")
        if not self.time_ranges:
            raise ValueError("time_ranges: at least one is needed")


def zone(name: str) -> ZoneInfo:
    """The zone of an IANA name. Raises ValueError naming `time_zone`."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as exc:  # unknown; not a name at all; a folder of the database
        raise ValueError(f"time_zone: {name!r} is not an IANA time zone") from exc


@cache
def zone_names() -> frozenset[str]:
    """Every IANA name that the tz database here knows; asked once, because it is a walk through its files."""
    return frozenset(available_timezones())


def windows(frame: TimeFrame) -> tuple[Interval, ...]:
    """The frame as instants in UTC: sorted, and merged where ranges overlap or touch."""
    return tuple(Interval(start, end) for start, end in spans(frame))


def spans(frame: TimeFrame) -> list[Span]:
    """`windows` as pairs, for the engine: to make an Interval of each takes longer than to count with it."""
    weekly = dict.fromkeys(frame.weekdays, frame.time_ranges)
    return wall_clock_spans(weekly, frame.start_date, frame.end_date, zone(frame.time_zone))


def wall_clock_spans(
    weekly: Mapping[Weekday, Iterable[TimeRange]],
    first: date,
    last: date,
    tz: ZoneInfo,
    overrides: Iterable[tuple[date, Iterable[TimeRange]]] = (),
) -> list[Span]:
    """Ranges by weekday on each local date from first to last (inclusive), as merged instants in UTC.

    `overrides` are dates with ranges of their own instead. A range that lies wholly inside a spring gap, or on a
    date that the zone skipped, has no instants.
    """
    ranges = [[_clocks(wanted) for wanted in weekly.get(weekday, ())] for weekday in Weekday]
    special = {day: [_clocks(wanted) for wanted in instead] for day, instead in overrides}
    found: list[Span] = []
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        day = date.fromordinal(ordinal)
        for opens, closes, days in special.get(day, ranges[(ordinal - 1) % 7]):
            start = _occurrences(day, opens, tz)[0]
            end = _occurrences(date.fromordinal(ordinal + days) if days else day, closes, tz)[1]
            if start < end:
                found.append((start, end))
    return merged(found)


def grid(frame: TimeFrame, duration: timedelta, spacing: timedelta) -> tuple[datetime, ...]:
    """Every start that the frame offers, busy or not, in order (UTC)."""
    return tuple(
        start + number * spacing
        for start, end in spans(frame)
        for number in range(starts_in(end - start, duration, spacing))
    )


def starts_in(window: timedelta, duration: timedelta, spacing: timedelta) -> int:
    """How many starts fit in a window that long: from its beginning, every `spacing`, all within its end."""
    room = window - duration
    return room // spacing + 1 if room >= _ZERO else 0


def clock_changes(frame: TimeFrame) -> tuple[date, ...]:
    """The local dates of the frame on which the zone's UTC offset changes.

    A change belongs to the date that clocks show right after it: clocks that go back at midnight do so on the
    day that is repeated in part, clocks that go forward at midnight on the day that begins late.
    """
    tz = zone(frame.time_zone)
    # A day more on either side: a local date's instants lie within a day of the same date in UTC.
    at = datetime.combine(frame.start_date - _DAY, time(), UTC)
    stop = datetime.combine(frame.end_date + 2 * _DAY, time(), UTC)
    found: list[date] = []
    while at < stop:
        if at.astimezone(tz).utcoffset() != (at + _DAY).astimezone(tz).utcoffset():
            found.append(_change_between(at, at + _DAY, tz).astimezone(tz).date())
        at += _DAY
    return tuple(day for day in found if frame.start_date <= day <= frame.end_date)


_Clock = tuple[time, time]
"""A wall-clock time in both its readings, with fold 0 and fold 1 (PEP 495)."""


def _clocks(wanted: TimeRange) -> tuple[_Clock, _Clock, int]:
    """A range's start and end, and how many dates later it ends."""
    return (
        (wanted.start, wanted.start.replace(fold=1)),
        (wanted.end, wanted.end.replace(fold=1)),
        0 if wanted.start < wanted.end else 1,
    )


def _occurrences(day: date, clock: _Clock, tz: ZoneInfo) -> tuple[datetime, datetime]:
    """When a wall-clock time occurs first and last (UTC): the same but in an autumn fold.

    Where it never does, inside a spring gap, both are the gap's end.
    """
    early, late = datetime.combine(day, clock[0], UTC), datetime.combine(day, clock[1], UTC)
    before, after = tz.utcoffset(early) or _ZERO, tz.utcoffset(late) or _ZERO
    first = early - before
    if before == after:  # on all days but a few
        return first, first
    last = late - after
    if last < first:  # only in a gap, where the second reading has the greater offset of afterwards
        first = last = _change_between(last, first, tz)
    return first, last


def _change_between(low: datetime, high: datetime, tz: ZoneInfo) -> datetime:
    """The first instant after `low`, up to `high`, at which the zone's offset is no longer that of `low`."""
    before = low.astimezone(tz).utcoffset()
    while high - low > _SECOND:
        middle = (low + (high - low) // 2).replace(microsecond=0)
        if middle.astimezone(tz).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high
