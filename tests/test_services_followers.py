"""Invitations that are out are filled by whoever is active in their pooled pools at the moment, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from bot.domain.booking import BookingState, Situation
from bot.domain.delivery import DeliveryKind
from bot.domain.ids import ConnectionId, InvitationId, ResourceId, UserId
from bot.domain.intervals import Interval
from bot.domain.invitation import Invitation, InvitationStatus, Seat, SeatKind
from bot.domain.people import Person
from bot.domain.pools import Cycle, Pool, PoolKind, PoolMethod
from bot.domain.rooms import Room
from bot.errors import SlotTakenError, StaleStateError
from tests.cast import DANA
from tests.pool_cast import ANA, DAY, DEV, EVE, HOUR, RAJ, connect_everybody, create, ids, pool_seat, send
from tests.world import Stage

Change = Callable[[Stage, Pool], object]

_BOOKINGS = 6
_ROUNDS = 10


@pytest.fixture
def sales(stage: Stage) -> Pool:
    """Whoever is free, of Ana and Raj; Dev and Eve have calendars too."""
    connect_everybody(stage)
    return create(stage, method=PoolMethod.POOLED, members=ids([ANA, RAJ]))


def rest(stage: Stage, pool: Pool, *people: Person, active: bool = False) -> None:
    for person in people:
        stage.services.pools.set_active(DANA, pool.id, person.resource_id, active)


def invited(stage: Stage, pool: Pool, *seats: Seat) -> Invitation:
    return send(stage, stage.services.pools.seat(pool.workspace_id, pool.id), *seats)


def stored(stage: Stage, invitation: Invitation) -> Invitation:
    with stage.unit_of_work() as unit:
        found = unit.invitations.get(invitation.id)
    assert found is not None
    return found


def assigned(stage: Stage, invitation: Invitation) -> tuple[ResourceId, ...]:
    meeting = stage.services.booking.look(invitation.token).meeting
    assert meeting is not None
    return meeting.assigned


def busy_all_along(stage: Stage, *people: Person) -> None:
    now = stage.clock()
    for person in people:
        stage.calendar.busy[person.email] = (Interval(now - DAY, now + 60 * DAY),)


@pytest.mark.parametrize(
    "leave",
    [
        lambda stage, pool: stage.services.pools.set_active(DANA, pool.id, ANA.resource_id, False),
        lambda stage, pool: stage.services.pools.remove_member(DANA, pool.id, ANA.resource_id),
    ],
    ids=["set inactive", "removed"],
)
def test_whoever_is_not_active_any_more_offers_no_time_and_is_not_assigned(
    stage: Stage, sales: Pool, leave: Change
) -> None:
    busy_all_along(stage, RAJ)
    invitation = invited(stage, sales)
    [start, *_] = stage.services.booking.look(invitation.token).starts
    nonce = stage.services.booking.nonce(invitation.token)
    leave(stage, sales)
    assert stage.services.booking.look(invitation.token).situation is Situation.ALL_TAKEN
    with pytest.raises(SlotTakenError):
        stage.services.booking.confirm(invitation.token, start, nonce, None)
    stage.calendar.busy.clear()
    stage.clock.advance(DAY)
    stage.book(invitation)
    assert assigned(stage, invitation) == (RAJ.resource_id,)


def test_whoever_is_new_or_back_can_be_assigned(stage: Stage, sales: Pool) -> None:
    rest(stage, sales, RAJ)
    busy_all_along(stage, ANA)
    first, second = invited(stage, sales), invited(stage, sales)
    assert stage.services.booking.look(first.token).situation is Situation.ALL_TAKEN
    stage.services.pools.add_members(DANA, sales.id, ids([EVE]))
    stage.book(first)
    assert assigned(stage, first) == (EVE.resource_id,)
    rest(stage, sales, RAJ, active=True)
    assert stored(stage, second).details.requirements == (tuple(ids([ANA, RAJ, EVE])),)
    stage.book(second)
    assert assigned(stage, second) == (RAJ.resource_id,), "idle for longer than Eve"


def test_nobody_left_is_no_time_and_is_said_until_somebody_is_back(stage: Stage, sales: Pool) -> None:
    invitation = invited(stage, sales)
    rest(stage, sales, ANA, RAJ)
    assert stage.services.booking.look(invitation.token).situation is Situation.ALL_TAKEN
    _, report = stage.services.invitations.why(DANA, invitation.tracking_id)
    assert (report.count, report.deserted) == (0, ("Sales",))
    assert stage.services.invitations.item(DANA, invitation.id).slots_left == 0
    rest(stage, sales, RAJ, active=True)
    _, report = stage.services.invitations.why(DANA, invitation.tracking_id)
    assert report.count
    assert report.deserted == ()
    stage.book(invitation)
    assert assigned(stage, invitation) == (RAJ.resource_id,)


def test_other_seats_pools_and_round_robins_stay_as_they_were_sent(stage: Stage, sales: Pool) -> None:
    strict = create(stage, name="Strict", members=ids([ANA, RAJ]))
    other = create(stage, name="Other", method=PoolMethod.POOLED, members=ids([ANA, RAJ]))
    seats = (
        Seat(SeatKind.PERSON, (DEV.resource_id,)),
        stage.services.pools.seat(strict.workspace_id, strict.id),
        pool_seat(ANA, RAJ, pool_id=other.id),
    )
    invitation = invited(stage, sales, *seats)
    for pool in (sales, strict):
        rest(stage, pool, ANA)
    assert stored(stage, invitation).details.seats == (
        pool_seat(RAJ, pool_id=sales.id),
        *invitation.details.seats[1:],
    )


def test_pool_that_is_deleted_leaves_its_people_in_what_was_sent(stage: Stage, sales: Pool) -> None:
    invitation = invited(stage, sales)
    stage.services.pools.delete(DANA, sales.id)
    assert stored(stage, invitation) == invitation


def test_what_is_booked_or_cancelled_stays_as_it_was(stage: Stage, sales: Pool) -> None:
    booked, cancelled = invited(stage, sales), invited(stage, sales)
    stage.book(booked)
    stage.services.invitations.cancel(DANA, cancelled.id)
    who = assigned(stage, booked)
    rest(stage, sales, ANA)
    assert assigned(stage, booked) == who == (ANA.resource_id,)
    for invitation in (booked, cancelled):
        assert stored(stage, invitation).details == invitation.details


def test_rooms_follow_their_pool(stage: Stage, sales: Pool) -> None:
    rooms = rooms_of(stage)
    pool = create(stage, name="Rooms", kind=PoolKind.ROOMS, method=PoolMethod.POOLED, members=[rooms[0].id])
    invitation = invited(stage, sales, stage.services.pools.seat(pool.workspace_id, pool.id))
    stage.services.pools.add_members(DANA, pool.id, [rooms[1].id])
    stage.services.pools.set_active(DANA, pool.id, rooms[0].id, False)
    stage.book(invitation)
    assert assigned(stage, invitation) == (ANA.resource_id, rooms[1].id)


def test_a_room_that_is_removed_from_the_list_is_waited_for_no_more(stage: Stage, sales: Pool) -> None:
    """Else it would be named as unreadable for ever, and a customer told to try again in a few minutes."""
    atlas, borealis = rooms_of(stage)
    pool = create(stage, name="Rooms", kind=PoolKind.ROOMS, method=PoolMethod.POOLED, members=[atlas.id, borealis.id])
    invitation = invited(stage, sales, stage.services.pools.seat(pool.workspace_id, pool.id))
    stage.deliver()
    stage.services.rooms.remove(DANA, atlas.id)
    item = stage.services.activity.invitation_item(stored(stage, invitation))
    assert item.unreadable == ()
    assert [row.kind for row in stage.deliver()] == [DeliveryKind.SLACK_CARD]
    stage.book(invitation)
    assert assigned(stage, invitation) == (ANA.resource_id, borealis.id)


def rooms_of(stage: Stage) -> tuple[Room, Room]:
    """Two that can be read."""
    connection = ConnectionId(f"builtin-{DANA.user_id}")
    atlas, borealis = (
        Room(ResourceId(f"room:{name}"), DANA.workspace_id, name, f"{name}@rooms.example", connection)
        for name in ("atlas", "borealis")
    )
    with stage.unit_of_work(write=True) as unit:
        unit.rooms.put(atlas)
        unit.rooms.put(borealis)
        unit.commit()
    stage.calendar.shared |= {atlas.address, borealis.address}
    return atlas, borealis


def test_who_may_see_it_and_the_card_follow(stage: Stage, sales: Pool) -> None:
    for person in (EVE, ANA):
        stage.services.activity.home(person, None)
    invitation = invited(stage, sales)
    stage.deliver()
    stage.services.pools.add_members(DANA, sales.id, ids([EVE]))
    rest(stage, sales, ANA)
    assert visible_to(stage, EVE) == [invitation.id]
    assert visible_to(stage, ANA) == []
    rows = {(row.kind, row.subject_id, row.recipient) for row in stage.deliver()}
    assert rows == {
        (DeliveryKind.SLACK_CARD, invitation.id, invitation.inviter_id),
        (DeliveryKind.SLACK_HOME, sales.id, EVE.user_id),
        (DeliveryKind.SLACK_HOME, sales.id, ANA.user_id),
    }


def visible_to(stage: Stage, person: Person) -> list[InvitationId]:
    with stage.unit_of_work() as unit:
        found, _ = unit.invitations.page(
            person.workspace_id,
            visible_to=UserId(person.user_id),
            statuses=(InvitationStatus.ACTIVE,),
            offset=0,
            limit=10,
        )
    return [one.id for one in found]


def test_changes_that_concern_nobody_tell_nobody(stage: Stage, sales: Pool) -> None:
    invited(stage, sales)
    stage.deliver()
    stage.services.pools.rename(DANA, sales.id, "Vendors")
    stage.services.pools.set_rules(DANA, sales.id, cycle=Cycle.QUARTERLY, compensates=False)
    rest(stage, sales, ANA, active=True)
    assert stage.deliver() == []


def test_invitation_sent_at_the_moment_of_a_change_gets_the_pool_as_it_is_then(stage: Stage, sales: Pool) -> None:
    seat = stage.services.pools.seat(sales.workspace_id, sales.id)
    rest(stage, sales, ANA)
    assert stored(stage, send(stage, seat)).details.requirements == ((RAJ.resource_id,),)


def test_bookings_and_changes_of_two_pools_at_once_lose_nothing(stage: Stage, sales: Pool) -> None:
    other = create(stage, name="Other", method=PoolMethod.POOLED, members=ids([DEV, EVE]))
    waiting = [
        invited(stage, sales, stage.services.pools.seat(other.workspace_id, other.id)) for _ in range(2 * _BOOKINGS)
    ]
    starts = stage.services.booking.look(waiting[0].token).starts
    begin = Barrier(_BOOKINGS + 2)

    def book(number: int) -> bool:
        nonce = stage.services.booking.nonce(waiting[number].token)
        begin.wait()
        try:
            stage.services.booking.confirm(waiting[number].token, starts[4 * number], nonce, None)
        except (SlotTakenError, StaleStateError):
            return False
        return True

    def change(pool: Pool, person: Person) -> bool:
        begin.wait()
        for active in (False, True, False):
            rest(stage, pool, person, active=active)
        return True

    with ThreadPoolExecutor(_BOOKINGS + 2) as threads:
        booked = [threads.submit(book, number) for number in range(_BOOKINGS)]
        changed = [threads.submit(change, sales, ANA), threads.submit(change, other, DEV)]
        assert all(done.result() for done in (*booked, *changed))
    for invitation in waiting[:_BOOKINGS]:
        assert stored(stage, invitation).status is InvitationStatus.SCHEDULED
        assert are_claimed(stage, assigned(stage, invitation))
    for invitation in waiting[_BOOKINGS:]:
        assert stored(stage, invitation).details.requirements == ((RAJ.resource_id,), (EVE.resource_id,))


def test_whoever_is_set_inactive_while_calendars_are_read_is_not_assigned(stage: Stage, sales: Pool) -> None:
    invitation = invited(stage, sales)
    confirm = confirming(stage, invitation)
    stage.calendar.before_answer = once(lambda: rest(stage, sales, ANA))
    assert confirm().situation is Situation.BOOKED
    assert assigned(stage, invitation) == (RAJ.resource_id,)


def test_pool_that_empties_while_calendars_are_read_leaves_no_time(stage: Stage, sales: Pool) -> None:
    invitation = invited(stage, sales)
    confirm = confirming(stage, invitation)
    stage.calendar.before_answer = once(lambda: rest(stage, sales, ANA, RAJ))
    with pytest.raises(SlotTakenError):
        confirm()
    assert stored(stage, invitation).status is InvitationStatus.ACTIVE


def confirming(stage: Stage, invitation: Invitation, number: int = 0) -> Callable[[], BookingState]:
    """Confirms the last time but so many; calendars will be read for it."""
    booking = stage.services.booking
    start, nonce = booking.look(invitation.token).starts[-1 - number], booking.nonce(invitation.token)
    stage.clock.advance(HOUR)
    return lambda: booking.confirm(invitation.token, start, nonce, None)


def once(action: Callable[[], object]) -> Callable[[], object]:
    """The action the first time, nothing from then on."""
    left = [action]
    return lambda: left.pop()() if left else None


def test_booking_and_change_at_once_never_assign_whom_the_pool_has_let_go(stage: Stage, sales: Pool) -> None:
    """Both are let go at once after the calendars have been read. Whichever comes first: who is assigned is among
    those whom the Invitation then had."""
    for number in range(_ROUNDS):
        invitation = invited(stage, sales)
        confirm, begin = confirming(stage, invitation, number), Barrier(2)
        stage.calendar.before_answer = once(begin.wait)

        def change(begin: Barrier = begin) -> None:
            begin.wait()
            rest(stage, sales, ANA)

        with ThreadPoolExecutor(2) as threads:
            booked = threads.submit(confirm)
            changed = threads.submit(change)
            assert booked.result().situation is Situation.BOOKED
            changed.result()
        assert set(assigned(stage, invitation)) <= set(*stored(stage, invitation).details.requirements)
        rest(stage, sales, ANA, active=True)


def are_claimed(stage: Stage, who: tuple[ResourceId, ...]) -> bool:
    now = stage.clock()
    with stage.unit_of_work() as unit:
        return all(unit.claims.busy(DANA.workspace_id, who, Interval(now, now + 60 * DAY)).values())
