"""Working hours as people write them, `9-12:30, 13:30-17:00` or `off`, and back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, time, timedelta
from itertools import pairwise

from bot.domain.timeframe import TimeRange

MOST_RANGES = 2
MOST_DATES = 400
OFF = "off"

Ranges = tuple[TimeRange, ...]

_OFF = frozenset({"", "off", "day off", "free", "closed", "none", "-", "–", "—"})
_WHOLE_DAY = frozenset({"all day", "whole day", "24h", "24 h"})
_CLOCK = r"(\d{1,2})(?:[:.h](\d{2}))?\s*([ap]\.?m\.?)?"
_RANGE = re.compile(rf"{_CLOCK}\s*(?:-|–|—|to|until)\s*{_CLOCK}", re.IGNORECASE)
_DATE = r"(\d{4}-\d{2}-\d{2})"
_LINE = re.compile(rf"{_DATE}(?:\s*(?:-|–|—|to|until|\.\.)\s*{_DATE})?[\s:,]*(.*)", re.IGNORECASE)
_MINUTES_A_DAY = 24 * 60
_HALF_A_DAY = 12 * 60


def ranges_of(text: str) -> Ranges:
    """The day's ranges in order; none for a day off. Raises ValueError with a sentence that says what to write."""
    words = " ".join(text.lower().split())
    if words in _OFF:
        return ()
    if words in _WHOLE_DAY:
        return (TimeRange(time(), time()),)
    parts = [part.strip() for part in re.split(r"[,;&]|\band\b", words) if part.strip()]
    spans = sorted(_span(part) for part in parts)
    if len(spans) > MOST_RANGES:
        raise ValueError("Two ranges a day at most, for example 09:00–12:00, 13:00–17:00.")
    if any(end > later for (_, end), (later, _) in pairwise(spans)):
        raise ValueError("These ranges overlap. Write them one after the other.")
    return tuple(TimeRange(_time(start), _time(end)) for start, end in spans)


def text_of(ranges: Ranges) -> str:
    """`09:00–12:00, 13:00–17:00`; `off` for none. `ranges_of` reads it back."""
    return ", ".join(f"{one.start:%H:%M}–{_end(one)}" for one in ranges) or OFF


def dates_of(text: str) -> dict[date, Ranges]:
    """Single dates from lines like `2026-12-24 09:00–12:00` and `2026-12-25 to 2026-12-31 off`.

    Raises ValueError with a sentence that quotes the line.
    """
    found: dict[date, Ranges] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        match = _LINE.fullmatch(line)
        try:
            first, last = _dates(match)
            ranges = ranges_of(match[3] if match else "")
        except ValueError as error:
            raise ValueError(f"“{line[:60]}”: {error}") from error
        for ordinal in range(first.toordinal(), last.toordinal() + 1):
            found[date.fromordinal(ordinal)] = ranges
    if len(found) > MOST_DATES:
        raise ValueError(f"Up to {MOST_DATES} dates can have hours of their own.")
    return found


def text_of_dates(overrides: Sequence[tuple[date, Ranges]]) -> str:
    """A line for each date, neighbours with the same hours together. `dates_of` reads it back."""
    lines: list[tuple[date, date, Ranges]] = []
    for day, ranges in sorted(overrides, key=lambda override: override[0]):
        if lines and lines[-1][2] == ranges and day - lines[-1][1] == timedelta(days=1):
            lines[-1] = (lines[-1][0], day, ranges)
        else:
            lines.append((day, day, ranges))
    return "\n".join(
        f"{first}{'' if first == last else f' to {last}'} {text_of(ranges)}" for first, last, ranges in lines
    )


def _dates(match: re.Match[str] | None) -> tuple[date, date]:
    if match is None:
        raise ValueError("begin the line with a date like 2026-12-24.")
    try:
        first = date.fromisoformat(match[1])
        last = date.fromisoformat(match[2] or match[1])
    except ValueError as error:
        raise ValueError("there is no such date.") from error
    if not timedelta() <= last - first < timedelta(days=MOST_DATES):
        raise ValueError("the second date comes before the first, or too long after it.")
    return first, last


def _span(text: str) -> tuple[int, int]:
    """Minutes from midnight; the end may be past it."""
    match = _RANGE.fullmatch(text)
    if match is None:
        raise ValueError("Write hours like 09:00–17:00, or “off” for a day off.")
    start, end = _minutes(match[1], match[2], match[3] or ""), _minutes(match[4], match[5], match[6] or "")
    if start % 5 or end % 5:
        raise ValueError("Use steps of 5 minutes, for example 09:05.")
    is_bare = not any((match[2], match[3], match[5], match[6]))
    if is_bare and end <= start < end + _HALF_A_DAY and end <= _HALF_A_DAY:
        end += _HALF_A_DAY  # "9-5" is nine to five, and no night shift of 20 hours
    if start == _MINUTES_A_DAY:
        start = 0
    return start, end if end > start else end + _MINUTES_A_DAY


def _minutes(hours: str, minutes: str | None, half: str) -> int:
    hour, minute = int(hours), int(minutes or 0)
    half = half.replace(".", "")
    if half:
        if not 1 <= hour <= 12:
            raise ValueError("There is no such time. Write hours like 09:00–17:00.")
        hour = hour % 12 + (12 if half == "pm" else 0)
    if minute > 59 or hour * 60 + minute > _MINUTES_A_DAY:
        raise ValueError("There is no such time. Write hours like 09:00–17:00.")
    return hour * 60 + minute


def _time(minutes: int) -> time:
    return time(minutes // 60 % 24, minutes % 60)


def _end(one: TimeRange) -> str:
    return "24:00" if one.end == time() else f"{one.end:%H:%M}"
