"""Values to store: Dana invites Anna to meet Priya and Ben. Each builder takes what the test cares about."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from bot.domain.calendar import Attendee, Connection, Event
from bot.domain.delivery import Delivery, DeliveryKind
from bot.domain.ids import (
    ConnectionId,
    DeliveryId,
    DraftId,
    InvitationId,
    MeetingId,
    ResourceId,
    UserId,
    WorkspaceId,
    new_id,
    new_link_token,
    new_tracking_id,
)
from bot.domain.invitation import (
    Details,
    Draft,
    DraftStep,
    Invitation,
    InvitationStatus,
    Letter,
    Participant,
    SlotRules,
)
from bot.domain.meeting import Meeting, MeetingStatus
from bot.domain.timeframe import WORKDAYS, TimeFrame, TimeRange
from tests.cast import seats

NORTHWIND, GLOBEX = WorkspaceId("T0NORTH"), WorkspaceId("T0GLOBEX")
DANA, PRIYA, BEN, MALLORY = UserId("U0DANA"), UserId("U0PRIYA"), UserId("U0BEN"), UserId("U0MALLORY")
ATLAS = ResourceId("room:atlas")
NOON = datetime(2027, 3, 10, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

RULES = SlotRules(
    TimeFrame(date(2027, 3, 8), date(2027, 3, 19), WORKDAYS, (TimeRange(time(9), time(17)),), "Europe/Berlin")
)


def a_draft(**changes: Any) -> Draft:
    draft = Draft(
        id=DraftId(new_id()),
        workspace_id=NORTHWIND,
        owner_id=DANA,
        step=DraftStep.DETAILS,
        fields={"participant_name": "Anna Ruiz", "members": ["U0PRIYA"], "promote": True, "channel": None},
        created_at=NOON,
        updated_at=NOON,
    )
    return dataclasses.replace(draft, **changes)


def an_invitation(*members: str, email: str = "anna@acme.example", **changes: Any) -> Invitation:
    """Needs each of the given members and rooms; without any, Priya."""
    invitation = Invitation(
        id=InvitationId(new_id()),
        workspace_id=NORTHWIND,
        tracking_id=new_tracking_id(),
        inviter_id=DANA,
        participant=Participant("Anna Ruiz", email),
        details=Details(
            "Roadmap review", timedelta(minutes=30), seats(*((ResourceId(member),) for member in members or (PRIYA,)))
        ),
        rules=RULES,
        letter=Letter("Let us meet"),
        status=InvitationStatus.ACTIVE,
        token=new_link_token(),
        created_at=NOON,
        expires_at=NOON + 10 * DAY,
    )
    return dataclasses.replace(invitation, **changes)


def a_meeting(invitation: Invitation, start: datetime = NOON, **changes: Any) -> Meeting:
    """With the first candidate of each requirement."""
    meeting = Meeting(
        id=MeetingId(new_id()),
        workspace_id=invitation.workspace_id,
        invitation_id=invitation.id,
        tracking_id=invitation.tracking_id,
        start=start,
        duration=invitation.details.duration,
        assigned=tuple(candidates[0] for candidates in invitation.details.requirements),
        status=MeetingStatus.SCHEDULED,
        created_at=NOON,
    )
    return dataclasses.replace(meeting, **changes)


def a_delivery(subject_id: str = "subject", **changes: Any) -> Delivery:
    delivery = Delivery(
        id=DeliveryId(new_id()),
        workspace_id=NORTHWIND,
        kind=DeliveryKind.SLACK_DM,
        subject_id=subject_id,
        recipient=DANA,
        created_at=NOON,
        due_at=NOON,
        details={"text": "Booked"},
    )
    return dataclasses.replace(delivery, **changes)


def a_connection(user_id: UserId = PRIYA, **changes: Any) -> Connection:
    connection = Connection(
        id=ConnectionId(new_id()),
        workspace_id=NORTHWIND,
        user_id=user_id,
        provider="builtin",
        account="priya",
        credentials="a secret refresh token",
        busy_calendars=("work", "private"),
        connected_at=NOON,
    )
    return dataclasses.replace(connection, **changes)


def an_event(uid: str = "one@inviteonce", start: datetime = NOON, **changes: Any) -> Event:
    event = Event(
        uid=uid,
        sequence=0,
        start=start,
        end=start + HOUR,
        summary="Roadmap review",
        organizer=Attendee("Dana Fox", "dana@northwind.example"),
        attendees=(
            Attendee("Anna Ruiz", "anna@acme.example"),
            Attendee("Atlas", "atlas@northwind.example", is_room=True),
        ),
        created_at=NOON,
    )
    return dataclasses.replace(event, **changes)
