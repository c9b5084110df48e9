"""The zones that browsers call by former names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.former_zones import PRESENT_NAMES, present_name


@pytest.mark.parametrize(("former", "present"), PRESENT_NAMES.items())
def test_the_present_name_is_the_same_clock(former: str, present: str) -> None:
    days = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=7 * week) for week in range(104)]
    assert [day.astimezone(ZoneInfo(former)).utcoffset() for day in days] == [
        day.astimezone(ZoneInfo(present)).utcoffset() for day in days
    ]
    assert present_name(former) == present
    assert present_name(present) == present


def test_other_names_stay() -> None:
    for name in ("Europe/Oslo", "US/Eastern", "UTC", "Mars/Olympus", ""):
        assert present_name(name) == name


def test_an_old_tz_database_keeps_its_name() -> None:
    assert present_name("Europe/Kiev", known={"Europe/Kiev"}) == "Europe/Kiev"
