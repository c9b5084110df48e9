"""What an event says: who, where, what for."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.addresses import is_address
from bot.domain.calendar import Attendee, Event, EventStatus
from bot.domain.invitation import ConferencingKind, Invitation
from bot.domain.meeting import Meeting
from bot.domain.people import Person
from bot.domain.typed import one_line
from bot.domain.wording import joined
from bot.services.guests import Guests


def event(
    meeting: Meeting,
    invitation: Invitation,
    guests: Guests,
    *,
    organizer: Attendee,
    attendees: tuple[Attendee, ...],
    summary: str,
    description: Sequence[str],
    url: str,
    conference: str = "",
) -> Event:
    return Event(
        uid=meeting.uid,
        sequence=meeting.sequence,
        start=meeting.start,
        end=meeting.end,
        summary=summary,
        organizer=organizer,
        attendees=attendees,
        description="\n\n".join(part for part in description if part),
        location=where(meeting, invitation, [room.name for room, _ in guests.rooms]),
        url=url,
        status=EventStatus.CONFIRMED if meeting.is_live else EventStatus.CANCELLED,
        transparent=not meeting.is_live,
        conference=conference,
        join_url=meeting.join_url,
        created_at=meeting.last_move.moved_at if meeting.last_move else meeting.created_at,
    )


def where(meeting: Meeting, invitation: Invitation, rooms: Sequence[str] = ()) -> str:
    """One line that says how to get there: the place and the Rooms, else the link or the number."""
    details = invitation.details
    places = ", ".join(part for part in (details.location, *rooms) if part)
    return places or meeting.join_url or details.conferencing.detail


def attendees(guests: Guests, invitation: Invitation, provider: str | None) -> tuple[Attendee, ...]:
    """Everybody who has an address; Rooms only where the given provider delivers to them."""
    customer = invitation.participant
    return (
        *(Attendee(guest.person.name, guest.address) for guest in guests.members if guest.address),
        *(Attendee(guest.person.name, guest.address, optional=True) for guest in guests.optional if guest.address),
        *(
            Attendee(room.name, room.address, is_room=True)
            for room, through in guests.rooms
            if is_address(room.address) and (provider is None or through == provider)
        ),
        *((Attendee(customer.name, customer.email),) if invitation.letter.include_customer else ()),
    )


def summary(invitation: Invitation, organizer: Person, *, is_shared: bool) -> str:
    """The Customer reads a shared event too: then it says who meets whom."""
    customer = invitation.participant.name
    return f"{invitation.details.subject} ({f'{customer} and {organizer.name}' if is_shared else customer})"


def description(meeting: Meeting, invitation: Invitation) -> tuple[str, ...]:
    conferencing = invitation.details.conferencing
    match conferencing.kind:
        case ConferencingKind.LINK:
            how = f"Join: {conferencing.detail}"
        case ConferencingKind.PHONE:
            how = f"Phone: {conferencing.detail}"
        case ConferencingKind.IN_PERSON:
            how = "In person"
        case ConferencingKind.ZOOM:
            how = f"Join: {meeting.join_url}" if meeting.join_url else ""
        case _:  # the calendar that makes the conference shows it
            how = ""
    return (invitation.details.description, how, f"Tracking ID: {invitation.tracking_id}")


def company(guests: Guests, invitation: Invitation) -> str:
    people = dict.fromkeys(guest.person.name for guest in (*guests.members, *guests.optional))
    return f"With {joined([one_line(name) for name in (invitation.participant.name, *people)])}"
