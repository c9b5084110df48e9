"""Step 2: the time frame, and the rules by which its slots are cut."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain import fields as f
from bot.domain.invitation import SlotRules
from bot.domain.timeframe import TimeFrame, TimeRange, Weekday, zone_names
from bot.domain.wizard.typed_values import clock_of, date_of, minutes_of, refuse

MAX_FRAME = timedelta(days=366)
_MAX_AHEAD = timedelta(days=2 * 366)
"""Calendars are read from today until a frame's end."""


def rules(fields: Mapping[str, Any], now: datetime) -> SlotRules:
    errors: dict[str, str] = {}
    start, end = date_of(fields.get(f.START_DATE)), date_of(fields.get(f.END_DATE))
    zone = fields.get(f.TIME_ZONE) or ""
    if zone not in zone_names():
        errors[f.TIME_ZONE] = "Choose a time zone from the list."
    if start is None:
        errors[f.START_DATE] = "Choose the first day the customer may pick."
    if end is None:
        errors[f.END_DATE] = "Choose the last day the customer may pick."
    if start and end and f.TIME_ZONE not in errors:
        today = now.astimezone(ZoneInfo(zone)).date()
        if end < start:
            errors[f.END_DATE] = "The end date is before the start date."
        elif end < today:
            errors[f.END_DATE] = "This time frame is in the past. Choose an end date from today on."
        elif end - start > MAX_FRAME:
            errors[f.END_DATE] = "A time frame can span up to a year."
        elif end - today > _MAX_AHEAD:
            errors[f.END_DATE] = "A time frame can end up to two years from now."
    days = frozenset(Weekday(int(day)) for day in fields.get(f.DAYS) or ())
    if not days:
        errors[f.DAYS] = "Choose at least one weekday."
    ranges = _ranges(fields, errors)
    spacing_text = fields.get(f.SPACING)
    spacing = None if spacing_text == "duration" else minutes_of(spacing_text)
    if spacing_text != "duration" and not spacing:
        errors[f.SPACING] = "Choose how far apart the times start."
    lengths = {name: minutes_of(fields.get(name)) for name in (f.NOTICE, f.BUFFER_BEFORE, f.BUFFER_AFTER)}
    errors.update({name: "Choose a length of time." for name, length in lengths.items() if length is None})
    refuse(errors)
    assert start is not None and end is not None
    return SlotRules(
        frame=TimeFrame(start, end, days, ranges, zone),
        spacing=spacing,
        notice=lengths[f.NOTICE] or timedelta(),
        buffer_before=lengths[f.BUFFER_BEFORE] or timedelta(),
        buffer_after=lengths[f.BUFFER_AFTER] or timedelta(),
        respect_working_hours=bool(fields.get(f.WORKING_HOURS)),
    )


def range_count(fields: Mapping[str, Any]) -> int:
    """How many ranges of time there are, complete or not: one to three, without gaps."""
    return next((n for n, names in enumerate(f.RANGES) if n and not any(map(fields.get, names))), len(f.RANGES))


def another_range(fields: Mapping[str, Any]) -> dict[str, str]:
    """The fields of one range more: two hours, one hour after the last range, as far as the day has room."""
    shown = range_count(fields)
    if shown == len(f.RANGES):
        return {}
    last = clock_of(fields.get(f.RANGE_ENDS[shown - 1])) or time(17)
    hour = min(last.hour + 1, 22) if last > time() else 22
    start, end = f.RANGES[shown]
    return {start: f"{hour:02}:00", end: f"{(hour + 2) % 24:02}:00"}


def one_range_less(fields: Mapping[str, Any]) -> dict[str, None]:
    """The fields that the last range leaves empty; the first range always stays."""
    shown = range_count(fields)
    return dict.fromkeys(f.RANGES[shown - 1]) if shown > 1 else {}


def _ranges(fields: Mapping[str, Any], errors: dict[str, str]) -> tuple[TimeRange, ...]:
    """The first range of time, and the others that there are."""
    ranges = []
    for number, names in enumerate(f.RANGES):
        typed = [fields.get(name) for name in names]
        if number and not any(typed):
            continue
        begin, finish = map(clock_of, typed)
        for name, clock, example in zip(names, (begin, finish), ("09:00", "17:00"), strict=True):
            if clock is None:
                errors[name] = f"Choose a time in steps of 5 minutes, for example {example}."
        if begin is not None and finish is not None:
            ranges.append(TimeRange(begin, finish))
    return tuple(ranges)
