"""The slot engine's rules by brute force: steps through time, tries every choice, shares no code with the engine.

Slow and plain on purpose. A step is a minute, or a second for zones of the past with odd offsets.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise, product
from zoneinfo import ZoneInfo

from bot.domain.ids import ResourceId
from bot.domain.slots import Calendar, SlotSearch
from bot.domain.timeframe import TimeFrame, TimeRange, Weekday

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@lru_cache(maxsize=256)
def clock_faces(zone: str, first: date, last: date, step: timedelta) -> Mapping[datetime, tuple[datetime, ...]]:
    """For every wall-clock time that a zone's clocks show around some dates: the instants at which they show it."""
    shown: dict[datetime, tuple[datetime, ...]] = {}
    tz = ZoneInfo(zone)
    at = datetime(first.year, first.month, first.day, tzinfo=UTC) - 2 * DAY
    stop = datetime(last.year, last.month, last.day, tzinfo=UTC) + 4 * DAY
    while at < stop:
        face = at.astimezone(tz).replace(tzinfo=None, fold=0)
        shown[face] = (*shown.get(face, ()), at)
        at += step
    return shown


def occurrence(shown: Mapping[datetime, tuple[datetime, ...]], face: datetime, which: int) -> datetime:
    """When clocks show a time first (0) or last (-1); where they never do, when they first show a later one."""
    if face in shown:
        return shown[face][which]
    return min(instants[0] for later, instants in shown.items() if later > face)


@lru_cache(maxsize=256)
def open_steps(
    zone: str,
    first: date,
    last: date,
    weekly: tuple[tuple[Weekday, tuple[TimeRange, ...]], ...],
    step: timedelta,
    overrides: tuple[tuple[date, tuple[TimeRange, ...]], ...] = (),
) -> frozenset[datetime]:
    """Every step of time inside the ranges of every local date."""
    shown = clock_faces(zone, first, last, step)
    steps: set[datetime] = set()
    day = first
    while day <= last:
        ranges = dict(overrides)[day] if day in dict(overrides) else dict(weekly).get(Weekday(day.weekday()), ())
        for time_range in ranges:
            ends_on = day if time_range.end > time_range.start else day + DAY
            at = occurrence(shown, datetime.combine(day, time_range.start), 0)
            stop = occurrence(shown, datetime.combine(ends_on, time_range.end), -1)
            while at < stop:
                steps.add(at)
                at += step
        day += DAY
    return frozenset(steps)


def frame_steps(frame: TimeFrame, step: timedelta = MINUTE) -> frozenset[datetime]:
    weekly = tuple((weekday, frame.time_ranges) for weekday in sorted(frame.weekdays))
    return open_steps(frame.time_zone, frame.start_date, frame.end_date, weekly, step)


def offered(search: SlotSearch, step: timedelta = MINUTE) -> list[datetime]:
    """The grid: from the beginning of each unbroken run of steps, every `spacing`, as long as the meeting fits in."""
    steps = frame_steps(search.frame, step)
    starts = []
    for beginning in sorted(at for at in steps if at - step not in steps):
        end = beginning
        while end in steps:
            end += step
        start = beginning
        while start + search.duration <= end:
            starts.append(start)
            start += search.spacing
    return starts


def is_free(calendar: Calendar, search: SlotSearch, start: datetime, step: timedelta = MINUTE) -> bool:
    if not calendar.readable:
        return False
    begins = start - search.buffer_before
    ends = start + search.duration + search.buffer_after
    if any(interval.start < ends and begins < interval.end for interval in calendar.busy):
        return False
    if calendar.working_hours is None:
        return True
    hours = calendar.working_hours
    around = search.frame.start_date - 3 * DAY, search.frame.end_date + 3 * DAY
    at_work = open_steps(hours.time_zone, *around, hours.weekly, step, hours.overrides)
    at = start
    while at < start + search.duration:
        if at not in at_work:
            return False
        at += step
    return True


def choices(
    search: SlotSearch, calendars: Mapping[ResourceId, Calendar], start: datetime, step: timedelta = MINUTE
) -> Iterable[tuple[ResourceId, ...]]:
    """Every way to give each requirement a free candidate of its own, preferred ones first."""
    free = {who for who, calendar in calendars.items() if is_free(calendar, search, start, step)}
    for chosen in product(*search.requirements):
        if len(set(chosen)) == len(chosen) and free.issuperset(chosen):
            yield chosen


def slots(
    search: SlotSearch, calendars: Mapping[ResourceId, Calendar], now: datetime, step: timedelta = MINUTE
) -> list[datetime]:
    return [
        start
        for start in offered(search, step)
        if start > now and start >= now + search.notice and any(True for _ in choices(search, calendars, start, step))
    ]


def costs(search: SlotSearch, calendars: Mapping[ResourceId, Calendar], now: datetime) -> dict[ResourceId, int]:
    """The slots gained with each one's calendar replaced by one that is always free."""
    count = len(slots(search, calendars, now))
    named = {who for requirement in search.requirements for who in requirement}
    return {who: len(slots(search, {**calendars, who: Calendar()}, now)) - count for who in named}


def clock_changes(frame: TimeFrame) -> list[date]:
    """The frame's dates on which the offset, looked at every minute, is no longer that of the minute before."""
    tz = ZoneInfo(frame.time_zone)
    at = datetime(frame.start_date.year, frame.start_date.month, frame.start_date.day, tzinfo=UTC) - 2 * DAY
    minutes = [at + number * MINUTE for number in range(((frame.end_date - frame.start_date) + 4 * DAY) // MINUTE)]
    local = [minute.astimezone(tz) for minute in minutes]
    changed = [after.date() for before, after in pairwise(local) if before.utcoffset() != after.utcoffset()]
    return [day for day in changed if frame.start_date <= day <= frame.end_date]
