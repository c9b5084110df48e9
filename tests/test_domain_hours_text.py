"""Working hours as people write them."""

from __future__ import annotations

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.hours_text import Ranges, dates_of, ranges_of, text_of, text_of_dates
from bot.domain.timeframe import TimeRange


@pytest.mark.parametrize(
    ("typed", "means"),
    [
        ("09:00–17:00", "09:00–17:00"),
        ("9-17", "09:00–17:00"),
        ("9-5", "09:00–17:00"),
        ("9am to 5:30 pm", "09:00–17:30"),
        ("13.30-17:00, 9-12", "09:00–12:00, 13:30–17:00"),
        ("9-12 and 13-17", "09:00–12:00, 13:00–17:00"),
        ("22-6", "22:00–06:00"),
        ("0-24", "00:00–24:00"),
        ("All day", "00:00–24:00"),
        ("12am-12pm", "00:00–12:00"),
        ("", "off"),
        (" Day  off ", "off"),
        ("-", "off"),
    ],
)
def test_what_people_type_means_what_they_mean(typed: str, means: str) -> None:
    assert text_of(ranges_of(typed)) == means


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("nine to five", "Write hours like"),
        ("9", "Write hours like"),
        ("9-25", "no such time"),
        ("13pm-14pm", "no such time"),
        ("9:03-17:00", "steps of 5 minutes"),
        ("9-12, 11-13", "overlap"),
        ("8-9, 10-11, 12-13", "Two ranges"),
    ],
)
def test_what_cannot_be_says_what_to_write(typed: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        ranges_of(typed)


CLOCKS = st.integers(0, 287).map(lambda steps: time(steps // 12, steps % 12 * 5))
RANGES = st.one_of(st.just(()), st.builds(lambda a, b: (TimeRange(a, b),), CLOCKS, CLOCKS))


@given(RANGES)
def test_what_is_written_is_read_back(ranges: Ranges) -> None:
    assert ranges_of(text_of(ranges)) == ranges


@given(st.dictionaries(st.dates(date(2026, 1, 1), date(2027, 12, 31)), RANGES, max_size=12))
def test_dates_are_read_back(dates: dict[date, Ranges]) -> None:
    assert dates_of(text_of_dates(list(dates.items()))) == dates


def test_neighbours_with_the_same_hours_are_one_line() -> None:
    typed = "2026-12-24: 9-12\n\n2026-12-25 – 2026-12-27 off"
    assert text_of_dates(list(dates_of(typed).items())) == "2026-12-24 09:00–12:00\n2026-12-25 to 2026-12-27 off"


@pytest.mark.parametrize(
    "line",
    [
        "Christmas off",
        "2026-02-30 off",
        "2026-12-24 nine",
        "2026-12-25 to 2026-12-24 off",
        "2026-01-01 to 2036-01-01 off",
    ],
)
def test_a_line_that_cannot_be_is_quoted(line: str) -> None:
    with pytest.raises(ValueError, match=f"“{line}”"):
        dates_of(f"2026-12-23 off\n{line}")
