"""What people set for themselves is theirs, and makes sense."""

from __future__ import annotations

from datetime import date, time

import pytest

from bot.domain.ids import ChannelId
from bot.domain.preferences import DefaultMethod, Preferences
from bot.domain.timeframe import TimeRange, Weekday
from bot.domain.working_hours import WorkingHours
from bot.errors import FormError
from tests.cast import DANA, PRIYA, SALES
from tests.world import Stage

MORNING, EVENING = TimeRange(time(9), time(12)), TimeRange(time(18), time(2))


def test_nothing_set_is_as_slack_and_the_product_have_it(stage: Stage) -> None:
    assert stage.services.preferences.get(DANA) == Preferences()


def test_each_setting_stays_beside_the_others_and_is_ones_own(stage: Stage) -> None:
    preferences = stage.services.preferences
    preferences.set_time_zone(DANA, "Asia/Tokyo")
    preferences.set_method(DANA, DefaultMethod.ON_BEHALF)
    preferences.set_channel(DANA, SALES)
    preferences.set_language(DANA, "en")
    chosen = preferences.set_hours(DANA, "Asia/Tokyo", {Weekday.MON: [("09:00", "12:00")]}, {})
    hours = WorkingHours.of("Asia/Tokyo", {Weekday.MON: (MORNING,)})
    assert chosen == Preferences(hours, "Asia/Tokyo", DefaultMethod.ON_BEHALF, SALES, "en")
    assert preferences.get(DANA) == chosen
    assert preferences.get(PRIYA) == Preferences()
    preferences.set_time_zone(DANA, None)
    preferences.set_channel(DANA, None)
    assert preferences.set_language(DANA, None) == Preferences(hours, method=DefaultMethod.ON_BEHALF)


def test_hours_are_ranges_by_weekday_with_days_off_and_other_dates(stage: Stage) -> None:
    chosen = stage.services.preferences.set_hours(
        DANA,
        "Europe/London",
        {Weekday.TUE: [("18:00", "02:00"), ("09:00", "12:00"), (None, None)], Weekday.WED: [("", "")]},
        {"2026-12-24": [], "2026-12-27": [("09:00", "12:00")]},
    ).working_hours
    assert chosen == WorkingHours.of(
        "Europe/London",
        {Weekday.TUE: (MORNING, EVENING)},
        {date(2026, 12, 24): (), date(2026, 12, 27): (MORNING,)},
    )


@pytest.mark.parametrize(
    ("zone", "monday", "overrides", "field"),
    [
        ("Mars/Olympus", [("09:00", "12:00")], {}, "time_zone"),
        ("UTC", [("09:00", None)], {}, "mon"),
        ("UTC", [("09:03", "12:00")], {}, "mon"),
        ("UTC", [("9 o'clock", "12:00")], {}, "mon"),
        ("UTC", [("09:00+01:00", "12:00")], {}, "mon"),
        ("UTC", [("09:00", "12:00"), ("11:55", "13:00")], {}, "mon"),
        ("UTC", [("20:00", "02:00"), ("22:00", "23:00")], {}, "mon"),
        ("UTC", [], {}, "mon"),
        ("UTC", [("09:00", "12:00")], {"some day": []}, "some day"),
        ("UTC", [("09:00", "12:00")], {"2026-12-24": [("09:00", "")]}, "2026-12-24"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(
    stage: Stage,
    zone: str,
    monday: list[tuple[str | None, str | None]],
    overrides: dict[str, list[tuple[str | None, str | None]]],
    field: str,
) -> None:
    with pytest.raises(FormError) as refused:
        stage.services.preferences.set_hours(DANA, zone, {Weekday.MON: monday}, overrides)
    assert set(refused.value.fields) == {field}
    assert stage.services.preferences.get(DANA) == Preferences()


def test_ranges_that_touch_do_not_overlap(stage: Stage) -> None:
    monday = [("12:00", "17:00"), ("09:00", "12:00")]
    hours = stage.services.preferences.set_hours(DANA, "UTC", {Weekday.MON: monday}, {}).working_hours
    assert hours is not None


def test_unknown_zone_language_and_channel_are_refused(stage: Stage) -> None:
    preferences = stage.services.preferences
    for attempt, field in (
        (lambda: preferences.set_time_zone(DANA, "Mars/Olympus"), "time_zone"),
        (lambda: preferences.set_language(DANA, "tlh"), "language"),
        (lambda: preferences.set_channel(DANA, ChannelId("C0SECRET")), "channel"),
    ):
        with pytest.raises(FormError) as refused:
            attempt()
        assert set(refused.value.fields) == {field}
