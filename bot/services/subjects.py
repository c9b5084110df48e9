"""What a delivery is about, as it is now."""

from __future__ import annotations

from bot.domain.delivery import Delivery
from bot.domain.ids import MeetingId
from bot.domain.invitation import Invitation
from bot.domain.meeting import Meeting
from bot.errors import DeliveryError
from bot.ports import UnitOfWorkFactory


def meeting_of(unit_of_work: UnitOfWorkFactory, delivery: Delivery) -> tuple[Meeting, Invitation]:
    """Raises DeliveryError for good where the Meeting has been erased."""
    with unit_of_work() as unit:
        meeting = unit.meetings.get(MeetingId(delivery.subject_id))
        invitation = unit.invitations.get(meeting.invitation_id) if meeting else None
    if meeting is None or invitation is None:
        raise DeliveryError("The meeting is not there any more.", permanent=True)
    return meeting, invitation
