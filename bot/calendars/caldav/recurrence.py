"""Recurrence rules unrolled as wall-clock times (RFC 5545 3.3.10), within bounds: no calendar keeps us for ever."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import MAXYEAR, date, datetime, time, timedelta, tzinfo
from math import prod
from typing import Any

import icalendar
from dateutil.rrule import rrulestr

from bot.calendars.caldav.errors import UnreadableObjectError

_PERIODS = {
    "YEARLY": timedelta(days=365),
    "MONTHLY": timedelta(days=28),
    "WEEKLY": timedelta(weeks=1),
    "DAILY": timedelta(days=1),
    "HOURLY": timedelta(hours=1),
    "MINUTELY": timedelta(minutes=1),
    "SECONDLY": timedelta(seconds=1),
}
_EVEN = frozenset(_PERIODS) - {"YEARLY", "MONTHLY"}
"""Periods of one length on the wall clock: a rule may be entered in the middle."""
_FINE = frozenset({"HOURLY", "MINUTELY", "SECONDLY"})
_RARE = frozenset({"BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS"})
"""Parts that may together leave nothing, as the 30th of February."""
_TIMES_A_DAY = 24 * 60
_CYCLE_YEARS = 400
"""After as many years dates fall on the same weekdays again. A rule is unrolled in the last such cycle before the year
10000: dateutil goes on looking until then where nothing is left to be found, day by day if it must."""
_NEVER_AGAIN = 150_000
"""Steps for having looked in vain through a cycle: about what it takes."""

TOO_OFTEN = "the calendar has an event that repeats too often to be read"
NONSENSE = "the calendar has an event with a rule that makes no sense"


class Allowance:
    """How many steps the unrolling of one calendar's rules may take; a person's calendar needs some thousands."""

    def __init__(self, steps: int = 300_000) -> None:
        self._left = steps

    def spend(self, steps: int) -> None:
        """Raises UnreadableObjectError when there is nothing left."""
        self._left -= steps
        if self._left < 0:
            raise UnreadableObjectError(TOO_OFTEN)


def starts(
    rule: icalendar.vRecur, first: datetime, begin: datetime, end: datetime, zone: tzinfo | None, allowance: Allowance
) -> Iterator[datetime]:
    """The rule's wall-clock times in [begin, end], all naive; perhaps some before. `first` is the DTSTART.

    `zone` is the wall clock's, None for floating times and dates. Raises UnreadableObjectError or ValueError.
    """
    frequency = str(_only(rule, "FREQ")).upper()
    interval, count, until = _only(rule, "INTERVAL", 1), _only(rule, "COUNT"), _only(rule, "UNTIL")
    if frequency not in _PERIODS or not isinstance(interval, int) or interval < 1:
        raise UnreadableObjectError(NONSENSE)
    period = _PERIODS[frequency] * interval
    last = end if until is None else min(end, _wall(until, zone))
    start = first
    if count is None and frequency in _EVEN and begin > first:
        start += period * ((begin - first) // period)
    if last < start:
        return
    allowance.spend(1 + (last - start) // period)
    _refuse_what_takes_for_ever(rule, frequency)
    terms = icalendar.vRecur({name: value for name, value in rule.items() if name not in ("UNTIL", "COUNT")})
    text: bytes = terms.to_ical()  # type: ignore[no-untyped-call]  # not typed yet
    ahead = (MAXYEAR - last.year) // _CYCLE_YEARS * _CYCLE_YEARS
    for number, later in enumerate(rrulestr(text.decode(), dtstart=_years_later(start, ahead))):
        wall = _years_later(later, -ahead)
        if wall > last or number == count:
            return
        allowance.spend(1)
        yield wall
    allowance.spend(_NEVER_AGAIN)


def _years_later(wall: datetime, years: int) -> datetime:
    """The same day of the calendar that many years on, a multiple of 400."""
    return wall.replace(year=wall.year + years)


def _refuse_what_takes_for_ever(rule: icalendar.vRecur, frequency: str) -> None:
    """dateutil looks for the next time through a whole cycle, hour by hour if it must."""
    if frequency in _FINE and any(name in rule for name in _RARE):
        raise UnreadableObjectError(TOO_OFTEN)
    if prod(len(rule.get(name, [0])) for name in ("BYHOUR", "BYMINUTE", "BYSECOND")) > _TIMES_A_DAY:
        raise UnreadableObjectError(TOO_OFTEN)


def _only(rule: icalendar.vRecur, name: str, default: object = None) -> Any:
    """The one value of a part that may be given once."""
    values = rule.get(name, [default])
    if len(values) != 1:
        raise UnreadableObjectError(NONSENSE)
    return values[0]


def _wall(until: date, zone: tzinfo | None) -> datetime:
    """UNTIL on the rule's own clock; a mere date includes that day."""
    if not isinstance(until, datetime):
        return datetime.combine(until, time.max)
    if until.tzinfo is None:
        return until
    if zone is None:  # an instant for a series without zone: wherever it is read, its day is included
        return datetime.combine(until.date() + timedelta(days=1), time.max)
    return until.astimezone(zone).replace(tzinfo=None)
