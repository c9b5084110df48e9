"""Subscriptions: Graph tells us when something changes in a mailbox's calendars, and never what.

learn.microsoft.com/graph/api/resources/subscription
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from bot.calendars.microsoft import moments
from bot.calendars.microsoft.errors import MALFORMED, NONSENSE, is_gone
from bot.calendars.microsoft.graph import Session
from bot.domain.pushes import Subscription
from bot.rest import RestError

_LIFE = timedelta(days=2)
"""Graph allows some days for calendars, in some clouds fewer than three."""
_SHORTEST = timedelta(minutes=5)


class Subscriptions:
    """Of one account. Every method raises RestError."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now

    def begin(self, address: str, secret: str) -> Subscription:
        """About all of the account's calendars. Graph asks the address whether we are there before it answers."""
        wish = {
            "changeType": "updated,deleted",
            "notificationUrl": address,
            "lifecycleNotificationUrl": address,
            "resource": "/me/events",
            "expirationDateTime": self._written_end(),
            "clientState": secret,
        }
        return self._made(self._session.make("POST", "/subscriptions", wish))

    def lengthened(self, subscription: Subscription) -> Subscription | None:
        """None where Graph does not know it any more."""
        wish = {"expirationDateTime": self._written_end()}
        try:
            return self._made(self._session.make("PATCH", _path(subscription), wish))
        except RestError as error:
            if is_gone(error):
                return None
            raise

    def end(self, subscription: Subscription) -> None:
        try:
            self._session.send("DELETE", _path(subscription))
        except RestError as error:
            if not is_gone(error):
                raise

    def _written_end(self) -> str:
        return (self._now + _LIFE).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.0000000Z")

    def _made(self, answer: Mapping[str, Any]) -> Subscription:
        try:
            ends_at = moments.read({"dateTime": answer["expirationDateTime"], "timeZone": "UTC"})
        except MALFORMED as error:
            raise RestError(NONSENSE) from error
        subscription_id = answer.get("id")
        if not isinstance(subscription_id, str) or not subscription_id:
            raise RestError(NONSENSE)
        return Subscription(subscription_id, min(max(ends_at, self._now + _SHORTEST), self._now + _LIFE))


def _path(subscription: Subscription) -> str:
    return f"/subscriptions/{quote(subscription.id, safe='')}"
