"""Channels: Google tells us when something changes in a calendar, and never what.

developers.google.com/workspace/calendar/api/guides/push
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.calendars.google.calls import Ask
from bot.calendars.google.faults import NOT_UNDERSTOOD, Fault, GoogleError
from bot.domain.ids import new_id
from bot.domain.pushes import Subscription

_LIFE = timedelta(days=7)
"""The longest that Google lets a channel live."""
_SHORTEST = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Watching:
    """The channels about one calendar's events. Raises GoogleError, and what the credentials raise."""

    ask: Ask
    calendar_id: str

    def begin(self, address: str, secret: str, now: datetime) -> Subscription:
        wish = {
            "id": new_id(),
            "type": "web_hook",
            "address": address,
            "token": secret,
            "expiration": str(int((now + _LIFE).timestamp() * 1000)),
        }
        made = self.ask(lambda api: api.events().watch(calendarId=self.calendar_id, body=wish))
        resource = made.get("resourceId")
        if made.get("id") != wish["id"] or not isinstance(resource, str) or not resource:
            raise GoogleError(NOT_UNDERSTOOD)
        return Subscription(wish["id"], _end_of(made, now), resource)

    def end(self, subscription: Subscription) -> None:
        body = {"id": subscription.id, "resourceId": subscription.resource}
        try:
            self.ask(lambda api: api.channels().stop(body=body))
        except GoogleError as error:
            if error.fault is not Fault.NOT_THERE:
                raise


def _end_of(made: Mapping[str, Any], now: datetime) -> datetime:
    """In milliseconds since 1970, written as text; within sane bounds, and soon where Google does not say."""
    said = made.get("expiration")
    if not isinstance(said, str) or not said.isascii() or not said.isdecimal():
        return now + _SHORTEST
    try:
        ends_at = datetime.fromtimestamp(int(said) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return now + _SHORTEST
    return min(max(ends_at, now + _SHORTEST), now + _LIFE)
