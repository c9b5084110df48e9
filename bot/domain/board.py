"""The board: calendars laid over a grid, so that a few `&` and `|` answer for all starts at once.

A start is blocked for somebody iff its footprint meets a busy cell, or the meeting lies outside working hours.
A pool is answered in two steps. The cells that are busy for *all* its candidates rule starts out for good; then
candidate after candidate is asked, until none of the remaining starts lacks anybody, which is soon.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import compress

from bot.domain.cells import bits_at, flags, positions, spread
from bot.domain.grid import Grid, at_work, grids
from bot.domain.ids import ResourceId
from bot.domain.matching import can_fill, seats_in_want
from bot.domain.search import Calendar, Requirement, SlotSearch
from bot.domain.working_hours import WorkingHours

Group = Sequence[Requirement]
"""Requirements that share candidates, so that one person could be wanted twice."""


def boards(search: SlotSearch, calendars: Mapping[ResourceId, Calendar], now: datetime) -> Iterator[Board]:
    """A board for each piece of the frame's grid, in order of time.

    Raises ValueError where a candidate has no calendar in `calendars`.
    """
    search.require(calendars)
    for grid in grids(search.frame, search.duration, search.spacing, search.cells):
        yield Board(search, calendars, grid, now)


class Board:
    """One grid with the calendars over it. Starts are bits: bit `i` is the grid's start `i - offset`.

    Bit `i` of a row of busy cells is the first cell of the footprint that belongs to start `i`.
    """

    def __init__(self, search: SlotSearch, calendars: Mapping[ResourceId, Calendar], grid: Grid, now: datetime) -> None:
        self._search = search
        self._calendars = calendars
        self._grid = grid
        cells = grid.cells
        before = cells.count(search.buffer_before)
        self._reach = before + cells.count(search.duration + search.buffer_after)
        lowest = grid.first - before
        self._base = lowest // cells.block * cells.block
        self._offset = lowest - self._base
        self._zero = grid.origin - (grid.first - self._base) * cells.length
        self._width = self._offset + grid.width + self._reach
        self._rows: dict[ResourceId, int] = {}
        self._off: dict[int, int] = {}
        self.offered = self._open(now, search.notice)
        """The starts of the grid that lie far enough in the future."""
        self.groups = _groups(search.requirements)

    def too_soon(self, now: datetime) -> int:
        """The starts that lie in the future, but not far enough."""
        return self._open(now, timedelta()) ^ self.offered

    def _open(self, now: datetime, notice: timedelta) -> int:
        return self._grid.open_starts(now, notice) << self._offset

    def instants(self, starts: int) -> list[datetime]:
        """Starts as instants (UTC), in order."""
        return self._grid.instants(starts >> self._offset)

    def bookable(self, among: int) -> int:
        """Those of some starts at which every requirement can have somebody of its own."""
        starts = among
        for group in self.groups:
            if not starts:
                break
            starts = self.filled(group, starts)
        return starts

    def filled(self, group: Group, among: int) -> int:
        """Those of some starts at which every requirement of the group can have somebody of its own."""
        size = len(group)
        possible = certain = among
        for requirement in group:
            crowds = self._crowds(requirement, possible, size)
            possible &= crowds[0]
            certain &= crowds[-1]  # as many free candidates as there are seats in the group: it cannot come short
        if certain == possible:
            return certain
        doubtful = self._seatings(group, possible ^ certain)
        rescued = [at for seats, starts in doubtful.items() if can_fill(seats) for at in starts]
        return certain | bits_at(rescued, self._width)

    def gains(self, group: Group, failing: int) -> Iterator[tuple[ResourceId, int]]:
        """How many of the starts at which the group fails it would fill if one resource were free: for each one.

        A resource may come several times, and what it would not bring after all is taken off.
        """
        if not failing:
            return
        if len(group) == 1:
            number = failing.bit_count()
            yield from ((resource, number) for resource in group[0])
            return
        wanted: dict[frozenset[int], int] = defaultdict(int)
        for seats, starts in self._seatings(group, failing).items():
            in_want = seats_in_want(seats)
            wanted[in_want] += len(starts)
            # Whoever is free already would bring nothing, and those are few.
            free_already = {resource for seat in in_want for resource in seats[seat]}
            yield from ((resource, -len(starts)) for resource in free_already)
        for in_want, number in wanted.items():
            helpful = {resource for seat in in_want for resource in group[seat]}
            yield from ((resource, number) for resource in helpful)

    def _crowds(self, candidates: Requirement, among: int, most: int) -> list[int]:
        """Those of some starts at which at least 1, 2, … `most` of the candidates are free."""
        readable = [resource for resource in candidates if self._calendars[resource].readable]
        among = self._not_ruled_out(readable, among)
        lacking = [among] * most  # at least 1, 2, … candidates are not (yet) found free
        for resource in readable:
            if not lacking[-1]:
                break
            blocked = self._blocked(resource)
            for number in range(most - 1, 0, -1):
                lacking[number] &= lacking[number - 1] | blocked
            lacking[0] &= blocked
        return [among ^ starts for starts in lacking]

    def _not_ruled_out(self, readable: Sequence[ResourceId], among: int) -> int:
        """Those of some starts that no cell blocks for all the candidates alike."""
        if len(readable) < 2:
            return among
        common = -1
        for resource in readable:
            common &= self._row(resource)
            if not common:
                return among
        return among ^ (among & spread(common, self._reach))

    def _blocked(self, resource: ResourceId) -> int:
        """The starts at which a readable resource cannot take part."""
        blocked = spread(self._row(resource), self._reach)
        hours = self._calendars[resource].working_hours
        return blocked if hours is None else blocked | self._outside(hours)

    def _outside(self, hours: WorkingHours) -> int:
        """The starts at which a meeting would not lie within the working hours."""
        # By identity, because most people share a few sets of hours, and to hash one takes longer than to use it.
        off = self._off.get(id(hours))
        if off is None:
            off = (self._grid.starts ^ at_work(hours, self._grid, self._search.duration)) << self._offset
            self._off[id(hours)] = off
        return off

    def _row(self, resource: ResourceId) -> int:
        """The cells at which a resource is busy, and up to a day more after the last that matters."""
        row = self._rows.get(resource)
        if row is None:
            calendar = self._calendars[resource]
            busy, index, row = calendar.busy, calendar.index, 0
            if index is not None:
                if self._grid.is_aligned:
                    row = index.row(self._grid.cells, self._base, self._width)
                else:
                    busy += index.intervals()
            if busy:
                row |= self._grid.cells.touched(busy, self._zero, self._width)
            self._rows[resource] = row
        return row

    def _seatings(self, group: Group, among: int) -> Mapping[tuple[Requirement, ...], Sequence[int]]:
        """Some starts by who of each requirement's candidates is free at them."""
        where = positions(among)
        everybody = sorted({resource for requirement in group for resource in requirement})
        rows = []
        for resource in everybody:
            free = among & ~self._blocked(resource) if self._calendars[resource].readable else 0
            rows.append(bytes(map(flags(free, self._width).__getitem__, where)) if free else bytes(len(where)))
        found: dict[tuple[int, ...], list[int]] = defaultdict(list)
        for at, pattern in zip(where, zip(*rows, strict=True), strict=True):
            found[pattern].append(at)
        members = [frozenset(requirement) for requirement in group]
        seatings = {}
        for pattern, starts in found.items():
            present = tuple(compress(everybody, pattern))
            seats = tuple(tuple(filter(candidates.__contains__, present)) for candidates in members)
            seatings[seats] = starts
        return seatings


@lru_cache(maxsize=256)
def _groups(requirements: tuple[Requirement, ...]) -> tuple[Group, ...]:
    """The requirements in groups that share no candidate, small groups first; each candidate named once."""
    named = [tuple(dict.fromkeys(requirement)) for requirement in requirements]
    if len(named) == 1:
        return (named,)
    if sum(map(len, named)) == len(set().union(*named)):
        groups: list[list[Requirement]] = [[requirement] for requirement in named]
    else:
        groups = []
        for requirement in named:
            apart, together = [], [requirement]
            for group in groups:
                if any(not set(requirement).isdisjoint(other) for other in group):
                    together += group
                else:
                    apart.append(group)
            groups = [*apart, together]
    return tuple(sorted(groups, key=lambda group: sum(map(len, group))))
