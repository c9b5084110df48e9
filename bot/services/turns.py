"""Turns of pools: taken when an Invitation is sent or booked, in the transaction that does it.

Round robins give a turn with the Invitation, pooled availability with the Meeting. Given back is a turn by
`PoolRepository.remove_turns`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import reduce

from bot.domain.ids import PoolId, ResourceId
from bot.domain.invitation import Invitation
from bot.domain.ledger import Ledger, Tally, cycle_start, ledger
from bot.domain.lineup import Lineup, lineup, seated_before
from bot.domain.meeting import Meeting
from bot.domain.offers import following
from bot.domain.pools import Pool, Turn
from bot.errors import TurnMovedError
from bot.ports import UnitOfWork


def ledger_of(unit: UnitOfWork, pool: Pool, now: datetime) -> Ledger:
    """The pool's ledger as it is in this transaction."""
    return ledgers_of(unit, [pool], now)[pool.id]


def ledgers_of(unit: UnitOfWork, pools: Sequence[Pool], now: datetime) -> dict[PoolId, Ledger]:
    """The ledgers of a workspace's pools, with one question for all that count from the same day."""
    tallies: dict[PoolId, Mapping[ResourceId, Tally]] = {}
    begun = {pool.id: cycle_start(pool.cycle, now) for pool in pools}
    for since in set(begun.values()):
        tallies.update(unit.pools.tallies([pool_id for pool_id in begun if begun[pool_id] == since], since=since))
    idle = [pool for pool in pools if not pool.is_round_robin]
    members = tuple(dict.fromkeys(member.resource_id for pool in idle for member in pool.members))
    meetings = unit.pools.last_assigned(idle[0].workspace_id, members) if idle else {}
    return {pool.id: ledger(pool, tallies[pool.id], now, meetings) for pool in pools}


def take_turns(unit: UnitOfWork, invitation: Invitation, now: datetime) -> Invitation:
    """Count a turn for everybody whom a round robin of this Invitation gives; returns it with the reasons why, and with
    those who are active in its pooled ones now.

    Of two who do this at once for one pool, the second waits for the first. Raises TurnMovedError where somebody
    else is next by now, unless the person was chosen by hand; the transaction is then only good for rollback.
    """
    pools = _locked(unit, invitation)
    details = reduce(following, pools.values(), invitation.details)
    seats = list(details.seats)
    ledgers = ledgers_of(unit, [pool for pool in pools.values() if pool.is_round_robin], now)
    for number, seat in enumerate(invitation.details.seats):
        pool = pools.get(seat.pool_id) if seat.pool_id else None
        if pool is None or not pool.is_round_robin:
            continue
        (given,) = seat.candidates
        if not seat.by_hand:
            ledger, passed_over = ledgers[pool.id], seated_before(seats, number)
            line = ledger.line(besides=passed_over)
            if line and line[0].resource_id != given:
                raise TurnMovedError(pool.name, line[0].resource_id)
            seats[number] = replace(seat, reason=ledger.reason(besides=passed_over))
        unit.pools.add_turn(Turn(pool.id, given, invitation.id, now))
    return replace(invitation, details=replace(details, seats=tuple(seats)))


def record_turns(unit: UnitOfWork, invitation: Invitation, pools: Mapping[PoolId, Pool], meeting: Meeting) -> None:
    """Count a turn for everybody (and every Room) whom pooled availability has given to this Meeting; `pools` are
    those of the Invitation."""
    for seat, resource_id in zip(invitation.details.seats, meeting.assigned, strict=True):
        pool = pools.get(seat.pool_id) if seat.pool_id else None
        if pool is not None and not pool.is_round_robin:
            unit.pools.add_turn(Turn(pool.id, resource_id, invitation.id, meeting.created_at))


def lineup_of(unit: UnitOfWork, invitation: Invitation, now: datetime) -> Lineup:
    """The Invitation's seats, pooled people longest idle first."""
    seats = invitation.details.seats
    pools = unit.pools.by_ids(invitation.details.pool_ids)
    pooled: dict[ResourceId, None] = {}
    for seat in seats:
        if seat.pool_id:
            pooled.update(dict.fromkeys(seat.candidates))
    last_assigned = unit.pools.last_assigned(invitation.workspace_id, tuple(pooled)) if pooled else {}
    return lineup(seats, pools, last_assigned, now)


def _locked(unit: UnitOfWork, invitation: Invitation) -> dict[PoolId, Pool]:
    """The Invitation's pools, locked in one order everywhere, so that no two transactions wait for each other."""
    return {pool_id: pool for pool_id in invitation.details.pool_ids if (pool := unit.pools.get(pool_id, lock=True))}
