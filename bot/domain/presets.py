"""Ready-made date ranges for the time frame. Weeks begin on Monday."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum


class Preset(StrEnum):
    THIS_WEEK = "This week"
    NEXT_WEEK = "Next week"
    NEXT_TWO_WEEKS = "Next 2 weeks"


def preset_dates(preset: Preset, today: date) -> tuple[date, date]:
    """The first and the last day, both inclusive. This week begins today: the past cannot be booked."""
    next_monday = today + timedelta(days=7 - today.weekday())
    match preset:
        case Preset.THIS_WEEK:
            return today, next_monday - timedelta(days=1)
        case Preset.NEXT_WEEK:
            return next_monday, next_monday + timedelta(days=6)
        case Preset.NEXT_TWO_WEEKS:
            return next_monday, next_monday + timedelta(days=13)
