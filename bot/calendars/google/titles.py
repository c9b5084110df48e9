"""What the events of one's own calendars are called. Of other people's our permissions show only when they are."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from bot.calendars.google.busy import written
from bot.calendars.google.calls import Ask
from bot.calendars.google.events import SENSELESS, edge, event_id
from bot.calendars.google.faults import INCOMPLETE, NOT_UNDERSTOOD, GoogleError
from bot.domain.intervals import Interval

_MOST_PAGES = 4
"""Of 250 events each: more than fit into the days of one screen."""
_SHOWN = frozenset({"default", "public"})
"""Of an event's visibility; `private` and `confidential` are the others."""
_FIELDS = (
    "nextPageToken,timeZone,items(status,summary,start,end,transparency,visibility,attendees(self,responseStatus))"
)
_ITEM_FIELDS = "nextPageToken,timeZone,items(id,iCalUID,status,start,end,transparency,attendees(self,responseStatus))"

_T = TypeVar("_T")


def titles(ask: Ask, calendar_id: str, window: Interval) -> list[tuple[Interval, str]]:
    """Of the events that block time and are not private. Raises GoogleError."""
    return _listed(ask, calendar_id, window, _FIELDS, _titled)


def besides(
    ask: Ask, calendar_id: str, window: Interval, uids: Collection[str], *, is_owned: bool = True
) -> list[Interval]:
    """What blocks time but the events of these uids: by the id that we have chosen for them, which the attendees'
    calendars keep, or by Google's own. Raises GoogleError, also where a calendar that is not the account's own shows
    none of them: then nobody knows whether it shows any event.
    """
    ours = {event_id(uid) for uid in uids}

    def understood(items: list[Mapping[str, Any]], zone: str) -> Iterator[tuple[bool, Interval]]:
        for item in items:
            start, end = _edges(item, zone)
            if start < end and _blocks(item):
                yield item["id"] in ours or item.get("iCalUID") in uids, Interval(start, end)

    found = _listed(ask, calendar_id, window, _ITEM_FIELDS, understood)
    if not is_owned and not any(is_ours for is_ours, _ in found):
        raise GoogleError(INCOMPLETE)
    return [time for is_ours, time in found if not is_ours and time.overlaps(window)]


def _listed(
    ask: Ask,
    calendar_id: str,
    window: Interval,
    fields: str,
    understood: Callable[[list[Mapping[str, Any]], str], Iterator[_T]],
) -> list[_T]:
    """What is made of the calendar's events and its zone, page by page. Raises GoogleError."""
    found: list[_T] = []
    token: str | None = None
    for _ in range(_MOST_PAGES):
        answer = ask(partial(_page, calendar_id, window, token, fields))
        items, zone = answer.get("items"), answer.get("timeZone")
        if not isinstance(items, list):
            raise GoogleError(NOT_UNDERSTOOD)
        try:
            found.extend(understood(items, str(zone or "UTC")))
        except SENSELESS as error:
            raise GoogleError(NOT_UNDERSTOOD) from error
        token = answer.get("nextPageToken")
        if not token:
            return found
    raise GoogleError(INCOMPLETE)


def _page(calendar_id: str, window: Interval, token: str | None, fields: str, api: Any) -> Any:
    return api.events().list(
        calendarId=calendar_id,
        timeMin=written(window.start),
        timeMax=written(window.end),
        singleEvents=True,
        maxResults=250,
        pageToken=token,
        fields=fields,
    )


def _titled(items: list[Mapping[str, Any]], zone: str) -> Iterator[tuple[Interval, str]]:
    for item in items:
        title = item.get("summary")
        if not title or not _blocks(item) or item.get("visibility", "default") not in _SHOWN:
            continue
        start, end = _edges(item, zone)
        if start < end:
            yield Interval(start, end), str(title)


def _edges(item: Mapping[str, Any], zone: str) -> tuple[datetime, datetime]:
    return edge(item.get("start"), lambda: zone), edge(item.get("end"), lambda: zone)


def _blocks(item: Mapping[str, Any]) -> bool:
    """As free/busy has it: not cancelled, not transparent, not declined by the calendar's owner."""
    if item.get("status") == "cancelled" or item.get("transparency") == "transparent":
        return False
    guests = item.get("attendees") or ()
    return not any(guest.get("self") and guest.get("responseStatus") == "declined" for guest in guests)
