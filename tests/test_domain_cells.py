"""Cells and the index of busy times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.cells import COARSE, FINE, BusyIndex, Cells, bits_at, flags, laid_out, positions, spread
from bot.domain.intervals import EPOCH, Interval, merge
from tests.searches import proven

ZERO = datetime(2026, 12, 7, tzinfo=UTC)
seconds = st.integers(-200_000, 400_000) | st.integers(-2_000_000, 2_000_000)
"""Near `ZERO` as a rule, and some weeks away."""
intervals = st.lists(
    st.tuples(seconds, st.integers(1, 200_000)).map(
        lambda pair: Interval(ZERO + timedelta(seconds=pair[0]), ZERO + timedelta(seconds=sum(pair)))
    ),
    max_size=8,
)


@proven
@given(intervals, st.integers(1, 900), st.sampled_from([FINE, COARSE]))
def test_cell_is_touched_iff_some_interval_overlaps_it(busy: list[Interval], width: int, cells: Cells) -> None:
    spans = [Interval(ZERO + number * cells.length, ZERO + (number + 1) * cells.length) for number in range(width)]
    expected = [number for number, span in enumerate(spans) if any(span.overlaps(interval) for interval in busy)]
    assert list(positions(cells.touched(busy, ZERO, width))) == expected


@pytest.mark.parametrize("cells", [FINE, COARSE])
def test_end_a_microsecond_into_a_cell_touches_it(cells: Cells) -> None:
    busy = Interval(ZERO, ZERO + cells.length + timedelta(microseconds=1))
    assert cells.touched([busy], ZERO, 10) == 0b11


@proven
@given(intervals)
def test_index_says_the_same_when_it_has_been_stored(busy: list[Interval]) -> None:
    index = BusyIndex.of(busy)
    assert BusyIndex.from_bytes(index.to_bytes()) == index


@proven
@given(intervals)
def test_index_holds_the_intervals_rounded_outward(busy: list[Interval]) -> None:
    rounded = [
        Interval(
            EPOCH + FINE.floor(interval.start - EPOCH) * FINE.length,
            EPOCH - FINE.floor(EPOCH - interval.end) * FINE.length,
        )
        for interval in busy
    ]
    assert BusyIndex.of(busy).intervals() == merge(rounded)


@proven
@given(intervals, st.integers(-200, 200), st.integers(1, 900), st.sampled_from([FINE, COARSE]))
def test_row_of_an_index_is_what_its_intervals_touch(busy: list[Interval], days: int, width: int, cells: Cells) -> None:
    base = cells.floor(ZERO - EPOCH) + days
    row = BusyIndex.of(busy).row(cells, base, width)
    assert row & (1 << width) - 1 == cells.touched(busy, EPOCH + base * cells.length, width)
    assert row.bit_length() <= width + cells.per_day


def test_index_of_quarter_hours_has_no_gaps_and_takes_12_bytes_a_day() -> None:
    quarters = [
        Interval(ZERO + day * timedelta(days=1), ZERO + day * timedelta(days=1) + COARSE.length) for day in range(28)
    ]
    index = BusyIndex.of(quarters)
    assert not index.gaps
    assert len(index.to_bytes()) < 28 * 12 * 2


@proven
@given(intervals, seconds, st.integers(1, 100_000))
def test_index_overlaps_what_its_intervals_overlap(busy: list[Interval], start: int, length: int) -> None:
    # On a raster of 5 minutes, as footprints are.
    asked = Interval(ZERO + start // 300 * FINE.length, ZERO + (start // 300 + length // 300 + 1) * FINE.length)
    assert BusyIndex.of(busy).overlaps(asked) == any(asked.overlaps(interval) for interval in busy)


def test_index_of_nothing_is_free_for_ever() -> None:
    index = BusyIndex.from_bytes(BusyIndex.of([]).to_bytes())
    assert index.intervals() == ()
    assert not index.overlaps(Interval(ZERO, ZERO + timedelta(days=9_999)))


def test_index_reaches_back_before_1970() -> None:
    busy = Interval(EPOCH - timedelta(days=100), EPOCH + timedelta(hours=1))
    assert BusyIndex.from_bytes(BusyIndex.of([busy]).to_bytes()).intervals() == (busy,)


@pytest.mark.parametrize("stored", [b"", b"\x02", b"\x01\x00\x00\x00\x00\x01\x00\x00\x00\x00", b"[]"])
def test_bytes_of_another_format_are_refused(stored: bytes) -> None:
    with pytest.raises(ValueError, match="index"):
        BusyIndex.from_bytes(stored)


@proven
@given(st.integers(0, 1 << 80), st.integers(1, 40))
def test_spread_looks_ahead_so_many_cells(bits: int, cells: int) -> None:
    expected = [at for at in range(81) if any(bits >> at + ahead & 1 for ahead in range(cells))]
    assert list(positions(spread(bits, cells))) == expected


@proven
@given(st.integers(0, 1 << 80))
def test_bits_and_their_positions_say_the_same(bits: int) -> None:
    assert bits_at(positions(bits), 81) == bits
    assert len(flags(bits, 81)) == 81


def test_pieces_are_laid_out_where_they_belong() -> None:
    assert laid_out([(2, 0b11), (5, 0b101)]) == 0b10101100
    assert laid_out([]) == 0
