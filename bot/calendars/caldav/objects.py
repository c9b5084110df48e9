"""Calendar objects (RFC 5545) parsed, and what of an event makes its owner busy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import icalendar

from bot.calendars.caldav.errors import UNREADABLE, UnreadableObjectError
from bot.calendars.caldav.zones import Place

MALFORMED = (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, RecursionError)
"""What the parser, dateutil and our own looking into their results raise where an object makes no sense."""
_TIMES = frozenset({"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "STATUS", "TRANSP"})


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose calendar: where all-day events are meant, and by which addresses an attendee is the owner."""

    place: Place = field(default_factory=Place)
    addresses: frozenset[str] = frozenset()


def parsed(text: str) -> Sequence[icalendar.Component]:
    """The calendars within, each a VCALENDAR without a broken time. Raises UnreadableObjectError or ValueError."""
    calendars = icalendar.Calendar.from_ical(text, multiple=True) if text.strip() else []
    if not calendars or any(calendar.name != "VCALENDAR" for calendar in calendars):
        raise UnreadableObjectError(UNREADABLE)
    for calendar in calendars:
        for component in calendar.walk("VEVENT"):
            if any(name is None or name.upper() in _TIMES for name, _ in component.errors):
                raise UnreadableObjectError(UNREADABLE)
    return calendars


def blocks(component: icalendar.Component, owner: Owner) -> bool:
    """Whether the event makes the owner busy: opaque, not cancelled, not declined by them at each of their addresses
    that is invited. TENTATIVE blocks."""
    if str(component.get("STATUS", "")).upper() == "CANCELLED":
        return False
    if str(component.get("TRANSP", "")).upper() == "TRANSPARENT":
        return False
    answers = {
        str(attendee.params.get("PARTSTAT", "")).upper()
        for attendee in several(component, "ATTENDEE")
        if address(attendee) in owner.addresses
    }
    return answers != {"DECLINED"}


def title(component: icalendar.Component) -> str:
    """What the event is called; empty where it is not for everybody: a CLASS that nobody knows is private, too
    (RFC 5545 3.8.1.3)."""
    return str(component.get("SUMMARY") or "").strip() if is_public(component) else ""


def is_public(component: icalendar.Component) -> bool:
    return str(component.get("CLASS") or "PUBLIC").strip().upper() == "PUBLIC"


def address(attendee: str) -> str:
    """The bare address of an ATTENDEE or ORGANIZER, in small letters."""
    found = str(attendee).strip().lower()
    return found.removeprefix("mailto:")


def several(component: icalendar.Component, name: str) -> Sequence[Any]:
    """All values of a property, none or more."""
    value = component.get(name, [])
    return value if isinstance(value, list) else [value]
