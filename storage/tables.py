"""The tables. Rules that must hold whatever the code does are constraints here, and have names.

A table that keeps a domain value has a column of the same name for each of its fields (`storage.records`);
columns beyond those are what queries need. No `from __future__ import annotations`: SQLModel reads the types.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, MetaData, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from bot.domain.activity import Tab
from bot.domain.calendar import ConnectionState, Event
from bot.domain.cells import BusyIndex
from bot.domain.delivery import DeliveryKind
from bot.domain.event_copies import CopyRole, Finding
from bot.domain.ids import ResourceId, TemplateId, UserId
from bot.domain.invitation import (
    Details,
    DraftStep,
    InvitationStatus,
    Letter,
    MessageRef,
    Participant,
    SlotRules,
)
from bot.domain.meeting import Attendance, CanceledBy, MeetingStatus
from bot.domain.pools import Cycle, PoolKind, PoolMember, PoolMethod
from bot.domain.preferences import DefaultMethod
from bot.domain.working_hours import WorkingHours
from storage.types import BusyTimes, Choice, Document, EncryptedText, Seconds, UtcDateTime


class Row(SQLModel):
    """What all tables share: one collection of tables, and names for constraints that got none."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        }
    )


def _text(*, key: bool = False, null: bool = False) -> Any:
    return Field(sa_column=Column(Text, primary_key=key, nullable=null))


def _number() -> Any:
    return Field(sa_column=Column(Integer, nullable=False))


def _counter() -> Any:
    """A key that the database gives out, growing with each row."""
    return Field(sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True))


def _switch() -> Any:
    return Field(sa_column=Column(Boolean, nullable=False))


def _instant(*, null: bool = False) -> Any:
    return Field(sa_column=Column(UtcDateTime, nullable=null))


def _document(shape: Any, *, null: bool = False) -> Any:
    return Field(sa_column=Column(Document(shape), nullable=null))


def _choice(members: Any, *, null: bool = False) -> Any:
    return Field(sa_column=Column(Choice(members), nullable=null))


def _parent(column: str, *, key: bool = False) -> Any:
    """A foreign key that is checked at commit, so that a transaction may write child and parent in any order."""
    constraint = ForeignKey(column, ondelete="CASCADE", deferrable=True, initially="DEFERRED")
    return Field(sa_column=Column(Text, constraint, primary_key=key, nullable=False))


class DraftRow(Row, table=True):
    __tablename__ = "drafts"
    __table_args__ = (
        Index(None, "workspace_id", "owner_id", "updated_at"),
        Index(None, "updated_at"),
    )

    id: str = _text(key=True)
    workspace_id: str = _text()
    owner_id: str = _text()
    step: DraftStep = _choice(DraftStep)
    fields: Mapping[str, Any] = _document(Mapping[str, Any])
    created_at: datetime = _instant()
    updated_at: datetime = _instant()
    revision: int = _number()
    generation: int = _number()
    card: MessageRef | None = _document(MessageRef, null=True)


class InvitationRow(Row, table=True):
    __tablename__ = "invitations"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        UniqueConstraint("workspace_id", "tracking_id"),
        Index(None, "workspace_id", "status", "created_at"),
        Index(None, "workspace_id", "inviter_id"),
        Index(None, "workspace_id", "email"),
        Index(None, "status", "expires_at"),
    )

    id: str = _text(key=True)
    workspace_id: str = _text()
    tracking_id: str = _text()
    inviter_id: str = _text()
    participant: Participant = _document(Participant)
    details: Details = _document(Details)
    rules: SlotRules = _document(SlotRules)
    letter: Letter = _document(Letter)
    status: InvitationStatus = _choice(InvitationStatus)
    token: str = Field(sa_column=Column(EncryptedText, nullable=False))
    created_at: datetime = _instant()
    expires_at: datetime = _instant()
    sent_at: datetime | None = _instant(null=True)
    opened_at: datetime | None = _instant(null=True)
    bounced_reason: str = _text()
    card: MessageRef | None = _document(MessageRef, null=True)

    token_hash: str = _text()
    email: str = _text()
    """The participant's, case-folded."""


class InvitationMemberRow(Row, table=True):
    """Who may be assigned, and so may see the Invitation."""

    __tablename__ = "invitation_members"
    __table_args__ = (Index(None, "user_id"),)

    invitation_id: str = _parent("invitations.id", key=True)
    user_id: str = _text(key=True)


_LIVE = text("status IN ('scheduled', 'rescheduled')")


class MeetingRow(Row, table=True):
    __tablename__ = "meetings"
    __table_args__ = (
        # One Invitation leads to at most one live Meeting.
        Index(
            "uq_meetings_live_invitation_id", "invitation_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE
        ),
        Index(None, "invitation_id", "created_at"),
        Index(None, "workspace_id", "status", "start"),
        Index(None, "status", "ends_at"),
    )

    id: str = _text(key=True)
    workspace_id: str = _text()
    invitation_id: str = _parent("invitations.id")
    tracking_id: str = _text()
    start: datetime = _instant()
    duration: timedelta = Field(sa_column=Column(Seconds, nullable=False))
    assigned: tuple[ResourceId, ...] = _document(tuple[ResourceId, ...])
    status: MeetingStatus = _choice(MeetingStatus)
    created_at: datetime = _instant()
    sequence: int = _number()
    customer_zone: str | None = _text(null=True)
    canceled_by: CanceledBy | None = _choice(CanceledBy, null=True)
    canceled_by_id: UserId | None = _text(null=True)
    cancel_reason: str = _text()
    card: MessageRef | None = _document(MessageRef, null=True)
    join_url: str = _text()
    conference_id: str = _text()
    conference_problem: str = _text()

    ends_at: datetime = _instant()


class MeetingMemberRow(Row, table=True):
    """Who is assigned, and so may see the Meeting: also after its claims are released."""

    __tablename__ = "meeting_members"
    __table_args__ = (Index(None, "user_id"),)

    meeting_id: str = _parent("meetings.id", key=True)
    user_id: str = _text(key=True)
    attendance: Attendance = _choice(Attendance)


class EventCopyRow(Row, table=True):
    """A Meeting's event in one calendar, or in one mail."""

    __tablename__ = "event_copies"
    __table_args__ = (UniqueConstraint("token_hash"), Index(None, "check_at"))

    meeting_id: str = _parent("meetings.id", key=True)
    holder: str = _text(key=True)
    workspace_id: str = _text()
    role: CopyRole = _choice(CopyRole)
    token: str = Field(sa_column=Column(EncryptedText, nullable=False))
    connection_id: str | None = _text(null=True)
    provider: str = _text()
    calendar: str = _text()
    written: int | None = Field(sa_column=Column(Integer, nullable=True))
    check_at: datetime | None = _instant(null=True)
    suspicion: Finding | None = _document(Finding, null=True)
    suspected_at: datetime | None = _instant(null=True)
    finding: Finding | None = _document(Finding, null=True)
    is_accepted: bool = _switch()

    token_hash: str = _text()


class ClaimRow(Row, table=True):
    """Five minutes of one person or room. The primary key is what makes a double booking impossible."""

    __tablename__ = "claims"
    __table_args__ = (Index(None, "meeting_id"),)

    workspace_id: str = _text(key=True)
    resource_id: str = _text(key=True)
    cell: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    """Minutes since 1970, divided by five."""
    meeting_id: str = _parent("meetings.id")


class FootprintRow(Row, table=True):
    """The claims of one person or room for one Meeting as a whole: one row to read instead of a dozen cells."""

    __tablename__ = "footprints"
    __table_args__ = (Index(None, "workspace_id", "resource_id", "ends_at"),)

    meeting_id: str = _parent("meetings.id", key=True)
    resource_id: str = _text(key=True)
    workspace_id: str = _text()
    starts_at: datetime = _instant()
    ends_at: datetime = _instant()


_PENDING = text("done_at IS NULL AND failed_at IS NULL")


class DeliveryRow(Row, table=True):
    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("id"),
        Index("ix_outbox_pending", "due_at", "number", sqlite_where=_PENDING, postgresql_where=_PENDING),
        Index(None, "subject_id"),
        Index(None, "done_at"),
        Index(None, "failed_at"),
    )

    number: int = _counter()
    """Grows with each row: of two that are due at once, the one written first goes first."""
    id: str = _text()
    workspace_id: str = _text()
    kind: DeliveryKind = _choice(DeliveryKind)
    subject_id: str = _text()
    recipient: str = _text()
    created_at: datetime = _instant()
    due_at: datetime = _instant()
    about: str = _text()
    attempts: int = _number()
    details: Mapping[str, str] = _document(Mapping[str, str])

    lease_until: datetime | None = _instant(null=True)
    lease_owner: str | None = _text(null=True)
    done_at: datetime | None = _instant(null=True)
    failed_at: datetime | None = _instant(null=True)
    last_error: str | None = _text(null=True)


class ConnectionRow(Row, table=True):
    __tablename__ = "connections"
    __table_args__ = (Index(None, "workspace_id", "user_id"), Index(None, "remind_at"))

    id: str = _text(key=True)
    workspace_id: str = _text()
    user_id: str = _text()
    provider: str = _text()
    account: str = _text()
    credentials: str = Field(sa_column=Column(EncryptedText, nullable=False))
    state: ConnectionState = _choice(ConnectionState)
    busy_calendars: tuple[str, ...] = _document(tuple[str, ...])
    write_calendar: str = _text()
    connected_at: datetime | None = _instant(null=True)
    broken_at: datetime | None = _instant(null=True)
    remind_at: datetime | None = _instant(null=True)

    renewing_until: datetime | None = _instant(null=True)
    renewing_by: str | None = _text(null=True)


class BusyReadingRow(Row, table=True):
    __tablename__ = "busy_cache"
    __table_args__ = (Index(None, "read_at"),)

    workspace_id: str = _text(key=True)
    resource_id: str = _text(key=True)
    window_start: datetime = _instant()
    window_end: datetime = _instant()
    read_at: datetime = _instant()
    busy: BusyIndex = Field(sa_column=Column(BusyTimes, nullable=False))
    unreadable: str | None = _text(null=True)


class NonceRow(Row, table=True):
    """A nonce is stored when it is used, never when it is given out."""

    __tablename__ = "nonces"
    __table_args__ = (Index(None, "used_at"),)

    id: str = _text(key=True)
    used_at: datetime = _instant()


class OneTimeRow(Row, table=True):
    """What is good once and for minutes, found by its token's hash."""

    __tablename__ = "one_time"
    __table_args__ = (Index(None, "expires_at"),)

    token_hash: str = _text(key=True)
    purpose: str = _text()
    payload: str = Field(sa_column=Column(EncryptedText, nullable=False))
    expires_at: datetime = _instant()


class HomeRow(Row, table=True):
    __tablename__ = "homes"

    workspace_id: str = _text(key=True)
    user_id: str = _text(key=True)
    tab: Tab = _choice(Tab)
    page: int = _number()


class BuiltinEventRow(Row, table=True):
    """The event as a whole, and beside it what it is found by."""

    __tablename__ = "builtin_events"
    __table_args__ = (Index(None, "workspace_id", "account", "ends_at"),)

    workspace_id: str = _text(key=True)
    account: str = _text(key=True)
    uid: str = _text(key=True)
    sequence: int = _number()
    starts_at: datetime = _instant()
    ends_at: datetime = _instant()
    event: Event = _document(Event)


class PoolRow(Row, table=True):
    """A pool with its members: they are read and changed together, and the row is what a turn is taken under."""

    __tablename__ = "pools"
    __table_args__ = (UniqueConstraint("workspace_id", "name_key"),)

    id: str = _text(key=True)
    workspace_id: str = _text()
    name: str = _text()
    kind: PoolKind = _choice(PoolKind)
    method: PoolMethod = _choice(PoolMethod)
    cycle: Cycle = _choice(Cycle)
    members: tuple[PoolMember, ...] = _document(tuple[PoolMember, ...])
    created_at: datetime = _instant()
    compensates: bool = _switch()

    name_key: str = _text()
    """The name, case-folded."""


class TurnRow(Row, table=True):
    """Outlives the Invitation it was for: erasing a Customer must not make anybody's turn come again."""

    __tablename__ = "turns"
    __table_args__ = (
        Index(None, "pool_id", "received_at"),
        Index(None, "invitation_id"),
    )

    number: int = _counter()
    pool_id: str = _parent("pools.id")
    resource_id: str = _text()
    invitation_id: str = _text()
    received_at: datetime = _instant()
    removed_at: datetime | None = _instant(null=True)


class AssignmentRow(Row, table=True):
    """When each person or room was last assigned a Meeting: one row to read, however many Meetings there were."""

    __tablename__ = "assignments"

    workspace_id: str = _text(key=True)
    resource_id: str = _text(key=True)
    assigned_at: datetime = _instant()


class RoomRow(Row, table=True):
    __tablename__ = "rooms"
    __table_args__ = (UniqueConstraint("workspace_id", "address"),)

    id: str = _text(key=True)
    workspace_id: str = _text()
    name: str = _text()
    address: str = _text()
    connection_id: str = _text()
    capacity: int | None = Field(sa_column=Column(Integer, nullable=True))
    equipment: str = _text()


class TemplateRow(Row, table=True):
    __tablename__ = "templates"
    __table_args__ = (Index(None, "workspace_id"),)

    id: str = _text(key=True)
    workspace_id: str = _text()
    owner_id: str = _text()
    name: str = _text()
    fields: Mapping[str, Any] = _document(Mapping[str, Any])
    starts_in_days: int = _number()
    span_days: int = _number()
    is_shared: bool = _switch()


class TemplateMarksRow(Row, table=True):
    """Which templates a person likes best; some may be gone by now."""

    __tablename__ = "template_marks"

    workspace_id: str = _text(key=True)
    user_id: str = _text(key=True)
    favourites: tuple[TemplateId, ...] = _document(tuple[TemplateId, ...])
    default_id: str | None = _text(null=True)


class PreferencesRow(Row, table=True):
    __tablename__ = "preferences"

    workspace_id: str = _text(key=True)
    user_id: str = _text(key=True)
    working_hours: WorkingHours | None = _document(WorkingHours, null=True)
    time_zone: str | None = _text(null=True)
    method: DefaultMethod = _choice(DefaultMethod)
    channel_id: str | None = _text(null=True)
    language: str | None = _text(null=True)
