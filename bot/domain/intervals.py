"""Half-open intervals of instants, `[start, end)`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Moment = TypeVar("Moment", int, datetime)


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """`[start, end)`, both aware; `start < end`."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.utcoffset() is None or self.end.utcoffset() is None:
            raise ValueError("an interval needs instants with a UTC offset")
        if self.end <= self.start:
            raise ValueError("an interval ends after its start")

    @property
    def duration(self) -> timedelta:
        return self.end - self.start

    def overlaps(self, other: Interval) -> bool:
        """Whether they share an instant. Touching is not overlapping."""
        return self.start < other.end and other.start < self.end

    def contains(self, other: Interval) -> bool:
        return self.start <= other.start and other.end <= self.end


Span = tuple[int, int]
"""The start and end of what is no interval yet, in seconds since `EPOCH`."""


def interval_of(span: Span) -> Interval:
    """The span in UTC. Raises ValueError where it does not end after its start."""
    start, end = span
    return Interval(EPOCH + timedelta(seconds=start), EPOCH + timedelta(seconds=end))


def merge(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """The same instants as few, sorted intervals: overlapping and touching ones become one."""
    return tuple(Interval(start, end) for start, end in merged((each.start, each.end) for each in intervals))


def merged(pairs: Iterable[tuple[Moment, Moment]]) -> list[tuple[Moment, Moment]]:
    """`merge` for pairs of start and end."""
    found: list[tuple[Moment, Moment]] = []
    latest = None
    for start, end in sorted(pairs):
        if latest is None or start > latest:
            found.append((start, end))
            latest = end
        elif end > latest:
            found[-1] = (found[-1][0], end)
            latest = end
    return found
