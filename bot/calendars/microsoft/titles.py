"""What events are called: in one's own calendars, and in other people's as far as they show it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from bot.calendars.microsoft import busy, moments, schedules
from bot.calendars.microsoft.errors import MALFORMED, NONSENSE
from bot.calendars.microsoft.graph import Session
from bot.calendars.microsoft.mailbox import Mailbox
from bot.calendars.microsoft.parallel import answered
from bot.domain.intervals import Interval
from bot.rest import RestError

_FIELDS = f"{schedules.VIEW_FIELDS},subject,sensitivity"
_SHOWN = "normal"
"""Of an event's sensitivity; `personal`, `private` and `confidential` are the others."""

Titled = tuple[Interval, str]


def of_account(session: Session, window: Interval) -> list[Titled]:
    """Of the calendars chosen in Setup, else of all that the account owns. Raises RestError."""
    calendars = session.connection.busy_calendars or [calendar.id for calendar in Mailbox(session).calendars()]
    calls = {calendar: partial(_of_calendar, session, calendar, window) for calendar in calendars}
    found: list[Titled] = []
    for answer in answered(calls, session.deadline).values():
        if isinstance(answer, RestError):
            raise answer
        found += answer
    return found


def besides(session: Session, window: Interval, uids: Collection[str]) -> list[Interval]:
    """What blocks in the account's calendars but the events of these names (Graph's iCalUId). Raises RestError."""
    calendars = session.connection.busy_calendars or [calendar.id for calendar in Mailbox(session).calendars()]
    found: list[Interval] = []
    for calendar in calendars:
        events = busy.view(session, calendar, window, f"{schedules.VIEW_FIELDS},iCalUId")
        others = (event for event in events if event.get("iCalUId") not in uids)
        found += [one for one in schedules.busy_events(others) if one.overlaps(window)]
    return found


def of_address(session: Session, address: str, window: Interval) -> list[Titled]:
    """What getSchedule says of somebody who shares more than when they are busy. Raises RestError."""
    found: list[Titled] = []
    if session.is_personal or not busy.is_address(address):
        return found
    for chunk in schedules.chunks(window):
        answer = session.ask("/me/calendar/getSchedule", schedules.question([address], chunk))
        try:
            (schedule,) = answer["value"]
            found += _of_items(schedule.get("scheduleItems") or ())
        except MALFORMED as error:
            raise RestError(NONSENSE) from error
    return found


def _of_calendar(session: Session, calendar: str, window: Interval) -> list[Titled]:
    try:
        events = busy.view(session, calendar, window, _FIELDS)
        return [titled for titled in _of_events(events) if titled[0].overlaps(window)]
    except MALFORMED as error:
        raise RestError(NONSENSE) from error


def _of_events(events: Iterable[Mapping[str, Any]]) -> Iterator[Titled]:
    for event in events:
        start, end = schedules.span(event)
        is_shown = event["sensitivity"].casefold() == _SHOWN and event["showAs"].casefold() != schedules.FREE
        if is_shown and event.get("subject") and start < end:
            yield Interval(start, end), event["subject"]


def _of_items(items: Iterable[Mapping[str, Any]]) -> Iterator[Titled]:
    """Without details there is no `subject`, and of a private event nobody is shown any."""
    for item in items:
        start, end = moments.read(item["start"]), moments.read(item["end"], is_end=True)
        is_shown = not item.get("isPrivate") and item["status"].casefold() != schedules.FREE
        if is_shown and item.get("subject") and start < end:
            yield Interval(start, end), item["subject"]
