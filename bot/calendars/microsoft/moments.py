"""Graph's dateTimeTimeZone: a time of day without an offset, and the name of the zone it is meant in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

_WRITTEN = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,6})\d*)?(Z|[+-]\d\d:\d\d)?")
_UTC_NAMES = frozenset({"utc", "tzone://microsoft/utc", "etc/utc", "coordinated universal time"})
_EASTERNMOST = timedelta(hours=14)
_WESTERNMOST = timedelta(hours=12)


def written(moment: datetime) -> dict[str, str]:
    """An instant as Graph takes it."""
    return {"dateTime": moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"), "timeZone": "UTC"}


def read(value: Mapping[str, Any], *, is_end: bool = False) -> datetime:
    """The instant, in UTC. Raises ValueError, KeyError or TypeError.

    An hour that the clock shows twice begins at its first showing and ends at its second: rather busy than free.
    """
    wall = _wall(value)
    if wall.tzinfo is not None:
        return wall.astimezone(UTC)
    zone = known_zone(value["timeZone"])
    if zone is None:
        raise ValueError("a time zone that nobody knows")
    return wall.replace(tzinfo=zone, fold=int(is_end)).astimezone(UTC)


def read_day(value: Mapping[str, Any], zone: tzinfo | None, *, is_end: bool = False) -> datetime:
    """When the day of an all-day event begins where its owner is; Graph names it as a midnight in UTC.

    Where the owner's zone is not known, the earliest moment at which the day begins anywhere on Earth, or with
    `is_end` the latest.
    """
    wall = _wall(value)
    if wall.tzinfo is not None or (wall.hour, wall.minute, wall.second) != (0, 0, 0):
        return read(value, is_end=is_end)  # not a date after all
    if zone is not None:
        return wall.replace(tzinfo=zone, fold=int(is_end)).astimezone(UTC)
    anywhere = wall.replace(tzinfo=UTC)
    return anywhere + _WESTERNMOST if is_end else anywhere - _EASTERNMOST


def known_zone(name: str) -> tzinfo | None:
    """By its Windows name or its IANA name; None if it is neither (`Customized Time Zone`)."""
    if name.lower() in _UTC_NAMES:
        return UTC
    try:
        return ZoneInfo(WINDOWS_TO_OLSON.get(name, name))
    except (KeyError, ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError
        return None


def _wall(value: Mapping[str, Any]) -> datetime:
    """As it is written, to the microsecond; naive unless it carries an offset of its own."""
    found = _WRITTEN.fullmatch(value["dateTime"])
    if found is None:
        raise ValueError("not a date and time")
    seconds, fraction, offset = found.groups()
    return datetime.fromisoformat(f"{seconds}{offset or ''}").replace(microsecond=int((fraction or "").ljust(6, "0")))
