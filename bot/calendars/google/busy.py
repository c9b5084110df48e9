"""Free/busy questions, and what the answers mean. Whatever an answer leaves out is unreadable, never free."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.calendars.google.faults import INCOMPLETE, NOT_UNDERSTOOD, Meaning, of_one_calendar
from bot.domain.calendar import FreeBusy
from bot.domain.intervals import Interval, merge

MOST_CALENDARS = 50
"""In one question (the discovery document's `calendarExpansionMax`)."""
LONGEST = timedelta(days=60)
"""In one question; longer ones are refused as a whole (`timeRangeTooLong`)."""

_FRACTION = timedelta(seconds=1)
_LEFT_OUT = Meaning(INCOMPLETE.fault, "Google left this calendar out of its answer")


def groups(ids: Iterable[str]) -> list[tuple[str, ...]]:
    """The calendars, each once, as few as go into one question."""
    each = tuple(dict.fromkeys(ids))
    return [each[start : start + MOST_CALENDARS] for start in range(0, len(each), MOST_CALENDARS)]


def stretches(window: Interval) -> list[Interval]:
    """The window in pieces that go into one question."""
    pieces = []
    start = window.start
    while start < window.end:
        end = min(start + LONGEST, window.end)
        pieces.append(Interval(start, end))
        start = end
    return pieces


def question(ids: Sequence[str], window: Interval) -> dict[str, Any]:
    """The body of `freebusy.query` (schema FreeBusyRequest)."""
    return {
        "timeMin": written(window.start),
        "timeMax": written(window.end),
        "timeZone": "UTC",
        "calendarExpansionMax": MOST_CALENDARS,
        "items": [{"id": calendar_id} for calendar_id in ids],
    }


def understood(answer: Mapping[str, Any], ids: Sequence[str], window: Interval) -> dict[str, FreeBusy]:
    """One answer per calendar (schema FreeBusyResponse): its busy times within the window, or why there are none."""
    calendars = answer.get("calendars")
    if not isinstance(calendars, dict):
        return unreadable(ids, NOT_UNDERSTOOD.reason)
    if not _covers(answer, window):
        return unreadable(ids, INCOMPLETE.reason)
    by_id = {calendar_id.casefold(): entry for calendar_id, entry in calendars.items()}
    return {calendar_id: _of_one(by_id.get(calendar_id.casefold())) for calendar_id in ids}


def unreadable(ids: Iterable[str], reason: str) -> dict[str, FreeBusy]:
    return {calendar_id: FreeBusy(unreadable=reason) for calendar_id in ids}


def joined(ids: Iterable[str], parts: Sequence[Mapping[str, FreeBusy]]) -> dict[str, FreeBusy]:
    """Each calendar's answers to questions about one stretch of time after another, as one."""
    return {calendar_id: together(part[calendar_id] for part in parts) for calendar_id in ids}


def together(answers: Iterable[FreeBusy]) -> FreeBusy:
    """Busy where any is; unreadable where any is."""
    busy: list[Interval] = []
    for answer in answers:
        if not answer.readable:
            return answer
        busy.extend(answer.busy)
    return FreeBusy(busy=merge(busy))


def written(instant: datetime) -> str:
    """RFC 3339, in UTC."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _covers(answer: Mapping[str, Any], window: Interval) -> bool:
    """Whether the answer is about the whole window, as far as it says; fractions of a second may be lost."""
    try:
        start, end = (_instant(answer[name]) if name in answer else None for name in ("timeMin", "timeMax"))
    except ValueError:
        return False
    return (start is None or start <= window.start + _FRACTION) and (end is None or end >= window.end - _FRACTION)


def _of_one(entry: object) -> FreeBusy:
    if entry is None:
        return FreeBusy(unreadable=_LEFT_OUT.reason)
    if not isinstance(entry, dict):
        return FreeBusy(unreadable=NOT_UNDERSTOOD.reason)
    if errors := entry.get("errors"):
        first = errors[0] if isinstance(errors, list) else errors
        return FreeBusy(unreadable=of_one_calendar(first.get("reason") if isinstance(first, dict) else None).reason)
    periods = entry.get("busy")
    try:
        if not isinstance(periods, list):
            raise ValueError("no list of busy times")
        return FreeBusy(busy=merge(filter(None, map(_interval, periods))))
    except ValueError:
        return FreeBusy(unreadable=NOT_UNDERSTOOD.reason)


def _interval(period: object) -> Interval | None:
    """None where it has no length. Raises ValueError."""
    if not isinstance(period, dict):
        raise ValueError("no time period")
    start, end = _instant(period.get("start")), _instant(period.get("end"))
    return None if start == end else Interval(start, end)


def _instant(value: object) -> datetime:
    if not isinstance(value, str):
        raise ValueError("no instant")
    instant = datetime.fromisoformat(value)
    if instant.utcoffset() is None:
        raise ValueError("a time without an offset")
    try:
        return instant.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("a time outside of time") from error
