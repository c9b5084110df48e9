"""Events as iCalendar files and iTIP messages (RFC 5545, 5546)."""

from __future__ import annotations

from datetime import UTC, datetime

import icalendar

from bot.domain.calendar import Attendee, Event, EventStatus
from bot.domain.typed import one_line, plain

PRODUCT_ID = "-//InviteOnce//InviteOnce for Slack//EN"


def calendar_text(event: Event, method: str | None) -> bytes:
    """The event as a VCALENDAR with one VEVENT: UTF-8, CRLF, lines of at most 75 octets.

    `method` is iTIP's (`REQUEST`, `CANCEL`, `PUBLISH`), or None for a copy stored in a calendar. A PUBLISH
    carries no attendees (RFC 5546 section 3.2.1). The same event always gives the same bytes.
    """
    calendar = icalendar.Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", PRODUCT_ID)
    calendar.add("calscale", "GREGORIAN")
    if method is not None:
        calendar.add("method", method)
    calendar.add_component(_component(event, with_attendees=method != "PUBLISH"))
    text: bytes = calendar.to_ical()
    return text


def _component(event: Event, *, with_attendees: bool) -> icalendar.Event:
    component = icalendar.Event()
    component.add("uid", event.uid)
    component.add("dtstamp", _utc(event.created_at or event.start))
    component.add("sequence", event.sequence)
    component.add("dtstart", _utc(event.start))
    component.add("dtend", _utc(event.end))
    component.add("summary", one_line(event.summary))
    component.add("status", "CANCELLED" if event.status is EventStatus.CANCELLED else "CONFIRMED")
    component.add("transp", "TRANSPARENT" if event.transparent else "OPAQUE")
    if event.description:
        component.add("description", plain(event.description))
    if event.location:
        component.add("location", one_line(event.location))
    if event.url:
        component.add("url", one_line(event.url))
    component.add("organizer", _address(event.organizer))
    if with_attendees:
        for attendee in event.attendees:
            component.add("attendee", _participation(attendee, event))
    return component


def _participation(attendee: Attendee, event: Event) -> icalendar.vCalAddress:
    """An ATTENDEE. The organizer has said yes by inviting; a room has been reserved."""
    address = _address(attendee)
    is_organizer = attendee.email.lower() == event.organizer.email.lower()
    address.params["CUTYPE"] = "ROOM" if attendee.is_room else "INDIVIDUAL"
    if attendee.is_room:
        address.params["ROLE"] = "NON-PARTICIPANT"
    else:
        address.params["ROLE"] = "OPT-PARTICIPANT" if attendee.optional else "REQ-PARTICIPANT"
    address.params["PARTSTAT"] = "ACCEPTED" if is_organizer or attendee.is_room else attendee.answer.upper()
    address.params["RSVP"] = "FALSE" if is_organizer or attendee.is_room else "TRUE"
    # Without it Nextcloud, Fastmail and iCloud mail an invitation of their own (RFC 6638 section 7.1).
    address.params["SCHEDULE-AGENT"] = "CLIENT"
    return address


def _address(attendee: Attendee) -> icalendar.vCalAddress:
    address = icalendar.vCalAddress(f"mailto:{one_line(attendee.email).replace(' ', '')}")
    if name := one_line(attendee.name):
        # A parameter may not hold double quotes (RFC 5545 section 3.1), and not every reader knows RFC 6868.
        address.params["CN"] = name.replace('"', "'").replace("^", "'")
    return address


def _utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC)
