"""The slot engine: which starts can be booked (product.md section 5).

`is_free` and `matching` say for one start what a slot is; `Board` says the same of all starts at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.domain.board import boards
from bot.domain.grid import grids
from bot.domain.ids import ResourceId
from bot.domain.intervals import Interval
from bot.domain.search import Calendar, Requirement, Slots, SlotSearch

__all__ = [
    "Calendar",
    "Requirement",
    "SlotSearch",
    "Slots",
    "available_slots",
    "count_slots",
    "is_free",
    "last_start",
]


def available_slots(search: SlotSearch, calendars: Mapping[ResourceId, Calendar], now: datetime) -> Slots:
    """Every start that can be booked. Raises ValueError where a candidate has no calendar in `calendars`."""
    starts: list[datetime] = []
    for board in boards(search, calendars, now):
        starts.extend(board.instants(board.bookable(board.offered)))
    return Slots(tuple(starts), search.unreadable(calendars))


def count_slots(search: SlotSearch, calendars: Mapping[ResourceId, Calendar], now: datetime) -> int:
    """How many starts can be booked: the live number. Raises as `available_slots`."""
    return sum(board.bookable(board.offered).bit_count() for board in boards(search, calendars, now))


def last_start(search: SlotSearch) -> datetime | None:
    """The last start of the grid, busy or not (UTC); None where the frame has no room for any."""
    pieces = grids(search.frame, search.duration, search.spacing, search.cells)
    return pieces[-1].last() if pieces else None


def is_free(calendar: Calendar, search: SlotSearch, start: datetime) -> bool:
    """Whether one resource could take part at this start."""
    if not calendar.readable:
        return False
    footprint = search.footprint(start)
    if any(footprint.overlaps(busy) for busy in calendar.busy):
        return False
    if calendar.index and calendar.index.overlaps(footprint):
        return False
    meeting = Interval(start, start + search.duration)
    hours = calendar.working_hours
    return hours is None or any(window.contains(meeting) for window in hours.windows(meeting))
