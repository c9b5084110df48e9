"""A pretend Microsoft Graph over real HTTP: calendars, events and free/busy as the documentation describes them.

learn.microsoft.com/graph/api: calendar-getschedule, calendar-list-calendarview, user-list-events, user-post-events,
event-update, event-cancel, event-delete, user-list-calendars. What it says and is told is checked against Microsoft's
own types in tests/test_calendars_microsoft_types.py.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from tests.graph_mailboxes import BLOB, WINDOWS_ZONES, Exchange, Item, MailboxState
from tests.graph_subscriptions import Subscriptions
from tests.vendor_server import Request, Response, VendorServer, vendor_server

_VIEW_MARKS = {"free": "0", "workingElsewhere": "0", "tentative": "1", "busy": "2", "oof": "3"}
_CREATED = "2026-11-30T08:00:00.1234567Z"


class GraphServer:
    """`tokens` are the access tokens that are accepted, and whose they are; `scopes` what they are good for."""

    def __init__(self) -> None:
        self.exchange = Exchange()
        self.tokens: dict[str, str] = {}
        self.scopes: dict[str, str] = {}
        self.rooms: list[dict[str, Any]] = []
        self.page_size = 50
        self.obeys_prefer = True
        """Whether times come in the zone that was asked for, or in the mailbox's own."""
        self.teams_is_slow = False
        self.subscriptions = Subscriptions()
        self.http: VendorServer
        self._lock = threading.RLock()

    @property
    def url(self) -> str:
        return f"{self.http.url}/v1.0"

    def mailbox(self, address: str, **facts: Any) -> MailboxState:
        return self.exchange.mailbox(address, **facts)

    def answer(self, request: Request) -> Response:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self.tokens:
            return _error(401, "InvalidAuthenticationToken", "Access token has expired or is not yet valid.")
        mailbox = self.mailbox(self.tokens[token])
        path = request.path.removeprefix("/v1.0")
        if path == "/me":
            return Response(200, {"mail": mailbox.address, "userPrincipalName": f"upn-{mailbox.address}"})
        if not mailbox.has_mailbox:
            return _error(
                404, "MailboxNotEnabledForRESTAPI", "The mailbox is either inactive, soft-deleted, or on-premise."
            )
        with self._lock:
            for method, pattern, act in self._routes():
                found = re.fullmatch(pattern, path)
                if method == request.method and found:
                    return act(self, mailbox, request, *found.groups())  # type: ignore[no-any-return]
        return _error(400, "BadRequest", f"Resource not found for the segment {path!r}.")

    def _routes(self) -> tuple[tuple[str, str, Any], ...]:
        return (
            ("GET", "/me/calendar", GraphServer._default_calendar),
            ("GET", "/me/calendars", GraphServer._calendars),
            ("GET", "/places/microsoft.graph.room", GraphServer._rooms),
            ("POST", "/me/calendar/getSchedule", GraphServer._get_schedule),
            ("GET", "/me/calendars/(.+)/calendarView", GraphServer._calendar_view),
            ("GET", "/me/events", GraphServer._events),
            ("GET", "/me/calendars/(.+)/events", GraphServer._events),
            ("POST", "/me/events", GraphServer._create),
            ("POST", "/me/calendars/(.+)/events", GraphServer._create),
            ("PATCH", "/me/events/(.+)", GraphServer._update),
            ("POST", "/me/events/(.+)/cancel", GraphServer._cancel),
            ("DELETE", "/me/events/(.+)", GraphServer._delete),
            ("POST", "/subscriptions", GraphServer._subscribe),
            ("PATCH", "/subscriptions/(.+)", GraphServer._lengthen),
            ("DELETE", "/subscriptions/(.+)", GraphServer._unsubscribe),
        )

    # ------------------------------------------------------------ reading

    def _default_calendar(self, mailbox: MailboxState, request: Request) -> Response:
        return Response(200, {"id": mailbox.default})

    def _calendars(self, mailbox: MailboxState, request: Request) -> Response:
        items = [
            {
                "id": one.id,
                "name": one.name,
                "canEdit": one.can_edit,
                "canShare": one.can_share,
                "isDefaultCalendar": one.is_default,
                "owner": {"name": one.owner.split("@")[0], "address": one.owner},
            }
            for one in mailbox.calendars.values()
        ]
        return self._page(items, request)

    def place(self, name: str, address: str | None, **facts: Any) -> None:
        """A new room of the organisation; `facts` in Graph's words."""
        made = {"id": f"room-{len(self.rooms)}", "displayName": name, "emailAddress": address, "capacity": None}
        made |= dict.fromkeys(("building", "floorLabel", "audioDeviceName", "videoDeviceName", "displayDeviceName"))
        self.rooms.append({**made, "tags": [], "bookingType": "standard", **facts})

    def _rooms(self, mailbox: MailboxState, request: Request) -> Response:
        token = request.headers["authorization"].removeprefix("Bearer ")
        if "Place.Read.All" not in self.scopes[token]:
            return _error(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
        wanted = request.query["$select"].split(",")
        return self._page([{name: one[name] for name in wanted} for one in self.rooms], request)

    def _calendar_view(self, mailbox: MailboxState, request: Request, calendar: str) -> Response:
        if calendar not in mailbox.calendars:
            return _error(404, "ErrorItemNotFound", "The specified object was not found in the store.")
        start, end = (datetime.fromisoformat(request.query[name]) for name in ("startDateTime", "endDateTime"))
        found = [item for item in mailbox.in_calendar(calendar) if item.overlaps(start, end)]
        return self._page([self._event(item, mailbox, request) for item in found], request)

    def _events(self, mailbox: MailboxState, request: Request, calendar: str = "") -> Response:
        """Those of the calendar, else of the default one (graph/api/resources/user: events), with the extended property
        that `$filter` wants."""
        calendar = calendar or mailbox.default
        if calendar not in mailbox.calendars:
            return _error(404, "ErrorItemNotFound", "The specified object was not found in the store.")
        wanted = re.fullmatch(
            r"singleValueExtendedProperties/Any\(ep: ep/id eq '(String \{[0-9a-f-]{36}\} Name \w+)'"
            r" and ep/value eq '((?:[^']|'')*)'\)",
            request.query["$filter"],
        )
        if wanted is None:
            return _error(400, "ErrorInvalidUrlQueryFilter", "The query filter contains one or more invalid nodes.")
        name, value = wanted[1], wanted[2].replace("''", "'")
        found = [item for item in mailbox.items if item.properties.get(name) == value and item.calendar == calendar]
        return self._page([self._event(item, mailbox, request) for item in found], request)

    def _page(self, items: list[dict[str, Any]], request: Request) -> Response:
        first = int(request.query.get("$skip", 0))
        size = min(self.page_size, int(request.query.get("$top", 10)))
        page: dict[str, Any] = {"value": items[first : first + size]}
        if first + size < len(items):
            query = urlencode({**request.query, "$skip": first + size})
            page["@odata.nextLink"] = f"{self.http.url}{quote(request.path)}?{query}"
        return Response(200, page)

    def _event(self, item: Item, mailbox: MailboxState, request: Request) -> dict[str, Any]:
        zone = "UTC" if self.obeys_prefer else mailbox.zone
        owner = self.exchange.mailboxes.get(item.organizer.casefold())
        facts: dict[str, Any] = {
            "id": item.id,
            "iCalUId": item.uid,
            "subject": item.subject,
            "sensitivity": item.sensitivity,
            "body": {
                "contentType": "text",
                "content": item.content + (f"{BLOB}{item.join_url}" if item.online else ""),
            },
            "start": _written(item.start, item.all_day, zone),
            "end": _written(item.end, item.all_day, zone),
            "isAllDay": item.all_day,
            "originalStartTimeZone": item.zone,
            "showAs": item.show_as,
            "isCancelled": item.cancelled,
            "isOrganizer": item.organizer == mailbox.address,
            "organizer": {"emailAddress": {"name": owner.name if owner else "", "address": item.organizer}},
            "location": {"displayName": item.location},
            "attendees": [
                {"status": {"response": "none", "time": "0001-01-01T00:00:00Z"}, **attendee}
                for attendee in item.attendees
            ],
            "createdDateTime": _CREATED,
            "isOnlineMeeting": item.online,
            "onlineMeetingProvider": "teamsForBusiness" if item.online else "unknown",
            "onlineMeeting": {"joinUrl": item.join_url} if item.join_url and not self.teams_is_slow else None,
        }
        selected = request.query.get("$select")
        if selected:
            facts = {name: facts[name] for name in selected.split(",")}
        if "$expand" in request.query:
            facts["singleValueExtendedProperties"] = [
                {"id": name, "value": value}
                for name, value in item.properties.items()
                if name in request.query["$expand"]
            ]
        return facts

    # ------------------------------------------------------------ free/busy

    def _get_schedule(self, mailbox: MailboxState, request: Request) -> Response:
        asked = request.json()
        start, end = (_instant(asked[name]) for name in ("startTime", "endTime"))
        if len(asked["schedules"]) > 20 or end - start > timedelta(days=62):
            return _error(
                400, "ErrorInvalidParameter", "The requested time duration or number of schedules is too large."
            )
        step = timedelta(minutes=asked["availabilityViewInterval"])
        if end - start < step:
            return _error(400, "ErrorInvalidMergedFreeBusyInterval", "The interval is longer than the time window.")
        return Response(200, {"value": [self._schedule(one, mailbox, start, end, step) for one in asked["schedules"]]})

    def _schedule(
        self, address: str, asker: MailboxState, start: datetime, end: datetime, step: timedelta
    ) -> dict[str, Any]:
        theirs = self.exchange.mailboxes.get(address.casefold())
        if theirs is None:
            return _no_schedule(address, "ErrorMailRecipientNotFound")
        if theirs is not asker and not theirs.shares:
            return _no_schedule(address, "ErrorNoFreeBusyAccess")
        items = [(item, *item.instants()) for item in theirs.in_calendar(theirs.default) if item.instants()[0] < end]
        items = [(item, begin, finish) for item, begin, finish in items if start < finish]
        view = ""
        moment = start
        while moment < end:
            marks = [
                _VIEW_MARKS[item.show_as] for item, begin, finish in items if begin < moment + step and moment < finish
            ]
            view += max(marks, default="0")
            moment += step
        return {
            "scheduleId": theirs.address,
            "availabilityView": view,
            "scheduleItems": []
            if theirs.view_only
            else [
                {
                    "isPrivate": item.sensitivity == "private",
                    **({"subject": item.subject} if theirs.shares_details else {}),
                    "status": item.show_as,
                    "start": _written(begin, False, "UTC"),
                    "end": _written(finish, False, "UTC"),
                }
                for item, begin, finish in items
            ],
            "workingHours": {
                "daysOfWeek": ["monday", "tuesday", "wednesday", "thursday", "friday"],
                "startTime": "08:00:00.0000000",
                "endTime": "17:00:00.0000000",
                "timeZone": {"name": theirs.zone},
            },
        }

    # ------------------------------------------------------------ writing

    def _create(self, mailbox: MailboxState, request: Request, calendar: str = "") -> Response:
        content = request.json()
        calendar = calendar or mailbox.default
        if calendar not in mailbox.calendars:
            return _error(404, "ErrorItemNotFound", "The specified object was not found in the store.")
        transaction = content.get("transactionId")
        if transaction in mailbox.used_transactions:
            same = [item for item in mailbox.items if item.id == mailbox.used_transactions[transaction]]
            if same and same[0].subject == content["subject"] and same[0].start == _instant(content["start"]):
                return Response(201, self._event(same[0], mailbox, request))
            return _error(
                409,
                "ErrorDuplicateTransactionId",
                "Your request can't be completed. The TransactionId specified in the request has already been used to"
                " create a different event.",
            )
        item = Item(calendar, mailbox.address, _instant(content["start"]), _instant(content["end"]))
        item.transaction = transaction
        refused = self._take(item, content)
        if refused:
            return refused
        mailbox.items.append(item)
        if transaction:
            mailbox.used_transactions[transaction] = item.id
        self.exchange.deliver(item, "invited")
        return Response(201, {**self._event(item, mailbox, request), "transactionId": transaction})

    def _update(self, mailbox: MailboxState, request: Request, event_id: str) -> Response:
        item = _by_id(mailbox, event_id)
        if item is None:
            return _error(404, "ErrorItemNotFound", "The specified object was not found in the store.")
        before = {one["emailAddress"]["address"] for one in item.attendees}
        refused = self._take(item, request.json())
        if refused:
            return refused
        now = {one["emailAddress"]["address"] for one in item.attendees}
        self.exchange.sent.extend((gone, "removed") for gone in sorted(before - now))
        self.exchange.deliver(item, "updated")
        return Response(200, self._event(item, mailbox, request))

    def _take(self, item: Item, content: dict[str, Any]) -> Response | None:
        """The properties that an event is created or updated with; an error for what Graph would not take."""
        unknown = content.keys() - _WRITABLE
        if unknown:
            return _error(400, "RequestBodyRead", f"The property '{min(unknown)}' does not exist on type 'event'.")
        if any("@" not in one["emailAddress"]["address"] for one in content.get("attendees", ())):
            return _error(400, "ErrorInvalidRecipients", "At least one recipient isn't valid.")
        all_day = content.get("isAllDay", item.all_day)
        midnight = "T00:00:00"
        if all_day and not all(
            content.get(edge, {"dateTime": midnight})["dateTime"].endswith(midnight) for edge in EDGES
        ):
            return _error(400, "ErrorPropertyValidationFailure", f"At least one property failed validation. {_NO_DAY}")
        item.all_day = all_day
        item.subject = content.get("subject", item.subject)
        item.start = _instant(content["start"]) if "start" in content else item.start
        item.end = _instant(content["end"]) if "end" in content else item.end
        item.show_as = content.get("showAs", item.show_as)
        item.location = content.get("location", {}).get("displayName", item.location)
        if "attendees" in content:
            item.attendees = [dict(one) for one in content["attendees"]]
        for one in content.get("singleValueExtendedProperties", ()):
            item.properties[one["id"]] = one["value"]
        if "body" in content:
            item.content = content["body"]["content"]
            if item.online and BLOB not in item.content:  # the documented trap: the conference goes with its blob
                item.online, item.join_url = False, None
        if content.get("isOnlineMeeting") and not item.online:
            item.online, item.join_url = True, f"https://teams.microsoft.com/l/meetup-join/{item.uid}"
            item.location = item.location or "Microsoft Teams Meeting"
        return None

    def _cancel(self, mailbox: MailboxState, request: Request, event_id: str) -> Response:
        item = _by_id(mailbox, event_id)
        if item is None:
            return _error(404, "ErrorItemNotFound", "The specified object was not found in the store.")
        if item.organizer != mailbox.address or not item.attendees:
            return _error(400, "ErrorInvalidRequest", "You need to be the organizer of a meeting to cancel it.")
        mailbox.items.remove(item)
        self.exchange.deliver(item, "cancelled")
        return Response(202)

    def _delete(self, mailbox: MailboxState, request: Request, event_id: str) -> Response:
        item = _by_id(mailbox, event_id)
        if item is None:
            return _error(404, "ErrorItemNotFound", "The specified object was not found in the store.")
        mailbox.items.remove(item)
        if item.organizer == mailbox.address:
            self.exchange.deliver(item, "cancelled")
        return Response(204)

    # ------------------------------------------------------------ subscriptions

    def _subscribe(self, mailbox: MailboxState, request: Request) -> Response:
        content = request.json()
        objection = self.subscriptions.objection(content)
        if objection:
            return _error(400, "ValidationError", objection)
        return Response(201, self.subscriptions.begin(mailbox.address, content))

    def _lengthen(self, mailbox: MailboxState, request: Request, subscription_id: str) -> Response:
        made = self.subscriptions.lengthen(mailbox.address, subscription_id, request.json())
        return Response(200, made) if made else _error(404, "ResourceNotFound", "The object was not found.")

    def _unsubscribe(self, mailbox: MailboxState, request: Request, subscription_id: str) -> Response:
        if self.subscriptions.end(mailbox.address, subscription_id):
            return Response(204)
        return _error(404, "ResourceNotFound", "The object was not found.")


EDGES = ("start", "end")
_NO_DAY = "The Event.Start property for an all-day event needs to be set to midnight."
_WRITABLE = {
    "isAllDay",
    "subject",
    "body",
    "start",
    "end",
    "showAs",
    "location",
    "attendees",
    "isOnlineMeeting",
    "onlineMeetingProvider",
    "transactionId",
    "singleValueExtendedProperties",
}


@contextmanager
def graph_server() -> Iterator[GraphServer]:
    graph = GraphServer()
    with vendor_server(graph.answer) as graph.http:
        yield graph


def _by_id(mailbox: MailboxState, event_id: str) -> Item | None:
    return next((item for item in mailbox.items if item.id == event_id), None)


def _instant(value: dict[str, str]) -> datetime:
    zone = ZoneInfo(WINDOWS_ZONES[value["timeZone"]])
    return datetime.fromisoformat(value["dateTime"]).replace(tzinfo=zone).astimezone(UTC)


def _written(moment: datetime, all_day: bool, zone: str) -> dict[str, str]:
    """Without an offset and with seven digits, as Graph does; the days of all-day events stay what they are."""
    local = moment if all_day else moment.astimezone(ZoneInfo(WINDOWS_ZONES[zone]))
    return {"dateTime": local.strftime("%Y-%m-%dT%H:%M:%S.0000000"), "timeZone": "UTC" if all_day else zone}


def _no_schedule(address: str, code: str) -> dict[str, Any]:
    return {
        "scheduleId": address,
        "availabilityView": "",
        "scheduleItems": [],
        "error": {"message": "Unable to resolve or read the schedule.", "responseCode": code},
    }


def _error(status: int, code: str, message: str) -> Response:
    return Response(status, {"error": {"code": code, "message": message}})
