"""Named examples of what cards and App Home show."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from bot.domain import fields as f
from bot.domain.activity import InvitationItem, MeetingItem, Page
from bot.domain.event_copies import Attention, Finding, Trouble
from bot.domain.ids import ChannelId, DraftId, InvitationId, MeetingId, TrackingId, UserId
from bot.domain.invitation import (
    Conferencing,
    ConferencingKind,
    Details,
    Draft,
    DraftStep,
    Invitation,
    InvitationStatus,
    Letter,
    MessageRef,
    Participant,
    SlotRules,
)
from bot.domain.meeting import Attendance, CanceledBy, Meeting, MeetingStatus, Move
from bot.domain.people import Person
from bot.domain.timeframe import WORKDAYS, TimeFrame, TimeRange
from tests.cast import BEN, DANA, NOW, PRIYA, WORKSPACE, seats

START = datetime(2026, 12, 1, 20, 0, tzinfo=UTC)
"""Tuesday, 15:00 in New York."""
CARD = MessageRef(ChannelId("D0CARDS"), "1700000000.000001")
NASTY = '<!channel> *bold* _em_ ~no~ `code` <@U1> & "quotes" <https://evil.example|here>\n> quote'
WORST = ("&<>" * 27)[:80]
"""80 characters that become the longest escaped text."""

ANNA = Participant("Anna Ruiz", "anna@acme.com", "Acme", "Europe/Madrid")
DETAILS = Details(
    subject="Roadmap review",
    duration=timedelta(minutes=30),
    seats=seats((DANA.resource_id,), (PRIYA.resource_id,)),
    optional_members=(BEN.user_id,),
    conferencing=Conferencing(ConferencingKind.LINK, "https://meet.example/anna?a=1&b=2"),
    location="Room 4",
)
RULES = SlotRules(
    TimeFrame(date(2026, 11, 30), date(2026, 12, 14), WORKDAYS, (TimeRange(time(9), time(17)),), "America/New_York")
)
INVITATION = Invitation(
    id=InvitationId("inv1"),
    workspace_id=WORKSPACE,
    tracking_id=TrackingId("K7D2M9QX"),
    inviter_id=DANA.user_id,
    participant=ANNA,
    details=DETAILS,
    rules=RULES,
    letter=Letter(subject="Shall we meet?", message="A personal message."),
    status=InvitationStatus.ACTIVE,
    token="secret-token",
    created_at=NOW,
    expires_at=NOW + timedelta(days=14),
    sent_at=NOW,
)
MEETING = Meeting(
    id=MeetingId("meet1"),
    workspace_id=WORKSPACE,
    invitation_id=INVITATION.id,
    tracking_id=INVITATION.tracking_id,
    start=START,
    duration=timedelta(minutes=30),
    assigned=(DANA.resource_id, PRIYA.resource_id),
    status=MeetingStatus.SCHEDULED,
    created_at=NOW,
    customer_zone="Europe/Madrid",
)
DRAFT = Draft(
    id=DraftId("draft1"),
    workspace_id=WORKSPACE,
    owner_id=DANA.user_id,
    step=DraftStep.TIME_FRAME,
    fields={f.PARTICIPANT_NAME: "Anna Ruiz", f.EMAIL: "anna@acme.com", f.SUBJECT: "Roadmap review"},
    created_at=NOW,
    updated_at=NOW,
)


def invitation_item(
    *,
    slots_left: int | None = 34,
    meeting: Meeting | None = None,
    attention: tuple[Attention, ...] = (),
    **changes: Any,
) -> InvitationItem:
    """Anna's Invitation, with these changes to it."""
    return InvitationItem(
        invitation=replace(INVITATION, **changes),
        inviter=DANA,
        members=(DANA, PRIYA),
        optional=(BEN,),
        slots_left=slots_left,
        meeting=meeting,
        attention=attention,
    )


def meeting_item(invitation: Invitation = INVITATION, **changes: Any) -> MeetingItem:
    """Anna's Meeting, with these changes to it."""
    return MeetingItem(
        meeting=replace(MEETING, **changes),
        invitation=replace(invitation, status=InvitationStatus.SCHEDULED),
        inviter=DANA,
        members=((DANA, Attendance.INVITED), (PRIYA, Attendance.CONFIRMED)),
        optional=(BEN,),
    )


def cancelled_by_anna(reason: str = "") -> dict[str, Any]:
    return {"status": MeetingStatus.CANCELED, "canceled_by": CanceledBy.CUSTOMER, "cancel_reason": reason}


def moved_by(user_id: UserId | None = None, *, by_customer: bool = False, note: str = "") -> dict[str, Any]:
    """An hour later than it was."""
    move = Move(START - timedelta(hours=1), NOW, 1, by_customer, user_id, note)
    return {"status": MeetingStatus.RESCHEDULED, "sequence": 1, "last_move": move}


def cancelled_by(user_id: UserId, reason: str = "") -> dict[str, Any]:
    return {
        "status": MeetingStatus.CANCELED,
        "canceled_by": CanceledBy.USER,
        "canceled_by_id": user_id,
        "cancel_reason": reason,
    }


def page(items: Any = (), **changes: Any) -> Page:
    """A page of App Home for somebody whose calendar is connected."""
    standard = Page(
        connected=True,
        calendar_systems=("Playground calendar",),
        drafts=(),
        items=tuple(items),
        total=len(tuple(items)),
        size=8,
        active_invitations=1,
        upcoming_meetings=0,
    )
    return replace(standard, **changes)


def worst_person(number: int) -> Person:
    return replace(BEN, user_id=UserId(f"U0WORST{number}"), name=WORST)


def worst_invitation_item(text: str, *, people: int = 12) -> InvitationItem:
    """An Invitation in which everything that somebody typed is as bad as it can be."""
    crowd = tuple(worst_person(number) for number in range(people))
    details = replace(
        DETAILS,
        subject=(text * 300)[:300],
        seats=seats(*((person.resource_id,) for person in crowd)),
        conferencing=Conferencing(ConferencingKind.LINK, "https://meet.example/?" + "&" * 478),
        location=(text * 200)[:200],
    )
    invitation = replace(
        INVITATION,
        participant=replace(ANNA, name=(text * 150)[:150], company=(text * 150)[:150]),
        details=details,
        bounced_reason=text * 100,
    )
    return InvitationItem(invitation, DANA, crowd, crowd, 0, unreadable=tuple(person.name for person in crowd))


def worst_meeting_item(text: str) -> MeetingItem:
    """A Meeting in which everything that somebody typed is as bad as it can be."""
    item = worst_invitation_item(text)
    return MeetingItem(
        meeting=MEETING,
        invitation=item.invitation,
        inviter=worst_person(99),
        members=tuple((person, Attendance.REMOVED) for person in item.members),
        optional=item.optional,
        attention=tuple(
            Attention(Finding(trouble, text * 100), text * 50) for trouble in Trouble if trouble is not Trouble.MOVED
        ),
    )
