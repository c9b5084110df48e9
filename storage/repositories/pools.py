"""Resource pools, and whose turn it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    select,
    true,
    update,
)

from bot.domain.ids import InvitationId, PoolId, ResourceId, WorkspaceId
from bot.domain.ledger import Tally
from bot.domain.pools import Pool, Turn
from storage.among import among
from storage.prepared import Prepared
from storage.records import Records, put_named, table_of
from storage.team_tables import AssignmentRow, PoolRow, TurnRow
from storage.types import UtcDateTime

_POOLS = Records(Pool, PoolRow)
_ROW = _POOLS.table.c
_TURNS = Records(Turn, TurnRow)
_TURN = _TURNS.table.c
_ASSIGNED = table_of(AssignmentRow).c

_WITH_ID = _POOLS.select().where(_ROW.id == bindparam("pool"))
_BY_ID, _LOCKED = Prepared(_WITH_ID), Prepared(_WITH_ID.with_for_update(key_share=True))
"""Locked FOR NO KEY UPDATE: somebody who only adds a turn need not wait. SQLite has one writer anyway."""
_WITH_IDS = _POOLS.select().where(among(_ROW.id, "pools"))
_BY_IDS = Prepared(_WITH_IDS)
_KEPT = Prepared(_WITH_IDS.order_by(_ROW.id).with_for_update(read=True, key_share=True))
_ASSIGNED_TO = Prepared(
    select(_ASSIGNED.resource_id, _ASSIGNED.assigned_at).where(
        _ASSIGNED.workspace_id == bindparam("workspace"),
        among(_ASSIGNED.resource_id, "resources"),
    )
)


def _tallies(is_counted: ColumnElement[bool]) -> Prepared:
    is_removed = _TURN.removed_at.is_not(None)
    return Prepared(
        select(
            _TURN.pool_id,
            _TURN.resource_id,
            func.sum(case((is_counted, 1), else_=0)),
            func.sum(case((and_(is_counted, is_removed), 1), else_=0)),
            func.max(_TURN.received_at),
            func.max(case((is_removed, None), else_=_TURN.received_at)),
        )
        .where(among(_TURN.pool_id, "pools"))
        .group_by(_TURN.pool_id, _TURN.resource_id)
    )


_TALLIES, _TALLIES_SINCE = _tallies(true()), _tallies(_TURN.received_at >= bindparam("since", type_=UtcDateTime))


class Pools:
    """`bot.ports.PoolRepository`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, pool: Pool) -> None:
        put_named(self._connection, _POOLS.table, _POOLS.parameters(pool), "pool")

    def get(self, pool_id: PoolId, *, lock: bool = False) -> Pool | None:
        return _POOLS.one(self._connection, _LOCKED if lock else _BY_ID, pool=pool_id)

    def by_ids(self, pool_ids: Sequence[PoolId], *, keep: bool = False) -> Mapping[PoolId, Pool]:
        if not pool_ids:
            return {}
        return {pool.id: pool for pool in _POOLS.all(self._connection, _KEPT if keep else _BY_IDS, pools=pool_ids)}

    def of_workspace(self, workspace_id: WorkspaceId) -> Sequence[Pool]:
        statement = _POOLS.select().where(_ROW.workspace_id == workspace_id)
        return _POOLS.all(self._connection, statement.order_by(_ROW.name_key))

    def delete(self, pool_id: PoolId) -> None:
        self._connection.execute(delete(_POOLS.table).where(_ROW.id == pool_id))

    def turns(self, pool_id: PoolId, *, received_after: datetime | None = None) -> Sequence[Turn]:
        statement = _TURNS.select().where(_TURN.pool_id == pool_id).order_by(_TURN.received_at, _TURN.number)
        if received_after is not None:
            statement = statement.where(_TURN.received_at >= received_after)
        return _TURNS.all(self._connection, statement)

    def tallies(
        self, pool_ids: Sequence[PoolId], *, since: datetime | None
    ) -> Mapping[PoolId, Mapping[ResourceId, Tally]]:
        given = {"pools": pool_ids}
        if since is None:
            rows = _TALLIES.rows(self._connection, **given)
        else:
            rows = _TALLIES_SINCE.rows(self._connection, **given, since=since)
        found: dict[PoolId, dict[ResourceId, Tally]] = {pool_id: {} for pool_id in pool_ids}
        for pool_id, resource_id, *counts in rows:
            found[pool_id][resource_id] = Tally(*counts)
        return found

    def add_turn(self, turn: Turn) -> None:
        self._connection.execute(insert(_TURNS.table), _TURNS.parameters(turn))

    def remove_turns(self, invitation_id: InvitationId, at: datetime, *, resource_id: ResourceId | None = None) -> int:
        wanted = [_TURN.invitation_id == invitation_id, _TURN.removed_at.is_(None)]
        if resource_id is not None:
            wanted.append(_TURN.resource_id == resource_id)
        return self._connection.execute(update(_TURNS.table).where(*wanted).values(removed_at=at)).rowcount

    def restore_turns(self, invitation_id: InvitationId, removed_at: datetime) -> int:
        marked = (_TURN.invitation_id == invitation_id, _TURN.removed_at == removed_at)
        return self._connection.execute(update(_TURNS.table).where(*marked).values(removed_at=None)).rowcount

    def last_assigned(
        self, workspace_id: WorkspaceId, resources: Sequence[ResourceId]
    ) -> Mapping[ResourceId, datetime]:
        return dict(_ASSIGNED_TO.rows(self._connection, workspace=workspace_id, resources=resources))
