"""What a calendar holds, compared with what we wrote into it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from bot.domain.calendar import Attendee, Event, EventStatus, PartStat
from bot.domain.event_copies import CONFIRMED_AFTER, CopyRole, EventCopy, Finding, Trouble, next_reading
from bot.domain.meeting import Attendance, Meeting

ATTENDANCE: Mapping[PartStat, Attendance] = {
    PartStat.NEEDS_ACTION: Attendance.INVITED,
    PartStat.ACCEPTED: Attendance.CONFIRMED,
    PartStat.TENTATIVE: Attendance.TENTATIVE,
    PartStat.DECLINED: Attendance.DECLINED,
}

Aliases = Mapping[str, Collection[str]]
"""By an attendee's address, every address of the same person; all in lower case."""


def is_there(found: Event | None) -> bool:
    return found is not None and found.status is not EventStatus.CANCELLED


def is_behind(copy: EventCopy, meeting: Meeting) -> bool:
    """Whether this copy is still to be written at the time that the Meeting was moved to: nobody else has moved it."""
    return meeting.last_move is not None and copy.written is not None and copy.written < meeting.last_move.sequence


def compare(role: CopyRole, expected: Event, found: Event | None, aliases: Aliases) -> Finding | None:
    """The first thing that is not as it was written; None where all is well. Answers are no difference, but a
    Room's refusal is."""
    if found is None or not is_there(found):
        return Finding(Trouble.MISSING)
    if (found.start, found.end) != (expected.start, expected.end):
        return Finding(Trouble.MOVED, _stamp(found.start))
    if role is not CopyRole.EVENT:
        return None
    invited = [attendee for attendee in expected.attendees if not _is_same(attendee, expected.organizer, aliases)]
    missing = [attendee.name for attendee in invited if attendee_in(found, attendee.email, aliases) is None]
    if missing:
        return Finding(Trouble.ATTENDEES, ", ".join(missing))
    answers = ((room.name, attendee_in(found, room.email, aliases)) for room in invited if room.is_room)
    declined = [name for name, answer in answers if answer and answer.answer is PartStat.DECLINED]
    if declined:
        return Finding(Trouble.ROOM_DECLINED, ", ".join(declined))
    return Finding(Trouble.NO_LINK) if expected.conference and not found.join_url else None


def attendee_in(event: Event, address: str, aliases: Aliases) -> Attendee | None:
    """Who that is in the event, by whichever of their addresses; None where they are not in it."""
    known = {address.lower(), *aliases.get(address.lower(), ())}
    return next((attendee for attendee in event.attendees if attendee.email.lower() in known), None)


def judged(copy: EventCopy, found: Finding | None, end: datetime, now: datetime) -> EventCopy:
    """The copy after a reading. What is new is only suspected until another reading, later enough, says the same."""
    if found is None or found == copy.finding:
        is_over = found is None
        return replace(
            copy,
            suspicion=None,
            suspected_at=None,
            finding=found,
            is_accepted=copy.is_accepted and not is_over,
            check_at=next_reading(end, now),
        )
    if found != copy.suspicion or copy.suspected_at is None:
        return replace(copy, suspicion=found, suspected_at=now, check_at=now + CONFIRMED_AFTER)
    if now - copy.suspected_at < CONFIRMED_AFTER:
        return replace(copy, check_at=copy.suspected_at + CONFIRMED_AFTER)
    return replace(
        copy,
        suspicion=None,
        suspected_at=None,
        finding=found,
        is_accepted=False,
        check_at=next_reading(end, now),
    )


def _is_same(attendee: Attendee, other: Attendee, aliases: Aliases) -> bool:
    address = attendee.email.lower()
    return other.email.lower() in {address, *aliases.get(address, ())}


def _stamp(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat()
