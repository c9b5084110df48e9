"""A Meeting is cancelled, whoever does it: its time is free again, its turns are given back, everybody is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.domain.ids import UserId
from bot.domain.invitation import Invitation
from bot.domain.meeting import CanceledBy, Meeting, MeetingStatus
from bot.ports import UnitOfWork
from bot.services import meeting_rows
from bot.services.channels import channels_of


def cancelled_in(
    unit: UnitOfWork,
    meeting: Meeting,
    invitation: Invitation,
    now: datetime,
    *,
    by: CanceledBy,
    by_id: UserId | None = None,
    reason: str,
) -> Meeting | None:
    """The Meeting as it is from now on, in a transaction that the caller commits; None where it was not live any more,
    and then nothing has changed."""
    cancelled = replace(
        meeting,
        status=MeetingStatus.CANCELED,
        sequence=meeting.sequence + 1,
        canceled_by=by,
        canceled_by_id=by_id,
        cancel_reason=reason,
    )
    if not unit.meetings.cancel(cancelled):
        return None
    cancelled = unit.meetings.get(meeting.id) or cancelled  # with those who are in it by now
    unit.claims.release(meeting.id)
    unit.pools.remove_turns(invitation.id, now)
    copies = unit.event_copies.of_meeting(meeting.id)
    channels = channels_of(invitation, unit.pools.by_ids(invitation.details.pool_ids))
    unit.outbox.add(*meeting_rows.cancelled(cancelled, invitation, copies, channels, now))
    return cancelled
