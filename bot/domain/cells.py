"""Time cut into cells of equal length, and sets of cells as one Python integer, a bit for each cell.

Cells are counted from 1970-01-01T00:00Z. An integer's bit `i` stands for cell `base + i`; every `base` is a multiple
of `BLOCK_DAYS`, so that most integers that meet have the same one and need no shifting. Busy times are rounded
outward, which loses nothing as long as everything they are compared with begins and ends on a cell's boundary: on
that of `FINE` cells always, and as a rule on that of `COARSE` ones, of which there are a third as many.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from itertools import groupby, repeat

from bot.domain.intervals import EPOCH, Interval
from bot.domain.timeframe import RASTER

BLOCK_DAYS = 28

_DAY = timedelta(days=1)
_DIGIT_VALUES = bytes.maketrans(b"01b", b"\x00\x01\x00")
_FINE_IN_COARSE = 3
_FORMAT = b"\x02"
_WORD = 4
_HEAD = len(_FORMAT) + 2 * _WORD


class Cells:
    """Cells of one length, which divides a day."""

    __slots__ = ("block", "length", "per_day", "seconds")

    def __init__(self, length: timedelta) -> None:
        self.length = length
        self.seconds = length // timedelta(seconds=1)
        self.per_day = _DAY // length
        self.block = BLOCK_DAYS * self.per_day
        """How many cells every base is a multiple of."""

    def count(self, length: timedelta) -> int:
        """A length that is a multiple of a cell's, in cells."""
        return length // self.length

    def floor(self, elapsed: timedelta) -> int:
        """The number of whole cells in a length of time, rounded down, also below zero.

        >>> FINE.floor(timedelta(minutes=7)), FINE.floor(timedelta(minutes=-7))
        (1, -2)
        """
        return elapsed.days * self.per_day + elapsed.seconds // self.seconds

    def touched(self, intervals: Iterable[Interval], zero: datetime, width: int) -> int:
        """The cells that any interval touches: `width` of them, the first one beginning at `zero`."""
        whole_days, rest = divmod(width, self.per_day)
        days = [0] * (whole_days + 2)  # the last one is for what lies outside
        beyond, span = len(days), len(days) * _DAY
        bit_of, midnight, tick = _bits_by_second(self), 1 << self.per_day, timedelta.resolution
        a_cell_ago = zero - self.length + tick  # an end lies just outside: the last cell is that of the tick before it
        # This loop sees every busy time of every calendar: it reads each attribute once, adds no function call, and
        # leaves to the list whether a day lies beyond its end.
        for interval in intervals:
            since, until = interval.start - zero, interval.end - a_cell_ago
            day = since.days
            if day == until.days and day >= 0:
                try:
                    days[day] |= bit_of[until.seconds] - bit_of[since.seconds]
                except IndexError:
                    continue
            elif day >= 0 and day + 1 == until.days:
                try:
                    days[day] |= midnight - bit_of[since.seconds]
                    days[day + 1] |= bit_of[until.seconds] - 1
                except IndexError:
                    continue
            elif day < beyond and until.days >= 0:
                since, until = max(since, -tick), min(until, span - tick)
                day, last = since.days, until.days
                days[day] |= midnight - bit_of[since.seconds]
                days[last] |= bit_of[until.seconds] - 1
                if last - day > 1:
                    days[day + 1 : last] = [midnight - 1] * (last - day - 1)
        days[whole_days:] = [days[whole_days] & (1 << rest) - 1]
        size = self.per_day // 8
        return int.from_bytes(b"".join([day.to_bytes(size, "little") for day in days]), "little")


@lru_cache(maxsize=2)
def _bits_by_second(cells: Cells) -> tuple[int, ...]:
    """For each second of a day the bit of its cell, so that nothing need be divided."""
    return tuple(bit for cell in range(cells.per_day) for bit in repeat(1 << cell, cells.seconds))


FINE, COARSE = Cells(RASTER), Cells(_FINE_IN_COARSE * RASTER)


def laid_out(pieces: Iterable[tuple[int, int]]) -> int:
    """Bits put at positions ≥ 0: pairs (position, bits), by position and without overlap."""
    laid = list(pieces) or [(0, 0)]
    while len(laid) > 1:  # neighbours join two by two: to add one after the other would copy all of them each time
        odd = laid[len(laid) & -2 :]
        laid = [(at, bits | more << then - at) for (at, bits), (then, more) in zip(laid[::2], laid[1::2], strict=False)]
        laid += odd
    position, bits = laid[0]
    return bits << position


def spread(bits: int, cells: int) -> int:
    """Bit `i` is set iff any of the bits `i` to `i + cells - 1` was: the starts whose footprint meets a busy cell."""
    for step in _doublings(cells):
        bits |= bits >> step
    return bits


@lru_cache(maxsize=64)
def _doublings(cells: int) -> tuple[int, ...]:
    """How far to look ahead each time, so that one cell becomes 2, 4, 8 … and at last `cells`."""
    steps, reach = [], 1
    while reach < cells:
        steps.append(min(reach, cells - reach))
        reach += steps[-1]
    return tuple(steps)


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


@dataclass(frozen=True)  # no slots, because its fine cells are made when they are first wanted
class BusyIndex:
    """One calendar's busy times as cells, to be kept beside them: made once, when the calendar is read."""

    block: int = 0
    """How many times `BLOCK_DAYS` days after 1970 bit 0 begins."""
    coarse: int = 0
    """The coarse cells that are touched."""
    gaps: int = 0
    """The fine cells that are free all the same: none as long as everything begins and ends on a quarter hour."""

    @classmethod
    def of(cls, intervals: Iterable[Interval]) -> BusyIndex:
        """The cells that the intervals touch, in any order, overlapping or not."""
        intervals = tuple(intervals)
        if not intervals:
            return cls()
        block = (min([interval.start for interval in intervals]) - EPOCH).days // BLOCK_DAYS
        zero = EPOCH + timedelta(block * BLOCK_DAYS)
        width = FINE.floor(max([interval.end for interval in intervals]) - zero) + 1
        return cls.of_cells(block, FINE.touched(intervals, zero, width))

    @classmethod
    def of_cells(cls, block: int, fine: int) -> BusyIndex:
        """The index of fine cells."""
        coarse = _thinned(spread(fine, _FINE_IN_COARSE))
        has_gaps = fine.bit_count() < _FINE_IN_COARSE * coarse.bit_count()
        return cls(block, coarse, _tripled(coarse) ^ fine if has_gaps else 0)

    @cached_property
    def fine(self) -> int:
        """The fine cells that are touched."""
        return _tripled(self.coarse) ^ self.gaps

    def to_bytes(self) -> bytes:
        """Some 12 bytes a day, from the first busy day to the last; 48 where there are gaps."""
        coarse, gaps = _bytes(self.coarse), _bytes(self.gaps)
        head = self.block.to_bytes(_WORD, "little", signed=True) + len(coarse).to_bytes(_WORD, "little")
        return _FORMAT + head + coarse + gaps

    @classmethod
    def from_bytes(cls, stored: bytes) -> BusyIndex:
        """What `to_bytes` gave. Raises ValueError for anything of another format."""
        if len(stored) < _HEAD or not stored.startswith(_FORMAT):
            raise ValueError("not an index of busy times, or one of another version")
        block = int.from_bytes(stored[len(_FORMAT) : -_WORD + _HEAD], "little", signed=True)
        gaps = _HEAD + int.from_bytes(stored[-_WORD + _HEAD : _HEAD], "little")
        return cls(block, int.from_bytes(stored[_HEAD:gaps], "little"), int.from_bytes(stored[gaps:], "little"))

    def row(self, cells: Cells, base: int, width: int) -> int:
        """The bits from cell `base` on: `width` of them, and up to a day more where cutting them off saves nothing."""
        bits, ahead = self.coarse if cells is COARSE else self.fine, self.block * cells.block - base
        if ahead >= width:
            return 0
        if ahead:
            bits = bits << ahead if ahead > 0 else bits >> -ahead
        return bits if bits.bit_length() <= width + cells.per_day else bits & (1 << width) - 1

    def overlaps(self, interval: Interval) -> bool:
        """Whether any fine cell that the interval touches is busy."""
        first, end = FINE.floor(interval.start - EPOCH), -FINE.floor(EPOCH - interval.end)
        width = end - first
        return self.row(FINE, first, width) & (1 << width) - 1 != 0

    def intervals(self) -> tuple[Interval, ...]:
        """The busy cells as merged intervals."""
        found: list[Interval] = []
        start = EPOCH + self.block * BLOCK_DAYS * _DAY
        for is_busy, run in groupby(flags(self.fine, self.fine.bit_length())):
            end = start + len(tuple(run)) * FINE.length
            if is_busy:
                found.append(Interval(start, end))
            start = end
        return tuple(found)


def _bytes(bits: int) -> bytes:
    return bits.to_bytes((bits.bit_length() + 7) // 8, "little")


def _thinned(fine: int) -> int:
    """Every third bit: those at 0, 3, 6 … come to be at 0, 1, 2 …"""
    return int(bin(fine)[:1:-_FINE_IN_COARSE][::-1], 2)


def _tripled(coarse: int) -> int:
    """Each bit three times."""
    triples = _triples()
    return int.from_bytes(b"".join([triples[byte] for byte in _bytes(coarse)]), "little")


@lru_cache(maxsize=1)
def _triples() -> tuple[bytes, ...]:
    """The bits of every byte three times each."""
    triples = (sum(0b111 << _FINE_IN_COARSE * at for at in range(8) if byte >> at & 1) for byte in range(256))
    return tuple(triple.to_bytes(_FINE_IN_COARSE, "little") for triple in triples)
