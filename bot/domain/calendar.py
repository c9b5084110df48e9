"""What calendars are asked and told: free/busy, events, connections."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.ids import ConnectionId, UserId, WorkspaceId
from bot.domain.intervals import Interval


class ConnectionState(StrEnum):
    OK = "ok"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Connection:
    """A person's account at a calendar provider. `credentials` are stored encrypted and never shown."""

    id: ConnectionId
    workspace_id: WorkspaceId
    user_id: UserId
    provider: str
    account: str
    credentials: str = field(default="", repr=False)
    state: ConnectionState = ConnectionState.OK
    busy_calendars: tuple[str, ...] = ()
    """Calendar ids that count as busy; empty: all that the account owns."""
    write_calendar: str = ""
    """Calendar id that events are written to; empty: the account's default."""
    connected_at: datetime | None = None
    remind_at: datetime | None = None
    """When its owner is reminded next that it is BROKEN."""


@dataclass(frozen=True, slots=True)
class CalendarInfo:
    """One calendar that an account can see. `id` is the provider's; for CalDAV the collection's URL."""

    id: str
    name: str
    is_primary: bool = False
    is_owned: bool = True
    can_write: bool = True

    @property
    def key(self) -> str:
        """What stands for the calendar in a menu: a URL may be longer than a menu's values may be."""
        return calendar_key(self.id)


def calendar_key(calendar: str) -> str:
    """Of a calendar's id; see `CalendarInfo.key`."""
    return hashlib.sha256(calendar.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class ChosenCalendar:
    """Where an inviter wants an event: one of their connections, and the calendar's id there."""

    connection_id: ConnectionId
    calendar: str


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who has just signed in at a provider: the address there, and credentials to keep encrypted."""

    address: str
    credentials: str = field(repr=False)


class ExtraAccess(StrEnum):
    """What an account is asked for beyond what connecting takes, once somebody wants it (incremental consent)."""

    ROOM_DIRECTORY = "room-directory"


@dataclass(frozen=True, slots=True)
class SignIn:
    """A browser sign-in under way (OAuth). `secret` (the PKCE verifier, msal's flow) is kept encrypted with the
    one-time state until the callback. With `extra` it asks for that too."""

    url: str
    secret: str = field(repr=False)
    extra: ExtraAccess | None = None


@dataclass(frozen=True, slots=True)
class FreeBusy:
    """One account's answer: its busy times, or why it could not be read. Never an empty list for an error."""

    busy: tuple[Interval, ...] = ()
    unreadable: str | None = None

    @property
    def readable(self) -> bool:
        return self.unreadable is None


class PartStat(StrEnum):
    """An attendee's answer (RFC 5545 3.2.12)."""

    NEEDS_ACTION = "needs-action"
    ACCEPTED = "accepted"
    TENTATIVE = "tentative"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Attendee:
    """Somebody or something in an event. `is_room` makes it a resource; `optional` is iCalendar's OPT-PARTICIPANT."""

    name: str
    email: str
    is_room: bool = False
    optional: bool = False
    answer: PartStat = PartStat.NEEDS_ACTION


class EventStatus(StrEnum):
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Event:
    """A Meeting's copy in a calendar (RFC 5545 VEVENT). `start` and `end` are UTC; `uid` names it everywhere."""

    uid: str
    sequence: int
    start: datetime
    end: datetime
    summary: str
    organizer: Attendee
    attendees: tuple[Attendee, ...]
    description: str = ""
    location: str = ""
    url: str = ""
    status: EventStatus = EventStatus.CONFIRMED
    transparent: bool = False
    conference: str = ""
    """`meet` or `teams` where the provider is to make the conference with the event; empty: none."""
    join_url: str = ""
    """Where to join, once it is known."""
    created_at: datetime | None = None
    """DTSTAMP's source, so that the same event renders to the same bytes."""

    @property
    def is_busy(self) -> bool:
        """Whether it makes its owner busy."""
        return not self.transparent and self.status is not EventStatus.CANCELLED


@dataclass(frozen=True, slots=True)
class Conference:
    """A conference beside the event (Zoom): the vendor's id, by which it is moved and deleted, and where to join."""

    id: str
    join_url: str
