"""Time cut into cells of 5 minutes, and sets of cells as one Python integer, a bit for each cell.

Cells are counted from 1970-01-01T00:00Z. An integer's bit `i` stands for cell `base + i`; every `base` is a multiple
of `BLOCK`, so that most integers that meet have the same one and need no shifting. Busy times are rounded outward,
which loses nothing as long as everything they are compared with begins and ends on a cell's boundary.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import groupby

from bot.domain.intervals import EPOCH, Interval
from bot.domain.timeframe import RASTER

CELL = RASTER
CELL_S = 300
PER_DAY = 288
BLOCK = 28 * PER_DAY

_WHOLE_DAY = (1 << PER_DAY) - 1
_DAY_BYTES = PER_DAY // 8
_DIGIT_VALUES = bytes.maketrans(b"01b", b"\x00\x01\x00")
_FORMAT = b"\x01"
_BASE_BYTES = 4


def cell_count(length: timedelta) -> int:
    """A length that is a multiple of 5 minutes, in cells."""
    return length // CELL


def floor(elapsed: timedelta) -> int:
    """The number of whole cells in a length of time, rounded down, also below zero.

    >>> floor(timedelta(minutes=7)), floor(timedelta(minutes=-7))
    (1, -2)
    """
    return elapsed.days * PER_DAY + elapsed.seconds // CELL_S


def touched(intervals: Iterable[Interval], zero: datetime, width: int) -> int:
    """The cells that any interval touches: `width` of them, the first one beginning at `zero`."""
    days = [0] * (width // PER_DAY + 1)
    beyond, whole = len(days), len(days) * PER_DAY * CELL
    from_cell, to_cell = _parts_of_a_day()
    tick = timedelta.resolution
    last_tick = zero + tick  # an end lies just outside: the last cell touched is that of the tick before it
    # This loop sees every busy time of every calendar: it reads each attribute once and adds no function call.
    for interval in intervals:
        since, until = interval.start - zero, interval.end - last_tick
        day, last = since.days, until.days
        if day < 0 or last >= beyond:
            if last < 0 or day >= beyond:
                continue
            since, until = max(since, timedelta()), min(until, whole - tick)
            day, last = since.days, until.days
        if day == last:
            days[day] |= from_cell[since.seconds // CELL_S] & to_cell[until.seconds // CELL_S]
        else:
            days[day] |= from_cell[since.seconds // CELL_S]
            days[last] |= to_cell[until.seconds // CELL_S]
            if last - day > 1:
                days[day + 1 : last] = [_WHOLE_DAY] * (last - day - 1)
    row = b"".join([day.to_bytes(_DAY_BYTES, "little") for day in days])
    return int.from_bytes(row, "little") & (1 << width) - 1


@lru_cache(maxsize=1)
def _parts_of_a_day() -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The cells of a day from each one on, and those up to each one."""
    return (
        tuple(_WHOLE_DAY >> cell << cell for cell in range(PER_DAY)),
        tuple((2 << cell) - 1 for cell in range(PER_DAY)),
    )


def laid_out(pieces: Iterable[tuple[int, int]]) -> int:
    """Bits put at positions ≥ 0: pairs (position, bits), by position and without overlap."""
    bits, position = 0, 0
    for at, piece in reversed(tuple(pieces)):
        bits = (bits << position - at if bits else 0) | piece
        position = at
    return bits << position


def spread(bits: int, cells: int) -> int:
    """Bit `i` is set iff any of the bits `i` to `i + cells - 1` was: the starts whose footprint meets a busy cell."""
    reach = 1
    while reach < cells:
        step = min(reach, cells - reach)
        bits |= bits >> step
        reach += step
    return bits


def flags(bits: int, width: int) -> bytes:
    """The lowest `width` bits, lowest first, as bytes of value 0 and 1."""
    return reversed_flags(bits | 1 << width)[: -width - 1 : -1]


def reversed_flags(bits: int) -> bytes:
    """All bits as bytes of value 0 and 1, the lowest one last; before the highest one there are some zeros."""
    return bin(bits).encode().translate(_DIGIT_VALUES)


def positions(bits: int) -> list[int]:
    """Which bits are set, in order."""
    digits = bin(bits)[:1:-1]
    found: list[int] = []
    at = digits.find("1")
    while at >= 0:
        found.append(at)
        at = digits.find("1", at + 1)
    return found


def bits_at(where: Iterable[int], width: int) -> int:
    """The bits at some positions below `width`."""
    row = bytearray(b"0") * (width + 1)
    for at in where:
        row[width - at] = ord("1")
    return int(row, 2)


@dataclass(frozen=True, slots=True)
class BusyIndex:
    """One calendar's busy times as cells, to be kept beside them: made once, when the calendar is read."""

    base: int = 0
    bits: int = 0

    @classmethod
    def of(cls, intervals: Iterable[Interval]) -> BusyIndex:
        """The cells that the intervals touch, in any order, overlapping or not."""
        intervals = tuple(intervals)
        if not intervals:
            return cls()
        base = floor(min(interval.start for interval in intervals) - EPOCH) // BLOCK * BLOCK
        width = floor(max(interval.end for interval in intervals) - EPOCH) + 1 - base
        return cls(base, touched(intervals, EPOCH + base * CELL, width))

    def to_bytes(self) -> bytes:
        """Some 36 bytes a day, from the first busy day to the last."""
        size = (self.bits.bit_length() + 7) // 8
        block = self.base // BLOCK
        return _FORMAT + block.to_bytes(_BASE_BYTES, "little", signed=True) + self.bits.to_bytes(size, "little")

    @classmethod
    def from_bytes(cls, stored: bytes) -> BusyIndex:
        """What `to_bytes` gave. Raises ValueError for anything of another format."""
        head = len(_FORMAT) + _BASE_BYTES
        if len(stored) < head or not stored.startswith(_FORMAT):
            raise ValueError("not an index of busy times, or one of another version")
        block = int.from_bytes(stored[len(_FORMAT) : head], "little", signed=True)
        return cls(block * BLOCK, int.from_bytes(stored[head:], "little"))

    def row(self, base: int, width: int) -> int:
        """The bits from cell `base` on: `width` of them, and up to a day more where cutting them off saves nothing."""
        ahead = self.base - base
        if ahead >= width:
            return 0
        bits = self.bits
        if ahead:
            bits = bits << ahead if ahead > 0 else bits >> -ahead
        return bits if bits.bit_length() <= width + PER_DAY else bits & (1 << width) - 1

    def overlaps(self, interval: Interval) -> bool:
        """Whether any cell that the interval touches is busy."""
        first, end = floor(interval.start - EPOCH), -floor(EPOCH - interval.end)
        width = end - first
        return self.row(first, width) & (1 << width) - 1 != 0

    def intervals(self) -> tuple[Interval, ...]:
        """The busy cells as merged intervals."""
        found: list[Interval] = []
        position = self.base
        for is_busy, run in groupby(flags(self.bits, self.bits.bit_length())):
            length = len(tuple(run))
            if is_busy:
                found.append(Interval(EPOCH + position * CELL, EPOCH + (position + length) * CELL))
            position += length
        return tuple(found)
