"""Where calendar connections are kept, and what was read and written through them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.domain.calendar import Connection, Event
from bot.domain.cells import BusyIndex
from bot.domain.event_copies import EventCopy
from bot.domain.ids import (
    ConnectionId,
    MeetingId,
    ResourceId,
    UserId,
    WorkspaceId,
)
from bot.domain.intervals import Interval
from bot.domain.pushes import Push


class ConnectionRepository(Protocol):
    def put(self, connection: Connection) -> None: ...

    def get(self, connection_id: ConnectionId, *, lock: bool = False) -> Connection | None:
        """With `lock`, no other transaction changes it before this one ends."""

    def lease(self, connection_id: ConnectionId, holder: str, now: datetime, until: datetime) -> bool:
        """Let one holder at a time renew the credentials; False where another one does, and is not over time."""

    def release(self, connection_id: ConnectionId, holder: str) -> None: ...

    def uses_account(self, provider: str, account: str) -> bool:
        """Whether anybody, in any workspace, has connected this account (in any case of letters)."""

    def due_to_remind(self, now: datetime, limit: int) -> Sequence[Connection]:
        """BROKEN ones of which the owner is to be reminded by now."""

    def has_any(self, workspace_id: WorkspaceId, user_id: UserId) -> bool:
        """Whether the user has connected a calendar. Reads no secret."""

    def of_user(self, workspace_id: WorkspaceId, user_id: UserId) -> Sequence[Connection]: ...

    def of_users(self, workspace_id: WorkspaceId, user_ids: Sequence[UserId]) -> Mapping[UserId, Sequence[Connection]]:
        """Every asked user is a key."""

    def delete(self, connection_id: ConnectionId) -> None: ...


@dataclass(frozen=True, slots=True)
class BusyReading:
    """What one resource's calendars said, and when; `unreadable` is why they said nothing.

    `window` is what was asked for. Busy times are kept as the slot engine wants them: made once, when read.
    """

    resource_id: ResourceId
    window: Interval
    read_at: datetime
    busy: BusyIndex = field(default_factory=BusyIndex)
    unreadable: str | None = None


class BusyCacheRepository(Protocol):
    """Readings kept with their age, so that a change of field costs no calendar."""

    def get(self, workspace_id: WorkspaceId, resources: Sequence[ResourceId]) -> Mapping[ResourceId, BusyReading]: ...

    def put(self, workspace_id: WorkspaceId, readings: Sequence[BusyReading]) -> None: ...

    def forget(self, workspace_id: WorkspaceId, resources: Sequence[ResourceId]) -> None: ...

    def delete_older(self, read_before: datetime) -> int: ...


class VersionRepository(Protocol):
    """Whether anything has changed, in one question."""

    def of(self, workspace_id: WorkspaceId, resources: Sequence[ResourceId], window: Interval) -> tuple[int, ...]:
        """Others as soon as a kept reading of these is another, a claim within the window, somebody's preferences, or
        a Room. What is read afterwards in the same transaction is at least as new."""


class EventCopyRepository(Protocol):
    """Where each Meeting's event lies."""

    def put(self, *copies: EventCopy) -> None:
        """Add each, or replace all of it."""

    def get(self, meeting_id: MeetingId, holder: ResourceId, *, lock: bool = False) -> EventCopy | None:
        """With `lock`, no other transaction changes it before this one ends. Whoever locks the Meeting too does that
        first."""

    def of_meeting(
        self, meeting_id: MeetingId, *, with_withdrawn: bool = False, lock: bool = False
    ) -> Sequence[EventCopy]:
        """The one event first, then by holder. Withdrawn ones only where they are asked for. `lock` as for `get`."""

    def by_token(self, token: str) -> EventCopy | None:
        """Looked up by the token's hash."""

    def due(self, now: datetime, limit: int) -> Sequence[EventCopy]:
        """Those to be read by now, longest overdue first."""

    def lease(self, copy: EventCopy, until: datetime) -> bool:
        """Put the next reading off until then, where nobody else has; of two that ask one gets True."""

    def check_by(self, connection_id: ConnectionId, at: datetime) -> int:
        """Read what lies in this connection's calendars not later than then; returns how many that brings forward."""

    def delete(self, meeting_id: MeetingId, holder: ResourceId) -> None: ...


class BuiltinEventRepository(Protocol):
    """The playground's calendar: one calendar per account name."""

    def put(self, workspace_id: WorkspaceId, account: str, event: Event) -> bool:
        """Store by (account, uid); an older `sequence` than the stored one is ignored. True where anything changed."""

    def get(self, workspace_id: WorkspaceId, account: str, uid: str) -> Event | None: ...

    def between(self, workspace_id: WorkspaceId, account: str, window: Interval) -> Sequence[Event]:
        """Every event that overlaps the window, cancelled and transparent ones too, by start."""

    def busy(
        self, workspace_id: WorkspaceId, accounts: Sequence[str], window: Interval
    ) -> Mapping[str, Sequence[tuple[datetime, datetime]]]:
        """Start and end of the events that make busy and overlap the window, in no order; every asked account is a
        key. No Intervals: there are thousands, most of them soon merged."""


class OneTimeRepository(Protocol):
    """Secrets that are good once and for minutes: connect links, OAuth states. Looked up by hash, kept encrypted."""

    def add(self, token: str, purpose: str, payload: str, expires_at: datetime) -> None: ...

    def look(self, token: str, purpose: str, now: datetime) -> str | None:
        """The payload, which stays; None where it is unknown, used or too old."""

    def take(self, token: str, purpose: str, now: datetime) -> str | None:
        """The payload, once: of two takers one gets None."""

    def delete_older(self, expired_before: datetime) -> int: ...


class PushRepository(Protocol):
    """The subscriptions to pushes, one for each calendar that is watched; gone with its connection."""

    def due(
        self, providers: Sequence[str], whole: Sequence[str], now: datetime, limit: int
    ) -> Sequence[tuple[ConnectionId, str]]:
        """Working connections of these providers with the calendars that have events to read, where the push is missing
        or due; those without any first. Providers that are `whole` have one for all of an account's calendars, named
        by an empty text."""

    def idle(self, whole: Sequence[str], limit: int) -> Sequence[Push]:
        """Those about calendars in which there is no event to read any more."""

    def get(self, connection_id: ConnectionId, calendar: str, *, lock: bool = False) -> Push | None:
        """With `lock`, no other transaction changes it before this one ends."""

    def of_connection(self, connection_id: ConnectionId) -> Sequence[Push]: ...

    def lease(self, push: Push, seen: Push | None) -> bool:
        """Store it where there is still what was `seen`; of two that ask one gets True. `push.due_at` is when the
        lease ends."""

    def put(self, push: Push) -> bool:
        """Store it over the one of its calendar; False where that is gone."""

    def delete(self, push: Push) -> None: ...

    def by_secrets(self, secrets: Sequence[str]) -> Sequence[Push]:
        """Looked up by the secrets' hashes."""
