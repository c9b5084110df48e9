"""Resource pools: groups of Team members, or of Rooms, from which one is assigned by a method."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.ids import ChannelId, InvitationId, PoolId, ResourceId, WorkspaceId


class PoolKind(StrEnum):
    PEOPLE = "people"
    ROOMS = "rooms"


class PoolMethod(StrEnum):
    STRICT = "strict"
    """Round robin; the next in line, whatever their calendar says."""
    FLEXIBLE = "flexible"
    """Round robin; the next in line is proposed, and can be changed by hand."""
    POOLED = "pooled"
    """Whoever is free; of several, the longest idle."""


class Cycle(StrEnum):
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    CONTINUOUS = "continuous"


@dataclass(frozen=True, slots=True)
class PoolMember:
    """`head_start` is added to what a new or returning member has received, so that they begin at the pool's
    average; a fraction is fine. It was given at `since`, and is over with that measurement cycle.

    `has_left`: inactive because Slack had deactivated them, until it has them back.
    """

    resource_id: ResourceId
    joined_at: datetime
    active: bool = True
    head_start: float = 0.0
    since: datetime | None = None
    has_left: bool = False


@dataclass(frozen=True, slots=True)
class Pool:
    """`kind` and `method` are fixed after creation; a pool of Rooms is pooled."""

    id: PoolId
    workspace_id: WorkspaceId
    name: str
    kind: PoolKind
    method: PoolMethod
    cycle: Cycle
    members: tuple[PoolMember, ...]
    created_at: datetime
    compensates: bool = True
    """Meetings that were removed (cancelled, expired, no-show, reassigned away) count as not received."""
    channel_id: ChannelId | None = None
    """Gets a note when a Meeting that it gives somebody to is booked, moved or cancelled."""

    @property
    def is_round_robin(self) -> bool:
        """Whether a turn is taken when the Invitation is sent; else when it is booked."""
        return self.method is not PoolMethod.POOLED

    @property
    def active(self) -> tuple[ResourceId, ...]:
        return tuple(member.resource_id for member in self.members if member.active)


@dataclass(frozen=True, slots=True)
class Turn:
    """One meeting (or Invitation) that a member received from the pool; removed ones count where received."""

    pool_id: PoolId
    resource_id: ResourceId
    invitation_id: InvitationId
    received_at: datetime
    removed_at: datetime | None = None
