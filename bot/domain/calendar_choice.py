"""Which calendar the event goes into: what is offered for the *Calendar* field, and how a choice is written there.

The choice names a calendar by its key: a CalDAV calendar's URL may be longer than a menu's values may be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.domain.calendar import CalendarInfo, Connection
from bot.domain.ids import ConnectionId

DEFAULT = "default"
"""The field's value where nothing was chosen: the inviter's own calendar if they take part, else the first member's."""


@dataclass(frozen=True, slots=True)
class CalendarOffer:
    """One calendar of the inviter's. `account` is the address it belongs to."""

    value: str
    name: str
    account: str


@dataclass(frozen=True, slots=True)
class CalendarChoice:
    """What the field offers. `default_holder` is whose calendar it will be if nothing is chosen, as in
    `Default: your own`; `unread` are accounts whose calendars could not be listed in time."""

    default_holder: str = "your own"
    offers: tuple[CalendarOffer, ...] = ()
    unread: tuple[str, ...] = ()


def offer(connection: Connection, calendar: CalendarInfo) -> CalendarOffer:
    return CalendarOffer(f"{connection.id}/{calendar.key}", calendar.name, connection.account)


def named(value: Any) -> tuple[ConnectionId, str] | None:
    """The connection and the calendar's key that a field's value names; None for the default."""
    connection_id, _, key = str(value or DEFAULT).rpartition("/")
    return (ConnectionId(connection_id), key) if connection_id else None
