"""The tables of calendar connections. As in `storage.tables`: no `from __future__ import annotations`."""

from datetime import datetime

from sqlalchemy import Column, Index, Integer, UniqueConstraint
from sqlmodel import Field

from bot.domain.calendar import ConnectionState, Event
from bot.domain.cells import BusyIndex
from bot.domain.event_copies import CopyRole, Finding
from bot.domain.pushes import Subscription
from storage import columns
from storage.columns import Row
from storage.types import BusyTimes, EncryptedText


class EventCopyRow(Row, table=True):
    """A Meeting's event in one calendar, or in one mail."""

    __tablename__ = "event_copies"
    __table_args__ = (UniqueConstraint("token_hash"), Index(None, "check_at"))

    meeting_id: str = columns.parent("meetings.id", key=True)
    holder: str = columns.text(key=True)
    workspace_id: str = columns.text()
    role: CopyRole = columns.choice(CopyRole)
    token: str = Field(sa_column=Column(EncryptedText, nullable=False))
    connection_id: str | None = columns.text(null=True)
    provider: str = columns.text()
    calendar: str = columns.text()
    written: int | None = Field(sa_column=Column(Integer, nullable=True))
    check_at: datetime | None = columns.instant(null=True)
    suspicion: Finding | None = columns.document(Finding, null=True)
    suspected_at: datetime | None = columns.instant(null=True)
    finding: Finding | None = columns.document(Finding, null=True)
    is_accepted: bool = columns.switch()
    is_withdrawn: bool = columns.switch()

    token_hash: str = columns.text()


class ConnectionRow(Row, table=True):
    __tablename__ = "connections"
    __table_args__ = (Index(None, "workspace_id", "user_id"), Index(None, "remind_at"))

    id: str = columns.text(key=True)
    workspace_id: str = columns.text()
    user_id: str = columns.text()
    provider: str = columns.text()
    account: str = columns.text()
    credentials: str = Field(sa_column=Column(EncryptedText, nullable=False))
    state: ConnectionState = columns.choice(ConnectionState)
    busy_calendars: tuple[str, ...] = columns.document(tuple[str, ...])
    write_calendar: str = columns.text()
    connected_at: datetime | None = columns.instant(null=True)
    remind_at: datetime | None = columns.instant(null=True)

    renewing_until: datetime | None = columns.instant(null=True)
    renewing_by: str | None = columns.text(null=True)


class PushRow(Row, table=True):
    """What a calendar system has promised to tell us of; found by the secret that its pushes carry."""

    __tablename__ = "pushes"
    __table_args__ = (UniqueConstraint("secret_hash"),)

    connection_id: str = columns.parent("connections.id", key=True)
    provider: str = columns.text()
    calendar: str = columns.text(key=True)
    secret: str = Field(sa_column=Column(EncryptedText, nullable=False))
    due_at: datetime = columns.instant()
    subscription: Subscription | None = columns.document(Subscription, null=True)
    failures: int = columns.number()

    secret_hash: str = columns.text()


class BusyReadingRow(Row, table=True):
    __tablename__ = "busy_cache"
    __table_args__ = (Index(None, "read_at"),)

    workspace_id: str = columns.text(key=True)
    resource_id: str = columns.text(key=True)
    window_start: datetime = columns.instant()
    window_end: datetime = columns.instant()
    read_at: datetime = columns.instant()
    version: int = columns.version()
    """Before the busy times, whose pages SQLite would turn over for it."""
    busy: BusyIndex = Field(sa_column=Column(BusyTimes, nullable=False))
    unreadable: str | None = columns.text(null=True)


class OneTimeRow(Row, table=True):
    """What is good once and for minutes, found by its token's hash."""

    __tablename__ = "one_time"
    __table_args__ = (Index(None, "expires_at"),)

    token_hash: str = columns.text(key=True)
    purpose: str = columns.text()
    payload: str = Field(sa_column=Column(EncryptedText, nullable=False))
    expires_at: datetime = columns.instant()


class BuiltinEventRow(Row, table=True):
    """The event as a whole, and beside it what it is found by."""

    __tablename__ = "builtin_events"
    __table_args__ = (Index(None, "workspace_id", "account", "ends_at"),)

    workspace_id: str = columns.text(key=True)
    account: str = columns.text(key=True)
    uid: str = columns.text(key=True)
    sequence: int = columns.number()
    starts_at: datetime = columns.instant()
    ends_at: datetime = columns.instant()
    is_busy: bool = columns.switch()
    event: Event = columns.document(Event)
