"""Channels: Google tells us when something changes in a calendar, and never what.

developers.google.com/workspace/calendar/api/guides/push
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.calendars.google.calls import Ask
from bot.calendars.google.faults import NOT_UNDERSTOOD, Fault, GoogleError
from bot.domain.pushes import Subscription

_LIFE = timedelta(days=7)
"""The longest that Google lets a channel live."""
_SHORTEST = timedelta(minutes=5)
_MOST_LOST = 10

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Watching:
    """The channels about one calendar's events. Raises GoogleError, and what the credentials raise."""

    ask: Ask
    calendar_id: str

    def begin(self, address: str, secret: str, now: datetime, *, former: str = "") -> Subscription:
        """A channel beside the `former` one.

        Its id follows from the secret and from the former one's: where an answer never came, asking again meets the
        channel that was made. Without the answer it cannot be stopped, so another one is opened, whose answer tells
        what both are about.
        """
        lost: list[str] = []
        channel = _next_id(secret, former)
        while (opened := self._opened(channel, address, secret, now)) is None:
            lost.append(channel)
            if len(lost) > _MOST_LOST:
                raise GoogleError(NOT_UNDERSTOOD)
            channel = _next_id(secret, channel)
        for one in lost:
            try:
                self.end(replace(opened, id=one))
            except GoogleError as error:
                log.info("a channel of Google's could not be stopped, and ends by itself: %s", error)
        return opened

    def _opened(self, channel: str, address: str, secret: str, now: datetime) -> Subscription | None:
        """None where Google has one by that id."""
        wish = {
            "id": channel,
            "type": "web_hook",
            "address": address,
            "token": secret,
            "expiration": str(int((now + _LIFE).timestamp() * 1000)),
        }
        try:
            made = self.ask(lambda api: api.events().watch(calendarId=self.calendar_id, body=wish))
        except GoogleError as error:
            if error.fault is Fault.TAKEN:
                return None
            raise
        resource = made.get("resourceId")
        if made.get("id") != channel or not isinstance(resource, str) or not resource:
            raise GoogleError(NOT_UNDERSTOOD)
        return Subscription(channel, _end_of(made, now), resource)

    def end(self, subscription: Subscription) -> None:
        body = {"id": subscription.id, "resourceId": subscription.resource}
        try:
            self.ask(lambda api: api.channels().stop(body=body))
        except GoogleError as error:
            if error.fault is not Fault.NOT_THERE:
                raise


def _next_id(secret: str, former: str) -> str:
    return hashlib.sha256(f"{secret} {former}".encode()).hexdigest()


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
