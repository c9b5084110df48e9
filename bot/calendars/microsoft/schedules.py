"""Busy times out of Graph's answers: getSchedule for addresses, calendarView for one calendar.

Everything but `free` blocks: tentative, out of office, working elsewhere, busy, and whatever comes after these.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from bot.calendars.microsoft import moments
from bot.calendars.microsoft.errors import MALFORMED, NONSENSE, UNFINISHED, schedule_refusal
from bot.domain.calendar import FreeBusy
from bot.domain.intervals import Interval, merge
from bot.rest import RestError

SCHEDULES_A_REQUEST = 20
_DAYS_A_REQUEST = timedelta(days=30)
_VIEW_STEP = timedelta(minutes=5)
VIEW_FIELDS = "start,end,isAllDay,showAs,originalStartTimeZone"
FREE = "free"
_FREE_IN_VIEW = "0"


def chunks(window: Interval) -> Sequence[Interval]:
    """The window in pieces that getSchedule takes (62 days are its most, 30 leave it room for full calendars; none may
    be shorter than a mark of its view, so the last one may end after the window)."""
    found = []
    start = window.start
    while start < window.end:
        end = min(start + _DAYS_A_REQUEST, window.end)
        found.append(Interval(start, max(end, start + _VIEW_STEP)))
        start = end
    return found


def question(addresses: Sequence[str], window: Interval) -> dict[str, Any]:
    """The body of a getSchedule."""
    return {
        "schedules": list(addresses),
        "startTime": moments.written(window.start),
        "endTime": moments.written(window.end),
        "availabilityViewInterval": _VIEW_STEP // timedelta(minutes=1),
    }


def answers(answer: Mapping[str, Any], addresses: Sequence[str], window: Interval) -> Mapping[str, FreeBusy]:
    """What a getSchedule says about each address; one that is missing or makes no sense is unreadable.

    Raises RestError where the answer is none at all.
    """
    try:
        found = {str(schedule["scheduleId"]).casefold(): schedule for schedule in answer["value"]}
    except MALFORMED as error:
        raise RestError(NONSENSE) from error
    return {address: _answer(found.get(address.casefold()), window) for address in addresses}


def _answer(schedule: Mapping[str, Any] | None, window: Interval) -> FreeBusy:
    if schedule is None:
        return FreeBusy(unreadable=UNFINISHED)
    try:
        if schedule.get("error") is not None:
            return FreeBusy(unreadable=schedule_refusal(str(schedule["error"].get("responseCode"))))
        items, view = schedule.get("scheduleItems"), schedule.get("availabilityView") or ""
        busy = merge(item for item in _busy_items(items or ()) if item.overlaps(window))
        if len(view) == -(-window.duration // _VIEW_STEP):
            return FreeBusy(busy=merge((*busy, *_only_in_view(view, window, busy))))
        # The view is of another raster, or there is none: nobody knows when its marks are.
        is_hidden = items is None or (not busy and bool(set(view) - {_FREE_IN_VIEW}))
        return FreeBusy(unreadable=UNFINISHED) if is_hidden else FreeBusy(busy=busy)
    except MALFORMED:
        return FreeBusy(unreadable=NONSENSE)


def _busy_items(items: Iterable[Mapping[str, Any]]) -> Iterator[Interval]:
    for item in items:
        start, end = moments.read(item["start"]), moments.read(item["end"], is_end=True)
        if start != end and item["status"].casefold() != FREE:
            yield Interval(start, end)


def _only_in_view(view: str, window: Interval, busy: Sequence[Interval]) -> Iterator[Interval]:
    """What the merged view shows as busy and no item explains: some sharing tells that somebody is busy, and no more.

    An item explains all the slots of the view that it touches.
    """
    explained = merge(_on_raster(item, window) for item in busy)
    start = window.start
    for mark, slots in groupby(view):
        end = start + _VIEW_STEP * len(list(slots))
        if mark != _FREE_IN_VIEW:
            yield from _without(Interval(start, end), explained)
        start = end


def _on_raster(item: Interval, window: Interval) -> Interval:
    before = (item.start - window.start) // _VIEW_STEP
    after = -((window.start - item.end) // _VIEW_STEP)
    return Interval(window.start + before * _VIEW_STEP, window.start + after * _VIEW_STEP)


def _without(run: Interval, explained: Sequence[Interval]) -> Iterator[Interval]:
    """What is left of the run beside these sorted intervals."""
    start = run.start
    for known in explained:
        if known.start >= run.end:
            break
        if known.start > start:
            yield Interval(start, known.start)
        start = max(start, known.end)
    if start < run.end:
        yield Interval(start, run.end)


def busy_events(events: Iterable[Mapping[str, Any]]) -> Iterator[Interval]:
    """The events of a calendarView that block. Raises RestError."""
    try:
        for event in events:
            if event["showAs"].casefold() == FREE:
                continue
            start, end = span(event)
            if start != end:
                yield Interval(start, end)
    except MALFORMED as error:
        raise RestError(NONSENSE) from error


def span(event: Mapping[str, Any]) -> tuple[datetime, datetime]:
    """From when until when an event of a calendarView is. Raises one of MALFORMED."""
    if not event["isAllDay"]:
        return moments.read(event["start"]), moments.read(event["end"], is_end=True)
    zone = moments.known_zone(event.get("originalStartTimeZone") or "")
    if zone is UTC:
        zone = None  # written by a program that had no place in mind: the day of anywhere
    return moments.read_day(event["start"], zone), moments.read_day(event["end"], zone, is_end=True)
