"""Seats given out by pools as they stand at one instant."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bot.domain.ids import PoolId, ResourceId, UserId, WorkspaceId
from bot.domain.invitation import Seat
from bot.domain.ledger import Ledger
from bot.domain.offers import offered
from bot.errors import DeliveryError, NotFoundError
from bot.ports import Clock, Directory, UnitOfWorkFactory
from bot.services.turns import ledger_of, ledgers_of

POOL_GONE = "This pool is not there any more. Choose another one."


class Offers:
    """Some pools of a workspace, each read once, whatever number of seats is asked for."""

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        directory: Directory,
        clock: Clock,
        workspace_id: WorkspaceId,
        pool_ids: Sequence[str],
    ) -> None:
        self._unit_of_work = unit_of_work
        self._directory = directory
        self._clock = clock
        self._workspace_id = workspace_id
        self._ledgers: dict[PoolId, Ledger] = {}
        if pool_ids:
            with unit_of_work() as unit:
                found = unit.pools.by_ids([PoolId(pool_id) for pool_id in pool_ids])
                pools = [pool for pool in found.values() if pool.workspace_id == workspace_id]
                self._ledgers = ledgers_of(unit, pools, clock(), line_only=True)

    def seat(self, pool_id: str, *, seated: Collection[ResourceId] = (), chosen: ResourceId | None = None) -> Seat:
        """Whom the pool offers (`bot.domain.offers.offered`).

        Whoever would be given but is deactivated in Slack rests in the pool from then on. Raises NotFoundError where
        the pool is gone, or has nobody to offer: the text says why.
        """
        while True:
            ledger = self._ledgers.get(PoolId(pool_id))
            if ledger is None:
                raise NotFoundError(POOL_GONE)
            seat = offered(ledger, seated, chosen)
            if not ledger.pool.is_round_robin or not self._has_left(seat.candidates[0]):
                return seat
            self._rest(ledger.pool.id, seat.candidates[0])

    def _has_left(self, member: ResourceId) -> bool:
        """False also where Slack cannot say who it is: then nothing of them is free, and they are named."""
        try:
            return self._directory.person(self._workspace_id, UserId(member)).is_deactivated
        except (NotFoundError, DeliveryError):
            return False

    def _rest(self, pool_id: PoolId, member: ResourceId) -> None:
        with self._unit_of_work(write=True) as unit:
            pool = unit.pools.get(pool_id, lock=True)
            if pool is None:
                del self._ledgers[pool_id]
                return
            now = self._clock()
            pool = ledger_of(unit, pool, now).with_activity(member, False)
            unit.pools.put(pool)
            self._ledgers[pool_id] = ledger_of(unit, pool, now)
            unit.commit()
