"""Time zones to choose from: every IANA zone, found by city, country, abbreviation or UTC offset."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from slack_sdk.models.blocks import Option

from blocks.elements import OPTIONS_LIMIT, option
from bot.domain.timeframe import zone_names

_NO_PLACE = "Factory"
_FILLERS = frozenset({"time", "zone", "timezone", "standard", "daylight"})
_KNOWN_AS = {
    "America/New_York": "eastern boston washington miami atlanta",
    "America/Chicago": "central dallas houston austin",
    "America/Denver": "mountain",
    "America/Los_Angeles": "pacific san francisco seattle",
    "America/Sao_Paulo": "brasilia rio",
    "Asia/Kolkata": "mumbai delhi bangalore bengaluru chennai",
    "Asia/Shanghai": "beijing shenzhen",
    "Asia/Dubai": "abu dhabi",
    "Australia/Sydney": "canberra",
    "Europe/Berlin": "munich hamburg frankfurt cologne",
    "Europe/London": "england edinburgh cardiff britain uk",
    "Europe/Madrid": "barcelona",
    "Europe/Rome": "milan",
    "Europe/Zurich": "geneva bern basel",
    "UTC": "gmt coordinated universal",
}
_WEST_TO_EAST = (
    "Pacific/Honolulu America/Los_Angeles America/Denver America/Chicago America/Mexico_City America/New_York "
    "America/Bogota America/Halifax America/Sao_Paulo UTC Europe/London Europe/Lisbon Africa/Lagos Europe/Paris "
    "Europe/Berlin Europe/Madrid Africa/Johannesburg Europe/Athens Africa/Cairo Asia/Jerusalem Europe/Istanbul "
    "Africa/Nairobi Asia/Dubai Asia/Karachi Asia/Kolkata Asia/Kathmandu Asia/Dhaka Asia/Bangkok Asia/Singapore "
    "Asia/Shanghai Australia/Perth Asia/Tokyo Asia/Seoul Australia/Sydney Pacific/Auckland"
)
_USUAL = tuple(_WEST_TO_EAST.split())
"""What is offered before anything has been typed."""


def zone_option(zone: str, now: datetime) -> Option:
    return option(zone_label(zone, now), zone)


def zone_label(zone: str, now: datetime) -> str:
    """ "New York · UTC−05:00 · America/New_York": the offset is the present one."""
    parts = [_city(zone), f"UTC{_offset(zone, now).replace('-', '−')}"]
    if "/" in zone:
        parts.append(zone)
    return " · ".join(parts)


def search_zones(query: str, now: datetime, first: Sequence[str] = ()) -> list[Option]:
    """Zones of which every word of the query begins a keyword, the likeliest first, at most 100.

    A query with a slash is the beginning of an IANA name. Without a query come `first` (the person's own, say),
    then the usual ones.
    """
    words = _words(query)
    if "/" in query:
        spelled = query.strip().lower().replace(" ", "_")
        names = [entry.name for entry in _entries() if entry.name.lower().startswith(spelled)]
    elif words:
        ranked = sorted((rank, entry.name) for entry in _entries() if (rank := _rank(entry, words, now)) is not None)
        names = [name for _, name in ranked]
    else:
        names = list(dict.fromkeys([*(zone for zone in first if zone in zone_names()), *_USUAL]))
    return [zone_option(name, now) for name in names[:OPTIONS_LIMIT]]


@dataclass(frozen=True, slots=True)
class _Entry:
    """A zone and what it is found by. `is_place`: listed by the tz database for a country, so no mere alias."""

    name: str
    city: tuple[str, ...]
    others: tuple[str, ...]
    is_place: bool


def _rank(entry: _Entry, words: Sequence[str], now: datetime) -> tuple[bool, bool, bool, int] | None:
    """The smaller the likelier; None: no match."""
    offsets = _offset_spellings(_offset(entry.name, now)) if any(word[-1:].isdigit() for word in words) else ()
    by_city = all(any(keyword.startswith(word) for keyword in entry.city) for word in words)
    for word in words:
        by_name = any(keyword.startswith(word) for keyword in (*entry.city, *entry.others))
        if not by_name and word not in offsets:
            return None
    return entry.name not in _USUAL, not entry.is_place, not by_city, len(entry.name)


@lru_cache(maxsize=1)
def _entries() -> tuple[_Entry, ...]:
    countries = _countries()
    return tuple(
        _Entry(
            name=name,
            city=(*_words(_city(name)), *_words(_KNOWN_AS.get(name, ""))),
            others=(
                *_words(name.replace("/", " ")),
                *_words(countries.get(name, "")),
                *_abbreviations(name),
            ),
            is_place=name in countries or name == "UTC",
        )
        for name in sorted(zone_names() - {_NO_PLACE})
    )


def _countries() -> dict[str, str]:
    """Zone → country, from the tz database's own tables (zone.tab, iso3166.tab)."""
    tables = files("tzdata") / "zoneinfo"
    names = dict(line.split("\t")[:2] for line in _lines((tables / "iso3166.tab").read_text("utf-8")))
    rows = [line.split("\t") for line in _lines((tables / "zone.tab").read_text("utf-8"))]
    return {row[2]: names.get(row[0], "") for row in rows}


def _lines(table: str) -> list[str]:
    return [line for line in table.splitlines() if line and not line.startswith("#")]


def _abbreviations(zone: str) -> set[str]:
    """As used in winter and in summer, "est" and "edt"."""
    tz = ZoneInfo(zone)
    names = {datetime(2026, month, 1, tzinfo=UTC).astimezone(tz).tzname() for month in (1, 7)}
    return {name.lower() for name in names if name and name.isalpha()}


def _city(zone: str) -> str:
    return zone.rpartition("/")[2].replace("_", " ")


def _words(text: str) -> list[str]:
    found = re.findall(r"(?:utc|gmt)?[+-]\d[\d:]*|[^\s,()·]+", text.lower().replace("−", "-").replace("_", " "))
    return [word.replace("gmt", "utc") if word[-1:].isdigit() else word for word in found if word not in _FILLERS]


def _offset(zone: str, now: datetime) -> str:
    """ "+05:30"."""
    offset = now.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()
    hours, minutes = divmod(abs(int(offset.total_seconds())) // 60, 60)
    return f"{'-' if offset < timedelta() else '+'}{hours:02}:{minutes:02}"


def _offset_spellings(offset: str) -> tuple[str, ...]:
    sign, hours, minutes = offset[0], offset[1:3], offset[4:]
    short = f"{sign}{int(hours)}" + ("" if minutes == "00" else f":{minutes}")
    return (offset, short, f"utc{offset}", f"utc{short}")
