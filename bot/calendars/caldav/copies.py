"""Our events in a calendar: one object each, named by the event's uid, written so that twice is once."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urljoin

import icalendar

from bot.calendars.caldav import busy, errors
from bot.calendars.caldav.errors import UNREADABLE, CalDavError, UnreadableObjectError
from bot.calendars.caldav.listing import Collection
from bot.calendars.caldav.moments import length, moment
from bot.calendars.caldav.multistatus import CALDAV, element
from bot.calendars.caldav.objects import MALFORMED, address, parsed, several
from bot.calendars.caldav.session import Session
from bot.calendars.caldav.zones import Place, Zones
from bot.domain.calendar import Attendee, Event, EventStatus, PartStat
from bot.icalendar import calendar_text

_TYPE = {"Content-Type": "text/calendar; charset=utf-8"}
_WRITTEN = frozenset({200, 201, 204})
_THERE_ALREADY = frozenset({403, 409, 412})
"""412 for our own name, 403 or 409 where another object has the uid (RFC 4791 section 5.3.2.1)."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An event as the calendar has it. `etag` may be empty: some servers change what they are given."""

    url: str
    etag: str
    event: Event


def write(session: Session, collection: Collection, event: Event) -> None:
    """Create the event, or bring the stored one up to it; an older copy changes nothing. Raises CalDavError."""
    answer = session.send(
        "PUT", _url(collection, event.uid), {**_TYPE, "If-None-Match": "*"}, calendar_text(event, None)
    )
    if answer.status in _WRITTEN:
        return
    stored = read(session, collection, event.uid) if answer.status in _THERE_ALREADY else None
    if stored is None:
        raise errors.refusal(answer.status)
    if stored.event.sequence <= event.sequence and not _says_the_same(stored.event, event):
        _overwrite(session, stored, event)


def cancel(session: Session, collection: Collection, event: Event) -> None:
    """Keep the event, marked cancelled and free; one that is not there, or is cancelled, is done."""
    stored = read(session, collection, event.uid)
    if stored is None or (stored.event.status is EventStatus.CANCELLED and stored.event.transparent):
        return
    sequence = max(event.sequence, stored.event.sequence + 1)
    _overwrite(session, stored, replace(event, sequence=sequence, status=EventStatus.CANCELLED, transparent=True))


def read(session: Session, collection: Collection, uid: str) -> Stored | None:
    """The event under our name, or wherever else in the calendar it is; None where it is nowhere.

    Raises CalDavError.
    """
    answer = session.send("GET", _url(collection, uid), {"Accept": "text/calendar"})
    if answer.status == 200:
        if answer.media_type != "text/calendar":
            raise CalDavError(errors.NOT_CALDAV)
        found = _event(answer.body.decode(errors="replace"), uid, collection.place)
        if found is None:
            raise UnreadableObjectError(UNREADABLE)
        return Stored(answer.url, answer.headers.get("etag", ""), found)
    if answer.status not in (404, 410):
        raise errors.refusal(answer.status)
    same_uid = element(
        f"{CALDAV}prop-filter", element(f"{CALDAV}text-match", text=uid, collation="i;octet"), name="UID"
    )
    for url, etag, text in busy.objects(session, collection.url, same_uid):
        if found := _event(text, uid, collection.place):  # a text matches by any part of it
            return Stored(url, etag, found)
    return None


def _overwrite(session: Session, stored: Stored, event: Event) -> None:
    # A proxy that compresses makes an ETag weak, and a weak one never matches (RFC 9110 section 13.1.1).
    condition = {"If-Match": stored.etag.removeprefix("W/")} if stored.etag else {}
    answer = session.send("PUT", stored.url, {**_TYPE, **condition}, calendar_text(event, None))
    if answer.status == 412:
        raise CalDavError("the event is being changed at this moment", status=412)
    if answer.status not in _WRITTEN:
        raise errors.refusal(answer.status)


def _url(collection: Collection, uid: str) -> str:
    """A uid may hold what a path may not; a long or strange one is named by its hash."""
    safe = uid if re.fullmatch(r"[A-Za-z0-9@._-]{1,120}", uid) else hashlib.sha256(uid.encode()).hexdigest()
    return urljoin(f"{collection.url.rstrip('/')}/", f"./{safe}.ics")


def _says_the_same(one: Event, other: Event) -> bool:
    """In all that we write, except for names and answers: those are the attendees'."""
    return calendar_text(_bare(one), None) == calendar_text(_bare(other), None)


def _bare(event: Event) -> Event:
    attendees = sorted(map(_nameless, event.attendees), key=lambda attendee: attendee.email)
    return replace(event, organizer=_nameless(event.organizer), attendees=tuple(attendees), created_at=None)


def _nameless(attendee: Attendee) -> Attendee:
    return Attendee("", attendee.email.lower(), attendee.is_room, attendee.optional)


def _event(text: str, uid: str, place: Place) -> Event | None:
    """The event with that uid; None where the object is about something else. Raises UnreadableObjectError."""
    try:
        for calendar in parsed(text):
            zones = Zones(calendar.walk("VTIMEZONE"))
            for component in calendar.walk("VEVENT"):
                if str(component.get("UID", "")) == uid and "RECURRENCE-ID" not in component:
                    return _read(component, zones, place)
    except MALFORMED as error:
        raise UnreadableObjectError(UNREADABLE) from error
    return None


def _read(component: icalendar.Component, zones: Zones, place: Place) -> Event:
    start = moment(component, "DTSTART", zones)
    organizers = several(component, "ORGANIZER")
    stamp: Any = component.get("DTSTAMP")
    return Event(
        uid=str(component["UID"]),
        sequence=int(str(component.get("SEQUENCE", 0))),
        start=start.earliest(place),
        end=length(component, start, zones).end(start, place),
        summary=str(component.get("SUMMARY", "")),
        organizer=_attendee(organizers[0]) if organizers else Attendee("", ""),
        attendees=tuple(_attendee(attendee) for attendee in several(component, "ATTENDEE")),
        description=str(component.get("DESCRIPTION", "")),
        location=str(component.get("LOCATION", "")),
        url=str(component.get("URL", "")),
        status=EventStatus.CANCELLED
        if str(component.get("STATUS", "")).upper() == "CANCELLED"
        else EventStatus.CONFIRMED,
        transparent=str(component.get("TRANSP", "")).upper() == "TRANSPARENT",
        join_url=str(next(iter(several(component, "CONFERENCE")), "")),
        created_at=stamp.dt if stamp is not None else None,
    )


def _attendee(prop: icalendar.vCalAddress) -> Attendee:
    answer = str(prop.params.get("PARTSTAT", "")).lower()
    return Attendee(
        name=str(prop.params.get("CN", "")),
        email=address(prop),
        is_room=str(prop.params.get("CUTYPE", "")).upper() in ("ROOM", "RESOURCE"),
        optional=str(prop.params.get("ROLE", "")).upper() == "OPT-PARTICIPANT",
        # DELEGATED, and whatever is invented yet, is no answer of this attendee's.
        answer=PartStat(answer) if answer in set(PartStat) else PartStat.NEEDS_ACTION,
    )
