"""The cast of the Customer's side: Anna Ruiz is invited by Dana Fox, who brings Priya along."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from bot.domain.calendar import Attendee, Event
from bot.domain.ids import InvitationId, MeetingId, ResourceId, TrackingId, UserId, WorkspaceId
from bot.domain.invitation import (
    Conferencing,
    ConferencingKind,
    Details,
    Invitation,
    InvitationStatus,
    Letter,
    Participant,
    SlotRules,
)
from bot.domain.meeting import Meeting, MeetingStatus
from bot.domain.people import Person
from bot.domain.timeframe import WORKDAYS, TimeFrame, TimeRange
from bot.ports import MailContext
from tests.cast import seats

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
START = datetime(2026, 12, 1, 15, 0, tzinfo=UTC)
TOKEN = "dG9rZW4tb2YtYW5uYS1ydWl6LWZvci10aGUtcm9hZG1h"
LINK = f"https://meet.example.com/i/{TOKEN}"
WORKSPACE = WorkspaceId("T1")

DANA = Person(WORKSPACE, UserId("U1"), "Dana Fox", "dana@fox.example", "America/New_York", locale="en-GB")
PRIYA = Person(WORKSPACE, UserId("U2"), "Priya Shah", "priya@fox.example", "Europe/London", locale="en-GB")
ANNA = Participant("Anna Ruiz", "anna@acme.com", company="Acme", time_zone="Europe/Berlin")

DETAILS = Details(
    subject="Roadmap review",
    duration=timedelta(minutes=30),
    seats=seats((ResourceId("U1"),), (ResourceId("U2"),)),
    description="We go through the plan for spring.\nPlease bring your open questions.",
    conferencing=Conferencing(ConferencingKind.LINK, "https://video.example.com/roadmap"),
)
RULES = SlotRules(
    frame=TimeFrame(
        date(2026, 11, 25), date(2026, 12, 9), WORKDAYS, (TimeRange(time(9), time(17)),), "America/New_York"
    )
)
PROMOTED = (
    START,
    START + timedelta(hours=3),
    START + timedelta(days=1),
    START + timedelta(days=1, hours=4),
    START + timedelta(days=2),
)
LETTER = Letter(
    subject="Roadmap review: pick a time",
    message="it was good to meet you in Madrid.\n\nShall we go through the roadmap together? It takes half an hour.",
    promoted=PROMOTED,
)


def invitation(
    *, participant: Participant = ANNA, details: Details = DETAILS, letter: Letter = LETTER, rules: SlotRules = RULES
) -> Invitation:
    return Invitation(
        id=InvitationId("inv1"),
        workspace_id=WORKSPACE,
        tracking_id=TrackingId("K7D2M9QX"),
        inviter_id=DANA.user_id,
        participant=participant,
        details=details,
        rules=rules,
        letter=letter,
        status=InvitationStatus.ACTIVE,
        token=TOKEN,
        created_at=NOW,
        expires_at=datetime(2026, 12, 9, 22, 0, tzinfo=UTC),
    )


def meeting(start: datetime = START, *, zone: str | None = "Europe/Berlin") -> Meeting:
    return Meeting(
        id=MeetingId("m1"),
        workspace_id=WORKSPACE,
        invitation_id=InvitationId("inv1"),
        tracking_id=TrackingId("K7D2M9QX"),
        start=start,
        duration=timedelta(minutes=30),
        assigned=(ResourceId("U1"), ResourceId("U2")),
        status=MeetingStatus.SCHEDULED,
        created_at=NOW,
        customer_zone=zone,
    )


def event(of: Meeting | None = None) -> Event:
    of = of or meeting()
    return Event(
        uid=of.uid,
        sequence=of.sequence,
        start=of.start,
        end=of.end,
        summary="Roadmap review",
        organizer=Attendee("Dana Fox", "dana@fox.example"),
        attendees=(
            Attendee("Dana Fox", "dana@fox.example"),
            Attendee("Priya Shah", "priya@fox.example", optional=True),
            Attendee("Anna Ruiz", "anna@acme.com"),
        ),
        description="We go through the plan for spring.",
        location="https://video.example.com/roadmap",
        created_at=NOW,
    )


def mail_context(of: Invitation | None = None, *, inviter: Person = DANA) -> MailContext:
    return MailContext(
        invitation=of or invitation(),
        inviter=inviter,
        members=(DANA, PRIYA),
        link=LINK,
        mail_id="d1",
        sent_at=NOW,
    )


def named(name: str) -> Participant:
    return replace(ANNA, name=name)
