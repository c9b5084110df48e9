"""A Team member's working hours: ranges by weekday in the member's own zone, and other ones on single dates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import lru_cache

from bot.domain.intervals import Interval, Span, interval_of
from bot.domain.timeframe import WORKDAYS, TimeRange, Weekday, wall_clock_spans, zone


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """A weekday that is missing is a day off. `overrides` are dates with ranges of their own instead of the
    weekday's: without any, a day off. Immutable; equal hours compare and hash equal.

    Raises ValueError, the field's name first.
    """

    time_zone: str
    weekly: tuple[tuple[Weekday, tuple[TimeRange, ...]], ...]
    overrides: tuple[tuple[date, tuple[TimeRange, ...]], ...] = ()

    def __post_init__(self) -> None:
        zone(self.time_zone)
        if len({weekday for weekday, _ in self.weekly}) < len(self.weekly):
            raise ValueError("weekly: a weekday is given twice")
        if len({day for day, _ in self.overrides}) < len(self.overrides):
            raise ValueError("overrides: a date is given twice")

    @classmethod
    def of(
        cls,
        time_zone: str,
        weekly: Mapping[Weekday, tuple[TimeRange, ...]],
        overrides: Mapping[date, tuple[TimeRange, ...]] | None = None,
    ) -> WorkingHours:
        by_date = sorted((overrides or {}).items(), key=lambda override: override[0])
        return cls(time_zone, tuple(sorted(weekly.items(), key=lambda day: day[0])), tuple(by_date))

    def windows(self, span: Interval) -> tuple[Interval, ...]:
        """The hours as merged instants in UTC: complete within `span`, and perhaps some outside it."""
        return tuple(map(interval_of, self.spans(span)))

    def spans(self, span: Interval) -> list[Span]:
        """`windows` as pairs, for the engine."""
        tz = zone(self.time_zone)
        # A range may have begun the day before, and clocks may have skipped a whole day.
        first = span.start.astimezone(tz).date() - timedelta(days=2)
        last = span.end.astimezone(tz).date() + timedelta(days=1)
        return wall_clock_spans(dict(self.weekly), first, last, tz, self.overrides)


@lru_cache(maxsize=64)
def default_working_hours(time_zone: str) -> WorkingHours:
    """Mon-Fri 09:00-17:00, for whoever has set none."""
    office = (TimeRange(time(9), time(17)),)
    return WorkingHours.of(time_zone, dict.fromkeys(WORKDAYS, office))
