"""Whom a pool offers for a seat, by its ledger alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.ids import PoolId
from bot.domain.invitation import Details, Seat, SeatKind
from bot.domain.ledger import Ledger, Tally, ledger
from bot.domain.offers import everybody, following, next_in_line
from bot.domain.pools import Pool, PoolKind, PoolMethod
from bot.errors import NotFoundError
from tests.cast import NOW
from tests.pool_cast import ANA, DEV, RAJ, TEAM, a_pool, ids, pool_seat


def stands(pool: Pool, **received: int) -> Ledger:
    """The pool's ledger where people have received that many turns, by first name."""
    tallies = {one.resource_id: Tally(received=received.get(one.name.lower(), 0)) for one in TEAM}
    return ledger(pool, tallies, NOW)


def resting(pool: Pool, *people: str) -> Pool:
    return replace(pool, members=tuple(replace(one, active=one.resource_id not in people) for one in pool.members))


def test_round_robin_offers_its_next_and_says_why() -> None:
    pool = a_pool(method=PoolMethod.STRICT)
    seat = next_in_line(stands(pool, ana=1, dev=1), ())
    assert seat == Seat(SeatKind.PEOPLE_POOL, (RAJ.resource_id,), pool.id, reason="0 received, the fewest")


def test_whoever_rests_is_not_next_however_little_they_received() -> None:
    pool = resting(a_pool(method=PoolMethod.STRICT), RAJ.resource_id)
    assert next_in_line(stands(pool, ana=1, dev=2), ()).candidates == (ANA.resource_id,)


def test_round_robin_passes_over_whoever_is_seated() -> None:
    pool = a_pool(method=PoolMethod.STRICT)
    assert next_in_line(stands(pool), {ANA.resource_id, RAJ.resource_id}).candidates == (DEV.resource_id,)


def test_pooled_offers_all_who_are_active_whoever_is_seated() -> None:
    pool = resting(a_pool(method=PoolMethod.POOLED), DEV.resource_id)
    assert everybody(pool) == Seat(SeatKind.PEOPLE_POOL, (ANA.resource_id, RAJ.resource_id), pool.id)


def test_choice_by_hand_counts_in_flexible_pools_alone() -> None:
    flexible, strict = a_pool(method=PoolMethod.FLEXIBLE), a_pool(method=PoolMethod.STRICT)
    assert next_in_line(stands(flexible), (), DEV.resource_id).by_hand
    assert next_in_line(stands(strict), (), DEV.resource_id).candidates == (ANA.resource_id,)
    with pytest.raises(NotFoundError, match="no longer active"):
        next_in_line(stands(resting(flexible, DEV.resource_id)), (), DEV.resource_id)
    with pytest.raises(NotFoundError, match="takes part already"):
        next_in_line(stands(flexible), {DEV.resource_id}, DEV.resource_id)


def test_pool_where_everybody_rests_has_nobody_to_offer() -> None:
    for method in PoolMethod:
        pool = resting(a_pool(method=method), *ids(TEAM))
        with pytest.raises(NotFoundError, match="Nobody in Sales is active just now"):
            next_in_line(stands(pool), ()) if pool.is_round_robin else everybody(pool)
    with pytest.raises(NotFoundError, match="No room in Sales"):
        everybody(a_pool(kind=PoolKind.ROOMS, method=PoolMethod.POOLED, members=()))


def test_pool_of_rooms_offers_them_as_they_are_listed() -> None:
    seat = everybody(a_pool(kind=PoolKind.ROOMS, method=PoolMethod.POOLED))
    assert (seat.kind, seat.candidates) == (SeatKind.ROOM_POOL, tuple(ids(TEAM)))


def test_sent_seats_of_a_pooled_one_follow_it_and_no_others() -> None:
    pooled, strict = a_pool(method=PoolMethod.POOLED), a_pool(method=PoolMethod.STRICT)
    seats = (
        pool_seat(ANA, RAJ),
        pool_seat(ANA, RAJ, pool_id=PoolId("other")),
        Seat(SeatKind.PERSON, (ANA.resource_id,)),
    )
    details = Details("Roadmap review", timedelta(minutes=30), seats)
    assert following(details, pooled).seats == (pool_seat(*TEAM), *seats[1:])
    assert following(details, resting(pooled, *ids(TEAM))).seats == (pool_seat(), *seats[1:])
    assert following(details, strict) == details
