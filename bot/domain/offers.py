"""Whom a pool offers for a seat."""

from __future__ import annotations

from collections.abc import Collection

from bot.domain.ids import ResourceId
from bot.domain.invitation import Seat, SeatKind
from bot.domain.ledger import Ledger
from bot.domain.pools import Pool, PoolKind, PoolMethod
from bot.errors import NotFoundError


def offered(ledger: Ledger, seated: Collection[ResourceId], chosen: ResourceId | None = None) -> Seat:
    """The pool's next in line, or all who are active where it is pooled.

    A round robin passes over those `seated` already (`bot.domain.lineup.seated_before`); `chosen` by hand counts in
    flexible pools. Raises NotFoundError where there is nobody to offer: the text says why.
    """
    pool = ledger.pool
    kind = SeatKind.ROOM_POOL if pool.kind is PoolKind.ROOMS else SeatKind.PEOPLE_POOL
    if not pool.is_round_robin:
        everybody = tuple(standing.resource_id for standing in ledger.line())
        if not everybody:
            raise NotFoundError(_empty(pool))
        return Seat(kind, everybody, pool.id)
    if chosen is not None and pool.method is PoolMethod.FLEXIBLE:
        if chosen not in pool.active:
            raise NotFoundError(f"The person chosen is no longer active in {pool.name}. Choose somebody else.")
        if chosen in seated:
            raise NotFoundError(f"The person chosen from {pool.name} takes part already. Choose somebody else.")
        return Seat(kind, (chosen,), pool.id, by_hand=True, reason="chosen by hand")
    line = ledger.line(besides=seated)
    if not line:
        raise NotFoundError(
            f"Everybody active in {pool.name} takes part already. Choose another pool." if pool.active else _empty(pool)
        )
    return Seat(kind, (line[0].resource_id,), pool.id, reason=ledger.reason(besides=seated))


def _empty(pool: Pool) -> str:
    what = "No room" if pool.kind is PoolKind.ROOMS else "Nobody"
    return f"{what} in {pool.name} is active just now. Choose another pool, or ask an administrator."
