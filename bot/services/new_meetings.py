"""The Meeting that a booking makes, whoever books it: the Customer, or the User on their behalf."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.event_copies import EventCopy
from bot.domain.ids import MeetingId, ResourceId, new_id
from bot.domain.invitation import Invitation
from bot.domain.lineup import Lineup
from bot.domain.meeting import Meeting, MeetingStatus
from bot.ports import UnitOfWork
from bot.services import meeting_rows
from bot.services.channels import channels_of
from bot.services.conferences import impossible
from bot.services.events import Events
from bot.services.turns import record_turns


def meeting_of(
    invitation: Invitation,
    lineup: Lineup,
    start: datetime,
    assigned: Sequence[ResourceId],
    now: datetime,
    zone: str | None = None,
) -> Meeting:
    """The Meeting at that start; `assigned` are one for each seat, `zone` is the Customer's."""
    return Meeting(
        id=MeetingId(new_id()),
        workspace_id=invitation.workspace_id,
        invitation_id=invitation.id,
        tracking_id=invitation.tracking_id,
        start=start,
        duration=invitation.details.duration,
        assigned=tuple(assigned),
        status=MeetingStatus.SCHEDULED,
        created_at=now,
        customer_zone=zone or invitation.participant.time_zone,
        receipts=lineup.receipts(assigned),
    )


def planned(events: Events, meeting: Meeting, invitation: Invitation) -> tuple[Meeting, tuple[EventCopy, ...]]:
    """Where its event goes, and whether the conference can be made there. Stores nothing."""
    copies = events.plan(meeting, invitation)
    return replace(meeting, conference_problem=impossible(invitation, copies)), copies


def store_meeting(
    unit: UnitOfWork, meeting: Meeting, invitation: Invitation, copies: Sequence[EventCopy], now: datetime
) -> None:
    """The Meeting with its claims, its turns, and all that has to be written and sent.

    Raises ClaimRefusedError; the transaction is then over, and nothing of it is stored.
    """
    unit.claims.add(meeting, meeting.footprint(invitation.rules))  # first: whoever comes too late has done little
    unit.meetings.add(meeting)
    pools = unit.pools.by_ids(invitation.details.pool_ids, keep=True)
    record_turns(unit, invitation, pools, meeting)
    unit.event_copies.put(*copies)
    unit.outbox.add(*meeting_rows.booked(meeting, invitation, copies, channels_of(invitation, pools), now))
