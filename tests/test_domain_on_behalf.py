"""Pages of slots: every slot stands on one of them, and none is longer than Slack takes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.on_behalf import DAYS_A_PAGE, MOST_A_PAGE, Day, page_of

FIRST = date(2026, 12, 1)


def days(*lengths: int) -> tuple[Day, ...]:
    """Days with so many starts each, five minutes apart."""
    midnight = datetime(2026, 12, 1, tzinfo=UTC)
    return tuple(
        (FIRST + timedelta(days=day), tuple(midnight + timedelta(days=day, minutes=5 * n) for n in range(length)))
        for day, length in enumerate(lengths)
    )


@given(st.lists(st.integers(1, 288), max_size=12))
def test_every_slot_is_on_one_page(lengths: list[int]) -> None:
    whole = days(*lengths)
    pages = [page_of(whole, number)[0] for number in range(page_of(whole, 0)[2])]
    assert [start for page in pages for _, starts in page for start in starts] == [s for _, of in whole for s in of]
    assert all(len(page) <= DAYS_A_PAGE for page in pages)
    assert all(sum(len(starts) for _, starts in page) <= MOST_A_PAGE for page in pages)


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [
        ((), [()]),
        ((16,) * 7, [(16,) * 5, (16,) * 2]),
        ((91,) * 4, [(91, 91), (91, 91)]),
        ((16, 288, 16), [(16,), (250,), (38, 16)]),
    ],
)
def test_days_stay_whole_where_they_can(lengths: tuple[int, ...], expected: list[tuple[int, ...]]) -> None:
    whole = days(*lengths)
    pages = [page_of(whole, number)[0] for number in range(len(expected))]
    assert [tuple(len(starts) for _, starts in page) for page in pages] == expected
    assert page_of(whole, 99)[1:] == (len(expected) - 1, len(expected))
