"""Working hours: by weekday, other ones on single dates, days off."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from bot.domain.intervals import Interval
from bot.domain.timeframe import TimeRange, Weekday
from bot.domain.working_hours import WorkingHours, default_working_hours

MONDAY, TUESDAY, WEDNESDAY = date(2026, 12, 7), date(2026, 12, 8), date(2026, 12, 9)
OFFICE = (TimeRange(time(9), time(17)),)
WEEK = Interval(datetime(2026, 12, 7, tzinfo=UTC), datetime(2026, 12, 10, tzinfo=UTC))
WEEKLY = {Weekday.MON: OFFICE, Weekday.TUE: OFFICE, Weekday.WED: OFFICE}


def within(hours: WorkingHours, span: Interval = WEEK) -> list[tuple[datetime, datetime]]:
    return [(window.start, window.end) for window in hours.windows(span) if span.overlaps(window)]


def at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(), UTC) + timedelta(hours=hour)


def test_date_without_ranges_is_a_day_off() -> None:
    hours = WorkingHours.of("UTC", WEEKLY, {TUESDAY: ()})
    assert within(hours) == [(at(MONDAY, 9), at(MONDAY, 17)), (at(WEDNESDAY, 9), at(WEDNESDAY, 17))]


def test_dates_ranges_take_the_place_of_the_weekdays() -> None:
    hours = WorkingHours.of("UTC", {Weekday.MON: OFFICE}, {MONDAY: (TimeRange(time(6), time(8)),), TUESDAY: OFFICE})
    assert within(hours) == [(at(MONDAY, 6), at(MONDAY, 8)), (at(TUESDAY, 9), at(TUESDAY, 17))]


def test_day_off_leaves_the_night_shift_that_began_the_day_before() -> None:
    nights = (TimeRange(time(22), time(6)),)
    hours = WorkingHours.of("UTC", {Weekday.MON: nights, Weekday.TUE: nights}, {TUESDAY: ()})
    assert within(hours) == [(at(MONDAY, 22), at(TUESDAY, 6))]


def test_date_is_local_to_the_zone_of_the_hours() -> None:
    """Tuesday in Auckland (UTC+13 in December) begins on Monday at 11:00 UTC."""
    hours = WorkingHours.of("Pacific/Auckland", {}, {TUESDAY: (TimeRange(time(0), time(0)),)})
    assert within(hours) == [(at(MONDAY, 11), at(TUESDAY, 11))]


def test_same_hours_are_equal_whatever_the_order_they_were_given_in() -> None:
    first = WorkingHours.of("UTC", WEEKLY, {MONDAY: (), TUESDAY: OFFICE})
    second = WorkingHours.of("UTC", dict(reversed(WEEKLY.items())), {TUESDAY: OFFICE, MONDAY: ()})
    assert first == second
    assert hash(first) == hash(second)


def test_weekday_or_date_given_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="weekly"):
        WorkingHours("UTC", ((Weekday.MON, OFFICE), (Weekday.MON, ())))
    with pytest.raises(ValueError, match="overrides"):
        WorkingHours("UTC", (), ((MONDAY, OFFICE), (MONDAY, ())))


def test_whoever_has_set_none_works_from_nine_to_five_on_weekdays() -> None:
    hours = default_working_hours("UTC")
    assert dict(hours.weekly) == {Weekday(day): OFFICE for day in range(5)}
    assert hours.overrides == ()
