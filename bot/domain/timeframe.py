"""The time frame: dates, weekdays and times of day in a zone, turned into instants.

The only place that deals with clock changes (product.md section 5, steps 1 and 2).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from bot.domain.intervals import EPOCH, Interval, Span, interval_of, merged

RASTER = timedelta(minutes=5)
"""Every start, duration, spacing, buffer and range boundary is a multiple of it."""

_DAY = timedelta(days=1)
_ZERO = timedelta()
_SECOND = timedelta(seconds=1)
_DAY_S = 86_400
_EPOCH = EPOCH.toordinal()
_EARLIEST, _LATEST = date(10, 1, 1), date(9990, 12, 31)
"""Dates that have instants in every zone, with room for the longest buffers around them."""
_NO_NAMES = ("localtime", "posix", "right/")
"""What lies in the same folder on many machines: this machine's own zone, and copies that count leap seconds."""


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
        if name.startswith(_NO_NAMES):
            raise ValueError
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as exc:  # unknown; not a name at all; a folder of the database
        raise ValueError(f"time_zone: {name!r} is not an IANA time zone") from exc


@cache
def zone_names() -> frozenset[str]:
    """Every IANA name that the tz database here knows; asked once, because it is a walk through its files."""
    return frozenset(name for name in available_timezones() if not name.startswith(_NO_NAMES))


def windows(frame: TimeFrame) -> tuple[Interval, ...]:
    """The frame as instants in UTC: sorted, and merged where ranges overlap or touch."""
    return tuple(map(interval_of, spans(frame)))


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
    """Ranges by weekday on each local date from first to last (inclusive), as merged instants.

    `overrides` are dates with ranges of their own instead. A range that lies wholly inside a spring gap, or on a
    date that the zone skipped, has no instants.
    """
    ranges: list[list[tuple[int, int]]] = [[]] * 7
    latest, seconds = None, []
    for weekday, wanted in weekly.items():
        if wanted is not latest:  # as a rule the days have the same ranges
            latest, seconds = wanted, list(map(_seconds, wanted))
        ranges[weekday] = seconds
    special = {day.toordinal(): list(map(_seconds, instead)) for day, instead in overrides}
    found: list[Span] = []
    for year in range(first.year, last.year + 1):
        january, offsets = date(year, 1, 1).toordinal(), _offsets(tz, year)
        days = range(max(first.toordinal(), january), min(last.toordinal() + 1, january + len(offsets)))
        for ordinal in days:
            for opens, closes in special.get(ordinal, ranges[(ordinal - 1) % 7]):
                midnight, offset_s = (ordinal - _EPOCH) * _DAY_S, offsets[ordinal - january]
                if offset_s is not None:
                    utc = midnight - offset_s
                    found.append((utc + opens, utc + closes))
                    continue
                start, end = _occurrences(midnight + opens, tz)[0], _occurrences(midnight + closes, tz)[1]
                if start < end:
                    found.append((start, end))
    return merged(found)


def grid(frame: TimeFrame, duration: timedelta, spacing: timedelta) -> tuple[datetime, ...]:
    """Every start that the frame offers, busy or not, in order (UTC)."""
    return tuple(
        window.start + number * spacing
        for window in windows(frame)
        for number in range((window.duration - duration) // spacing + 1)
    )


def clock_changes(frame: TimeFrame) -> tuple[date, ...]:
    """The local dates of the frame on which the zone's UTC offset changes.

    A change belongs to the date that clocks show right after it: clocks that go back at midnight do so on the
    day that is repeated in part, clocks that go forward at midnight on the day that begins late.
    """
    tz = zone(frame.time_zone)
    if _clocks_stay(frame, tz):
        return ()
    # A day more on either side: a local date's instants lie within a day of the same date in UTC.
    at = datetime.combine(frame.start_date - _DAY, time(), UTC)
    stop = datetime.combine(frame.end_date + 2 * _DAY, time(), UTC)
    found: list[date] = []
    while at < stop:
        if at.astimezone(tz).utcoffset() != (at + _DAY).astimezone(tz).utcoffset():
            found.append(_change_between(at, at + _DAY, tz).astimezone(tz).date())
        at += _DAY
    return tuple(day for day in found if frame.start_date <= day <= frame.end_date)


def _clocks_stay(frame: TimeFrame, tz: ZoneInfo) -> bool:
    """Whether one offset is kept from the day before the frame to the day after it."""
    first, last = frame.start_date - _DAY, frame.end_date + _DAY
    kept: set[int | None] = set()
    for year in range(first.year, last.year + 1):
        january = date(year, 1, 1).toordinal()
        kept.update(_offsets(tz, year)[max(0, first.toordinal() - january) : last.toordinal() - january + 1])
    return len(kept) == 1 and None not in kept


def _seconds(wanted: TimeRange) -> tuple[int, int]:
    """When a range begins and ends on clocks, in seconds since midnight; its end may be on the next date."""
    opens, closes = wanted.start.hour * 3600 + wanted.start.minute * 60, wanted.end.hour * 3600 + wanted.end.minute * 60
    return opens, closes if opens < closes else closes + _DAY_S


@lru_cache(maxsize=256)
def _offsets(tz: ZoneInfo, year: int) -> tuple[int | None, ...]:
    """For each date of a year the UTC offset in seconds that clocks keep on that date and on the next; None where they
    change meanwhile. Kept, because to look at the clocks on every date takes longer than to count with it.

    Clocks are looked at when dates begin: no zone has ever changed its offset twice within a day.
    """
    january, next_january = date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()
    at_midnight = [tz.utcoffset(datetime.fromordinal(ordinal)) or _ZERO for ordinal in range(january, next_january + 3)]
    # The third midnight as well: clocks that go back then show that midnight, which the date before ends with, again.
    following = zip(at_midnight, at_midnight[1:], at_midnight[2:], at_midnight[3:], strict=False)
    return tuple(here // _SECOND if here == one == two == three else None for here, one, two, three in following)


def _occurrences(wall_s: int, tz: ZoneInfo) -> tuple[int, int]:
    """When clocks show a time first and last, in seconds since 1970: as UTC, and as if they showed UTC.

    Both are the same but in an autumn fold. Where clocks never show it, inside a spring gap, both are the gap's end.
    """
    clocks = EPOCH + timedelta(0, wall_s)
    before, after = tz.utcoffset(clocks) or _ZERO, tz.utcoffset(clocks.replace(fold=1)) or _ZERO
    first = wall_s - before // _SECOND
    if before == after:  # at all hours but a few
        return first, first
    if before > after:
        return first, wall_s - after // _SECOND
    # Only in a gap has the second reading the greater offset, that of afterwards.
    change = _change_between(clocks - after, clocks - before, tz)
    gap_end = (change - EPOCH) // _SECOND
    return gap_end, gap_end


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
