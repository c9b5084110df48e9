"""Pools are set up by Administrators, give each Invitation its person, and count every turn once."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from time import thread_time

import pytest

from bot.domain.ids import ConnectionId, InvitationId, ResourceId, UserId, WorkspaceId
from bot.domain.intervals import Interval
from bot.domain.invitation import Invitation, Seat, SeatKind
from bot.domain.lineup import seated_before
from bot.domain.meeting import Receipt
from bot.domain.people import Person
from bot.domain.pools import Cycle, Pool, PoolKind, PoolMethod, Turn
from bot.domain.rooms import Room
from bot.errors import DeliveryError, FormError, NotAllowedError, NotFoundError, TurnMovedError
from tests.cast import DANA, GONE, PRIYA, ROBOT
from tests.pool_cast import ANA, DAY, DEV, EVE, RAJ, TEAM, a_pool, connect_everybody, create, ids, pool_seat, send
from tests.world import Stage


@pytest.fixture
def sales(stage: Stage) -> Pool:
    """Ana, Raj and Dev in a strict round robin; all four of the cast with calendars."""
    connect_everybody(stage)
    return create(stage)


def invite(stage: Stage, pool: Pool) -> Invitation:
    """To whoever is next."""
    stage.clock.advance(timedelta(minutes=1))
    return send(stage, stage.services.pools.seat(pool.workspace_id, pool.id))


def counts(stage: Stage, pool: Pool) -> dict[str, tuple[int, int]]:
    """Received and removed, by first name."""
    ledger = stage.services.pools.ledger(pool.workspace_id, pool.id)
    names = {person.resource_id: person.name for person in (*TEAM, EVE)}
    return {names[one.resource_id]: (one.received, one.removed) for one in ledger.standings}


def next_up(stage: Stage, pool: Pool) -> ResourceId:
    return stage.services.pools.seat(pool.workspace_id, pool.id).candidates[0]


def test_pool_is_there_as_it_was_created(stage: Stage, sales: Pool) -> None:
    pools = stage.services.pools
    assert pools.list(sales.workspace_id) == (sales,)
    assert pools.get(sales.workspace_id, sales.id) == sales
    assert sales.active == tuple(ids(TEAM))


def test_only_administrators_change_pools(stage: Stage, sales: Pool) -> None:
    pools = stage.services.pools
    changes: list[Callable[[Person], object]] = [
        lambda who: pools.create(
            who, name="x", kind=PoolKind.PEOPLE, method=PoolMethod.STRICT, cycle=Cycle.MONTHLY, members=()
        ),
        lambda who: pools.rename(who, sales.id, "Mine"),
        lambda who: pools.set_rules(who, sales.id, cycle=Cycle.CONTINUOUS, compensates=False),
        lambda who: pools.add_members(who, sales.id, ids([EVE])),
        lambda who: pools.remove_member(who, sales.id, ANA.resource_id),
        lambda who: pools.set_active(who, sales.id, ANA.resource_id, False),
        lambda who: pools.delete(who, sales.id),
    ]
    for change in changes:
        with pytest.raises(NotAllowedError, match="administrators"):
            change(PRIYA)
    assert pools.list(sales.workspace_id) == (sales,)


def test_other_workspaces_pools_are_not_there(stage: Stage, sales: Pool) -> None:
    stranger = dataclasses.replace(DANA, workspace_id=WorkspaceId("T0ELSE"))
    pools = stage.services.pools
    assert pools.list(stranger.workspace_id) == ()
    for look in (pools.get, pools.ledger, pools.seat):
        with pytest.raises(NotFoundError):
            look(stranger.workspace_id, sales.id)
    with pytest.raises(NotFoundError):
        pools.rename(stranger, sales.id, "Mine")
    pools.delete(stranger, sales.id)
    assert pools.get(sales.workspace_id, sales.id) == sales


@pytest.mark.parametrize("name", ["", "  \n", "x" * 81, "sales", "SALES"])
def test_name_is_required_short_and_unique(stage: Stage, sales: Pool, name: str) -> None:
    other = create(stage, name="Support")
    for attempt in (lambda: create(stage, name=name), lambda: stage.services.pools.rename(DANA, other.id, name)):
        with pytest.raises(FormError) as refused:
            attempt()
        assert set(refused.value.fields) == {"name"}
    assert create(stage, name="x" * 80).name == "x" * 80


def test_pool_may_be_renamed_to_its_own_name_in_other_letters(stage: Stage, sales: Pool) -> None:
    assert stage.services.pools.rename(DANA, sales.id, " SALES  team ").name == "SALES team"
    assert stage.services.pools.rename(DANA, sales.id, "Sales Team").name == "Sales Team"


def test_bots_and_deactivated_people_are_refused_by_name(stage: Stage, sales: Pool) -> None:
    for attempt in (
        lambda: create(stage, name="New", members=[ANA.resource_id, ROBOT.resource_id, GONE.resource_id]),
        lambda: stage.services.pools.add_members(DANA, sales.id, [ROBOT.resource_id, GONE.resource_id]),
    ):
        with pytest.raises(FormError) as refused:
            attempt()
        assert refused.value.fields["members"].startswith("Deploybot and Gone Gary cannot be in a pool")


def test_nobody_is_in_a_pool_twice(stage: Stage, sales: Pool) -> None:
    with pytest.raises(FormError, match="Ana is in this pool already"):
        stage.services.pools.add_members(DANA, sales.id, ids([EVE, ANA]))
    grown = stage.services.pools.add_members(DANA, sales.id, ids([EVE, EVE]))
    assert grown.active == tuple(ids([*TEAM, EVE]))
    assert create(stage, name="New", members=ids([ANA, ANA])).active == (ANA.resource_id,)


def test_strangers_and_a_silent_slack_are_field_errors(stage: Stage, sales: Pool) -> None:
    with pytest.raises(FormError, match="not in this workspace"):
        stage.services.pools.add_members(DANA, sales.id, [ResourceId("U0NOBODY")])
    stage.directory.failure = DeliveryError("Slack does not answer just now. Try again in a minute.")
    with pytest.raises(FormError, match="Slack does not answer"):
        stage.services.pools.add_members(DANA, sales.id, ids([EVE]))


def test_pool_of_rooms_is_pooled_and_takes_rooms_only(stage: Stage) -> None:
    atlas = Room(ResourceId("room:atlas"), DANA.workspace_id, "Atlas", "atlas@rooms.example", ConnectionId("danas"))
    with stage.unit_of_work(write=True) as unit:
        unit.rooms.put(atlas)
        unit.commit()
    rooms = {"kind": PoolKind.ROOMS, "method": PoolMethod.POOLED}
    with pytest.raises(FormError, match="pooled availability"):
        create(stage, **rooms | {"method": PoolMethod.STRICT}, members=[atlas.id])
    with pytest.raises(FormError, match="not there any more"):
        create(stage, **rooms, members=[atlas.id, ResourceId("room:gone")])
    pool = create(stage, **rooms, members=[atlas.id])
    assert stage.services.pools.seat(DANA.workspace_id, pool.id) == Seat(SeatKind.ROOM_POOL, (atlas.id,), pool.id)


def test_turns_go_round(stage: Stage, sales: Pool) -> None:
    given = [invite(stage, sales).details.seats[0].candidates for _ in range(6)]
    assert given == [(person.resource_id,) for person in (ANA, RAJ, DEV, ANA, RAJ, DEV)]
    assert counts(stage, sales) == {"Ana": (2, 0), "Raj": (2, 0), "Dev": (2, 0)}


def test_seat_of_a_round_robin_says_why(stage: Stage, sales: Pool) -> None:
    invite(stage, sales)
    seat = stage.services.pools.seat(sales.workspace_id, sales.id)
    assert (seat.candidates, seat.reason) == ((RAJ.resource_id,), "0 received, as others have; first in the list")


def test_pool_whose_next_has_no_time_is_refused_by_its_name_and_theirs(stage: Stage, sales: Pool) -> None:
    invite(stage, sales)
    now = stage.clock()
    stage.calendar.busy[RAJ.email] = (Interval(now - DAY, now + 60 * DAY),)
    with pytest.raises(FormError) as refused:
        stage.draft(members=[DANA.user_id, f"pool:{sales.id}"])
    sentence = refused.value.fields["end_date"]
    assert sentence.startswith("No times are available. Sales: next is Raj, who has no available time. ")
    stage.calendar.busy = {DANA.email: (Interval(now - DAY, now + 60 * DAY),)}
    stage.clock.advance(timedelta(minutes=6))
    with pytest.raises(FormError) as refused:
        stage.draft(members=[DANA.user_id, f"pool:{sales.id}"])
    assert "Sales" not in refused.value.fields["end_date"], "Raj is not in the way"


def test_whom_the_pool_would_give_again_is_not_proposed_as_optional(stage: Stage, sales: Pool) -> None:
    """Ana is next in line, and passed over because she is chosen by name: optional, she would be Sales's again."""
    now = stage.clock()
    for person in (ANA, EVE):
        stage.calendar.busy[person.email] = (Interval(now, now + 3 * DAY),)
    draft = stage.draft(members=[DANA.user_id, ANA.user_id, EVE.user_id, f"pool:{sales.id}"])
    stage.calendar.busy[EVE.email] = ()
    stage.clock.advance(timedelta(minutes=6))
    proposed = [each.name for each in stage.services.steps.count(draft).relaxations]
    assert "Ana" not in proposed
    invite(stage, sales)
    stage.clock.advance(timedelta(minutes=6))
    assert "Ana" in [each.name for each in stage.services.steps.count(draft).relaxations], "now Raj is before her"


def test_flexible_pool_offers_the_next_and_takes_whom_one_chooses(stage: Stage, sales: Pool) -> None:
    flexible = create(stage, name="Flexible", method=PoolMethod.FLEXIBLE)
    seat = stage.services.pools.seat
    assert seat(sales.workspace_id, flexible.id).candidates == (ANA.resource_id,)
    chosen = seat(sales.workspace_id, flexible.id, chosen=DEV.resource_id)
    assert (chosen.candidates, chosen.by_hand, chosen.reason) == ((DEV.resource_id,), True, "chosen by hand")
    with pytest.raises(NotFoundError, match="no longer active"):
        seat(sales.workspace_id, flexible.id, chosen=EVE.resource_id)
    with pytest.raises(NotFoundError, match="takes part already"):
        seat(sales.workspace_id, flexible.id, chosen=DEV.resource_id, seated=[DEV.resource_id])
    send(stage, chosen)
    assert counts(stage, flexible)["Dev"] == (1, 0)
    assert next_up(stage, flexible) == ANA.resource_id


def test_strict_pool_does_not_listen_to_a_choice(stage: Stage, sales: Pool) -> None:
    seat = stage.services.pools.seat(sales.workspace_id, sales.id, chosen=DEV.resource_id)
    assert (seat.candidates, seat.by_hand) == ((ANA.resource_id,), False)


def test_pooled_seat_has_everybody_active(stage: Stage, sales: Pool) -> None:
    pooled = create(stage, name="Pooled", method=PoolMethod.POOLED)
    stage.services.pools.set_active(DANA, pooled.id, RAJ.resource_id, False)
    seat = stage.services.pools.seat(sales.workspace_id, pooled.id, seated=[ANA.resource_id])
    assert seat.candidates == (ANA.resource_id, DEV.resource_id)


def test_pool_with_nobody_to_offer_says_so(stage: Stage, sales: Pool) -> None:
    pools = stage.services.pools
    with pytest.raises(NotFoundError, match="takes part already"):
        pools.seat(sales.workspace_id, sales.id, seated=ids(TEAM))
    for person in TEAM:
        pools.set_active(DANA, sales.id, person.resource_id, False)
    for pool in (sales, create(stage, name="Empty", method=PoolMethod.POOLED, members=())):
        with pytest.raises(NotFoundError, match="Nobody in"):
            pools.seat(sales.workspace_id, pool.id)


def test_second_pool_passes_over_those_already_seated(stage: Stage, sales: Pool) -> None:
    second = create(stage, name="Second")
    first_seat = stage.services.pools.seat(sales.workspace_id, sales.id)
    named = Seat(SeatKind.PERSON, (RAJ.resource_id, EVE.resource_id))
    second_seat = stage.services.pools.seat(
        sales.workspace_id, second.id, seated=seated_before((first_seat, pool_seat(), named), 1)
    )
    assert second_seat.candidates == (DEV.resource_id,)
    send(stage, first_seat, second_seat, named)
    assert counts(stage, second) == {"Ana": (0, 0), "Raj": (0, 0), "Dev": (1, 0)}


def test_same_pool_twice_gives_two_people(stage: Stage, sales: Pool) -> None:
    seats = (pool_seat(ANA, pool_id=sales.id), pool_seat(RAJ, pool_id=sales.id))
    send(stage, *seats)
    assert counts(stage, sales) == {"Ana": (1, 0), "Raj": (1, 0), "Dev": (0, 0)}


def test_turn_that_has_moved_on_refuses_the_invitation(stage: Stage, sales: Pool) -> None:
    mine = stage.services.pools.seat(sales.workspace_id, sales.id)
    send(stage, mine)
    with pytest.raises(TurnMovedError) as moved:
        send(stage, mine)
    assert (moved.value.pool, moved.value.resource_id) == ("Sales", RAJ.resource_id)
    assert counts(stage, sales) == {"Ana": (1, 0), "Raj": (0, 0), "Dev": (0, 0)}


def test_whoever_was_chosen_by_hand_stays_when_the_turn_moves_on(stage: Stage, sales: Pool) -> None:
    flexible = create(stage, name="Flexible", method=PoolMethod.FLEXIBLE)
    by_hand = stage.services.pools.seat(sales.workspace_id, flexible.id, chosen=ANA.resource_id)
    send(stage, by_hand)
    send(stage, by_hand)
    assert counts(stage, flexible)["Ana"] == (2, 0)


def test_person_set_inactive_meanwhile_is_a_turn_that_has_moved_on(stage: Stage, sales: Pool) -> None:
    mine = stage.services.pools.seat(sales.workspace_id, sales.id)
    stage.services.pools.set_active(DANA, sales.id, ANA.resource_id, False)
    with pytest.raises(TurnMovedError):
        send(stage, mine)


def test_deleted_pool_keeps_nobody_from_being_invited(stage: Stage, sales: Pool) -> None:
    mine = stage.services.pools.seat(sales.workspace_id, sales.id)
    stage.services.pools.delete(DANA, sales.id)
    stage.services.pools.delete(DANA, sales.id)
    start = stage.book(send(stage, mine))
    assert start > stage.clock()


def test_withdrawn_invitation_gives_its_turn_back(stage: Stage, sales: Pool) -> None:
    invitation = invite(stage, sales)
    stage.services.invitations.cancel(DANA, invitation.id)
    stage.services.invitations.cancel(DANA, invitation.id)
    assert counts(stage, sales)["Ana"] == (1, 1)
    assert next_up(stage, sales) == ANA.resource_id


def test_expired_invitation_gives_its_turn_back(stage: Stage, sales: Pool) -> None:
    invitation = invite(stage, sales)
    stage.clock.now = invitation.expires_at
    assert stage.services.followups.expire() == 1
    stage.clock.now = invitation.created_at
    assert counts(stage, sales)["Ana"] == (1, 1)


def test_cancelled_meeting_gives_its_turn_back_whoever_cancels(stage: Stage, sales: Pool) -> None:
    by_customer, by_user = invite(stage, sales), invite(stage, sales)
    booking = stage.services.booking
    stage.book(by_customer)
    booking.cancel(by_customer.token, booking.nonce(by_customer.token), "")
    stage.book(by_user)
    meeting = booking.look(by_user.token).meeting
    assert meeting is not None
    stage.services.meetings.cancel(DANA, meeting.id, "")
    assert counts(stage, sales) == {"Ana": (1, 1), "Raj": (1, 1), "Dev": (0, 0)}


def test_booked_and_completed_meeting_keeps_its_turn(stage: Stage, sales: Pool) -> None:
    invitation = invite(stage, sales)
    stage.book(invitation)
    stage.clock.now = invitation.expires_at
    assert stage.services.followups.complete() == 1
    stage.clock.now = invitation.created_at
    assert counts(stage, sales)["Ana"] == (1, 0)


def test_removed_turn_counts_in_the_cycle_it_was_received_in(stage: Stage, sales: Pool) -> None:
    invitation = invite(stage, sales)
    stage.clock.now = datetime(2026, 12, 1, 9, tzinfo=UTC)
    stage.services.invitations.cancel(DANA, invitation.id)
    assert counts(stage, sales)["Ana"] == (0, 0)
    stage.clock.now = invitation.created_at
    assert counts(stage, sales)["Ana"] == (1, 1)


def test_ledger_forecasts_who_would_come(stage: Stage, sales: Pool) -> None:
    invite(stage, sales)
    ledger = stage.services.pools.ledger(sales.workspace_id, sales.id)
    assert list(ledger.forecast(3)) == ids([RAJ, DEV, ANA])
    assert [next_up(stage, sales) for _ in range(3) if invite(stage, sales)] == ids([DEV, ANA, RAJ])


def test_pooled_meeting_goes_to_the_longest_idle_with_a_receipt(stage: Stage, sales: Pool) -> None:
    pooled = create(stage, name="Pooled", method=PoolMethod.POOLED)
    assigned = []
    for _ in range(4):
        stage.clock.advance(DAY)
        invitation = send(stage, stage.services.pools.seat(sales.workspace_id, pooled.id))
        stage.book(invitation)
        meeting = stage.services.booking.look(invitation.token).meeting
        assert meeting is not None
        assigned.append((meeting.assigned, meeting.receipts))
    new = "no meeting before this one"
    assert assigned == [
        ((ANA.resource_id,), (Receipt(ANA.resource_id, new),)),
        ((RAJ.resource_id,), (Receipt(RAJ.resource_id, new),)),
        ((DEV.resource_id,), (Receipt(DEV.resource_id, new),)),
        ((ANA.resource_id,), (Receipt(ANA.resource_id, "longest without a meeting, 3 days"),)),
    ]
    assert counts(stage, pooled) == {"Ana": (2, 0), "Raj": (1, 0), "Dev": (1, 0)}


def test_who_is_booked_while_calendars_answer_is_not_the_longest_idle_any_more(stage: Stage, sales: Pool) -> None:
    pooled = create(stage, name="Pooled", method=PoolMethod.POOLED)
    first, second = (send(stage, stage.services.pools.seat(sales.workspace_id, pooled.id)) for _ in range(2))
    early, *_, late = stage.services.booking.look(first.token).starts

    def meanwhile() -> None:
        stage.calendar.before_answer = lambda: None
        stage.book(second, late)

    stage.calendar.before_answer = meanwhile
    stage.book(first, early)
    met = [stage.services.booking.look(invitation.token).meeting for invitation in (second, first)]
    assert [meeting.assigned for meeting in met if meeting] == [(ANA.resource_id,), (RAJ.resource_id,)]


def test_pooled_meeting_goes_to_whoever_is_free_and_says_so(stage: Stage, sales: Pool) -> None:
    pooled = create(stage, name="Pooled", method=PoolMethod.POOLED)
    invitation = send(stage, stage.services.pools.seat(sales.workspace_id, pooled.id))
    start = stage.services.booking.look(invitation.token).starts[0]
    stage.calendar.busy[ANA.email] = (Interval(start, start + timedelta(hours=1)),)
    stage.calendar.unreadable[RAJ.email] = "time-out"
    stage.book(invitation, start)
    meeting = stage.services.booking.look(invitation.token).meeting
    assert meeting is not None
    assert meeting.receipts == (Receipt(DEV.resource_id, "no meeting before this one"),)


def test_round_robins_receipt_is_the_reason_it_was_given_with(stage: Stage, sales: Pool) -> None:
    invite(stage, sales)
    invitation = invite(stage, sales)
    stage.book(invitation)
    meeting = stage.services.booking.look(invitation.token).meeting
    assert meeting is not None
    assert meeting.receipts == (Receipt(RAJ.resource_id, "0 received, as others have; first in the list"),)


def test_wizard_counts_the_turn_it_has_shown_and_the_meeting_says_why(stage: Stage, sales: Pool) -> None:
    invite(stage, sales)
    invitation = stage.invite(members=[f"pool:{sales.id}"])
    (seat,) = invitation.details.seats
    assert (seat.candidates, seat.reason) == ((RAJ.resource_id,), "0 received, as others have; first in the list")
    assert counts(stage, sales) == {"Ana": (1, 0), "Raj": (1, 0), "Dev": (0, 0)}
    stage.book(invitation)
    meeting = stage.services.booking.look(invitation.token).meeting
    assert meeting is not None
    assert meeting.receipts == (Receipt(RAJ.resource_id, "0 received, as others have; first in the list"),)


def test_draft_whose_turn_has_moved_on_is_not_sent_and_the_error_names_the_next(stage: Stage, sales: Pool) -> None:
    draft = stage.draft(members=[f"pool:{sales.id}"])
    send(stage, pool_seat(ANA, pool_id=sales.id))
    with pytest.raises(TurnMovedError, match="In Sales it is Raj’s turn by now") as moved:
        stage.services.invitations.send(DANA, draft, {})
    assert moved.value.person == "Raj"
    assert counts(stage, sales) == {"Ana": (1, 0), "Raj": (0, 0), "Dev": (0, 0)}


def test_two_who_invite_at_the_same_moment_get_two_different_people(stage: Stage, sales: Pool) -> None:
    """Everybody looks first, then all send at once; whoever is told that the turn has moved on looks again."""
    contestants = 12
    start = Barrier(contestants)

    def invite_at_once(_: int) -> tuple[ResourceId, int]:
        seat = stage.services.pools.seat(sales.workspace_id, sales.id)
        start.wait(60)
        for moves in range(100):
            try:
                return send(stage, seat).details.seats[0].candidates[0], moves
            except TurnMovedError:
                seat = stage.services.pools.seat(sales.workspace_id, sales.id)
        raise AssertionError("never got a turn")

    with ThreadPoolExecutor(contestants) as pool:
        given = list(pool.map(invite_at_once, range(contestants)))
    assert Counter(who for who, _ in given) == dict.fromkeys(ids(TEAM), 4)
    assert max(moves for _, moves in given) > 0


def test_two_pools_in_opposite_order_do_not_wait_for_each_other(stage: Stage, sales: Pool) -> None:
    second = create(stage, name="Second", members=ids([EVE]))
    start = Barrier(2)

    def invite_in_order(order: tuple[Pool, Pool]) -> None:
        start.wait(60)
        for _ in range(20):
            seated: list[ResourceId] = []
            seats = []
            for pool in order:
                seats.append(stage.services.pools.seat(pool.workspace_id, pool.id, seated=seated))
                seated.append(seats[-1].candidates[0])
            try:
                send(stage, *seats)
            except TurnMovedError:
                continue

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(invite_in_order, [(sales, second), (second, sales)]))
    received = counts(stage, second)["Eve"][0]
    assert received == sum(number for number, _ in counts(stage, sales).values()) >= 20


def test_pool_of_500_with_a_long_history_takes_a_turn_quickly(stage: Stage) -> None:
    """A sanity check, far above the CPU time it takes (about 10 ms): nothing grows with the square of the pool."""
    people = [dataclasses.replace(ANA, user_id=UserId(f"U{number:04}"), name=f"P{number}") for number in range(500)]
    pool = a_pool(*people, cycle=Cycle.CONTINUOUS)
    with stage.unit_of_work(write=True) as unit:
        unit.pools.put(pool)
        for number in range(3000):
            unit.pools.add_turn(
                Turn(pool.id, people[number % 499].resource_id, InvitationId(str(number)), stage.clock() - DAY)
            )
        unit.commit()
    seat = stage.services.pools.seat(pool.workspace_id, pool.id)
    assert seat.candidates == (people[499].resource_id,)
    began = thread_time()
    send(stage, seat)
    assert thread_time() - began < 1
    forecast = stage.services.pools.ledger(pool.workspace_id, pool.id).forecast(3)
    assert list(forecast) == ids([people[499], people[499], people[499]])
