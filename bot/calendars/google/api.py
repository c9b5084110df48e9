"""Google's APIs, as google-api-python-client builds them from the discovery documents that it bundles.

Importing this imports that library, which takes its time: do so when it is first needed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from googleapiclient.discovery import build  # type: ignore[import-untyped]  # it has no types of its own

from bot.calendars.google.faults import NOT_UNDERSTOOD, GoogleError, refusal, unanswered
from bot.rest import Deadline, Rest, RestError

Request = Callable[[Any], Any]
"""Picks a call: `lambda api: api.events().get(calendarId=…, eventId=…)`."""


class GoogleApi:
    """Calls without state: any thread may make them."""

    def __init__(self, name: str, version: str, url: str, rest: Rest) -> None:
        """`url` ends with a slash. Nothing is fetched."""
        self._rest = rest
        self._api = build(
            name,
            version,
            http=_NoHttp(),
            static_discovery=True,
            cache_discovery=False,
            client_options={"api_endpoint": url},
        )

    def send(self, request: Request, access_token: str, deadline: Deadline) -> Mapping[str, Any]:
        """The answer to a call that may be made twice; one without a body is empty. Raises GoogleError."""
        line = _Line(self._rest, access_token, deadline)
        try:
            answer = request(self._api).execute(http=line)
        except (ValueError, RecursionError) as error:  # the body is no JSON, or half of it
            raise GoogleError(NOT_UNDERSTOOD) from error
        if answer == "":  # 204
            return {}
        if not isinstance(answer, dict):
            raise GoogleError(NOT_UNDERSTOOD)
        return answer


def calendar_api(url: str, rest: Rest) -> GoogleApi:
    return GoogleApi("calendar", "v3", url, rest)


def directory_api(url: str, rest: Rest) -> GoogleApi:
    """The Admin SDK's, with an organisation's rooms."""
    return GoogleApi("admin", "directory_v1", url, rest)


class _NoHttp:
    """What the API is built with: every call brings its own line."""


@dataclass(frozen=True, slots=True)
class _Line:
    """The part of `httplib2.Http` that google-api-python-client uses. That itself may not be shared between threads,
    and its time-out begins anew with every byte."""

    rest: Rest
    access_token: str
    deadline: Deadline

    def request(self, uri: str, method: str, body: str | None, headers: Mapping[str, str]) -> tuple[_Head, bytes]:
        sent = {**headers, "authorization": f"Bearer {self.access_token}"}
        sent.pop("content-length", None)  # counted in characters, not in bytes
        encoded = body.encode() if body is not None else None
        try:
            reply = self.rest.ask(method, uri, self.deadline, headers=sent, body=encoded, repeatable=True)
        except RestError as error:
            raise unanswered(error) from error
        if not reply.ok:
            raise refusal(reply, self.rest.now())
        return _Head(reply.status), reply.body


@dataclass(frozen=True, slots=True)
class _Head:
    """The part of `httplib2.Response` that it uses."""

    status: int
