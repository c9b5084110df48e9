"""Seeded searches of four sizes: office hours in New York with a clock change inside every frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from bot.domain.cells import BusyIndex
from bot.domain.ids import ResourceId
from bot.domain.intervals import Interval
from bot.domain.slots import Calendar, SlotSearch
from bot.domain.timeframe import WORKDAYS, TimeFrame, TimeRange

SEED = 2027
ZONE = "America/New_York"
CLOCK_CHANGE = date(2027, 3, 14)
DENSER = 6


@dataclass(frozen=True)
class Workload:
    """A search, its calendars as raw busy intervals, as index values and as stored indexes, and a `now` before it."""

    name: str
    search: SlotSearch
    raw: Mapping[ResourceId, Calendar]
    indexed: Mapping[ResourceId, Calendar]
    stored: Mapping[ResourceId, bytes]
    now: datetime


@dataclass(frozen=True)
class Size:
    """How many candidates each requirement has, and how much is going on."""

    name: str
    pools: tuple[int, ...]
    days: int
    busy: int
    shares: bool = False
    """Whether a quarter of the busy times is shared by all calendars, so that nobody of a pool is free then."""
    dense: bool = False


S = Size("S", (1,), 14, 40)
M = Size("M", (1,) * 6, 60, 300)
L = Size("L", (50, 20), 90, 500, shares=True)
L_DENSE = Size("L dense", (50, 20), 90, 500, shares=True, dense=True)
XL = Size("XL", (500,), 365, 2_000, shares=True)
XL_DENSE = Size("XL dense", (500,), 365, 2_000, shares=True, dense=True)


def workload(size: Size) -> Workload:
    """The same every time."""
    random = Random(SEED)
    first_day = CLOCK_CHANGE - timedelta(days=size.days // 2)
    days = [first_day + timedelta(days=number) for number in range(size.days)]
    workdays = [day for day in days if day.weekday() in WORKDAYS]

    def busy(number: int) -> list[Interval]:
        return [_busy(random, random.choice(workdays), DENSER if size.dense else 1) for _ in range(number)]

    requirements = tuple(
        tuple(ResourceId(f"{requirement}-{number}") for number in range(candidates))
        for requirement, candidates in enumerate(size.pools)
    )
    common = busy(size.busy // 4) if size.shares else []
    calendars = {}
    for requirement in requirements:
        for resource in requirement:
            own = [*common, *busy(size.busy - len(common))]
            random.shuffle(own)
            calendars[resource] = tuple(own)
    indexes = {resource: BusyIndex.of(intervals) for resource, intervals in calendars.items()}
    return Workload(
        name=size.name,
        search=SlotSearch(
            frame=TimeFrame(days[0], days[-1], WORKDAYS, (TimeRange(time(9), time(17)),), ZONE),
            duration=timedelta(minutes=30),
            spacing=timedelta(minutes=15),
            requirements=requirements,
        ),
        raw={resource: Calendar(intervals) for resource, intervals in calendars.items()},
        indexed={resource: Calendar(index=index) for resource, index in indexes.items()},
        stored={resource: index.to_bytes() for resource, index in indexes.items()},
        now=datetime.combine(first_day, time(), UTC) - timedelta(days=1),
    )


def _busy(random: Random, day: date, longer: int) -> Interval:
    """Between 08:00 and 18:00 on a raster of 15 minutes, 15 to 60 minutes long (or `longer` times that)."""
    start = datetime.combine(day, time(8), ZoneInfo(ZONE)).astimezone(UTC) + random.randrange(40) * timedelta(
        minutes=15
    )
    return Interval(start, start + random.randint(1, 4) * longer * timedelta(minutes=15))
