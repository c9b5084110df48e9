"""Whom a pool offers for a seat."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from bot.domain.ids import ResourceId
from bot.domain.invitation import Details, Seat, SeatKind
from bot.domain.ledger import Ledger
from bot.domain.pools import Pool, PoolKind, PoolMethod
from bot.errors import NotFoundError


def everybody(pool: Pool) -> Seat:
    """All who are active in a pooled one, in the order they joined: who has been idle longest counts when somebody
    books. Raises NotFoundError where nobody is: the text says why."""
    if not pool.active:
        raise NotFoundError(_empty(pool))
    return Seat(SeatKind.ROOM_POOL if pool.kind is PoolKind.ROOMS else SeatKind.PEOPLE_POOL, pool.active, pool.id)


def following(details: Details, pool: Pool) -> Details:
    """The same with all who are active in a pooled one by now, nobody where that is so; round robins' seats stay."""
    if pool.is_round_robin:
        return details
    seats = (replace(seat, candidates=pool.active) if seat.pool_id == pool.id else seat for seat in details.seats)
    return replace(details, seats=tuple(seats))


def next_in_line(ledger: Ledger, seated: Collection[ResourceId], chosen: ResourceId | None = None) -> Seat:
    """Whom a round robin offers: it passes over those `seated` already (`bot.domain.lineup.seated_before`).

    `chosen` by hand counts in flexible pools. Raises NotFoundError where there is nobody to offer: the text says why.
    """
    pool = ledger.pool
    if chosen is not None and pool.method is PoolMethod.FLEXIBLE:
        if chosen not in pool.active:
            raise NotFoundError(f"The person chosen is no longer active in {pool.name}. Choose somebody else.")
        if chosen in seated:
            raise NotFoundError(f"The person chosen from {pool.name} takes part already. Choose somebody else.")
        return Seat(SeatKind.PEOPLE_POOL, (chosen,), pool.id, by_hand=True, reason="chosen by hand")
    line = ledger.line(besides=seated)
    if not line:
        raise NotFoundError(
            f"Everybody active in {pool.name} takes part already. Choose another pool." if pool.active else _empty(pool)
        )
    return Seat(SeatKind.PEOPLE_POOL, (line[0].resource_id,), pool.id, reason=ledger.reason(besides=seated))


def _empty(pool: Pool) -> str:
    what = "No room" if pool.kind is PoolKind.ROOMS else "Nobody"
    return f"{what} in {pool.name} is active just now. Choose another pool, or ask an administrator."
