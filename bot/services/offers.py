"""Seats given out by pools as they stand at one instant."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from bot.domain.ids import PoolId, ResourceId, UserId, WorkspaceId
from bot.domain.invitation import Seat
from bot.domain.ledger import Ledger
from bot.domain.offers import everybody, next_in_line
from bot.domain.pools import Pool, PoolKind
from bot.errors import DeliveryError, NotFoundError
from bot.ports import Clock, Directory, UnitOfWorkFactory
from bot.services.followers import follow
from bot.services.readings import NotAtHandError
from bot.services.turns import ledger_of

POOL_GONE = "This pool is not there any more. Choose another one."


class Offers:
    """Some pools of a workspace, each read once, whatever number of seats is asked for."""

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        directory: Directory,
        clock: Clock,
        workspace_id: WorkspaceId,
        pools: Mapping[PoolId, Pool],
        ledgers: Mapping[PoolId, Ledger],
        *,
        asks: bool = True,
    ) -> None:
        """`ledgers` are those of the round robins among the `pools`. Where nobody `asks`, because a transaction is
        open, NotAtHandError is raised in place of asking Slack, or of changing a pool."""
        self._unit_of_work = unit_of_work
        self._directory = directory
        self._clock = clock
        self._workspace_id = workspace_id
        self._pools = {**pools}
        self._ledgers = {**ledgers}
        self._asks = asks

    def settle(self) -> None:
        """Whoever Slack has deactivated rests in the pooled ones, whoever it has back is active again; Invitations
        that are out follow. In a round robin `seat` looks at those who would be given."""
        for pool in [*self._pools.values()]:
            if pool.is_round_robin or pool.kind is PoolKind.ROOMS:
                continue
            members = [member for member in pool.members if member.active or member.has_left]
            deactivated = self._deactivated([member.resource_id for member in members])
            for member in members:
                if deactivated.get(member.resource_id) is member.active:
                    self._change(pool.id, member.resource_id, is_there=not member.active)

    def seat(self, pool_id: str, *, seated: Collection[ResourceId] = (), chosen: ResourceId | None = None) -> Seat:
        """Whom the pool offers: the next in line of a round robin, all who are active in a pooled one.

        A round robin passes over those `seated`; `chosen` by hand counts where it is flexible. Whoever would be given
        but is deactivated in Slack rests in the pool until Slack has them back. Raises NotFoundError where the pool
        is gone, or has nobody to offer: the text says why.
        """
        self._welcome_back(PoolId(pool_id))
        while (pool := self._pools.get(PoolId(pool_id))) is not None:
            if not pool.is_round_robin:
                return everybody(pool)
            seat = next_in_line(self._ledgers[pool.id], seated, chosen)
            if not self._is_deactivated(seat.candidates[0]):
                return seat
            self._change(pool.id, seat.candidates[0], is_there=False)
        raise NotFoundError(POOL_GONE)

    def _welcome_back(self, pool_id: PoolId) -> None:
        ledger = self._ledgers.get(pool_id)
        for member in ledger.pool.members if ledger else ():
            if member.has_left and self._is_deactivated(member.resource_id) is False:
                self._change(pool_id, member.resource_id, is_there=True)

    def _deactivated(self, members: Sequence[ResourceId]) -> Mapping[ResourceId, bool | None]:
        """What `_is_deactivated` says, asked at once: one after the other they would take too long."""
        try:
            people = self._directory.people(self._workspace_id, [UserId(member) for member in members])
            return {person.resource_id: person.is_deactivated for person in people}
        except DeliveryError:
            return {}
        except NotFoundError:  # somebody; of the others Slack has just said who they are
            return {member: self._is_deactivated(member) for member in members}

    def _is_deactivated(self, member: ResourceId) -> bool | None:
        """None where Slack cannot say who it is: then nothing of them is free, and they are named."""
        if not self._asks:
            known = self._directory.at_hand(self._workspace_id, [UserId(member)])
            if not known:
                raise NotAtHandError
            return known[UserId(member)].is_deactivated
        try:
            return self._directory.person(self._workspace_id, UserId(member)).is_deactivated
        except (NotFoundError, DeliveryError):
            return None

    def _change(self, pool_id: PoolId, member: ResourceId, *, is_there: bool) -> None:
        if not self._asks:
            raise NotAtHandError
        with self._unit_of_work(write=True) as unit:
            before = unit.pools.get(pool_id, lock=True)
            if before is None:
                self._pools.pop(pool_id, None)
                return
            now = self._clock()
            pool = ledger_of(unit, before, now).with_activity(member, is_there, has_left=not is_there)
            follow(unit, before, pool, now)
            unit.pools.put(pool)
            self._pools[pool_id], self._ledgers[pool_id] = pool, ledger_of(unit, pool, now)
            unit.commit()
