"""A calendar's busy times: its events and free/busy objects, or its free/busy alone where no more is shared
(RFC 4791 7.8, 7.10)."""

from __future__ import annotations

from collections.abc import Collection as Uids
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree.ElementTree import Element

import icalendar

from bot.calendars.caldav import errors
from bot.calendars.caldav.errors import UNREADABLE, CalDavError, UnreadableObjectError
from bot.calendars.caldav.listing import Collection
from bot.calendars.caldav.multistatus import CALDAV, DAV, element, resources
from bot.calendars.caldav.objects import MALFORMED, Owner, parsed, several
from bot.calendars.caldav.recurrence import Allowance
from bot.calendars.caldav.series import busy_times, titled_times
from bot.calendars.caldav.session import Session
from bot.domain.intervals import Interval, merge

_FREE_BUSY = "VFREEBUSY"
_MARGIN = timedelta(days=2)
"""The server places all-day events in a zone of its own choice; what it might leave out for that is asked for too."""


def busy(session: Session, collection: Collection, window: Interval, addresses: frozenset[str]) -> tuple[Interval, ...]:
    """Merged, and cut to the window. `addresses` are the owner's. Raises CalDavError."""
    owner = Owner(collection.place, addresses)
    try:
        found = [*_of_events(session, collection.url, window, owner), *_kept(session, collection)]
    except CalDavError as error:
        if error.status != 403:
            raise
        found = list(_free_busy(session, collection.url, window))
    return merge(
        Interval(max(interval.start, window.start), min(interval.end, window.end))
        for interval in found
        if interval.overlaps(window)
    )


def titles(
    session: Session, collection: Collection, window: Interval, addresses: frozenset[str]
) -> list[tuple[Interval, str]]:
    """Of the events that block and have a title that is not private. Raises CalDavError."""
    owner, allowance = Owner(collection.place, addresses), Allowance()
    return [
        titled
        for _, _, text in objects(session, collection.url, _around(window))
        for titled in titled_times(text, window, owner, allowance)
        if titled[1]
    ]


def besides(
    session: Session, collection: Collection, uids: Uids[str], window: Interval, addresses: frozenset[str]
) -> list[Interval]:
    """What blocks within the window but the events of these uids. Raises CalDavError, also where no more than free/busy
    is shared: that tells no event from another."""
    owner, allowance = Owner(collection.place, addresses), Allowance()
    others = [
        found
        for _, _, text in objects(session, collection.url, _around(window))
        for found, _ in titled_times(text, window, owner, allowance, uids)
    ]
    return [*others, *(found for found in _kept(session, collection) if found.overlaps(window))]


def objects(session: Session, url: str, *filters: Element, kind: str = "VEVENT") -> Iterator[tuple[str, str, str]]:
    """URL, ETag and text of every object with a component of that kind that passes the filters. Raises CalDavError."""
    answer = session.report(
        url,
        f"{CALDAV}calendar-query",
        element(f"{DAV}prop", element(f"{DAV}getetag"), element(f"{CALDAV}calendar-data")),
        element(
            f"{CALDAV}filter",
            element(f"{CALDAV}comp-filter", element(f"{CALDAV}comp-filter", *filters, name=kind), name="VCALENDAR"),
        ),
    )
    for resource in resources(answer):
        if resource.status >= 400:  # the object's, or the server's word that there is more than it gives (507)
            raise errors.refusal(resource.status)
        data = resource.properties.get(f"{CALDAV}calendar-data")
        if data is None or not data.text:
            raise UnreadableObjectError(UNREADABLE)
        yield resource.url, resource.text(f"{DAV}getetag"), data.text


def _of_events(session: Session, url: str, window: Interval, owner: Owner) -> Iterator[Interval]:
    allowance = Allowance()
    for _, _, text in objects(session, url, _around(window)):
        yield from busy_times(text, window, owner, allowance)


def _kept(session: Session, collection: Collection) -> Iterator[Interval]:
    """Of the free/busy objects that somebody keeps in the calendar, whenever they are: there are few, if any."""
    if not collection.may_keep_free_busy:
        return
    for _, _, text in objects(session, collection.url, kind=_FREE_BUSY):
        try:
            for calendar in parsed(text):
                for component in calendar.walk(_FREE_BUSY):
                    yield from _periods(component)
        except MALFORMED as error:
            raise UnreadableObjectError(UNREADABLE) from error


def _free_busy(session: Session, url: str, window: Interval) -> Iterator[Interval]:
    answer = session.report(url, f"{CALDAV}free-busy-query", _time_range(window.start, window.end))
    if answer.status != 200 or answer.media_type != "text/calendar":
        raise errors.refusal(answer.status) if answer.status >= 400 else CalDavError(errors.NOT_CALDAV)
    try:
        (component,) = icalendar.Calendar.from_ical(answer.body).walk(_FREE_BUSY)
        _is_whole(component, window)
        yield from _periods(component)
    except MALFORMED as error:
        raise CalDavError(errors.NOT_CALDAV) from error


def _is_whole(component: icalendar.Component, window: Interval) -> None:
    """Raises ValueError where the answer covers less than the window, or something in it is broken."""
    begin: Any = component["DTSTART"]
    end: Any = component["DTEND"]
    if component.errors or not begin.dt <= window.start < window.end <= end.dt:
        raise ValueError("part of an answer")


def _periods(component: icalendar.Component) -> Iterator[Interval]:
    for period in several(component, "FREEBUSY"):
        if period.start.utcoffset() is None:  # in nobody's zone, where RFC 5545 3.8.2.6 wants UTC
            raise ValueError("a period without a zone")
        if str(period.params.get("FBTYPE", "BUSY")).upper() != "FREE" and period.start < period.end:
            yield Interval(period.start.astimezone(UTC), period.end.astimezone(UTC))


def _around(window: Interval) -> Element:
    return _time_range(window.start - _MARGIN, window.end + _MARGIN)


def _time_range(start: datetime, end: datetime) -> Element:
    """To the second, outwards."""
    end = end if end.microsecond == 0 else end + timedelta(seconds=1)
    return element(f"{CALDAV}time-range", start=_stamp(start), end=_stamp(end))


def _stamp(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y%m%dT%H%M%SZ}"
