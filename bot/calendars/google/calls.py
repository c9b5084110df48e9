"""Calls for a mailbox: with a token that is good, within its lane, tried again where that helps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from bot.calendars.google.faults import INCOMPLETE, NOT_UNDERSTOOD, Fault, GoogleError
from bot.calendars.google.pacing import Lanes, Timing
from bot.calendars.google.tokens import TokenEndpoint, refused, tokens_from
from bot.domain.calendar import Connection
from bot.ports import Clock, Credentials
from bot.rest import Deadline

Request = Callable[[Any], Any]
Send = Callable[[Request, str, Deadline], Mapping[str, Any]]
"""`GoogleApi.send`."""
Ask = Callable[[Request], Mapping[str, Any]]

_MOST_PAGES = 20


@dataclass(frozen=True, slots=True)
class Calls:
    """Raises GoogleError, and what the credentials raise."""

    send: Send
    endpoint: TokenEndpoint
    credentials: Credentials
    lanes: Lanes
    timing: Timing
    clock: Clock

    def make(self, connection: Connection, request: Request, deadline: Deadline) -> Mapping[str, Any]:
        """The answer to a call that may be made twice. Whose new token is refused as well has to connect again."""
        lane = self.lanes.of(connection.id)
        kept = self.credentials.current(connection)
        if tokens_from(kept).is_stale(self.clock()):
            kept = self.credentials.renewed(connection, kept, self.endpoint.renewed)
        attempt, was_renewed = 0, False
        while True:
            try:
                with lane.entered(deadline):
                    return self.send(request, tokens_from(kept).access_token, deadline)
            except GoogleError as error:
                if error.fault is Fault.SIGN_IN:
                    renew = refused if was_renewed else self.endpoint.renewed
                    kept, was_renewed = self.credentials.renewed(connection, kept, renew), True
                    continue
                if error.fault is not Fault.RATE_LIMITED and error.retry_at is None:
                    raise
                wish_s = (error.retry_at - self.clock()).total_seconds() if error.retry_at else None
                pause_s = lane.pause_s(attempt, wish_s, deadline)
                if pause_s is None:
                    raise
            self.timing.sleep(pause_s)
            attempt += 1


def calendar_list(ask: Ask) -> list[Mapping[str, Any]]:
    """Every calendar in the account's list, hidden ones too: what somebody does not look at still fills their time.

    Each has a string `id`. Raises GoogleError, also where the list is empty: every account has a calendar.
    """
    found: list[Mapping[str, Any]] = []
    token: str | None = None
    for _ in range(_MOST_PAGES):
        answer = ask(partial(_page, token))
        items = answer.get("items")
        if not isinstance(items, list) or not all(_is_entry(item) for item in items):
            raise GoogleError(NOT_UNDERSTOOD)
        found.extend(items)
        token = answer.get("nextPageToken")
        if not token:
            break
    if token or not found:
        raise GoogleError(INCOMPLETE)
    return found


def _page(token: str | None, api: Any) -> Any:
    return api.calendarList().list(maxResults=250, showHidden=True, pageToken=token)


def is_owned(entry: Mapping[str, Any]) -> bool:
    return entry.get("accessRole") == "owner"


def _is_entry(item: object) -> bool:
    return isinstance(item, dict) and isinstance(item.get("id"), str) and item["id"] != ""
