"""What a User has set in *Setup*."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from itertools import pairwise
from zoneinfo import available_timezones

from bot.domain.ids import ChannelId
from bot.domain.timeframe import TimeRange, Weekday
from bot.domain.working_hours import WorkingHours
from bot.errors import FormError

TIME_ZONE = "time_zone"
"""A field that a FormError names; the others are `mon` to `sun`, and dates (`2026-12-24`)."""

Clocks = Sequence[tuple[str | None, str | None]]
"""Ranges as typed: pairs of `HH:MM`, both or neither of them given."""


class DefaultMethod(StrEnum):
    """What the buttons of Home begin with."""

    INVITE = "invite"
    ON_BEHALF = "on_behalf"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Preferences:
    """None: as Slack or the product has it."""

    working_hours: WorkingHours | None = None
    time_zone: str | None = None
    method: DefaultMethod = DefaultMethod.INVITE
    channel_id: ChannelId | None = None
    language: str | None = None


def typed_hours(time_zone: str, weekly: Mapping[Weekday, Clocks], overrides: Mapping[str, Clocks]) -> WorkingHours:
    """Working hours from what a person chose; a weekday or date without ranges is a day off.

    `overrides` are by ISO date. Raises FormError.
    """
    errors: dict[str, str] = {}
    if time_zone not in available_timezones():
        errors[TIME_ZONE] = "Choose a time zone from the list."
    by_weekday = {day: _ranges(clocks, day.name.lower(), errors) for day, clocks in weekly.items()}
    by_date: dict[date, tuple[TimeRange, ...]] = {}
    for text, clocks in overrides.items():
        try:
            day = date.fromisoformat(text)
        except ValueError:
            errors[text] = "Choose a date."
        else:
            by_date[day] = _ranges(clocks, text, errors)
    if not errors and not any(by_weekday.values()) and not any(by_date.values()):
        errors[Weekday.MON.name.lower()] = "Without any hours nobody could meet you. Choose at least one range."
    if errors:
        raise FormError(errors)
    return WorkingHours.of(time_zone, {day: ranges for day, ranges in by_weekday.items() if ranges}, by_date)


def _ranges(clocks: Clocks, field: str, errors: dict[str, str]) -> tuple[TimeRange, ...]:
    """Sorted by start. An end not after its start runs past midnight, as everywhere."""
    found = []
    for start, end in clocks:
        if not start and not end:
            continue
        if not start or not end:
            errors[field] = "Choose both a beginning and an end, or neither."
            continue
        try:
            found.append(TimeRange(time.fromisoformat(start), time.fromisoformat(end)))
        except ValueError:
            errors[field] = "Choose times in steps of 5 minutes, for example 09:00."
    if field not in errors and _overlap(found):
        errors[field] = "These ranges overlap. Make one of them shorter, or join them."
    return tuple(sorted(found, key=lambda one: one.start))


def _overlap(ranges: Iterable[TimeRange]) -> bool:
    """Whether two ranges of one day share a minute, the hours after midnight counted on."""
    spans = sorted((_minute(one.start), _minute(one.end) + (one.end <= one.start) * 24 * 60) for one in ranges)
    return any(later[0] < earlier[1] for earlier, later in pairwise(spans))


def _minute(clock: time) -> int:
    return clock.hour * 60 + clock.minute
