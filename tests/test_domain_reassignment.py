"""Places of a Meeting: whose they are, who takes them, and which stay empty."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.ids import ConnectionId, ResourceId, WorkspaceId
from bot.domain.invitation import Seat, SeatKind
from bot.domain.meeting import MeetingStatus, Receipt
from bot.domain.reassignment import as_withdrawn, may_do_without, other_rooms, reassigned, seat_of, without
from bot.domain.rooms import Room
from tests.activity_cast import DETAILS, INVITATION, MEETING
from tests.cast import BEN, DANA, PRIYA, seats
from tests.pool_cast import SALES, pool_seat

ATLAS = ResourceId("room:atlas")
D, P, B = DANA.resource_id, PRIYA.resource_id, BEN.resource_id
IN_POOL = replace(INVITATION, details=replace(DETAILS, seats=(*seats((D,)), pool_seat(PRIYA))))


def test_place_keeps_its_number_and_the_newcomer_gets_a_receipt() -> None:
    meeting = replace(MEETING, receipts=(Receipt(P, "first in the list"), Receipt(D, "longest idle")), sequence=3)
    after = reassigned(meeting, P, B, "chosen by Dana Fox")
    assert after.assigned == (D, B)
    assert after.receipts == (Receipt(D, "longest idle"), Receipt(B, "chosen by Dana Fox"))
    assert after.sequence == 4


def test_rooms_have_no_receipts() -> None:
    meeting = replace(MEETING, assigned=(D, ATLAS))
    assert reassigned(meeting, ATLAS, ResourceId("room:cedar"), "chosen").receipts == ()


def test_seats_are_told_apart_also_where_one_stays_empty() -> None:
    assert seat_of(MEETING, IN_POOL, P).pool_id == SALES
    after = without(MEETING, IN_POOL, D)
    assert (after.assigned, after.vacant) == ((P,), (0,))
    assert seat_of(after, IN_POOL, P).pool_id == SALES
    assert seat_of(reassigned(after, P, B, ""), IN_POOL, B).pool_id == SALES
    with pytest.raises(ValueError, match="not in tuple"):
        seat_of(after, IN_POOL, D)


def test_second_empty_place_is_counted_from_the_first_seat_on() -> None:
    invitation = replace(INVITATION, details=replace(DETAILS, seats=seats((D,), (P,), (B,))))
    meeting = replace(MEETING, assigned=(D, P, B))
    assert without(without(meeting, invitation, D), invitation, B).vacant == (0, 2)
    assert without(without(meeting, invitation, B), invitation, D).vacant == (0, 2)


def test_somebody_has_to_be_there_and_rooms_need_not() -> None:
    assert may_do_without(MEETING, P)
    alone = replace(MEETING, assigned=(D, ATLAS))
    assert not may_do_without(alone, D)
    assert may_do_without(alone, ATLAS)


def test_for_whoever_is_gone_it_is_cancelled_with_them_in_it() -> None:
    former = as_withdrawn(replace(MEETING, assigned=(D,)), P)
    assert (former.status, former.assigned) == (MeetingStatus.CANCELED, (D, P))
    assert as_withdrawn(MEETING, P).assigned == (D, P)


def room(slug: str, capacity: int | None = None) -> Room:
    return Room(
        ResourceId(f"room:{slug}"), WorkspaceId("T0"), slug.title(), f"{slug}@x.example", ConnectionId("c"), capacity
    )


@pytest.mark.parametrize(
    ("capacity", "expected"),
    [
        (8, ["Booth", "Forum", "Cedar", "Dome"]),
        (13, ["Booth", "Forum", "Dome"]),
        (None, ["Booth", "Forum", "Elm", "Cedar", "Dome"]),
    ],
)
def test_rooms_of_the_requirement_come_first_then_the_smallest_that_hold_as_many(
    capacity: int | None, expected: list[str]
) -> None:
    atlas = room("atlas", capacity)
    known = [atlas, room("booth", 2), room("cedar", 12), room("dome", 20), room("elm"), room("forum", 3)]
    seat = Seat(SeatKind.ROOM, (atlas.id, ResourceId("room:booth"), ResourceId("room:gone")))
    found = other_rooms(seat, atlas, known, [ResourceId("room:forum")])
    assert [one.name for one in found] == expected


def test_any_room_may_stand_in_for_one_that_nobody_knows_any_more() -> None:
    seat = Seat(SeatKind.ROOM, (ATLAS,))
    assert [one.name for one in other_rooms(seat, None, [room("dome", 20), room("booth", 2)], ())] == ["Booth", "Dome"]


@pytest.mark.parametrize(
    ("has", "may"),
    [("Screen, Whiteboard", True), ("whiteboard;  SCREEN, phone", True), ("Screen", False), ("", False)],
)
def test_only_what_has_the_same_equipment_stands_in(has: str, may: bool) -> None:
    leaving = replace(room("atlas", 8), equipment="Screen, whiteboard")
    assert replace(room("cedar", 8), equipment=has).may_stand_in_for(leaving) is may
    assert leaving.may_stand_in_for(room("elm"))
