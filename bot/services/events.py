"""The Meeting as an event, for calendars and for the iTIP part of mails."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.calendar import Attendee, Event, EventStatus
from bot.domain.invitation import ConferencingKind, Invitation
from bot.domain.meeting import Meeting
from bot.domain.people import Person


def event_of(
    meeting: Meeting,
    invitation: Invitation,
    inviter: Person,
    members: Sequence[Person],
    optional: Sequence[Person],
    *,
    url: str = "",
) -> Event:
    """The event with everybody in it. `url` is for the Customer's own copy only: whoever has it can act on it."""
    customer = invitation.participant
    return Event(
        uid=meeting.uid,
        sequence=meeting.sequence,
        start=meeting.start,
        end=meeting.end,
        summary=f"{invitation.details.subject} ({customer.name})" if not url else invitation.details.subject,
        organizer=Attendee(inviter.name, inviter.email),
        attendees=(
            *(Attendee(person.name, person.email) for person in members),
            *(Attendee(person.name, person.email, optional=True) for person in optional),
            Attendee(customer.name, customer.email),
        ),
        description=_description(invitation),
        location=where(invitation),
        url=url,
        status=EventStatus.CONFIRMED if meeting.is_live else EventStatus.CANCELLED,
        transparent=not meeting.is_live,
        created_at=meeting.created_at,
    )


def where(invitation: Invitation) -> str:
    """One line that says how to get there: the place, else the link or the number."""
    details = invitation.details
    return details.location or details.conferencing.detail


def _description(invitation: Invitation) -> str:
    details = invitation.details
    how = {
        ConferencingKind.NONE: "",
        ConferencingKind.LINK: f"Join: {details.conferencing.detail}",
        ConferencingKind.PHONE: f"Phone: {details.conferencing.detail}",
        ConferencingKind.IN_PERSON: "In person",
    }[details.conferencing.kind]
    tracking = f"Tracking ID: {invitation.tracking_id}"
    return "\n\n".join(part for part in (details.description, how, tracking) if part)
