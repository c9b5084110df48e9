"""What the events of one's own calendars are called. Of other people's our permissions show only when they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from bot.calendars.google.busy import written
from bot.calendars.google.calls import Ask
from bot.calendars.google.events import SENSELESS, edge
from bot.calendars.google.faults import INCOMPLETE, NOT_UNDERSTOOD, GoogleError
from bot.domain.intervals import Interval

_MOST_PAGES = 4
"""Of 250 events each: more than fit into the days of one screen."""
_SHOWN = frozenset({"default", "public"})
"""Of an event's visibility; `private` and `confidential` are the others."""
_FIELDS = (
    "nextPageToken,timeZone,items(status,summary,start,end,transparency,visibility,attendees(self,responseStatus))"
)


def titles(ask: Ask, calendar_id: str, window: Interval) -> list[tuple[Interval, str]]:
    """Of the events that block time and are not private. Raises GoogleError."""
    found: list[tuple[Interval, str]] = []
    token: str | None = None
    for _ in range(_MOST_PAGES):
        answer = ask(partial(_page, calendar_id, window, token))
        items, zone = answer.get("items"), answer.get("timeZone")
        if not isinstance(items, list):
            raise GoogleError(NOT_UNDERSTOOD)
        try:
            found.extend(_titled(items, str(zone or "UTC")))
        except SENSELESS as error:
            raise GoogleError(NOT_UNDERSTOOD) from error
        token = answer.get("nextPageToken")
        if not token:
            return found
    raise GoogleError(INCOMPLETE)


def _page(calendar_id: str, window: Interval, token: str | None, api: Any) -> Any:
    return api.events().list(
        calendarId=calendar_id,
        timeMin=written(window.start),
        timeMax=written(window.end),
        singleEvents=True,
        maxResults=250,
        pageToken=token,
        fields=_FIELDS,
    )


def _titled(items: list[Mapping[str, Any]], zone: str) -> Iterator[tuple[Interval, str]]:
    for item in items:
        title = item.get("summary")
        if not title or not _blocks(item) or item.get("visibility", "default") not in _SHOWN:
            continue
        start, end = (edge(item.get(name), lambda: zone) for name in ("start", "end"))
        if start < end:
            yield Interval(start, end), str(title)


def _blocks(item: Mapping[str, Any]) -> bool:
    """As free/busy has it: not cancelled, not transparent, not declined by the calendar's owner."""
    if item.get("status") == "cancelled" or item.get("transparency") == "transparent":
        return False
    guests = item.get("attendees") or ()
    return not any(guest.get("self") and guest.get("responseStatus") == "declined" for guest in guests)
