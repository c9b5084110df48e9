"""Which slots to list in the email itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from itertools import groupby

from bot.domain.timeframe import zone

PROPOSED_DAYS = 3
_NOON = time(12)


def propose(starts: Sequence[datetime], duration: timedelta, time_zone: str) -> tuple[datetime, ...]:
    """Up to 6 starts: on the earliest three days that have any, the earliest before and the earliest from 12:00.

    Days and noon are those of `time_zone`. Nothing proposed overlaps: where the earliest would, the next one that
    does not is taken.
    """
    tz = zone(time_zone)
    days = groupby(sorted(starts), key=lambda start: start.astimezone(tz).date())
    proposed: list[datetime] = []
    for _, (_, day) in zip(range(PROPOSED_DAYS), days, strict=False):
        halves = groupby(day, key=lambda start: start.astimezone(tz).time() >= _NOON)
        for _, half in halves:
            earliest = next((start for start in half if not proposed or start >= proposed[-1] + duration), None)
            if earliest is not None:
                proposed.append(earliest)
    return tuple(proposed)
