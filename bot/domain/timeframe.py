"""The time frame: dates, weekdays and times of day in a zone, turned into instants.

The only place that deals with clock changes (product.md section 5, steps 1 and 2).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from enum import IntEnum


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


@dataclass(frozen=True, slots=True)
class TimeFrame:
    """When the Customer may choose: inclusive local dates, weekdays, ranges, and an IANA zone name."""

    start_date: date
    end_date: date
    weekdays: frozenset[Weekday]
    time_ranges: tuple[TimeRange, ...]
    time_zone: str
