"""The grid of a time frame, prepared for counting: every start that could be offered is one bit.

A frame's grid is kept between calls, because people change participants, notice and buffers more often than dates.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import groupby

from bot.domain.cells import CELL, CELL_S, EPOCH, PER_DAY, cell_count, floor, laid_out, positions
from bot.domain.intervals import Interval
from bot.domain.timeframe import TimeFrame, starts_in, windows
from bot.domain.working_hours import WorkingHours


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Starts as bits: bit `i` of `starts` is the start `origin + i` cells, and bit 0 is set.

    `first` is the number of the origin's cell. `is_aligned` is False in zones of the past whose offset was no multiple
    of 5 minutes: their starts lie between the boundaries of cells, and cells are then counted from the origin.
    """

    origin: datetime
    first: int
    is_aligned: bool
    starts: int

    @property
    def width(self) -> int:
        return self.starts.bit_length()

    def open_starts(self, now: datetime, notice: timedelta) -> int:
        """The starts that can still be offered: later than now, and not earlier than now + notice."""
        passed = now - self.origin
        skipped = max(0, floor(passed) + 1, -floor(-passed - notice))
        return self.starts >> skipped << skipped

    def instants(self, starts: int) -> list[datetime]:
        """Some of the grid's starts as instants (UTC), in order."""
        found: list[datetime] = []
        elapsed = _elapsed()  # adding prepared lengths of time is several times as fast as making each one
        day, day_begins = 0, self.origin
        for at in positions(starts):
            if at // PER_DAY != day:
                day = at // PER_DAY
                day_begins = self.origin + timedelta(days=day)
            found.append(day_begins + elapsed[at % PER_DAY])
        return found

    def last(self) -> datetime:
        return self.origin + (self.width - 1) * CELL


@lru_cache(maxsize=1)
def _elapsed() -> tuple[timedelta, ...]:
    """The lengths of 0, 1, … cells, of one day."""
    return tuple(cell * CELL for cell in range(PER_DAY))


@lru_cache(maxsize=64)
def grids(frame: TimeFrame, duration: timedelta, spacing: timedelta) -> tuple[Grid, ...]:
    """The frame's grid in order of time: one piece, or none, or several where the zone's offset was not yet round."""
    offered = [(window.start, n) for window in windows(frame) if (n := starts_in(window, duration, spacing))]
    pieces = groupby(offered, key=lambda offer: (offer[0] - EPOCH).seconds % CELL_S)
    return tuple(_grid(list(piece), cell_count(spacing)) for _, piece in pieces)


def _grid(offered: list[tuple[datetime, int]], step: int) -> Grid:
    """A grid from (first start, number of starts) of each window, all on the same raster of 5 minutes."""
    origin = offered[0][0]
    since_epoch = origin - EPOCH
    combs = [(floor(start - origin), _comb(number, step)) for start, number in offered]
    return Grid(
        origin=origin,
        first=floor(since_epoch),
        is_aligned=since_epoch.seconds % CELL_S == 0,
        starts=laid_out(combs),
    )


def _comb(number: int, step: int) -> int:
    """Every `step`-th bit, `number` of them: a geometric series."""
    return ((1 << number * step) - 1) // ((1 << step) - 1)


@lru_cache(maxsize=256)
def at_work(hours: WorkingHours, grid: Grid, duration: timedelta) -> int:
    """The starts whose meeting lies within the working hours. Kept, because most people share a few sets of hours."""
    inside = []
    for window in hours.windows(Interval(grid.origin, grid.last() + duration)):
        first = max(0, -floor(grid.origin - window.start))
        number = floor(window.end - grid.origin) - cell_count(duration) + 1 - first
        if number > 0:
            inside.append((first, (1 << number) - 1))
    return grid.starts & laid_out(inside)
