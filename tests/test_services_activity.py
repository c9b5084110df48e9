"""The Activity stream's days: whichever somebody asks for, there is an answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot.domain.activity import HomeState, Tab
from tests.cast import DANA
from tests.world import Stage


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo", "Pacific/Kiritimati", "UTC"])
@pytest.mark.parametrize(
    ("since", "until", "shown"),
    [
        (date.min, date.max, 1),
        (date.min, None, 1),
        (None, date.max, 1),
        (date.max, date.min, 0),
        (date.max, None, 0),
        (None, date.min, 0),
    ],
)
def test_days_at_the_ends_of_time_are_days_too(
    stage: Stage, zone: str, since: date | None, until: date | None, shown: int
) -> None:
    stage.book(stage.invite())
    reader = replace(DANA, time_zone=zone)
    _, page = stage.services.activity.home(reader, HomeState(Tab.MEETINGS, since=since, until=until))
    assert page.total == shown
