"""The outbox: what has to leave the product, leased to one worker at a time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    exists,
    func,
    insert,
    not_,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import aliased
from sqlmodel import col

from bot.domain.delivery import LEASE, Delivery, DeliveryKind
from bot.domain.ids import DeliveryId, WorkspaceId
from storage.among import among
from storage.prepared import Prepared, PreparedWrite
from storage.records import Records, table_of, unless_locked
from storage.tables import DeliveryRow, HomeRow

_DELIVERIES = Records(Delivery, DeliveryRow)
_ROW = _DELIVERIES.table.c
_ADD = PreparedWrite(insert(_DELIVERIES.table))
_HOME = table_of(HomeRow).c
_HOMES = Prepared(
    select(_HOME.user_id).where(_HOME.workspace_id == bindparam("workspace"), among(_HOME.user_id, "users"))
)
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(:lock)").bindparams(lock=0x1E11E07CF)
"""Any number that is ours, and another one than the schema's."""
_PENDING = and_(_ROW.done_at.is_(None), _ROW.failed_at.is_(None))


class Outbox:
    """`bot.ports.OutboxRepository`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, *deliveries: Delivery) -> None:
        opened = self._opened([delivery for delivery in deliveries if delivery.kind is DeliveryKind.SLACK_HOME])
        wanted = [
            delivery
            for delivery in deliveries
            if delivery.kind is not DeliveryKind.SLACK_HOME or (delivery.workspace_id, delivery.recipient) in opened
        ]
        if wanted:
            _ADD.run(self._connection, *map(_DELIVERIES.parameters, wanted))

    def claim(
        self, now: datetime, worker: str, limit: int, kinds: Collection[DeliveryKind] = tuple(DeliveryKind)
    ) -> Sequence[Delivery]:
        # One worker after the other: of two who claim at once neither would see which subjects the other one has under
        # way. SQLite needs no lock for it: there the whole transaction is the only one that writes.
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(_ONE_AT_A_TIME)
        due = (
            select(_ROW.number, *_DELIVERIES.columns)
            .where(_can_be_claimed(now, kinds))
            .order_by(_ROW.due_at, _ROW.number)
            .limit(limit)
            .with_for_update(skip_locked=True)  # what somebody is just changing is claimed the next time
        )
        rows = self._connection.execute(due).all()
        if rows:
            self._connection.execute(
                update(_DELIVERIES.table)
                .where(_ROW.number.in_([row.number for row in rows]))
                .values(lease_until=now + LEASE, lease_owner=worker)
            )
        return [_DELIVERIES.value(row[1:]) for row in rows]

    def done(self, delivery_id: DeliveryId, worker: str, at: datetime) -> bool:
        return self._finish_lease(delivery_id, worker, done_at=at)

    def retry(self, delivery_id: DeliveryId, worker: str, due_at: datetime, error: str) -> bool:
        return self._finish_lease(delivery_id, worker, due_at=due_at, attempts=_ROW.attempts + 1, last_error=error)

    def fail(self, delivery_id: DeliveryId, worker: str, at: datetime, error: str) -> bool:
        return self._finish_lease(delivery_id, worker, failed_at=at, attempts=_ROW.attempts + 1, last_error=error)

    def pending(self, subject_id: str) -> Sequence[Delivery]:
        """Neither done nor given up, in the order they were added."""
        statement = _DELIVERIES.select().where(_ROW.subject_id == subject_id, _PENDING).order_by(_ROW.number)
        return _DELIVERIES.all(self._connection, statement)

    def hasten(self, subject_id: str, kind: DeliveryKind, at: datetime) -> bool:
        pending = and_(_ROW.subject_id == subject_id, _ROW.kind == kind, _PENDING)
        is_there = self._connection.scalar(select(_ROW.id).where(pending).limit(1)) is not None
        self._connection.execute(update(_DELIVERIES.table).where(pending, _ROW.due_at > at).values(due_at=at))
        return is_there

    def oldest_due(self, now: datetime, kinds: Collection[DeliveryKind] = tuple(DeliveryKind)) -> datetime | None:
        """Since when the first of the rows that `claim` would give has been due; None where it would give none."""
        oldest: datetime | None = self._connection.scalar(
            select(func.min(_ROW.due_at)).where(_can_be_claimed(now, kinds))
        )
        return oldest

    def delete_done(self, before: datetime) -> int:
        """Those given up go too, by the time of that."""
        finished = or_(_ROW.done_at < before, _ROW.failed_at < before)
        return self._connection.execute(unless_locked(_DELIVERIES.table, finished)).rowcount

    def _opened(self, homes: Sequence[Delivery]) -> set[tuple[WorkspaceId, str]]:
        """Whose App Home there is: of a pool of hundreds a few have opened it, and all others would be a row each time
        that anything happens."""
        found: set[tuple[WorkspaceId, str]] = set()
        for workspace_id in {delivery.workspace_id for delivery in homes}:
            users = [delivery.recipient for delivery in homes if delivery.workspace_id == workspace_id]
            rows = _HOMES.rows(self._connection, workspace=workspace_id, users=users)
            found.update((workspace_id, user_id) for (user_id,) in rows)
        return found

    def _finish_lease(self, delivery_id: DeliveryId, worker: str, **values: object) -> bool:
        held = and_(_ROW.id == delivery_id, _ROW.lease_owner == worker, _PENDING)
        values |= {"lease_owner": None, "lease_until": None}
        return self._connection.execute(update(_DELIVERIES.table).where(held).values(values)).rowcount == 1


def _can_be_claimed(now: datetime, kinds: Collection[DeliveryKind]) -> ColumnElement[bool]:
    """Of these kinds, due, nobody's, and no other such row of its subject under way: a card is posted once and news
    comes in order."""
    other = aliased(DeliveryRow)
    is_under_way = exists().where(
        col(other.subject_id) == _ROW.subject_id, col(other.lease_until) > now, col(other.kind).in_(kinds)
    )
    is_nobodys = or_(_ROW.lease_until.is_(None), _ROW.lease_until <= now)
    return and_(_PENDING, _ROW.due_at <= now, _ROW.kind.in_(kinds), is_nobodys, not_(is_under_way))
