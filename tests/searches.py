"""Searches and calendars for property tests: small, around clock changes, and nasty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from bot.domain.cells import BusyIndex
from bot.domain.ids import ResourceId
from bot.domain.intervals import Interval
from bot.domain.slots import Calendar, SlotSearch
from bot.domain.timeframe import TimeFrame, TimeRange, Weekday
from bot.domain.working_hours import WorkingHours

proven = settings(
    deadline=None, derandomize=True, database=None, max_examples=150, suppress_health_check=list(HealthCheck)
)
"""The same examples on every machine and every day."""

ANCHORS = (
    ("America/New_York", date(2027, 3, 13)),
    ("America/New_York", date(2026, 10, 31)),
    ("Europe/Berlin", date(2026, 3, 28)),
    ("Europe/Berlin", date(2026, 10, 24)),
    ("Australia/Lord_Howe", date(2026, 4, 4)),
    ("Australia/Lord_Howe", date(2026, 10, 3)),
    ("Africa/Casablanca", date(2026, 2, 14)),
    ("Africa/Casablanca", date(2026, 3, 21)),
    ("Asia/Kathmandu", date(2026, 12, 4)),
    ("America/St_Johns", date(2006, 4, 1)),
    ("America/St_Johns", date(2006, 10, 28)),
    ("Pacific/Apia", date(2011, 12, 29)),
    ("America/Havana", date(2026, 10, 31)),
    ("Asia/Beirut", date(2026, 3, 28)),
    ("Asia/Beirut", date(2026, 10, 24)),
)
"""A zone and the date before its clocks change (Kathmandu's do not, they are just 15 minutes odd)."""

PEOPLE = tuple(ResourceId(name) for name in ("ana", "ben", "cleo", "dev"))

SUNDAY = datetime(2026, 12, 6, tzinfo=UTC)
MONDAY_NINE = datetime(2026, 12, 7, 9, tzinfo=UTC)


def office_search(*requirements: Sequence[str]) -> SlotSearch:
    """Half an hour on Monday 7 December 2026, 09:00-17:00 UTC: 16 starts."""
    monday = date(2026, 12, 7)
    return SlotSearch(
        frame=TimeFrame(monday, monday, frozenset(Weekday), (TimeRange(time(9), time(17)),), "UTC"),
        duration=timedelta(minutes=30),
        spacing=timedelta(minutes=30),
        requirements=tuple(tuple(map(ResourceId, candidates)) for candidates in requirements),
    )


@dataclass(frozen=True)
class Case:
    """`prepared` says the same as `calendars`, some of it as an index."""

    search: SlotSearch
    calendars: Mapping[ResourceId, Calendar]
    prepared: Mapping[ResourceId, Calendar]
    now: datetime


# Hypothesis examines a strategy when it meets it first: those that are drawn from all the time are made once.


@cache
def buffers(step: int) -> st.SearchStrategy[timedelta]:
    return st.one_of(st.just(timedelta()), minutes(0, 90, step))


@cache
def minutes(low: int, high: int, step: int = 5) -> st.SearchStrategy[timedelta]:
    return st.integers(low // step, high // step).map(lambda number: timedelta(minutes=number * step))


times = st.integers(0, 287).map(lambda cell: time(cell // 12, cell % 12 * 5))
time_ranges = st.builds(TimeRange, times, times)
weekdays = st.one_of(st.just(frozenset(Weekday)), st.frozensets(st.sampled_from(Weekday), min_size=1))
anchors = st.sampled_from(ANCHORS)
up_to_three_ranges = st.lists(time_ranges, min_size=1, max_size=3)
quarters = st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))
up_to_three_from_quarters_on = st.lists(st.builds(TimeRange, quarters, times), min_size=1, max_size=3)
seconds_around = st.integers(-86_400, 4 * 86_400)
seconds_of_now = st.integers(-86_400, 2 * 86_400)
either = st.booleans()
lengths = st.one_of(minutes(5, 600), st.integers(1, 40_000).map(lambda s: timedelta(seconds=s)))
zones_of_work = st.sampled_from(["America/New_York", "Europe/Berlin", "Asia/Kathmandu", "Pacific/Apia", "UTC"])
ranges_of_a_day = st.lists(time_ranges, max_size=2).map(tuple)
weekly_ranges = st.dictionaries(st.sampled_from(Weekday), ranges_of_a_day, min_size=4)
overrides = st.dictionaries(st.integers(-2, 4), ranges_of_a_day, max_size=2)
candidates = st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=4).map(tuple)
requirements = st.lists(candidates, min_size=1, max_size=4)
notices = st.one_of(st.just(timedelta()), minutes(0, 600, 1))
only_raw, any_way = st.just("raw"), st.sampled_from(["raw", "index", "both"])
up_to = cache(lambda most: st.integers(0, most))


@st.composite
def frames(draw: st.DrawFn, step: int = 5) -> TimeFrame:
    zone, anchor = draw(anchors)
    start = anchor + timedelta(days=draw(up_to(1)))
    end = start + timedelta(days=draw(up_to(2)))
    ranges = draw(up_to_three_ranges if step == 5 else up_to_three_from_quarters_on)
    return TimeFrame(start, end, draw(weekdays), tuple(ranges), zone)


def midnight(frame: TimeFrame) -> datetime:
    return datetime.combine(frame.start_date, time(), UTC)


@st.composite
def busy_times(draw: st.DrawFn, frame: TimeFrame, most: int = 6) -> tuple[Interval, ...]:
    """Busy times to the second, unsorted and overlapping, also around the frame."""
    found = []
    for _ in range(draw(up_to(most))):
        start = midnight(frame) + timedelta(seconds=draw(seconds_around))
        if draw(either):
            start = start.replace(minute=start.minute // 5 * 5, second=0)
        length = draw(lengths)
        found.append(Interval(start, start + length))
    return tuple(found)


@st.composite
def working_hours(draw: st.DrawFn, around: date) -> WorkingHours:
    zone, weekly = draw(zones_of_work), draw(weekly_ranges)
    return WorkingHours.of(
        zone, weekly, {around + timedelta(days=days): ranges for days, ranges in draw(overrides).items()}
    )


@st.composite
def calendars_of(draw: st.DrawFn, frame: TimeFrame) -> Calendar:
    busy = draw(busy_times(frame))
    hours = draw(working_hours(frame.start_date)) if draw(either) else None
    return Calendar(busy, hours, readable=draw(up_to(9)) > 0)


def prepared(calendar: Calendar, how: str) -> Calendar:
    """The same calendar, with none, all, or some of its busy times in an index that has been stored."""
    if how == "raw":
        return calendar
    if how == "index":
        return replace(calendar, busy=(), index=BusyIndex.of(calendar.busy))
    stored = BusyIndex.of(calendar.busy[:2]).to_bytes()
    return replace(calendar, busy=calendar.busy[1:], index=BusyIndex.from_bytes(stored))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A search with its calendars; requirements share candidates more often than not.

    Half of them ask in quarter hours only, so that the engine may count in coarse cells.
    """
    step = 15 if draw(either) else 5
    frame = draw(frames(step))
    search = SlotSearch(
        frame=frame,
        duration=draw(minutes(step, 120, step)),
        spacing=draw(minutes(step, 60, step)),
        requirements=tuple(draw(requirements)),
        notice=draw(notices),
        buffer_before=draw(buffers(step)),
        buffer_after=draw(buffers(step)),
    )
    calendars = {who: draw(calendars_of(frame)) for who in PEOPLE}
    # An index is exact wherever offsets are multiples of 5 minutes; the clocks of St John's once changed at 00:01.
    ways = only_raw if frame.time_zone == "America/St_Johns" else any_way
    mixed = {who: prepared(calendar, draw(ways)) for who, calendar in calendars.items()}
    now = midnight(frame) + timedelta(seconds=draw(seconds_of_now))
    return Case(search, calendars, mixed, now)
