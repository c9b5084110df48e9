"""What ties a Meeting's event to one calendar system: a conference made with it, a Room that has to be invited."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.domain.ids import ResourceId, UserId
from bot.domain.invitation import ConferencingKind, Details, SeatKind
from bot.domain.rooms import Room

CONFERENCE_CALENDARS: Mapping[ConferencingKind, str] = {
    ConferencingKind.MEET: "google",
    ConferencingKind.TEAMS: "microsoft",
}
"""Conferences that a calendar system makes with the event."""
_PEOPLE = (SeatKind.PERSON, SeatKind.PEOPLE_POOL)


@dataclass(frozen=True, slots=True)
class Need:
    """Something that takes an event in a calendar of that system: a conference of this kind, or (None) that Room."""

    provider: str
    kind: ConferencingKind | None = None
    room: Room | None = None


def needs(kind: ConferencingKind, invited_rooms: Sequence[tuple[Room, str]]) -> tuple[Need, ...]:
    """`invited_rooms` are those that can only be invited, with the system that can."""
    made = [Need(CONFERENCE_CALENDARS[kind], kind)] if kind in CONFERENCE_CALENDARS else []
    return (*made, *(Need(provider, room=room) for room, provider in invited_rooms))


def possible_holders(
    inviter_id: UserId, details: Details, has_calendar: Callable[[UserId], bool]
) -> tuple[UserId, ...]:
    """Whose calendar the event may come to lie in by the default rule, whoever of the candidates is assigned."""
    seats = [seat.candidates for seat in details.seats if seat.kind in _PEOPLE]
    inviter = ResourceId(inviter_id)
    if (inviter,) in seats and has_calendar(inviter_id):
        return (inviter_id,)
    found = [inviter_id] if any(inviter in candidates for candidates in seats) and has_calendar(inviter_id) else []
    for candidates in filter(None, seats):
        people = [UserId(candidate) for candidate in candidates]
        found += filter(has_calendar, people)
        if all(map(has_calendar, people)):
            break  # one of them is assigned, and has a calendar
    return tuple(dict.fromkeys(found))
