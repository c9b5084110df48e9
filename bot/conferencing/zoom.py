"""Zoom meetings, made by a server-to-server OAuth app (developers.zoom.us/docs/api/meetings)."""

from __future__ import annotations

import json
import threading
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from bot.domain.calendar import Conference
from bot.domain.meeting import Meeting
from bot.ports import Clock
from bot.rest import Deadline, Reply, Rest, RestError, delivering

SERVICE = "Zoom"
API_URL = "https://api.zoom.us/v2"
TOKEN_URL = "https://zoom.us/oauth/token"  # noqa: S105 - an address

_STEP_S = 20.0
_EARLY = timedelta(minutes=2)
_LONGEST = timedelta(hours=2)
"""What an access token may be said to live; Zoom's live an hour."""
_LONGEST_TOPIC = 200
_SCHEDULED = 2
_MOST_PAGES = 10
_OWN = "me"
_NO_SUCH_USER = 1001
_NO_SUCH_MEETING = 3001
_GONE = frozenset({str(_NO_SUCH_USER), str(_NO_SUCH_MEETING)})
_MINUTE = timedelta(minutes=1)
_NONSENSE = f"{SERVICE} gave an answer that makes no sense"
_MALFORMED = (ValueError, TypeError, KeyError, AttributeError)

_BY_CODE = {
    _NO_SUCH_USER: "Zoom does not know the host of the meeting",
    _NO_SUCH_MEETING: "Zoom does not know the meeting any more",
    4711: "the Zoom app lacks a scope: an administrator has to add it",
}
_BY_STATUS = {
    400: "Zoom did not accept the meeting",
    401: "Zoom does not accept ZOOM_CLIENT_ID and ZOOM_CLIENT_SECRET",
    403: "Zoom does not allow it",
    404: "Zoom does not know the meeting any more",
    429: "Zoom asks for a pause",
}


_T = TypeVar("_T")


class ZoomConferences:
    """A `ConferenceProvider`. A host without an account at Zoom gets a meeting of the app's own account."""

    key = "zoom"
    name = SERVICE

    def __init__(
        self,
        account_id: str,
        client_id: str,
        client_secret: str,
        clock: Clock,
        rest: Rest,
        *,
        api_url: str = API_URL,
        token_url: str = TOKEN_URL,
    ) -> None:
        self._account_id = account_id
        self._basic = b64encode(f"{client_id}:{client_secret}".encode()).decode()
        self._clock = clock
        self._rest = rest
        self._api_url = api_url
        self._token_url = token_url
        self._lock = threading.Lock()
        self._token = ""
        self._expires_at = datetime.min.replace(tzinfo=UTC)

    def create(self, meeting: Meeting, topic: str, *, host: str = "") -> Conference:
        """Zoom has no key for idempotency: a meeting with our Tracking ID is taken for the same one."""
        deadline = self._rest.deadline(_STEP_S)
        with delivering():
            return _of_host(host, lambda who: self._created(who, meeting, topic, deadline))

    def find(self, meeting: Meeting, *, host: str = "") -> Conference | None:
        deadline = self._rest.deadline(_STEP_S)
        with delivering():
            known = _of_host(host, lambda who: self._known(who, meeting, deadline))
            return _conference(known) if known else None

    def move(self, conference: Conference, meeting: Meeting, topic: str) -> Conference | None:
        with delivering():
            is_there = self._did("PATCH", conference, self._rest.deadline(_STEP_S), _when(meeting, topic))
        return conference if is_there else None

    def delete(self, conference: Conference) -> None:
        with delivering():
            self._did("DELETE", conference, self._rest.deadline(_STEP_S))

    def _created(self, host: str, meeting: Meeting, topic: str, deadline: Deadline) -> Conference:
        if known := self._known(host, meeting, deadline):
            conference = _conference(known)
            if _start(known) == meeting.start or self._did("PATCH", conference, deadline, _when(meeting, topic)):
                return conference
        content = {**_when(meeting, topic), "type": _SCHEDULED, "agenda": _agenda(meeting)}
        if host == _OWN:
            content["settings"] = {"join_before_host": True, "waiting_room": False}  # nobody of the meeting can let in
        return _conference(self._ask("POST", _meetings_of(host), deadline, content).json())

    def _known(self, host: str, meeting: Meeting, deadline: Deadline) -> Mapping[str, Any] | None:
        """The one that an earlier attempt has made, whose answer never came: perhaps at a time from before a move."""
        query = {"type": "upcoming_meetings", "page_size": "300"}
        for _ in range(_MOST_PAGES):
            answer = self._ask("GET", f"{_meetings_of(host)}?{urlencode(query)}", deadline).json()
            try:
                for found in answer["meetings"]:
                    if found.get("agenda") == _agenda(meeting):
                        return dict(found)
            except _MALFORMED as error:
                raise RestError(_NONSENSE) from error
            following = answer.get("next_page_token")
            if not following:
                return None
            query["next_page_token"] = str(following)
        return None

    def _did(
        self, method: str, conference: Conference, deadline: Deadline, content: Mapping[str, Any] | None = None
    ) -> bool:
        """False where Zoom says that there is no such meeting, or no such host any more."""
        try:
            self._ask(method, f"/meetings/{quote(conference.id, safe='')}", deadline, content)
        except RestError as error:
            if error.code in _GONE:
                return False
            raise
        return True

    def _ask(self, method: str, path: str, deadline: Deadline, content: Mapping[str, Any] | None = None) -> Reply:
        """An answer of success. Raises RestError."""
        body = None if content is None else json.dumps(content).encode()
        refused = ""
        while True:
            token = self._access(deadline, refused)
            headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
            if body is not None:
                headers["Content-Type"] = "application/json"
            reply = self._rest.ask(
                method, f"{self._api_url}{path}", deadline, headers=headers, body=body, repeatable=method != "POST"
            )
            if reply.status != 401 or refused:
                break
            refused = token
        if not reply.ok:
            raise _refusal(reply, self._clock())
        return reply

    def _access(self, deadline: Deadline, refused: str = "") -> str:
        """An access token, kept until shortly before it expires, or until Zoom has `refused` it."""
        with self._lock:
            now = self._clock()
            if self._token in ("", refused) or now + _EARLY >= self._expires_at:
                query = urlencode({"grant_type": "account_credentials", "account_id": self._account_id})
                headers = {"Authorization": f"Basic {self._basic}", "Accept": "application/json"}
                reply = self._rest.ask("POST", f"{self._token_url}?{query}", deadline, headers=headers, repeatable=True)
                if reply.status in (400, 401):
                    raise RestError(
                        f"{SERVICE} does not accept ZOOM_ACCOUNT_ID, ZOOM_CLIENT_ID and ZOOM_CLIENT_SECRET", status=401
                    )
                if not reply.ok:
                    raise _refusal(reply, now)
                answer = reply.json()
                try:
                    self._token = str(answer["access_token"])
                    self._expires_at = now + min(timedelta(seconds=int(answer["expires_in"])), _LONGEST)
                except _MALFORMED as error:
                    raise RestError(_NONSENSE) from error
            return self._token


def _of_host(host: str, ask: Callable[[str], _T]) -> _T:
    """What Zoom says of the host's own account, or of the app's where the host has none."""
    if host:
        try:
            return ask(host)
        except RestError as error:
            if error.code != str(_NO_SUCH_USER):
                raise
    return ask(_OWN)


def _meetings_of(host: str) -> str:
    return f"/users/{quote(host, safe='')}/meetings"


def _when(meeting: Meeting, topic: str) -> dict[str, Any]:
    return {
        "topic": " ".join(topic.split())[:_LONGEST_TOPIC],
        "start_time": meeting.start.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "duration": -(-meeting.duration // _MINUTE),
        "timezone": "UTC",
    }


def _agenda(meeting: Meeting) -> str:
    """What stands below the topic in Zoom, and by which the meeting is recognised."""
    return f"Tracking ID: {meeting.tracking_id}"


def _start(found: Mapping[str, Any]) -> datetime:
    try:
        return datetime.fromisoformat(found["start_time"])
    except _MALFORMED as error:
        raise RestError(_NONSENSE) from error


def _conference(answer: Mapping[str, Any]) -> Conference:
    try:
        conference = Conference(str(int(answer["id"])), answer["join_url"])
        if not conference.join_url.startswith("https://"):
            raise ValueError("not a link to join by")
    except _MALFORMED as error:
        raise RestError(_NONSENSE) from error
    return conference


def _refusal(reply: Reply, now: datetime) -> RestError:
    """What an answer outside 2xx means; Zoom numbers its errors."""
    try:
        code = int(reply.json()["code"])
    except (RestError, *_MALFORMED):
        code = 0
    if code in _BY_CODE and reply.status != 429:
        text = _BY_CODE[code]
    elif reply.status in _BY_STATUS:
        text = _BY_STATUS[reply.status]
    else:
        text = f"{SERVICE} has a problem of its own" if reply.status >= 500 else f"{SERVICE} refused ({reply.status})"
    return RestError(text, status=reply.status, code=str(code), retry_at=reply.retry_at(now))
