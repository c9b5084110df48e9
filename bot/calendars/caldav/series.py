"""Calendar objects unrolled into their owner's busy times: rules, exceptions, changed occurrences.

Everything that is not understood makes the object, and with it the calendar, unreadable. What is merely odd blocks
too much rather than too little: an exception that fits no occurrence leaves the occurrence, a change of one that
does not exist is an event of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar

from bot.calendars.caldav.errors import UNREADABLE, UnreadableObjectError
from bot.calendars.caldav.moments import Key, Length, Moment, length, moment, moment_of
from bot.calendars.caldav.objects import MALFORMED, Owner, blocks, is_public, parsed, several, title
from bot.calendars.caldav.recurrence import Allowance, starts
from bot.calendars.caldav.zones import Place, Zones, known_zone
from bot.domain.intervals import Interval

_MARGIN = timedelta(days=2)
"""More than any zone's distance from any other, for windows on the wall clock."""
_ALL_THAT_FOLLOW = "the calendar has a change to an event and all that follow it, which is not understood here"


def busy_times(text: str, window: Interval, owner: Owner, allowance: Allowance) -> Iterator[Interval]:
    """When the object's events make the owner busy, as far as it overlaps the window.

    Raises UnreadableObjectError.
    """
    return (found for found, _ in titled_times(text, window, owner, allowance))


def titled_times(
    text: str, window: Interval, owner: Owner, allowance: Allowance, besides: Collection[str] = ()
) -> Iterator[tuple[Interval, str]]:
    """The same with what each of them is called; empty where that is kept private. The uids `besides` are left out.

    Raises UnreadableObjectError.
    """
    try:
        for calendar in parsed(text):
            zones = Zones(calendar.walk("VTIMEZONE"))
            here = _with_zone_of(owner, calendar)
            series: dict[str, list[icalendar.Component]] = defaultdict(list)
            for component in calendar.walk("VEVENT"):
                series[str(component.get("UID", ""))].append(component)
            for components in (those for uid, those in series.items() if uid not in besides):
                is_shown = all(is_public(one) for one in components if "RECURRENCE-ID" not in one)
                for found, component in _Series(components, zones, here, window, allowance).busy():
                    if found.overlaps(window):
                        yield found, title(component) if is_shown else ""
    except MALFORMED as error:
        raise UnreadableObjectError(UNREADABLE) from error


class _Series:
    """An event with its repetitions and its changed occurrences: everything of one UID."""

    def __init__(
        self,
        components: Sequence[icalendar.Component],
        zones: Zones,
        owner: Owner,
        window: Interval,
        allowance: Allowance,
    ) -> None:
        self._masters = [component for component in components if "RECURRENCE-ID" not in component]
        self._changes = [component for component in components if "RECURRENCE-ID" in component]
        self._zones = zones
        self._owner = owner
        self._window = window
        self._allowance = allowance

    def busy(self) -> Iterator[tuple[Interval, icalendar.Component]]:
        """Each time with the component that it comes from."""
        changed = {self._changed(component) for component in self._changes}
        for component in self._changes:
            for found in self._once(component):
                yield found, component
        for component in self._masters:
            if blocks(component, self._owner):
                for found in self._repeated(component, changed):
                    yield found, component

    def _changed(self, component: icalendar.Component) -> Key:
        recurrence_id: Any = component["RECURRENCE-ID"]
        if str(recurrence_id.params.get("RANGE", "")).upper() == "THISANDFUTURE":
            raise UnreadableObjectError(_ALL_THAT_FOLLOW)
        return moment(component, "RECURRENCE-ID", self._zones).key

    def _once(self, component: icalendar.Component) -> Iterator[Interval]:
        start = moment(component, "DTSTART", self._zones)
        extent = length(component, start, self._zones)
        if blocks(component, self._owner):
            yield from self._interval(start, extent)

    def _repeated(self, component: icalendar.Component, changed: set[Key]) -> Iterator[Interval]:
        first = moment(component, "DTSTART", self._zones)
        extent = length(component, first, self._zones)
        left_out = changed | {
            moment_of(entry.dt, dates.params.get("TZID"), self._zones).key
            for dates in several(component, "EXDATE")
            for entry in dates.dts
        }
        for start in self._starts(component, first, extent):
            if start.key not in left_out:
                yield from self._interval(start, extent)
        for dates in several(component, "RDATE"):
            for entry in dates.dts:
                yield from self._added(entry.dt, dates.params.get("TZID"), first, extent, left_out)

    def _starts(self, component: icalendar.Component, first: Moment, extent: Length) -> Iterator[Moment]:
        """The first occurrence, which counts even where no rule gives it, and those of the rules."""
        yield first
        zone = first.zone or UTC
        begin = self._window.start.astimezone(zone).replace(tzinfo=None) - extent.longest - _MARGIN
        end = self._window.end.astimezone(zone).replace(tzinfo=None) + _MARGIN
        for rule in several(component, "RRULE"):
            for wall in starts(rule, first.wall, begin, end, first.zone, self._allowance):
                if wall != first.wall:
                    yield first.at(wall)

    def _added(
        self, value: Any, zone_name: str | None, first: Moment, extent: Length, left_out: set[Key]
    ) -> Iterator[Interval]:
        """An RDATE: a start, or a period with an end of its own."""
        begin, until = value if isinstance(value, tuple) else (value, None)
        start = moment_of(begin, zone_name, self._zones)
        if start.is_day != first.is_day:
            raise ValueError("an added date is of another kind than the event")
        if start.key in left_out:
            return
        if isinstance(until, datetime):
            extent = Length(
                timedelta(),
                moment_of(until, zone_name, self._zones).latest(self._owner.place) - start.earliest(self._owner.place),
            )
        elif isinstance(until, timedelta):
            extent = Length(timedelta(days=until.days), timedelta(seconds=until.seconds))
        yield from self._interval(start, extent)

    def _interval(self, start: Moment, extent: Length) -> Iterator[Interval]:
        """Nothing where the event has no length: it keeps nobody busy."""
        begin, end = start.earliest(self._owner.place), extent.end(start, self._owner.place)
        if extent.longest > timedelta() and begin < end:
            yield Interval(begin, end)


def _with_zone_of(owner: Owner, calendar: icalendar.Component) -> Owner:
    """X-WR-TIMEZONE says where the object's floating times are meant, unless the calendar itself has said so."""
    if owner.place.zone is not None or "X-WR-TIMEZONE" not in calendar:
        return owner
    return Owner(Place(known_zone(str(calendar["X-WR-TIMEZONE"]))), owner.addresses)
