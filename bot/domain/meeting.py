"""The Meeting: what a booking creates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.ids import InvitationId, MeetingId, ResourceId, TrackingId, UserId, WorkspaceId
from bot.domain.intervals import Interval
from bot.domain.invitation import MessageRef, SlotRules


class MeetingStatus(StrEnum):
    SCHEDULED = "scheduled"
    RESCHEDULED = "rescheduled"
    COMPLETED = "completed"
    CANCELED = "canceled"
    NO_SHOW = "no_show"


LIVE = frozenset({MeetingStatus.SCHEDULED, MeetingStatus.RESCHEDULED})
NO_SHOW_WITHIN = timedelta(days=14)
"""How long after its end it can be said of a Meeting that the Customer did not come, and taken back again."""


class Attendance(StrEnum):
    """A Team member's status in a Meeting."""

    INVITED = "invited"
    TENTATIVE = "tentative"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    REMOVED = "removed"


class CanceledBy(StrEnum):
    CUSTOMER = "customer"
    USER = "user"


@dataclass(frozen=True, slots=True)
class Receipt:
    """Why this one was assigned, in words that come after a name: `longest without a meeting, 12 days`."""

    resource_id: ResourceId
    reason: str


@dataclass(frozen=True, slots=True)
class Move:
    """The last change of a Meeting's time. `previous` is the start that it had before (UTC).

    `by_id` is the Slack user; None where the Customer moved it, or somebody by a link that several people have.
    `sequence` is the Meeting's since then: a copy of the event that was last written with a lower one lies at its old
    time still.
    """

    previous: datetime
    moved_at: datetime
    sequence: int
    by_customer: bool = False
    by_id: UserId | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Meeting:
    """`assigned` are the claimed people and rooms, one per requirement, in the requirements' order.

    `start` is UTC. `sequence` is iCalendar's (RFC 5545 3.8.7.4): it grows with every change that is told.
    `canceled_by_id` is the Slack user, where one cancelled. `join_url` is where to join the conference that was made
    for it, `conference_id` the vendor's name for one beside the event, `conference_problem` why there is none yet.
    `told_link` is the link that the Customer's last mail held: empty where it held none, None before any mail;
    `told_start` is the start that they were last told as theirs.
    `receipts` say why, for those whom a pool gave, or who took somebody's place. `vacant` are the numbers of the
    requirements (from 0) that somebody decided to do without: they have nobody in `assigned`.
    `no_show_at` is when somebody said that the Customer had not come. `last_move` is there once its time has been
    changed.
    """

    id: MeetingId
    workspace_id: WorkspaceId
    invitation_id: InvitationId
    tracking_id: TrackingId
    start: datetime
    duration: timedelta
    assigned: tuple[ResourceId, ...]
    status: MeetingStatus
    created_at: datetime
    sequence: int = 0
    customer_zone: str | None = None
    canceled_by: CanceledBy | None = None
    canceled_by_id: UserId | None = None
    cancel_reason: str = ""
    card: MessageRef | None = None
    join_url: str = ""
    conference_id: str = ""
    conference_problem: str = ""
    receipts: tuple[Receipt, ...] = ()
    told_link: str | None = None
    told_start: datetime | None = None
    vacant: tuple[int, ...] = ()
    no_show_at: datetime | None = None
    last_move: Move | None = None

    @property
    def end(self) -> datetime:
        return self.start + self.duration

    @property
    def uid(self) -> str:
        """The event's UID in every calendar, derived from the Meeting: writing twice is writing once."""
        return f"{self.id}@inviteonce"

    @property
    def guarded(self) -> tuple[object, ...]:
        """What claims and events rest on: two changes that saw different ones must not both be made."""
        return (self.assigned, self.start, self.duration)

    @property
    def is_live(self) -> bool:
        return self.status in LIVE

    def may_be_no_show(self, now: datetime) -> bool:
        """Whether it can be said now that the Customer did not come."""
        is_over = self.is_live or self.status is MeetingStatus.COMPLETED
        return is_over and self.end <= now < self.end + NO_SHOW_WITHIN

    def may_take_back_no_show(self, now: datetime) -> bool:
        return self.status is MeetingStatus.NO_SHOW and now < self.end + NO_SHOW_WITHIN

    @property
    def assigned_member_ids(self) -> tuple[UserId, ...]:
        return tuple(UserId(r) for r in self.assigned if not r.startswith("room:"))

    def footprint(self, rules: SlotRules) -> Interval:
        """What the Meeting claims: its time with the buffers around it."""
        return Interval(self.start - rules.buffer_before, self.end + rules.buffer_after)
