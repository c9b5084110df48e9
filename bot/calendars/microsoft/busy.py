"""When people are busy: their own accounts through their own tokens, everybody else as far as they share it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, timedelta
from functools import partial
from typing import Any
from urllib.parse import quote

from bot.calendars.microsoft import schedules
from bot.calendars.microsoft.errors import NO_ADDRESS, PERSONAL, UNFINISHED
from bot.calendars.microsoft.graph import Session
from bot.calendars.microsoft.mailbox import Mailbox
from bot.calendars.microsoft.parallel import answered
from bot.domain.calendar import FreeBusy
from bot.domain.intervals import Interval, merge
from bot.rest import RestError

_VIEW_MARGIN = timedelta(hours=14)
"""All-day events are listed by their day in UTC, and may be meant so much earlier or later."""
_PAGE = "500"


def of_account(session: Session, window: Interval) -> FreeBusy:
    """All calendars that count for the connection's owner.

    The default calendar's free/busy comes from getSchedule, which knows the owner's zone, the others' from their
    events; so does everything where somebody has chosen the calendars, or the account is a personal one. Raises
    RestError.
    """
    chosen = session.connection.busy_calendars
    if chosen:
        return _of_calendars(session, chosen, window)
    if session.is_personal:
        return _of_calendars(session, [calendar.id for calendar in Mailbox(session).calendars()], window)
    calls: dict[object, Callable[[], FreeBusy]] = {
        chunk: partial(_of_address, session, session.connection.account, chunk) for chunk in schedules.chunks(window)
    }
    calls["others"] = partial(_of_other_calendars, session, window)
    return united(readable(answer) for answer in answered(calls, session.deadline).values())


def of_addresses(session: Session, addresses: Sequence[str], window: Interval) -> Mapping[str, FreeBusy]:
    """What the account may see of others, by address. Raises RestError."""
    if session.is_personal:
        return dict.fromkeys(addresses, FreeBusy(unreadable=PERSONAL))
    asked = sorted({address.casefold() for address in addresses if is_address(address)})
    size = schedules.SCHEDULES_A_REQUEST
    batches = [tuple(asked[first : first + size]) for first in range(0, len(asked), size)]
    calls = {
        (batch, chunk): partial(_schedules, session, batch, chunk)
        for batch in batches
        for chunk in schedules.chunks(window)
    }
    found: dict[str, list[FreeBusy]] = {address: [] for address in asked}
    for (batch, _), answers in answered(calls, session.deadline).items():
        for address in batch:
            found[address].append(readable(answers) if isinstance(answers, RestError) else answers[address])
    not_asked = [FreeBusy(unreadable=NO_ADDRESS)]
    return {address: united(found.get(address.casefold(), not_asked)) for address in addresses}


def readable(answer: FreeBusy | RestError) -> FreeBusy:
    """An error as what it is: not readable, because of this."""
    return FreeBusy(unreadable=str(answer)) if isinstance(answer, RestError) else answer


def united(answers: Iterable[FreeBusy]) -> FreeBusy:
    """All of them together; unreadable where one of them is, or where there is none."""
    together = list(answers)
    failed = next((answer for answer in together if not answer.readable), None)
    if failed is not None or not together:
        return failed or FreeBusy(unreadable=UNFINISHED)
    return FreeBusy(busy=merge(interval for answer in together for interval in answer.busy))


def _of_address(session: Session, address: str, window: Interval) -> FreeBusy:
    return _schedules(session, (address,), window)[address]


def _schedules(session: Session, addresses: Sequence[str], window: Interval) -> Mapping[str, FreeBusy]:
    answer = session.ask("/me/calendar/getSchedule", schedules.question(addresses, window))
    return schedules.answers(answer, addresses, window)


def _of_other_calendars(session: Session, window: Interval) -> FreeBusy:
    others = [calendar.id for calendar in Mailbox(session).calendars() if not calendar.is_primary]
    return _of_calendars(session, others, window) if others else FreeBusy()


def _of_calendars(session: Session, calendars: Sequence[str], window: Interval) -> FreeBusy:
    calls = {calendar: partial(_of_calendar, session, calendar, window) for calendar in calendars}
    return united(readable(answer) for answer in answered(calls, session.deadline).values())


def _of_calendar(session: Session, calendar: str, window: Interval) -> FreeBusy:
    events = view(session, calendar, window, schedules.VIEW_FIELDS)
    return FreeBusy(busy=merge(busy for busy in schedules.busy_events(events) if busy.overlaps(window)))


def view(session: Session, calendar: str, window: Interval, fields: str) -> Iterator[Mapping[str, Any]]:
    """The calendar's events around the window, repeated ones one by one. RestError may come at any of them."""
    parameters = {
        "startDateTime": (window.start - _VIEW_MARGIN).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "endDateTime": (window.end + _VIEW_MARGIN).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "$select": fields,
        "$top": _PAGE,
    }
    return session.pages(f"/me/calendars/{quote(calendar, safe='')}/calendarView", parameters)


def is_address(text: str) -> bool:
    """Whether Graph could look it up: it refuses a whole batch for one that it could not."""
    name, _, domain = text.partition("@")
    return bool(name and domain) and "@" not in domain and text.isprintable() and not set(text) & set(" ,;<>()/:")
