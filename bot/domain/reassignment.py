"""Who of a Meeting gives up their place, who may take it, and what the Meeting is then. Rooms likewise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.domain.activity import MeetingItem
from bot.domain.ids import ResourceId, is_room
from bot.domain.invitation import Invitation, Seat
from bot.domain.meeting import Meeting, MeetingStatus, Receipt
from bot.domain.rooms import Room
from bot.domain.substitutes import Substitute


@dataclass(frozen=True, slots=True)
class Replacement:
    """What *Reassign* shows: the places of the Meeting by name, whose it is about, and who may take it, in order of
    preference. `may_do_without`: the Meeting is still one without them."""

    item: MeetingItem
    places: tuple[tuple[ResourceId, str], ...]
    out: ResourceId
    substitutes: tuple[Substitute, ...] = ()
    may_do_without: bool = False

    @property
    def out_name(self) -> str:
        return dict(self.places)[self.out]


def seat_of(meeting: Meeting, invitation: Invitation, resource_id: ResourceId) -> Seat:
    """The requirement that this person or Room fills. Raises ValueError where they are not in the Meeting."""
    filled = [seat for number, seat in enumerate(invitation.details.seats) if number not in meeting.vacant]
    return filled[meeting.assigned.index(resource_id)]


def reassigned(meeting: Meeting, out: ResourceId, came: ResourceId, reason: str) -> Meeting:
    """The Meeting with somebody else, or another Room, in that place; `reason` is the newcomer's receipt."""
    receipts = _receipts_besides(meeting, out)
    if not is_room(came):
        receipts += (Receipt(came, reason),)
    assigned = tuple(came if resource == out else resource for resource in meeting.assigned)
    return replace(meeting, assigned=assigned, receipts=receipts, sequence=meeting.sequence + 1)


def without(meeting: Meeting, invitation: Invitation, out: ResourceId) -> Meeting:
    """The Meeting with that place empty."""
    filled = [number for number in range(len(invitation.details.seats)) if number not in meeting.vacant]
    vacant = (*meeting.vacant, filled[meeting.assigned.index(out)])
    return replace(
        meeting,
        assigned=tuple(resource for resource in meeting.assigned if resource != out),
        vacant=tuple(sorted(vacant)),
        receipts=_receipts_besides(meeting, out),
        sequence=meeting.sequence + 1,
    )


def may_do_without(meeting: Meeting, out: ResourceId) -> bool:
    """Somebody of the inviter's side has to be there; Rooms need not."""
    return is_room(out) or len(meeting.assigned_member_ids) > 1


def as_withdrawn(meeting: Meeting, holder: ResourceId) -> Meeting:
    """The Meeting as it is for somebody who is not in it any more: cancelled, with them in it."""
    assigned = meeting.assigned if holder in meeting.assigned else (*meeting.assigned, holder)
    return replace(meeting, status=MeetingStatus.CANCELED, assigned=assigned)


def other_rooms(seat: Seat, out: Room | None, known: Sequence[Room], pool: Sequence[ResourceId]) -> tuple[Room, ...]:
    """Rooms in place of one, those of its own requirement and pool first, then the smallest that may stand in."""
    preferred = [resource for resource in (*seat.candidates, *pool) if out is None or resource != out.id]
    by_id = {room.id: room for room in known}
    first = [by_id[resource] for resource in dict.fromkeys(preferred) if resource in by_id]
    others = [room for room in known if room not in first and (out is None or room.id != out.id)]
    like_it = [room for room in others if out is None or room.may_stand_in_for(out)]
    return (*first, *sorted(like_it, key=lambda room: (room.capacity or 0, room.name.casefold())))


def _receipts_besides(meeting: Meeting, out: ResourceId) -> tuple[Receipt, ...]:
    return tuple(receipt for receipt in meeting.receipts if receipt.resource_id != out)
