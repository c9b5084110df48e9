"""The grid of a time frame, prepared for counting: every start that could be offered is one bit.

A frame's grid is kept between calls, because people change participants, notice and buffers more often than dates.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import compress, groupby, repeat
from operator import add

from bot.domain.cells import CELL, CELL_S, EPOCH, cell_count, flags, floor, laid_out
from bot.domain.intervals import Interval
from bot.domain.timeframe import TimeFrame, spans, starts_in
from bot.domain.working_hours import WorkingHours

_PREPARED = 288
"""How many multiples of a spacing are made in advance, to be added to the first start of a window."""


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
    combs: tuple[tuple[datetime, int, int], ...]
    """The same starts by window: the first one, its bit, and how many there are, a `spacing` apart."""
    spacing: timedelta

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
        elapsed, step = _elapsed(self.spacing), cell_count(self.spacing)
        row = flags(starts, self.width)
        for first, at, number in self.combs:
            wanted = row[at : at + number * step : step]
            for skipped in range(0, number, _PREPARED):
                begins = first + skipped * self.spacing if skipped else first
                # All in C, and adding prepared lengths of time is several times as fast as making each one.
                found.extend(map(add, repeat(begins), compress(elapsed, wanted[skipped : skipped + _PREPARED])))
        return found

    def last(self) -> datetime:
        return self.origin + (self.width - 1) * CELL


@lru_cache(maxsize=16)
def _elapsed(spacing: timedelta) -> tuple[timedelta, ...]:
    """The lengths of 0, 1, … spacings."""
    return tuple(number * spacing for number in range(_PREPARED))


@lru_cache(maxsize=64)
def grids(frame: TimeFrame, duration: timedelta, spacing: timedelta) -> tuple[Grid, ...]:
    """The frame's grid in order of time: one piece, or none, or several where the zone's offset was not yet round."""
    offered = [(start, n) for start, end in spans(frame) if (n := starts_in(end - start, duration, spacing))]
    pieces = groupby(offered, key=lambda offer: (offer[0] - EPOCH).seconds % CELL_S)
    return tuple(_grid(list(piece), spacing) for _, piece in pieces)


def _grid(offered: list[tuple[datetime, int]], spacing: timedelta) -> Grid:
    """A grid from (first start, number of starts) of each window, all on the same raster of 5 minutes."""
    origin = offered[0][0]
    since_epoch = origin - EPOCH
    combs = tuple((start, floor(start - origin), number) for start, number in offered)
    teeth = {number: _comb(number, cell_count(spacing)) for _, number in offered}
    return Grid(
        origin=origin,
        first=floor(since_epoch),
        is_aligned=since_epoch.seconds % CELL_S == 0,
        starts=laid_out((at, teeth[number]) for _, at, number in combs),
        combs=combs,
        spacing=spacing,
    )


def _comb(number: int, step: int) -> int:
    """Every `step`-th bit, `number` of them: a geometric series."""
    return ((1 << number * step) - 1) // ((1 << step) - 1)


@lru_cache(maxsize=256)
def at_work(hours: WorkingHours, grid: Grid, duration: timedelta) -> int:
    """The starts whose meeting lies within the working hours. Kept, because most people share a few sets of hours."""
    inside = []
    for start, end in hours.spans(Interval(grid.origin, grid.last() + duration)):
        first = max(0, -floor(grid.origin - start))
        number = floor(end - grid.origin) - cell_count(duration) + 1 - first
        if number > 0:
            inside.append((first, (1 << number) - 1))
    return grid.starts & laid_out(inside)
