"""Our event as Google's (schema Event of the discovery document), and Google's as ours."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from bot.calendars.google.busy import written
from bot.calendars.google.faults import INCOMPLETE, NOT_UNDERSTOOD, GoogleError
from bot.domain.calendar import Attendee, Event, EventStatus, PartStat

MEET = "meet"
_MEET_SOLUTION = "hangoutsMeet"
_SEQUENCE = "inviteonceSequence"
"""A private extended property. Google's own `sequence` grows by rules of its own and cannot be chosen."""
SENSELESS = (ValueError, TypeError, AttributeError, KeyError, OverflowError)
"""What looking into an answer raises where it is not of the documented shape."""
_ID = re.compile(r"[0-9a-v]{5,1024}")

_TO_GOOGLE: Mapping[PartStat, str] = {
    PartStat.NEEDS_ACTION: "needsAction",
    PartStat.ACCEPTED: "accepted",
    PartStat.TENTATIVE: "tentative",
    PartStat.DECLINED: "declined",
}
_FROM_GOOGLE = {value: answer for answer, value in _TO_GOOGLE.items()}


def event_id(uid: str) -> str:
    """The id that we choose: the Meeting's own, in hexadecimal. The iCalUID is then Google's to choose."""
    local = uid.partition("@")[0]
    return local if _ID.fullmatch(local) else hashlib.sha256(uid.encode()).hexdigest()


def stored_sequence(found: Mapping[str, Any]) -> int:
    """The sequence of what was last written by us; 0 where nobody can tell any more."""
    extended = found.get("extendedProperties")
    private = extended.get("private") if isinstance(extended, dict) else None
    value = private.get(_SEQUENCE) if isinstance(private, dict) else None
    return int(value) if isinstance(value, str) and value.isdecimal() else 0


def sequence_mark(sequence: int) -> dict[str, Any]:
    return {"extendedProperties": {"private": {_SEQUENCE: str(sequence)}}}


def body_of(event: Event, account: str) -> dict[str, Any]:
    """What `events.insert` takes. Whoever holds the event takes part in it without being asked."""
    body: dict[str, Any] = {
        "summary": event.summary,
        "description": event.description,
        "location": event.location,
        "start": {"dateTime": written(event.start)},
        "end": {"dateTime": written(event.end)},
        "status": "confirmed",
        "transparency": "transparent" if event.transparent else "opaque",
        "attendees": [_attendee_body(attendee, account) for attendee in event.attendees if attendee.email],
        **sequence_mark(event.sequence),
    }
    if event.url.startswith(("https://", "http://")):
        body["source"] = {"title": "InviteOnce", "url": event.url}  # the calendar's owner alone sees it
    if event.conference == MEET:
        body["conferenceData"] = _conference_request(f"{event_id(event.uid)}-1")
    return body


def changes(found: Mapping[str, Any], event: Event, account: str) -> dict[str, Any]:
    """What `events.patch` takes to make the found event ours again; empty where nothing differs.

    Answers stay while the time does; a conference that exists, or is being made, stays. What makes no sense goes.
    """
    wanted = body_of(event, account)
    moved = any(_differs(found.get(edge), wanted[edge]) for edge in ("start", "end"))
    if not moved:
        wanted["attendees"] = _with_answers(wanted["attendees"], found)
    changed: dict[str, Any] = {
        name: wanted[name]
        for name in (*_DEFAULTS, "source")
        if name in wanted and found.get(name, _DEFAULTS.get(name)) != wanted[name]
    }
    changed |= {edge: wanted[edge] | _NO_DATE for edge in ("start", "end") if moved}
    if _guests(found.get("attendees")) != _guests(wanted["attendees"]):
        changed["attendees"] = wanted["attendees"]
    if event.conference == MEET and not _is_made(found):
        changed["conferenceData"] = _conference_request(_next_request_id(found, event.uid))
    if stored_sequence(found) != event.sequence:
        changed |= sequence_mark(event.sequence)
    return changed


def event_from(found: Mapping[str, Any], uid: str, calendar_zone: Callable[[], str]) -> Event:
    """The event as Google has it; `calendar_zone` says where days begin, should somebody have made it an all-day event.

    Raises GoogleError where it makes no sense, or is only a part.
    """
    if found.get("attendeesOmitted"):
        raise GoogleError(INCOMPLETE)
    is_cancelled = found.get("status") == "cancelled"
    try:
        return Event(
            uid=uid,
            sequence=stored_sequence(found),
            start=edge(found.get("start"), calendar_zone),
            end=edge(found.get("end"), calendar_zone),
            summary=_text(found, "summary"),
            organizer=_person(found.get("organizer") or found.get("creator") or {}),
            attendees=tuple(_person(attendee) for attendee in found.get("attendees") or ()),
            description=_text(found, "description"),
            location=_text(found, "location"),
            url=_text(found.get("source") or {}, "url"),
            status=EventStatus.CANCELLED if is_cancelled else EventStatus.CONFIRMED,
            transparent=is_cancelled or found.get("transparency") == "transparent",
            conference=MEET if "conferenceData" in found or found.get("hangoutLink") else "",
            join_url=_join_url(found),
            created_at=_instant(found["created"]) if "created" in found else None,
        )
    except SENSELESS as error:
        raise GoogleError(NOT_UNDERSTOOD) from error


# ---------------------------------------------------------------- writing

_DEFAULTS = {"summary": "", "description": "", "location": "", "transparency": "opaque", "status": "confirmed"}
"""What Google means where it says nothing."""
_NO_DATE = {"date": None, "timeZone": None}
"""Takes away what made it an all-day event, or gave it a zone: a patch leaves alone what it does not name."""


def _attendee_body(attendee: Attendee, account: str) -> dict[str, Any]:
    answer = attendee.answer
    if attendee.email.casefold() == account.casefold() and answer is PartStat.NEEDS_ACTION:
        answer = PartStat.ACCEPTED
    body: dict[str, Any] = {"email": attendee.email, "responseStatus": _TO_GOOGLE[answer]}
    if attendee.name:
        body["displayName"] = attendee.name
    if attendee.optional:
        body["optional"] = True
    if attendee.is_room:
        body["resource"] = True
    return body


def _with_answers(wanted: list[dict[str, Any]], found: Mapping[str, Any]) -> list[dict[str, Any]]:
    attendees = found.get("attendees")
    answers = {
        str(guest.get("email")).casefold(): guest["responseStatus"]
        for guest in (attendees if isinstance(attendees, list) else ())
        if isinstance(guest, dict) and guest.get("responseStatus") in _TO_GOOGLE.values()
    }
    return [
        guest | {"responseStatus": answers.get(guest["email"].casefold(), guest["responseStatus"])} for guest in wanted
    ]


def _guests(attendees: object) -> set[tuple[str, bool]]:
    """Who is invited, and how: what a change is told from. Google writes names and cases of letters its own way."""
    if not isinstance(attendees, list):
        return set()
    guests = [guest for guest in attendees if isinstance(guest, dict)]
    return {(str(guest.get("email")).casefold(), bool(guest.get("optional"))) for guest in guests}


def _differs(found: object, wanted: Mapping[str, str]) -> bool:
    if not isinstance(found, dict) or "dateTime" not in found:
        return True
    try:
        return edge(found, lambda: "") != datetime.fromisoformat(wanted["dateTime"])
    except SENSELESS:
        return True


def _conference_request(request_id: str) -> dict[str, Any]:
    key = {"type": _MEET_SOLUTION}
    return {"createRequest": {"requestId": request_id, "conferenceSolutionKey": key}}


def _next_request_id(found: Mapping[str, Any], uid: str) -> str:
    """Not the one that failed: Google ignores a request whose id it has seen."""
    former = _create_request(found).get("requestId")
    number = re.fullmatch(r".*-(\d{1,6})", former) if isinstance(former, str) else None
    return f"{event_id(uid)}-{int(number[1]) + 1 if number else 1}"


def _is_made(found: Mapping[str, Any]) -> bool:
    return _join_url(found) != "" or _state(_create_request(found).get("status")) == "pending"


def _create_request(found: Mapping[str, Any]) -> Mapping[str, Any]:
    data = found.get("conferenceData")
    request = data.get("createRequest") if isinstance(data, dict) else None
    return request if isinstance(request, dict) else {}


def _state(status: object) -> object:
    return status.get("statusCode") if isinstance(status, dict) else None


# ---------------------------------------------------------------- reading


def _text(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name, "")
    if not isinstance(value, str):
        raise TypeError(f"{name} is no text")
    return value


def _person(found: Mapping[str, Any]) -> Attendee:
    return Attendee(
        name=_text(found, "displayName"),
        email=_text(found, "email"),
        is_room=found.get("resource") is True,
        optional=found.get("optional") is True,
        answer=_FROM_GOOGLE.get(found.get("responseStatus", ""), PartStat.NEEDS_ACTION),
    )


def edge(found: object, calendar_zone: Callable[[], str]) -> datetime:
    """An EventDateTime as an instant: with an offset, or by its zone; a date is the beginning of that day."""
    if not isinstance(found, dict):
        raise TypeError("no time")
    zone = found.get("timeZone")
    if "dateTime" in found:
        local = datetime.fromisoformat(found["dateTime"])
    else:
        local = datetime.combine(date.fromisoformat(found["date"]), time())
    if local.utcoffset() is None:
        local = local.replace(tzinfo=ZoneInfo(zone or calendar_zone()))
    return local.astimezone(UTC)


def _instant(value: str) -> datetime:
    return edge({"dateTime": value}, lambda: "UTC")


def _join_url(found: Mapping[str, Any]) -> str:
    """The way in by video. Empty while Google still makes the conference, or where it could not."""
    data = found.get("conferenceData")
    entries = data.get("entryPoints") if isinstance(data, dict) else None
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and entry.get("entryPointType") == "video" and isinstance(entry.get("uri"), str):
            return str(entry["uri"])
    link = found.get("hangoutLink")
    return link if isinstance(link, str) else ""
