"""Pushes: a calendar system says that something has changed. It is never believed more than that: we read again."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from bot.domain.ids import ConnectionId

HOOKS = "/hooks"
"""Where pushes arrive: below it each calendar system by its key."""
_FIRST_PAUSE = timedelta(minutes=5)
_LONGEST_PAUSE = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a calendar system has promised to tell us about, and until when. `id` and `resource` are its own names."""

    id: str
    expires_at: datetime
    resource: str = ""


@dataclass(frozen=True, slots=True)
class Push:
    """The subscription about one calendar, or the wish for one: with `subscription` None there is none, or no more.

    `secret` comes with every push and is how we know it. `calendar` is its id there, empty for the account's default
    one, or where a subscription is about all of an account's calendars. `due_at` is when it is made, renewed or tried
    again; `failures` in a row make the pauses longer.
    """

    connection_id: ConnectionId
    provider: str
    calendar: str
    secret: str = field(repr=False)
    due_at: datetime
    subscription: Subscription | None = None
    failures: int = 0


class Notice(StrEnum):
    """What a push can say."""

    CHANGED = "changed"
    BEGUN = "begun"
    """The subscription works; nothing has changed yet."""
    RENEW = "renew"
    """It ends unless it is renewed now."""
    ENDED = "ended"


def renewal_at(subscription: Subscription, now: datetime) -> datetime:
    """In the middle of its life: there is time to try again before it ends."""
    return now + max((subscription.expires_at - now) / 2, timedelta(minutes=1))


def retry_at(failures: int, now: datetime) -> datetime:
    """Twice as long after each failure, up to half a day; events are polled in any case."""
    return now + min(_FIRST_PAUSE * (1 << min(failures, 10)), _LONGEST_PAUSE)


def can_be_reached(public_url: str) -> bool:
    """Whether a calendar system out there can push to this address: only over HTTPS, and to no private place."""
    parts = urlsplit(public_url)
    host = parts.hostname or ""
    try:
        return parts.scheme == "https" and ipaddress.ip_address(host).is_global
    except ValueError:  # a name
        return parts.scheme == "https" and "." in host and not host.rstrip(".").endswith((".localhost", ".local"))
