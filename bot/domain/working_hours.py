"""A Team member's working hours: ranges by weekday in the member's own zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time

from bot.domain.timeframe import WORKDAYS, TimeRange, Weekday


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """A weekday that is missing is a day off. Immutable; equal hours compare and hash equal."""

    time_zone: str
    weekly: tuple[tuple[Weekday, tuple[TimeRange, ...]], ...]

    @classmethod
    def of(cls, time_zone: str, weekly: Mapping[Weekday, tuple[TimeRange, ...]]) -> WorkingHours:
        return cls(time_zone, tuple(sorted(weekly.items())))


def default_working_hours(time_zone: str) -> WorkingHours:
    """Mon-Fri 09:00-17:00, for whoever has set none."""
    office = (TimeRange(time(9), time(17)),)
    return WorkingHours.of(time_zone, dict.fromkeys(WORKDAYS, office))
