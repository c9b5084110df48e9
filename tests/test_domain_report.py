"""The slots of a report by day, as the frame's clock has its days."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

import pytest

from bot.domain.ids import ResourceId
from bot.domain.report import SlotReport
from bot.domain.search import SlotSearch
from bot.domain.timeframe import WORKDAYS, TimeFrame, TimeRange

HALF_HOUR = timedelta(minutes=30)


@pytest.mark.parametrize("year", [2011, 2026])
@pytest.mark.parametrize(
    "zone",
    [
        "UTC",
        "America/New_York",
        "America/Havana",
        "America/Nuuk",
        "America/Santiago",
        "Africa/Cairo",
        "Asia/Beirut",
        "Asia/Kathmandu",
        "Atlantic/Azores",
        "Australia/Lord_Howe",
        "Europe/London",
        "Pacific/Apia",
    ],
)
def test_each_day_has_what_begins_on_it(zone: str, year: int) -> None:
    """Also where clocks change at midnight, and where a whole day was left out (Apia, 30 December 2011)."""
    first = datetime(year, 1, 1, 1, 10, tzinfo=UTC)
    report = a_report(zone, [first + number * HALF_HOUR for number in range(366 * 48)])
    days = groupby(report.starts, key=lambda start: start.astimezone(ZoneInfo(zone)).date())
    assert report.by_day() == tuple((day, tuple(starts)) for day, starts in days)


def test_days_without_any_are_left_out() -> None:
    monday = datetime(2026, 11, 30, 14, tzinfo=UTC)
    report = a_report("America/New_York", [monday, monday + HALF_HOUR, monday + timedelta(days=3)])
    assert [(day.day, len(starts)) for day, starts in report.by_day()] == [(30, 2), (3, 1)]
    assert a_report("UTC", []).by_day() == ()


def a_report(zone: str, starts: list[datetime]) -> SlotReport:
    frame = TimeFrame(date(2026, 1, 1), date(2026, 12, 31), WORKDAYS, (TimeRange(time(9), time(17)),), "UTC")
    search = SlotSearch(replace(frame, time_zone=zone), HALF_HOUR, HALF_HOUR, ((ResourceId("U0DANA"),),))
    return SlotReport(search, tuple(starts), (), (), datetime(2026, 1, 1, tzinfo=UTC))
