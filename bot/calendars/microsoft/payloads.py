"""Our events in Graph's words, and Graph's events in ours (learn.microsoft.com/graph/api/resources/event)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.calendars.microsoft import moments
from bot.calendars.microsoft.errors import MALFORMED, NONSENSE, UNFINISHED
from bot.domain.calendar import Attendee, CalendarInfo, Event, EventStatus, PartStat
from bot.rest import RestError

_PROPERTIES = "String {6f1c1f0a-6f0e-4f59-9c8e-5d0a4c1b7e32} Name "
UID = f"{_PROPERTIES}InviteOnceUid"
SEQUENCE = f"{_PROPERTIES}InviteOnceSequence"
"""Extended properties: Graph chooses the iCalUId of an event itself, but finds events by what we have added."""
FIELDS = (
    "id,subject,body,start,end,isAllDay,location,attendees,organizer,isOrganizer,isCancelled,showAs,createdDateTime,"
    "isOnlineMeeting,onlineMeetingProvider,onlineMeeting"
)
TEAMS = "teamsForBusiness"
_TRANSACTIONS = uuid.UUID("0f2a0d34-1a07-4b0b-8a53-4a2d4f9d9f6e")
_LONGEST_SUBJECT = 255
_ANSWERS = {
    "accepted": PartStat.ACCEPTED,
    "organizer": PartStat.ACCEPTED,
    "tentativelyAccepted": PartStat.TENTATIVE,
    "declined": PartStat.DECLINED,
}


@dataclass(frozen=True, slots=True)
class Found:
    """One of our events as Graph has it. `id` is Graph's."""

    id: str
    event: Event
    is_organizer: bool
    is_online: bool


def created(event: Event, account: str, *, again: bool = False) -> dict[str, Any]:
    """What a new event is made of. `again`: with another transaction's id, because the first one is used up."""
    return {
        **changed(event, account),
        "body": {"contentType": "text", "content": _text(event)},
        "attendees": attendees(event, account),
        "transactionId": str(uuid.uuid5(_TRANSACTIONS, f"{event.uid} {event.sequence}{' again' if again else ''}")),
    }


def changed(event: Event, account: str, found: Found | None = None) -> dict[str, Any]:
    """What an event is brought up to date with. `found` is how it is now: what is right there is left alone.

    Attendees are told of each change, so an unchanged list is not sent again. The body of an online meeting is never
    touched: without the part that Microsoft has added to it, the meeting would lose its conference.
    """
    payload: dict[str, Any] = {
        "subject": event.summary[:_LONGEST_SUBJECT],
        "isAllDay": False,
        "start": moments.written(event.start),
        "end": moments.written(event.end),
        "showAs": "free" if event.transparent else "busy",
        "singleValueExtendedProperties": [
            {"id": UID, "value": event.uid},
            {"id": SEQUENCE, "value": str(event.sequence)},
        ],
    }
    # It replaces all places that the event had, so an empty one leaves none (graph/api/event-update).
    place = _place(event)
    if place or (found and not found.is_online):  # to a conference Graph gives a place of its own
        payload["location"] = {"displayName": place}
    if event.conference == "teams" and not (found and found.is_online):
        payload |= {"isOnlineMeeting": True, "onlineMeetingProvider": TEAMS}
    if found is not None:
        if _invited(found.event, account) != _invited(event, account):
            payload["attendees"] = attendees(event, account)
        if not found.is_online and found.event.description.split() != _text(event).split():
            payload["body"] = {"contentType": "text", "content": _text(event)}
    return payload


def is_up_to_date(found: Found, event: Event, account: str) -> bool:
    """Whether nothing is left to be written."""
    now = found.event
    same_facts = all(
        getattr(now, name) == getattr(event, name) for name in ("sequence", "start", "end", "status", "transparent")
    )
    wanted = changed(event, account, found)
    return (
        same_facts
        and now.summary == wanted["subject"]
        and now.location == wanted.get("location", {}).get("displayName", now.location)
        and not {"attendees", "body", "isOnlineMeeting"} & wanted.keys()
    )


def attendees(event: Event, account: str) -> list[dict[str, Any]]:
    """Everybody but the account's owner, whom Graph makes the organizer, by whichever address."""
    return [
        {"emailAddress": {"address": attendee.email, "name": attendee.name}, "type": _kind(attendee)}
        for attendee in _others(event, account)
    ]


def found(item: Mapping[str, Any], account: str) -> Found:
    """One of our events in an answer. Raises RestError where it makes no sense."""
    try:
        properties = {one["id"].casefold(): one["value"] for one in item.get("singleValueExtendedProperties") or ()}
        online = item.get("onlineMeeting") or {}
        return Found(
            id=item["id"],
            event=Event(
                uid=properties[UID.casefold()],
                sequence=int(properties.get(SEQUENCE.casefold(), 0)),
                start=_moment(item, "start"),
                end=_moment(item, "end"),
                summary=item.get("subject") or "",
                organizer=_person(item["organizer"]),
                attendees=_everybody(item, account),
                description=((item.get("body") or {}).get("content") or "").strip(),
                location=(item.get("location") or {}).get("displayName") or "",
                status=EventStatus.CANCELLED if item["isCancelled"] else EventStatus.CONFIRMED,
                transparent=item["showAs"] == "free",
                conference="teams" if item.get("isOnlineMeeting") and item["onlineMeetingProvider"] == TEAMS else "",
                join_url=online.get("joinUrl") or "",
                created_at=datetime.fromisoformat(item["createdDateTime"]) if item.get("createdDateTime") else None,
            ),
            is_organizer=item.get("isOrganizer", True),
            is_online=bool(item.get("isOnlineMeeting")),
        )
    except MALFORMED as error:
        raise RestError(NONSENSE) from error


def calendars(items: Sequence[Mapping[str, Any]]) -> Sequence[CalendarInfo]:
    """The account's own among these, the default one first. Raises RestError where they make no sense."""
    try:
        owners = {_owner(item) for item in items if item.get("isDefaultCalendar")}
        own = [item for item in items if item.get("isDefaultCalendar") or _is_own(item, owners)]
        if not owners:
            raise RestError(UNFINISHED)  # every mailbox has a default calendar
        return sorted(
            (
                CalendarInfo(
                    id=item["id"],
                    name=item["name"],
                    is_primary=bool(item.get("isDefaultCalendar")),
                    can_write=bool(item.get("canEdit")),
                )
                for item in own
            ),
            key=lambda calendar: not calendar.is_primary,
        )
    except MALFORMED as error:
        raise RestError(NONSENSE) from error


def _is_own(item: Mapping[str, Any], owners: set[str]) -> bool:
    """Also where nobody knows whose it is: left out it would be free."""
    return bool(item.get("canShare")) or _owner(item) in {"", *owners}


def _owner(item: Mapping[str, Any]) -> str:
    return str((item.get("owner") or {}).get("address") or "").casefold()


def _text(event: Event) -> str:
    """The body: the description, and the link for which Graph's events have no place of its own."""
    parts = (event.description, "" if event.url in event.description else event.url)
    return "\n\n".join(part for part in parts if part)


def _place(event: Event) -> str:
    rooms = [attendee for attendee in event.attendees if attendee.is_room]
    return event.location or ", ".join(room.name or room.email for room in rooms)


def _kind(attendee: Attendee) -> str:
    if attendee.is_room:
        return "resource"
    return "optional" if attendee.optional else "required"


def _others(event: Event, account: str) -> Sequence[Attendee]:
    owner = {account.casefold(), event.organizer.email.casefold()}
    by_address = {attendee.email.casefold(): attendee for attendee in event.attendees if attendee.email}
    return [attendee for address, attendee in by_address.items() if address not in owner]


def _invited(event: Event, account: str) -> set[tuple[str, str]]:
    return {(attendee.email.casefold(), _kind(attendee)) for attendee in _others(event, account)}


def _moment(item: Mapping[str, Any], name: str) -> datetime:
    is_end = name == "end"
    return moments.read_day(item[name], None, is_end=is_end) if item.get("isAllDay") else moments.read(item[name])


def _everybody(item: Mapping[str, Any], account: str) -> tuple[Attendee, ...]:
    """The attendees with their answers; the account's owner comes first, who organizes and so takes part."""
    organizer = _person(item["organizer"])
    owner = Attendee(organizer.name, account, answer=PartStat.ACCEPTED)
    others = (_person(one) for one in item.get("attendees") or ())
    return (owner, *(one for one in others if one.email.casefold() != account.casefold()))


def _person(value: Mapping[str, Any]) -> Attendee:
    address = value["emailAddress"]
    return Attendee(
        name=address.get("name") or "",
        email=address.get("address") or "",
        is_room=value.get("type") == "resource",
        optional=value.get("type") == "optional",
        answer=_ANSWERS.get((value.get("status") or {}).get("response") or "", PartStat.NEEDS_ACTION),
    )
