"""A Google of our own over real HTTP: sign-in, tokens and the Calendar API, as far as we use them.

It keeps state, knows who may see what, and holds every request and every answer of its own against Google's description
of the API (`google_discovery`): what Google would not understand fails the test, in `complaints`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from zoneinfo import ZoneInfo

from bot.calendars.google.client import SCOPES, GoogleClient
from tests.google_channels import Channels
from tests.google_discovery import APIS, complaints_about_reply, complaints_about_request, method_of, scopes_of
from tests.servers import DEADLINE_S

CLIENT_ID, CLIENT_SECRET = "1-inviteonce.apps.googleusercontent.com", "GOCSPX-secret"
CREATED = "2026-11-30T08:00:00.000Z"


@dataclass
class PretendCalendar:
    """One account's calendar. `readers` may see when it is busy."""

    id: str
    owner: str
    summary: str
    zone: str = "America/New_York"
    is_primary: bool = False
    readers: set[str] = field(default_factory=set)
    busy: list[tuple[datetime, datetime]] = field(default_factory=list)
    events: dict[str, dict[str, Any]] = field(default_factory=dict)

    def times(self) -> list[tuple[datetime, datetime]]:
        """What blocks: opaque events that are neither cancelled nor declined, and what the test says."""
        blocking = [
            (self._instant(event["start"]), self._instant(event["end"]))
            for event in self.events.values()
            if event["status"] != "cancelled" and event.get("transparency") != "transparent"
            if not any(guest["responseStatus"] == "declined" for guest in event["attendees"] if guest.get("self"))
        ]
        return self.busy + blocking

    def overlaps(self, event: Mapping[str, Any], first: datetime, last: datetime) -> bool:
        return self._instant(event["start"]) < last and first < self._instant(event["end"])

    def _instant(self, edge: Mapping[str, str]) -> datetime:
        instant = datetime.fromisoformat(edge.get("dateTime") or edge["date"])
        return instant if instant.tzinfo else instant.replace(tzinfo=ZoneInfo(self.zone))


@dataclass(frozen=True)
class Reply:
    """`cut` leaves out the end of the body; `late` holds it back until the server is let go."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    late: bool = False


def error(status: int, reason: str, message: str = "No.") -> Reply:
    """The shape of developers.google.com/workspace/calendar/api/guides/errors."""
    errors = [{"domain": "global", "reason": reason, "message": message}]
    return as_json(status, {"error": {"errors": errors, "code": status, "message": message}})


def as_json(status: int, body: object) -> Reply:
    return Reply(status, json.dumps(body).encode(), {"content-type": "application/json; charset=UTF-8"})


@dataclass
class Asked:
    verb: str
    path: str
    query: dict[str, list[str]]
    body: Any


class PretendGoogle:
    """What there is, what was asked, and what goes wrong on purpose."""

    def __init__(self) -> None:
        self.url = ""
        self.calendars: list[PretendCalendar] = []
        self.access: dict[str, str] = {}
        self.refresh: dict[str, str] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.granted = " ".join(SCOPES)
        self.meet = "success"
        self.channels = Channels()
        self.resources: list[dict[str, Any]] = []
        self.asked: list[Asked] = []
        self.told: list[str] = []
        self.complaints: list[str] = []
        self.faults: list[tuple[str, Reply, int]] = []
        self.losses: list[tuple[str, Reply, int]] = []
        self.before_answer: Callable[[Asked], object] = lambda asked: None
        self.let_go = threading.Event()
        self._lock = threading.RLock()
        self._count = 0

    # ------------------------------------------------------------ for the tests

    @property
    def client(self) -> GoogleClient:
        return GoogleClient(
            CLIENT_ID, CLIENT_SECRET, self.url, f"{self.url}/o/oauth2/v2/auth", f"{self.url}/oauth2/token"
        )

    def account(self, address: str, zone: str = "America/New_York") -> PretendCalendar:
        """A new account with its primary calendar."""
        return self.calendar(address, address, zone, is_primary=True)

    def calendar(self, owner: str, calendar_id: str, zone: str = "UTC", *, is_primary: bool = False) -> PretendCalendar:
        made = PretendCalendar(calendar_id, owner, calendar_id.partition("@")[0], zone, is_primary, {owner})
        self.calendars.append(made)
        return made

    def signed_in(self, address: str, now: datetime, *, lasts: timedelta = timedelta(hours=1)) -> str:
        """Credentials as they are kept."""
        tokens = {"access_token": self._new("ya29", self.access, address)}
        tokens["refresh_token"] = self._new("1//", self.refresh, address)
        return json.dumps({**tokens, "expiry": (now + lasts).isoformat(), "scopes": sorted(self.granted.split())})

    def resource(self, name: str, address: str, **facts: Any) -> None:
        """A new room in the Workspace's directory; `facts` in Google's words."""
        made = {
            "kind": "admin#directory#resources#calendars#CalendarResource",
            "resourceId": f"resource-{len(self.resources)}",
            "resourceName": name,
            "resourceEmail": address,
            "resourceCategory": "CONFERENCE_ROOM",
        }
        self.resources.append({**made, **facts})

    def go_wrong(self, where: str, reply: Reply, times: int = 10**6) -> None:
        """Answer like this where the regular expression is found in `VERB path {"body": …}`."""
        self.faults.append((where, reply, times))

    def go_wrong_after(self, where: str, reply: Reply, times: int = 10**6) -> None:
        """The same once it has been done: this is what comes back."""
        self.losses.append((where, reply, times))

    def requests(self, where: str) -> list[Asked]:
        return [asked for asked in self.asked if re.search(where, f"{asked.verb} {asked.path}")]

    # ------------------------------------------------------------ answering

    def answer(self, asked: Asked, authorization: str) -> Reply:
        with self._lock:
            self.asked.append(asked)
        self.before_answer(asked)
        with self._lock:
            if asked.path.startswith(APIS):
                self.complaints.extend(complaints_about_request(asked.verb, asked.path, asked.query, asked.body))
            if fault := _next_of(self.faults, asked):
                return fault
            if not asked.path.startswith(APIS):
                return self._sign_in(asked)
            answer = self._called(asked, authorization.removeprefix("Bearer "))
            return _next_of(self.losses, asked) or answer

    def _called(self, asked: Asked, token: str) -> Reply:
        who = self.access.get(token)
        if who is None:
            return error(401, "authError", "Invalid Credentials")
        if not scopes_of(asked.verb, asked.path) & set(self.granted.split()):
            return error(403, "insufficientPermissions", "Request had insufficient authentication scopes.")
        method_id, _, named = method_of(asked.verb, asked.path)
        answer: Callable[[str, Asked, dict[str, str]], Reply] = {
            "calendar.calendarList.list": self._list,
            "calendar.calendarList.get": self._entry,
            "calendar.freebusy.query": self._free_busy,
            "calendar.events.list": self._events,
            "calendar.events.get": self._get,
            "calendar.events.insert": self._insert,
            "calendar.events.patch": self._patch,
            "calendar.events.delete": self._delete,
            "calendar.events.watch": self._watch,
            "calendar.channels.stop": self._stop,
            "directory.resources.calendars.list": self._resources,
        }[method_id]
        reply = answer(who, asked, named)
        if reply.status < 300:
            body = json.loads(reply.body) if reply.body else None
            self.complaints.extend(complaints_about_reply(asked.verb, asked.path, body))
        return reply

    def _list(self, who: str, asked: Asked, _named: dict[str, str]) -> Reply:
        seen = [self._shown(calendar, who) for calendar in self.calendars if who in calendar.readers]
        start = int(asked.query.get("pageToken", ["0"])[0])
        page = {"kind": "calendar#calendarList", "etag": '"p1"', "items": seen[start : start + 2]}
        more = {"nextPageToken": str(start + 2)} if start + 2 < len(seen) else {"nextSyncToken": "s"}
        return as_json(200, {**page, **more})

    def _entry(self, who: str, _asked: Asked, named: dict[str, str]) -> Reply:
        calendar = self._seen(who, named["calendarId"])
        return as_json(200, self._shown(calendar, who)) if calendar else error(404, "notFound", "Not Found")

    def _shown(self, calendar: PretendCalendar, who: str) -> dict[str, Any]:
        entry = {"kind": "calendar#calendarListEntry", "etag": '"1"', "id": calendar.id, "summary": calendar.summary}
        role = "owner" if calendar.owner == who else "freeBusyReader"
        primary = {"primary": True} if calendar.is_primary and calendar.owner == who else {}
        return {**entry, "timeZone": calendar.zone, "accessRole": role, **primary}

    def _free_busy(self, who: str, asked: Asked, _named: dict[str, str]) -> Reply:
        first, last = (datetime.fromisoformat(asked.body[name]) for name in ("timeMin", "timeMax"))
        if last - first > timedelta(days=60):
            return error(400, "timeRangeTooLong", "The requested time range is too long.")
        if len(asked.body["items"]) > 50:
            return error(400, "tooManyCalendarsRequested", "The number of calendars requested is too large.")
        found: dict[str, Any] = {}
        for item in asked.body["items"]:
            calendar = self._seen(who, item["id"])
            if calendar is None:
                found[item["id"]] = {"errors": [{"domain": "global", "reason": "notFound"}], "busy": []}
                continue
            within = [(max(a, first), min(b, last)) for a, b in sorted(calendar.times()) if a < last and first < b]
            found[item["id"]] = {"busy": [{"start": utc(a), "end": utc(b)} for a, b in within]}
        head = {"kind": "calendar#freeBusy", "timeMin": utc(first, ".000"), "timeMax": utc(last, ".000")}
        return as_json(200, {**head, "calendars": found})

    def _resources(self, _who: str, asked: Asked, named: dict[str, str]) -> Reply:
        """Two a page, whatever is asked for: it is a limit."""
        if named["customer"] != "my_customer":
            return error(404, "notFound", "Resource Not Found: customer")
        start = int(asked.query.get("pageToken", ["0"])[0])
        page = {"kind": "admin#directory#resources#calendars#calendarResourcesList", "etag": '"r1"'}
        found = self.resources[start : start + 2]
        more = {"nextPageToken": str(start + 2)} if start + 2 < len(self.resources) else {}
        return as_json(200, {**page, **({"items": found} if found else {}), **more})

    # ------------------------------------------------------------ events

    def _events(self, who: str, asked: Asked, named: dict[str, str]) -> Reply:
        """Two a page. Of calendars that are not one's own our scopes show no more than the times."""
        calendar = self._seen(who, named["calendarId"])
        if calendar is None:
            return error(404, "notFound", "Not Found")
        first, last = (datetime.fromisoformat(asked.query[name][0]) for name in ("timeMin", "timeMax"))
        seen = [event for event in calendar.events.values() if calendar.overlaps(event, first, last)]
        if calendar.owner != who:
            seen = [{name: event[name] for name in ("id", "start", "end", "status")} for event in seen]
        begin = int(asked.query.get("pageToken", ["0"])[0])
        more = {"nextPageToken": str(begin + 2)} if begin + 2 < len(seen) else {"nextSyncToken": "s"}
        head = {"kind": "calendar#events", "summary": calendar.summary, "timeZone": calendar.zone}
        return as_json(200, {**head, "items": seen[begin : begin + 2], **more})

    def _get(self, who: str, _asked: Asked, named: dict[str, str]) -> Reply:
        event = self._event(who, named)
        if event is None:
            return error(404, "notFound", "Not Found")
        shown = json.loads(json.dumps(event))
        self._make_conference(event)  # it is there the next time somebody looks
        return as_json(200, shown)

    def _insert(self, who: str, asked: Asked, named: dict[str, str]) -> Reply:
        calendar = self._owned(who, named["calendarId"])
        if calendar is None:
            return error(404, "notFound", "Not Found")
        body = asked.body
        if not re.fullmatch(r"[0-9a-v]{5,1024}", body["id"]) or "iCalUID" in body:
            return error(400, "invalid", "Invalid resource id value.")
        if body["id"] in calendar.events:
            return error(409, "duplicate", "The requested identifier already exists.")
        head = {"kind": "calendar#event", "etag": '"1"', "created": CREATED, "updated": CREATED, "sequence": 0}
        people = {name: {"email": calendar.owner, "self": True} for name in ("creator", "organizer")}
        made = {**head, "iCalUID": f"{body['id']}@google.com", **people, "status": "confirmed"}
        calendar.events[body["id"]] = made
        return self._changed(calendar, made, asked)

    def _patch(self, who: str, asked: Asked, named: dict[str, str]) -> Reply:
        calendar, event = self._owned(who, named["calendarId"]), self._event(who, named)
        if calendar is None or event is None:
            return error(404, "notFound", "Not Found")
        event["sequence"] += 1
        return self._changed(calendar, event, asked)

    def _delete(self, who: str, asked: Asked, named: dict[str, str]) -> Reply:
        event = self._event(who, named)
        if event is None:
            return error(404, "notFound", "Not Found")
        if event["status"] == "cancelled":
            return error(410, "deleted", "Resource has been deleted")
        event["status"] = "cancelled"
        self.told.append(f"deleted {asked.query['sendUpdates'][0]}")
        return Reply(204)

    def _watch(self, who: str, asked: Asked, named: dict[str, str]) -> Reply:
        calendar = self._seen(who, named["calendarId"])
        if calendar is None:
            return error(404, "notFound", "Not Found")
        reason = self.channels.objection(asked.body)
        return error(400, reason) if reason else as_json(200, self.channels.begin(who, calendar.id, asked.body))

    def _stop(self, who: str, asked: Asked, _named: dict[str, str]) -> Reply:
        return Reply(204) if self.channels.stop(who, asked.body) else error(404, "notFound", "Channel not found")

    def _changed(self, calendar: PretendCalendar, event: dict[str, Any], asked: Asked) -> Reply:
        _merge(event, {name: value for name, value in asked.body.items() if name != "conferenceData"})
        for guest in event.get("attendees", ()):
            if guest["email"] == calendar.owner:
                guest |= {"self": True, "organizer": True}
            if guest.get("resource"):
                guest["responseStatus"] = "accepted"
        wish = asked.body.get("conferenceData")
        if wish and asked.query.get("conferenceDataVersion") == ["1"]:
            former = event.get("conferenceData", {}).get("createRequest", {}).get("requestId")
            if former != wish["createRequest"]["requestId"]:
                event["conferenceData"] = {
                    "createRequest": {**wish["createRequest"], "status": {"statusCode": "pending"}}
                }
        self.told.append(f"{asked.verb} {asked.query['sendUpdates'][0]}")
        return as_json(200, event)

    def _make_conference(self, event: dict[str, Any]) -> None:
        request = event.get("conferenceData", {}).get("createRequest", {})
        if request.get("status", {}).get("statusCode") != "pending" or self.meet == "pending":
            return
        request["status"] = {"statusCode": self.meet}
        if self.meet == "success":
            uri = "https://meet.google.com/abc-defg-hij"
            entry = {"entryPointType": "video", "uri": uri, "label": "meet.google.com/abc-defg-hij"}
            solution = {"key": {"type": "hangoutsMeet"}, "name": "Google Meet"}
            event["conferenceData"] |= {"entryPoints": [entry], "conferenceSolution": solution}
            event["hangoutLink"] = uri

    def _event(self, who: str, named: Mapping[str, str]) -> dict[str, Any] | None:
        calendar = self._owned(who, named["calendarId"])
        return calendar.events.get(named["eventId"]) if calendar else None

    def _owned(self, who: str, calendar_id: str) -> PretendCalendar | None:
        found = self._seen(who, calendar_id)
        return found if found and found.owner == who else None

    def _seen(self, who: str, calendar_id: str) -> PretendCalendar | None:
        wanted = who if calendar_id == "primary" else calendar_id
        return next((one for one in self.calendars if one.id == wanted.lower() and who in one.readers), None)

    # ------------------------------------------------------------ sign-in

    def _sign_in(self, asked: Asked) -> Reply:
        form = {name: values[0] for name, values in (asked.body or asked.query).items()}
        if asked.path == "/o/oauth2/v2/auth":
            code = self._new("4/", self.codes, form)
            answer = {"code": code, "state": form["state"], "scope": self.granted}
            return Reply(302, headers={"location": f"{form['redirect_uri']}?{urlencode(answer)}"})
        if asked.path == "/oauth2/revoke":
            address = self.refresh.pop(form["token"], None)
            self.access = {token: who for token, who in self.access.items() if who != address}
            return as_json(200, {}) if address else as_json(400, {"error": "invalid_token"})
        if asked.path != "/oauth2/token" or (form["client_id"], form["client_secret"]) != (CLIENT_ID, CLIENT_SECRET):
            return as_json(401, {"error": "invalid_client"})
        if form["grant_type"] == "refresh_token":
            address = self.refresh.get(form["refresh_token"])
            return self._tokens(address, {}) if address else as_json(400, {"error": "invalid_grant"})
        begun = self.codes.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if begun is None or begun["code_challenge"] != challenge or begun["redirect_uri"] != form["redirect_uri"]:
            return as_json(400, {"error": "invalid_grant"})
        lasting = begun.get("access_type") == "offline" and begun.get("prompt") == "consent"
        refresh = {"refresh_token": self._new("1//", self.refresh, begun["login_hint"])} if lasting else {}
        return self._tokens(begun["login_hint"], refresh)

    def _tokens(self, address: str, refresh: Mapping[str, str]) -> Reply:
        token = self._new("ya29", self.access, address)
        said = {"access_token": token, "expires_in": 3599, "scope": self.granted, "token_type": "Bearer"}
        return as_json(200, {**said, **refresh})

    def _new(self, prefix: str, known: dict[str, Any], value: object) -> str:
        self._count += 1
        token = f"{prefix}.{self._count}"
        known[token] = value
        return token


def utc(instant: datetime, fraction: str = "") -> str:
    return instant.astimezone(UTC).strftime(f"%Y-%m-%dT%H:%M:%S{fraction}Z")


def _next_of(faults: list[tuple[str, Reply, int]], asked: Asked) -> Reply | None:
    for number, (where, reply, times) in enumerate(faults):
        if times and re.search(where, f"{asked.verb} {asked.path} {json.dumps(asked.body)}"):
            faults[number] = (where, reply, times - 1)
            return reply
    return None


def _merge(target: dict[str, Any], patch: Mapping[str, Any]) -> None:
    """A patch: objects are merged, lists replaced, null takes away."""
    for name, value in patch.items():
        if value is None:
            target.pop(name, None)
        elif isinstance(value, dict):
            _merge(target.setdefault(name, {}), value)
        else:
            target[name] = value


class _Handler(BaseHTTPRequestHandler):
    """Keeps connections open, as Google does."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet: two of them cost 40 ms
    disable_nagle_algorithm = True
    google: PretendGoogle

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PATCH = do_DELETE = do_GET  # noqa: N815 - http.server's names

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        is_json = "json" in self.headers.get("content-type", "")
        body = (json.loads(raw) if is_json else parse_qs(raw.decode())) if raw else None
        asked = Asked(self.command, parts.path, parse_qs(parts.query), body)
        reply = self.google.answer(asked, self.headers.get("authorization", ""))
        if reply.late:
            self.google.let_go.wait(DEADLINE_S)
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.status != 204:
            self.send_header("content-length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body[: len(reply.body) // 2] if reply.cut else reply.body)
        self.close_connection = self.close_connection or reply.cut

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the tests look at `asked`."""


@contextmanager
def pretending() -> Iterator[PretendGoogle]:
    """The server on a port of its own; afterwards nothing that was asked or answered may be unlike Google."""
    google = PretendGoogle()
    handler = type("Handler", (_Handler,), {"google": google})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005}, daemon=True)
    thread.start()
    google.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield google
    finally:
        google.let_go.set()
        server.shutdown()
        server.server_close()
        thread.join(DEADLINE_S)
    assert google.complaints == []
