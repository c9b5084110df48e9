"""The tables. Rules that must hold whatever the code does are constraints here, and have names.

A table that keeps a domain value has a column of the same name for each of its fields (`storage.records`);
columns beyond those are what queries need. No `from __future__ import annotations`: SQLModel reads the types.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Column, Index, Integer, UniqueConstraint, text
from sqlmodel import Field

from bot.domain.activity import Tab
from bot.domain.delivery import DeliveryKind
from bot.domain.ids import ResourceId, UserId
from bot.domain.invitation import (
    Details,
    DraftStep,
    InvitationStatus,
    Letter,
    MessageRef,
    Participant,
    SlotRules,
)
from bot.domain.meeting import Attendance, CanceledBy, MeetingStatus, Move, Receipt
from storage import columns
from storage.columns import Row
from storage.types import EncryptedText, Seconds


class DraftRow(Row, table=True):
    __tablename__ = "drafts"
    __table_args__ = (
        Index(None, "workspace_id", "owner_id", "updated_at"),
        Index(None, "updated_at"),
    )

    id: str = columns.text(key=True)
    workspace_id: str = columns.text()
    owner_id: str = columns.text()
    step: DraftStep = columns.choice(DraftStep)
    fields: Mapping[str, Any] = columns.document(Mapping[str, Any])
    created_at: datetime = columns.instant()
    updated_at: datetime = columns.instant()
    revision: int = columns.number()
    generation: int = columns.number()
    card: MessageRef | None = columns.document(MessageRef, null=True)


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

    id: str = columns.text(key=True)
    workspace_id: str = columns.text()
    tracking_id: str = columns.text()
    inviter_id: str = columns.text()
    participant: Participant = columns.document(Participant, remembered=500)
    details: Details = columns.document(Details, remembered=500)
    rules: SlotRules = columns.document(SlotRules, remembered=500)
    letter: Letter = columns.document(Letter, remembered=500)
    status: InvitationStatus = columns.choice(InvitationStatus)
    token: str = Field(sa_column=Column(EncryptedText, nullable=False))
    created_at: datetime = columns.instant()
    expires_at: datetime = columns.instant()
    sent_at: datetime | None = columns.instant(null=True)
    opened_at: datetime | None = columns.instant(null=True)
    bounced_reason: str = columns.text()
    card: MessageRef | None = columns.document(MessageRef, null=True)
    revision: int = columns.number()

    token_hash: str = columns.text()
    email: str = columns.text()
    """The participant's, case-folded."""


class InvitationMemberRow(Row, table=True):
    """Who may be assigned, and so may see the Invitation."""

    __tablename__ = "invitation_members"
    __table_args__ = (Index(None, "user_id"),)

    invitation_id: str = columns.parent("invitations.id", key=True)
    user_id: str = columns.text(key=True)


class InvitationPoolRow(Row, table=True):
    """Which pools have a seat in the Invitation; of those that are gone by now, too."""

    __tablename__ = "invitation_pools"
    __table_args__ = (Index(None, "pool_id"),)

    invitation_id: str = columns.parent("invitations.id", key=True)
    pool_id: str = columns.text(key=True)


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

    id: str = columns.text(key=True)
    workspace_id: str = columns.text()
    invitation_id: str = columns.parent("invitations.id")
    tracking_id: str = columns.text()
    start: datetime = columns.instant()
    duration: timedelta = Field(sa_column=Column(Seconds, nullable=False))
    assigned: tuple[ResourceId, ...] = columns.document(tuple[ResourceId, ...])
    vacant: tuple[int, ...] = columns.document(tuple[int, ...])
    status: MeetingStatus = columns.choice(MeetingStatus)
    created_at: datetime = columns.instant()
    sequence: int = columns.number()
    customer_zone: str | None = columns.text(null=True)
    canceled_by: CanceledBy | None = columns.choice(CanceledBy, null=True)
    canceled_by_id: UserId | None = columns.text(null=True)
    cancel_reason: str = columns.text()
    card: MessageRef | None = columns.document(MessageRef, null=True)
    join_url: str = columns.text()
    conference_id: str = columns.text()
    conference_problem: str = columns.text()
    receipts: tuple[Receipt, ...] = columns.document(tuple[Receipt, ...])
    told_link: str | None = columns.text(null=True)
    told_start: datetime | None = columns.instant(null=True)
    no_show_at: datetime | None = columns.instant(null=True)
    last_move: Move | None = columns.document(Move, null=True)

    ends_at: datetime = columns.instant()


class MeetingMemberRow(Row, table=True):
    """Who is assigned, and so may see the Meeting: also after its claims are released; and who was assigned before."""

    __tablename__ = "meeting_members"
    __table_args__ = (Index(None, "user_id"),)

    meeting_id: str = columns.parent("meetings.id", key=True)
    user_id: str = columns.text(key=True)
    attendance: Attendance = columns.choice(Attendance)
    is_assigned: bool = columns.switch()


class ClaimRow(Row, table=True):
    """Five minutes of one person or room. The primary key is what makes a double booking impossible."""

    __tablename__ = "claims"
    __table_args__ = (Index(None, "meeting_id"),)

    workspace_id: str = columns.text(key=True)
    resource_id: str = columns.text(key=True)
    cell: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    """Minutes since 1970, divided by five."""
    meeting_id: str = columns.parent("meetings.id")


class FootprintRow(Row, table=True):
    """The claims of one person or room for one Meeting as a whole: one row to read instead of a dozen cells."""

    __tablename__ = "footprints"
    __table_args__ = (Index(None, "workspace_id", "resource_id", "ends_at"),)

    meeting_id: str = columns.parent("meetings.id", key=True)
    resource_id: str = columns.text(key=True)
    workspace_id: str = columns.text()
    starts_at: datetime = columns.instant()
    ends_at: datetime = columns.instant()
    version: int = columns.version()


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

    number: int = columns.counter()
    """Grows with each row: of two that are due at once, the one written first goes first."""
    id: str = columns.text()
    workspace_id: str = columns.text()
    kind: DeliveryKind = columns.choice(DeliveryKind)
    subject_id: str = columns.text()
    recipient: str = columns.text()
    created_at: datetime = columns.instant()
    due_at: datetime = columns.instant()
    about: str = columns.text()
    attempts: int = columns.number()
    details: Mapping[str, str] = columns.document(Mapping[str, str])

    lease_until: datetime | None = columns.instant(null=True)
    lease_owner: str | None = columns.text(null=True)
    done_at: datetime | None = columns.instant(null=True)
    failed_at: datetime | None = columns.instant(null=True)
    last_error: str | None = columns.text(null=True)


class NonceRow(Row, table=True):
    """A nonce is stored when it is used, never when it is given out."""

    __tablename__ = "nonces"
    __table_args__ = (Index(None, "used_at"),)

    id: str = columns.text(key=True)
    used_at: datetime = columns.instant()


class HomeRow(Row, table=True):
    __tablename__ = "homes"

    workspace_id: str = columns.text(key=True)
    user_id: str = columns.text(key=True)
    tab: Tab = columns.choice(Tab)
    page: int = columns.number()
    since: date | None = columns.document(date, null=True)
    until: date | None = columns.document(date, null=True)
