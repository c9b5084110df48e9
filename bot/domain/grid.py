"""The grid of a time frame, prepared for counting: every start that could be offered is one bit.

A frame's grid is kept between calls, because people change participants, notice and buffers more often than dates.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import compress, groupby, repeat
from operator import add

from bot.domain.cells import COARSE, FINE, Cells, laid_out, reversed_flags
from bot.domain.intervals import EPOCH, Interval
from bot.domain.timeframe import TimeFrame, spans
from bot.domain.working_hours import WorkingHours

_SECOND = timedelta(seconds=1)
_TEETH = 288
"""How many starts a comb has at most: as many multiples of the spacing are made in advance."""

Comb = tuple[int, int, int]
"""Starts a spacing apart: the first one in seconds since 1970, its bit, and how many there are."""


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Starts as bits: bit `i` of `starts` is the start `origin + i` cells, and bit 0 is set.

    `first` is the number of the origin's cell. `is_aligned` is False in zones of the past whose offset was no multiple
    of 5 minutes: their starts lie between the boundaries of cells, and cells are then counted from the origin.
    """

    cells: Cells
    origin: datetime
    first: int
    is_aligned: bool
    starts: int
    combs: tuple[Comb, ...]
    """The same starts by window; long windows have several."""
    spacing: timedelta

    @property
    def width(self) -> int:
        return self.starts.bit_length()

    def open_starts(self, now: datetime, notice: timedelta) -> int:
        """The starts that can still be offered: later than now, and not earlier than now + notice."""
        passed = now - self.origin
        floor = self.cells.floor
        skipped = max(0, floor(passed) + 1, -floor(-passed - notice))
        return self.starts >> skipped << skipped

    def instants(self, starts: int) -> list[datetime]:
        """Some of the grid's starts as instants (UTC), in order."""
        found: list[datetime] = []
        elapsed, step = _elapsed(self.spacing), self.cells.count(self.spacing)
        row = reversed_flags(starts)
        for first_s, at, number in self.combs:
            wanted = row[~at : ~(at + number * step) : -step]
            # All in C, and adding prepared lengths of time is several times as fast as making each one.
            found.extend(map(add, repeat(EPOCH + timedelta(0, first_s)), compress(elapsed, wanted)))
        return found

    def last(self) -> datetime:
        return self.origin + (self.width - 1) * self.cells.length


@lru_cache(maxsize=16)
def _elapsed(spacing: timedelta) -> tuple[timedelta, ...]:
    """The lengths of 0, 1, … spacings."""
    return tuple(number * spacing for number in range(_TEETH))


@lru_cache(maxsize=64)
def grids(frame: TimeFrame, duration: timedelta, spacing: timedelta, cells: Cells) -> tuple[Grid, ...]:
    """The frame's grid in order of time: one piece, or none, or several where the zone's offset was not yet round.

    `duration` and `spacing` are multiples of the cells; where windows do not begin on a boundary, fine ones are taken.
    """
    duration_s, spacing_s = duration // _SECOND, spacing // _SECOND
    offered = [
        (start, (room - duration_s) // spacing_s + 1)
        for start, end in spans(frame)
        if (room := end - start) >= duration_s
    ]
    if any(start % COARSE.seconds for start, _ in offered):
        cells = FINE
    if len({start % cells.seconds for start, _ in offered}) < 2:
        return (_grid(offered, spacing, cells),) if offered else ()
    pieces = groupby(offered, key=lambda offer: offer[0] % cells.seconds)
    return tuple(_grid(list(piece), spacing, cells) for _, piece in pieces)


def _grid(offered: list[tuple[int, int]], spacing: timedelta, cells: Cells) -> Grid:
    """A grid from (first start, number of starts) of each window, all of them whole cells apart."""
    origin_s, step, cell_s = offered[0][0], cells.count(spacing), cells.seconds
    combs = []
    for start_s, number in offered:
        while number > _TEETH:
            combs.append((start_s, (start_s - origin_s) // cell_s, _TEETH))
            start_s, number = start_s + _TEETH * step * cell_s, number - _TEETH
        combs.append((start_s, (start_s - origin_s) // cell_s, number))
    teeth = {number: _comb(number, step) for number in {number for _, _, number in combs}}
    return Grid(
        cells=cells,
        origin=EPOCH + timedelta(0, origin_s),
        first=origin_s // cell_s,
        is_aligned=origin_s % cell_s == 0,
        starts=laid_out((at, teeth[number]) for _, at, number in combs),
        combs=tuple(combs),
        spacing=spacing,
    )


def _comb(number: int, step: int) -> int:
    """Every `step`-th bit, `number` of them: a geometric series."""
    return ((1 << number * step) - 1) // ((1 << step) - 1)


@lru_cache(maxsize=256)
def at_work(hours: WorkingHours, grid: Grid, duration: timedelta) -> int:
    """The starts whose meeting lies within the working hours. Kept, because most people share a few sets of hours."""
    inside = []
    origin_s, cell_s = (grid.origin - EPOCH) // _SECOND, grid.cells.seconds
    for start, end in hours.spans(Interval(grid.origin, grid.last() + duration)):
        first = max(0, -((origin_s - start) // cell_s))
        number = (end - origin_s) // cell_s - grid.cells.count(duration) + 1 - first
        if number > 0:
            inside.append((first, (1 << number) - 1))
    return grid.starts & laid_out(inside)
