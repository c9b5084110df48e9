"""Time zones as calendars name them, and what a wall-clock time means where none is named (RFC 5545 3.2.19, 3.3.5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import icalendar
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from bot.calendars.caldav.errors import UnreadableObjectError

_EASTERNMOST = timedelta(hours=14)
_WESTERNMOST = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a calendar's owner reads the clock; `zone` None is somewhere on Earth.

    All-day events and floating times are meant there. Where the place is not known, they are taken for busy from
    the first moment at which they may begin anywhere until the last at which they may end anywhere.
    """

    zone: tzinfo | None = None

    def earliest(self, wall: datetime) -> datetime:
        return wall.replace(tzinfo=UTC) - _EASTERNMOST if self.zone is None else instant(wall, self.zone)

    def latest(self, wall: datetime) -> datetime:
        return wall.replace(tzinfo=UTC) + _WESTERNMOST if self.zone is None else instant(wall, self.zone)


def instant(wall: datetime, zone: tzinfo) -> datetime:
    """UTC. In a spring gap the offset before it counts, in an autumn fold the first of both (RFC 5545 3.3.5)."""
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def known_zone(name: str) -> tzinfo | None:
    """By its IANA name, its Windows name, or a path that ends with the IANA name; None if it is none of them."""
    name = name.strip().strip('"').strip("/")
    parts = name.split("/")
    candidates = [
        WINDOWS_TO_OLSON.get(name, name),
        *("/".join(parts[-count:]) for count in (3, 2) if len(parts) > count),
    ]
    for candidate in candidates:
        try:
            return ZoneInfo(candidate)
        except (KeyError, ValueError, OSError):  # unknown, no name at all, a folder's name
            continue
    return None


class Zones:
    """The zones of one object. Its own definitions count only for names that the world does not know:
    they are often out of date, and no other object's definition of the same name is ever taken."""

    def __init__(self, definitions: Iterable[icalendar.Component] = ()) -> None:
        self._definitions: Mapping[str, icalendar.Timezone] = {
            str(definition.get("TZID", "")): definition
            for definition in definitions
            if isinstance(definition, icalendar.Timezone)
        }
        self._made: dict[str, tzinfo] = {}

    def named(self, name: str) -> tzinfo:
        """Raises UnreadableObjectError for a name that nobody defines."""
        if name not in self._made:
            zone = known_zone(name)
            if zone is None and name in self._definitions:
                zone = defined_zone(self._definitions[name])
            if zone is None:
                raise UnreadableObjectError("the calendar has an event in a time zone that nobody defines")
            self._made[name] = zone
        return self._made[name]


def defined_zone(definition: icalendar.Timezone) -> tzinfo | None:
    """A VTIMEZONE's own rules, or None where they make no sense."""
    try:
        zone: tzinfo = definition.to_tz(lookup_tzid=False)
        zone.utcoffset(datetime(2026, 1, 1))  # noqa: DTZ001 - its rules are read only now
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError):
        return None
    return zone
