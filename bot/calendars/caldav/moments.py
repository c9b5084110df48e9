"""The times of an event: moments with a zone, without one, or whole days, and lengths (RFC 5545 3.3.4 to 3.3.6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

import icalendar

from bot.calendars.caldav.zones import Place, Zones, instant

Key = date | datetime
"""Which occurrence: its date, its instant in UTC, or its floating time."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Moment:
    """A DTSTART, DTEND…: a naive wall-clock time, its zone (None: floating), or a whole day."""

    wall: datetime
    zone: tzinfo | None
    is_day: bool = False

    @property
    def key(self) -> Key:
        if self.is_day:
            return self.wall.date()
        return self.wall if self.zone is None else instant(self.wall, self.zone)

    def earliest(self, place: Place) -> datetime:
        return place.earliest(self.wall) if self.zone is None else instant(self.wall, self.zone)

    def latest(self, place: Place) -> datetime:
        return place.latest(self.wall) if self.zone is None else instant(self.wall, self.zone)

    def at(self, wall: datetime) -> Moment:
        return Moment(wall, self.zone, self.is_day)


@dataclass(frozen=True, slots=True)
class Length:
    """How long every occurrence of an event lasts: `nominal` by the clock on the wall, then the exact `rest`.

    A DTEND says how long the first occurrence lasts exactly, and RFC 5545 3.8.5.3 wants the others to last as long.
    But people who sleep from 22:00 to 06:00 mean 06:00 in the night of the clock change as well, and so do their
    calendars. Where both differ, the later end counts: `at_least` is the exact one.
    """

    nominal: timedelta
    rest: timedelta = timedelta()
    at_least: timedelta = timedelta()

    @property
    def longest(self) -> timedelta:
        return max(self.nominal + self.rest, self.at_least)

    def end(self, start: Moment, place: Place) -> datetime:
        return max(start.at(start.wall + self.nominal).latest(place) + self.rest, start.earliest(place) + self.at_least)


def moment(component: icalendar.Component, name: str, zones: Zones) -> Moment:
    """The component's DTSTART or the like. Raises KeyError where there is none, AttributeError where it is no time.

    The zone is looked up by its name: what the parser took for it may be any calendar's definition of that name.
    """
    prop: Any = component[name]
    return moment_of(prop.dt, prop.params.get("TZID"), zones)


def moment_of(value: date, zone_name: str | None, zones: Zones) -> Moment:
    if not isinstance(value, datetime):
        return Moment(datetime.combine(value, time()), None, is_day=True)
    wall = value.replace(tzinfo=None)
    if zone_name:
        return Moment(wall, zones.named(str(zone_name)))
    if value.tzinfo is None:
        return Moment(wall, None)
    return Moment(value.astimezone(UTC).replace(tzinfo=None), UTC)


def length(component: icalendar.Component, start: Moment, zones: Zones) -> Length:
    """Of an event: up to DTEND, or its DURATION, or a day, or nothing (RFC 5545 3.6.1). Raises ValueError."""
    if "DTEND" in component:
        end = moment(component, "DTEND", zones)
        if start.zone is None or end.zone is None:
            found = Length(end.wall - start.wall)
        else:
            exact = instant(end.wall, end.zone) - instant(start.wall, start.zone)
            found = Length(end.wall - start.wall if end.zone == start.zone else exact, at_least=exact)
    elif "DURATION" in component:
        duration: Any = component["DURATION"]
        found = Length(timedelta(days=duration.dt.days), timedelta(seconds=duration.dt.seconds))
    else:
        found = Length(_DAY if start.is_day else timedelta())
    if found.nominal + found.rest < timedelta() and found.at_least <= timedelta():
        raise ValueError("an event ends before it starts")
    return found
