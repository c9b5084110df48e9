"""Pools keep their members, and turns their order; of two who take a turn at once one waits."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from bot.domain.ids import ChannelId, InvitationId, PoolId, ResourceId, new_id
from bot.domain.ledger import Tally
from bot.domain.pools import Cycle, Pool, PoolKind, PoolMember, PoolMethod, Turn
from bot.errors import NameTakenError
from bot.ports import UnitOfWorkFactory
from storage.database import Database
from tests.storage_cast import ATLAS, BEN, DAY, GLOBEX, HOUR, NOON, NORTHWIND, PRIYA, a_meeting, an_invitation

ONE, TWO = InvitationId("one"), InvitationId("two")


def a_pool(*members: str, **changes: Any) -> Pool:
    pool = Pool(
        id=PoolId(new_id()),
        workspace_id=NORTHWIND,
        name="Sales",
        kind=PoolKind.PEOPLE,
        method=PoolMethod.STRICT,
        cycle=Cycle.MONTHLY,
        members=tuple(PoolMember(ResourceId(member), NOON) for member in members or (PRIYA, BEN)),
        created_at=NOON,
    )
    return dataclasses.replace(pool, **changes)


def a_turn(pool: Pool, invitation_id: InvitationId = ONE, member: str = PRIYA, **changes: Any) -> Turn:
    return dataclasses.replace(Turn(pool.id, ResourceId(member), invitation_id, NOON), **changes)


def test_pool_comes_back_as_it_was(unit_of_work: UnitOfWorkFactory) -> None:
    pool = a_pool(
        name="Zoë's Vertrieb 🎉",
        members=(PoolMember(ResourceId(PRIYA), NOON, active=False, head_start=2.5, since=NOON + DAY),),
        compensates=False,
        channel_id=ChannelId("C0SALES"),
    )
    with unit_of_work(write=True) as unit:
        unit.pools.put(pool)
        assert unit.pools.get(pool.id) == unit.pools.get(pool.id, lock=True) == pool
        assert unit.pools.get(PoolId("unknown")) is None


def test_putting_again_replaces_all_of_it(unit_of_work: UnitOfWorkFactory) -> None:
    pool = a_pool(PRIYA, BEN)
    smaller = dataclasses.replace(pool, name="Presales", members=pool.members[1:])
    with unit_of_work(write=True) as unit:
        unit.pools.put(pool)
        unit.pools.put(smaller)
        assert list(unit.pools.of_workspace(NORTHWIND)) == [smaller]


def test_workspace_lists_its_own_pools_by_name(unit_of_work: UnitOfWorkFactory) -> None:
    sales, support, elsewhere = a_pool(), a_pool(name="apac"), a_pool(workspace_id=GLOBEX)
    with unit_of_work(write=True) as unit:
        for pool in (sales, support, elsewhere):
            unit.pools.put(pool)
        assert list(unit.pools.of_workspace(NORTHWIND)) == [support, sales]


def test_name_is_there_once_in_a_workspace_whatever_its_case(unit_of_work: UnitOfWorkFactory) -> None:
    with unit_of_work(write=True) as unit:
        unit.pools.put(a_pool(name="Vertrieb Süd"))
        with pytest.raises(NameTakenError):
            unit.pools.put(a_pool(name="VERTRIEB SÜD"))


def test_turns_come_back_in_the_order_received(unit_of_work: UnitOfWorkFactory) -> None:
    pool = a_pool()
    later, first, second = a_turn(pool, received_at=NOON + HOUR), a_turn(pool), a_turn(pool, TWO, BEN)
    with unit_of_work(write=True) as unit:
        unit.pools.put(pool)
        for turn in (later, first, second):
            unit.pools.add_turn(turn)
        assert list(unit.pools.turns(pool.id)) == [first, second, later]
        assert list(unit.pools.turns(pool.id, received_after=NOON + HOUR)) == [later]


def test_turns_are_removed_once_and_stay_where_they_were_received(unit_of_work: UnitOfWorkFactory) -> None:
    pool = a_pool()
    mine, yours, other = a_turn(pool), a_turn(pool, member=BEN), a_turn(pool, TWO)
    with unit_of_work(write=True) as unit:
        unit.pools.put(pool)
        for turn in (mine, yours, other):
            unit.pools.add_turn(turn)
        assert unit.pools.remove_turns(ONE, NOON + HOUR, resource_id=ResourceId(PRIYA)) == 1
        assert unit.pools.remove_turns(ONE, NOON + DAY) == 1
        assert unit.pools.remove_turns(ONE, NOON + DAY) == 0
        assert list(unit.pools.turns(pool.id)) == [
            dataclasses.replace(mine, removed_at=NOON + HOUR),
            dataclasses.replace(yours, removed_at=NOON + DAY),
            other,
        ]


def test_tallies_count_the_cycle_and_know_the_last_turn_of_any(unit_of_work: UnitOfWorkFactory) -> None:
    pool, other = a_pool(), a_pool(name="Other")
    with unit_of_work(write=True) as unit:
        unit.pools.put(pool)
        unit.pools.put(other)
        unit.pools.add_turn(a_turn(pool, received_at=NOON - DAY))
        unit.pools.add_turn(a_turn(pool, received_at=NOON))
        unit.pools.add_turn(a_turn(pool, TWO, received_at=NOON + HOUR, removed_at=NOON + DAY))
        unit.pools.add_turn(a_turn(pool, TWO, BEN, received_at=NOON - HOUR, removed_at=NOON + DAY))
        unit.pools.add_turn(a_turn(other, member=BEN))
        assert unit.pools.tallies([pool.id], since=NOON)[pool.id] == {
            PRIYA: Tally(2, 1, NOON + HOUR, NOON),
            BEN: Tally(0, 0, NOON - HOUR, None),
        }
        assert unit.pools.tallies([pool.id], since=None)[pool.id] == {
            PRIYA: Tally(3, 1, NOON + HOUR, NOON),
            BEN: Tally(1, 1, NOON - HOUR, None),
        }


def test_turns_removed_at_one_instant_come_back_and_others_stay_removed(unit_of_work: UnitOfWorkFactory) -> None:
    pool = a_pool()
    with unit_of_work(write=True) as unit:
        unit.pools.put(pool)
        reassigned, kept = a_turn(pool, removed_at=NOON), a_turn(pool, member=BEN, received_at=NOON + HOUR)
        unit.pools.add_turn(reassigned)
        unit.pools.add_turn(kept)
        unit.pools.remove_turns(ONE, NOON + DAY)
        assert unit.pools.restore_turns(ONE, NOON + DAY) == 1
        assert list(unit.pools.turns(pool.id)) == [reassigned, kept]


def test_deleting_a_pool_deletes_its_turns(unit_of_work: UnitOfWorkFactory) -> None:
    pool = a_pool()
    with unit_of_work(write=True) as unit:
        unit.pools.put(pool)
        unit.pools.add_turn(a_turn(pool))
        unit.pools.delete(pool.id)
        assert unit.pools.get(pool.id) is None
        assert list(unit.pools.turns(pool.id)) == []
        unit.commit()


def test_last_assignment_is_the_newest_meeting_of_people_and_rooms(unit_of_work: UnitOfWorkFactory) -> None:
    with unit_of_work(write=True) as unit:
        for number, members in enumerate([(PRIYA, ATLAS), (PRIYA,), (BEN,)]):
            invitation = an_invitation(*members, workspace_id=GLOBEX if BEN in members else NORTHWIND)
            unit.invitations.add(invitation)
            unit.meetings.add(a_meeting(invitation, NOON + number * DAY, created_at=NOON + number * HOUR))
        unit.commit()
    with unit_of_work() as unit:
        resources = [ResourceId(PRIYA), ResourceId(BEN), ATLAS]
        assert unit.pools.last_assigned(NORTHWIND, resources) == {PRIYA: NOON + HOUR, ATLAS: NOON}
        assert unit.pools.last_assigned(GLOBEX, resources) == {BEN: NOON + 2 * HOUR}


def test_turns_taken_at_once_under_the_lock_all_see_each_other(database: Database) -> None:
    """Each contestant records how many turns there were before its own: no number twice."""
    pool = a_pool()
    with database.unit_of_work(write=True) as unit:
        unit.pools.put(pool)
        unit.commit()

    def take(number: int) -> int:
        with database.unit_of_work(write=True) as unit:
            unit.pools.get(pool.id, lock=True)
            before = len(unit.pools.turns(pool.id))
            unit.pools.add_turn(a_turn(pool, InvitationId(str(number))))
            unit.commit()
        return before

    with ThreadPoolExecutor(16) as threads:
        assert sorted(threads.map(take, range(48))) == list(range(48))
