"""Which slots the email lists."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.promotion import propose
from bot.domain.timeframe import zone
from tests.searches import proven

HALF_HOUR = timedelta(minutes=30)


def at(*texts: str) -> tuple[datetime, ...]:
    """Instants of December 2026, like `07 09:30` (UTC)."""
    return tuple(datetime.strptime(f"2026-12-{text} +0000", "%Y-%m-%d %H:%M %z").astimezone(UTC) for text in texts)


def test_earliest_before_and_from_noon_on_the_first_three_days_that_have_any() -> None:
    starts = at("07 09:00", "07 09:30", "07 12:00", "07 15:00", "09 10:00", "10 13:00", "10 14:00", "11 09:00")
    assert propose(starts, HALF_HOUR, "UTC") == at("07 09:00", "07 12:00", "09 10:00", "10 13:00")


def test_nothing_available_proposes_nothing() -> None:
    assert propose((), HALF_HOUR, "UTC") == ()


def test_slot_that_would_overlap_gives_way_to_the_next_that_does_not() -> None:
    starts = at("07 11:45", "07 12:00", "07 12:15", "07 12:30")
    assert propose(starts, HALF_HOUR, "UTC") == at("07 11:45", "07 12:15")


def test_touching_is_not_overlapping() -> None:
    assert propose(at("07 11:30", "07 12:00"), HALF_HOUR, "UTC") == at("07 11:30", "07 12:00")


def test_long_meeting_over_noon_stands_alone() -> None:
    assert propose(at("07 11:00", "07 12:00", "07 13:00"), timedelta(hours=8), "UTC") == at("07 11:00")


def test_meeting_into_the_next_day_is_not_overlapped_there() -> None:
    starts = at("07 23:30", "08 00:00", "08 00:30")
    assert propose(starts, timedelta(hours=1), "UTC") == at("07 23:30", "08 00:30")


def test_days_and_noon_are_those_of_the_frames_clock() -> None:
    starts = at("07 16:30", "07 17:00", "08 04:30", "08 05:00")
    assert propose(starts, HALF_HOUR, "America/New_York") == at("07 16:30", "07 17:00", "08 05:00")


instants = st.integers(0, 6 * 288).map(lambda cell: datetime(2027, 3, 12, tzinfo=UTC) + timedelta(minutes=5 * cell))


@proven
@given(st.lists(instants, unique=True), st.integers(1, 96), st.sampled_from(["America/New_York", "Asia/Kathmandu"]))
def test_at_most_six_in_order_two_a_day_on_the_first_three_days_and_apart(
    starts: list[datetime], cells: int, tz: str
) -> None:
    duration = timedelta(minutes=5 * cells)
    proposed = propose(starts, duration, tz)
    days = [start.astimezone(zone(tz)).date() for start in proposed]

    assert len(proposed) <= 6
    assert set(proposed) <= set(starts)
    assert all(later - earlier >= duration for earlier, later in pairwise(proposed))
    assert all(days.count(day) <= 2 for day in days)
    assert set(days) <= set(sorted({start.astimezone(zone(tz)).date() for start in starts})[:3])
    assert bool(proposed) == bool(starts)
