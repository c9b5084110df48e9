"""Seats and pools: whom a pool passes over, in which order a pool is asked at booking, and the receipt for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.domain.ids import PoolId, ResourceId
from bot.domain.invitation import Seat, SeatKind
from bot.domain.ledger import idle_text
from bot.domain.meeting import Receipt
from bot.domain.pools import Pool

_NEVER = datetime.min.replace(tzinfo=UTC)
_LAST = datetime.max.replace(tzinfo=UTC)


def seated_before(seats: Sequence[Seat], number: int) -> frozenset[ResourceId]:
    """Whom the pool in that seat passes over: the people named in seats of their own, wherever they stand, and
    those whom the pools in earlier seats have given."""
    named = {seat.candidates[0] for seat in seats if seat.kind is SeatKind.PERSON}
    pools = (seat for seat in seats[:number] if seat.kind is SeatKind.PEOPLE_POOL)
    return frozenset(named | {seat.candidates[0] for seat in pools if len(seat.candidates) == 1})


@dataclass(frozen=True, slots=True)
class Lineup:
    """Seats with every pool's people in the order in which they are asked, at one instant."""

    seats: tuple[Seat, ...]
    last_assigned: Mapping[ResourceId, datetime]
    at: datetime

    @property
    def requirements(self) -> tuple[tuple[ResourceId, ...], ...]:
        return tuple(seat.candidates for seat in self.seats)

    def receipts(self, assigned: Sequence[ResourceId]) -> tuple[Receipt, ...]:
        """Why each of them, where a pool gave them, or where they stand in for whom they are an alternative to;
        `assigned` are one for each seat, in the seats' order."""
        found = []
        for seat, resource_id in zip(self.seats, assigned, strict=True):
            if seat.kind is SeatKind.PEOPLE_POOL:
                found.append(Receipt(resource_id, seat.reason or self._idle(seat, resource_id, assigned)))
            elif seat.kind is SeatKind.PERSON and resource_id != seat.candidates[0]:
                found.append(Receipt(resource_id, "the first of the alternatives who can come"))
        return tuple(found)

    def _idle(self, seat: Seat, resource_id: ResourceId, assigned: Sequence[ResourceId]) -> str:
        last_at = self.last_assigned.get(resource_id)
        if last_at is None:
            return "no meeting before this one"
        before = seat.candidates[: seat.candidates.index(resource_id)]
        if not before:
            return idle_text(last_at, self.at)
        among = " after those who come too" if set(before) <= set(assigned) else " of those who can come"
        return idle_text(last_at, self.at, among=among)


def lineup(
    seats: Sequence[Seat], pools: Mapping[PoolId, Pool], last_assigned: Mapping[ResourceId, datetime], now: datetime
) -> Lineup:
    """Each pool's people, the longest idle first: those never assigned before all others; ties by join date.

    All of a pool that is gone still stand in line.
    Rooms stay as they are listed.
    """

    def ordered(seat: Seat) -> Seat:
        if seat.kind is not SeatKind.PEOPLE_POOL or len(seat.candidates) == 1:
            return seat
        pool = pools.get(seat.pool_id) if seat.pool_id else None
        joined = {member.resource_id: member.joined_at for member in pool.members} if pool else {}
        order = sorted(seat.candidates, key=lambda who: (last_assigned.get(who, _NEVER), joined.get(who, _LAST)))
        return replace(seat, candidates=tuple(order))

    return Lineup(tuple(map(ordered, seats)), last_assigned, now)
