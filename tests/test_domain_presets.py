"""Ready-made date ranges."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.presets import Preset, preset_dates

MON, FRI, SUN = date(2026, 11, 30), date(2026, 12, 4), date(2026, 12, 6)


@pytest.mark.parametrize(
    ("preset", "today", "start", "end"),
    [
        (Preset.THIS_WEEK, MON, MON, SUN),
        (Preset.THIS_WEEK, FRI, FRI, SUN),
        (Preset.THIS_WEEK, SUN, SUN, SUN),
        (Preset.NEXT_WEEK, MON, date(2026, 12, 7), date(2026, 12, 13)),
        (Preset.NEXT_WEEK, SUN, date(2026, 12, 7), date(2026, 12, 13)),
        (Preset.NEXT_TWO_WEEKS, FRI, date(2026, 12, 7), date(2026, 12, 20)),
    ],
)
def test_weeks_begin_on_monday(preset: Preset, today: date, start: date, end: date) -> None:
    assert preset_dates(preset, today) == (start, end)


@given(st.dates(max_value=date(9999, 11, 1)), st.sampled_from(Preset))
def test_a_preset_never_begins_in_the_past_and_ends_on_a_sunday(today: date, preset: Preset) -> None:
    start, end = preset_dates(preset, today)
    assert today <= start <= end
    assert end.weekday() == 6
    assert end - start < timedelta(days=14)
