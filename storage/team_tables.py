"""The tables of what teams set up. As in `storage.tables`: no `from __future__ import annotations`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Integer, UniqueConstraint
from sqlmodel import Field

from bot.domain.ids import TemplateId
from bot.domain.pools import Cycle, PoolKind, PoolMember, PoolMethod
from bot.domain.preferences import DefaultMethod
from bot.domain.working_hours import WorkingHours
from storage import columns
from storage.columns import Row


class PoolRow(Row, table=True):
    """A pool with its members: they are read and changed together, and the row is what a turn is taken under."""

    __tablename__ = "pools"
    __table_args__ = (UniqueConstraint("workspace_id", "name_key"),)

    id: str = columns.text(key=True)
    workspace_id: str = columns.text()
    name: str = columns.text()
    kind: PoolKind = columns.choice(PoolKind)
    method: PoolMethod = columns.choice(PoolMethod)
    cycle: Cycle = columns.choice(Cycle)
    members: tuple[PoolMember, ...] = columns.document(tuple[PoolMember, ...], remembered=256)
    created_at: datetime = columns.instant()
    compensates: bool = columns.switch()
    channel_id: str | None = columns.text(null=True)

    name_key: str = columns.text()
    """The name, case-folded."""


class TurnRow(Row, table=True):
    """Outlives the Invitation it was for: erasing a Customer must not make anybody's turn come again."""

    __tablename__ = "turns"
    __table_args__ = (
        Index(None, "pool_id", "resource_id", "received_at", "removed_at"),
        Index(None, "invitation_id"),
    )

    number: int = columns.counter()
    pool_id: str = columns.parent("pools.id")
    resource_id: str = columns.text()
    invitation_id: str = columns.text()
    received_at: datetime = columns.instant()
    removed_at: datetime | None = columns.instant(null=True)


class AssignmentRow(Row, table=True):
    """When each person or room was last assigned a Meeting: one row to read, however many Meetings there were."""

    __tablename__ = "assignments"

    workspace_id: str = columns.text(key=True)
    resource_id: str = columns.text(key=True)
    assigned_at: datetime = columns.instant()


class RoomRow(Row, table=True):
    __tablename__ = "rooms"
    __table_args__ = (UniqueConstraint("workspace_id", "address"),)

    id: str = columns.text(key=True)
    workspace_id: str = columns.text()
    name: str = columns.text()
    address: str = columns.text()
    connection_id: str = columns.text()
    capacity: int | None = Field(sa_column=Column(Integer, nullable=True))
    equipment: str = columns.text()
    is_removed: bool = columns.switch()

    version: int = columns.version()


class TemplateRow(Row, table=True):
    __tablename__ = "templates"
    __table_args__ = (UniqueConstraint("workspace_id", "owner_id", "name_key"),)

    id: str = columns.text(key=True)
    workspace_id: str = columns.text()
    owner_id: str = columns.text()
    name: str = columns.text()
    fields: Mapping[str, Any] = columns.document(Mapping[str, Any])
    starts_in_days: int = columns.number()
    span_days: int = columns.number()
    is_shared: bool = columns.switch()

    name_key: str = columns.text()
    """The name, case-folded."""


class TemplateMarksRow(Row, table=True):
    """Which templates a person likes best; some may be gone by now."""

    __tablename__ = "template_marks"

    workspace_id: str = columns.text(key=True)
    user_id: str = columns.text(key=True)
    favourites: tuple[TemplateId, ...] = columns.document(tuple[TemplateId, ...])
    default_id: str | None = columns.text(null=True)


class PreferencesRow(Row, table=True):
    __tablename__ = "preferences"

    workspace_id: str = columns.text(key=True)
    user_id: str = columns.text(key=True)
    working_hours: WorkingHours | None = columns.document(WorkingHours, null=True, remembered=1_000)
    time_zone: str | None = columns.text(null=True)
    method: DefaultMethod = columns.choice(DefaultMethod)
    channel_id: str | None = columns.text(null=True)
    language: str | None = columns.text(null=True)

    version: int = columns.version()
