"""One transaction over every repository, and the outbox. Repositories return values and never commit."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Protocol

from bot.domain.delivery import Delivery, DeliveryKind
from bot.domain.ids import (
    DeliveryId,
)
from bot.ports.connections import (
    BuiltinEventRepository,
    BusyCacheRepository,
    ConnectionRepository,
    EventCopyRepository,
    OneTimeRepository,
    PushRepository,
    VersionRepository,
)
from bot.ports.invitations import (
    ClaimRepository,
    DraftRepository,
    HomeRepository,
    InvitationRepository,
    MeetingRepository,
    NonceRepository,
)
from bot.ports.teams import PoolRepository, PreferencesRepository, RoomRepository, TemplateRepository


class OutboxRepository(Protocol):
    def add(self, *deliveries: Delivery) -> None:
        """Those for an App Home that nobody has opened yet are left out: nothing would be sent."""

    def claim(
        self, now: datetime, worker: str, limit: int, kinds: Collection[DeliveryKind] = tuple(DeliveryKind)
    ) -> Sequence[Delivery]:
        """Lease up to `limit` due rows of these kinds to this worker for `LEASE`, oldest first, and none about a
        subject of which another such row is under way. Expired leases count as due.

        Commits nothing itself: the caller's transaction does. Two workers never get one row.
        """

    def done(self, delivery_id: DeliveryId, worker: str, at: datetime) -> bool:
        """False where the lease was lost to another worker."""

    def retry(self, delivery_id: DeliveryId, worker: str, due_at: datetime, error: str) -> bool: ...

    def fail(self, delivery_id: DeliveryId, worker: str, at: datetime, error: str) -> bool: ...

    def pending(self, subject_id: str) -> Sequence[Delivery]: ...

    def hasten(self, subject_id: str, kind: DeliveryKind, at: datetime) -> bool:
        """Let the subject's pending rows of this kind be due by then; False where there are none."""

    def oldest_due(self, now: datetime, kinds: Collection[DeliveryKind] = tuple(DeliveryKind)) -> datetime | None: ...

    def delete_done(self, before: datetime) -> int: ...


class UnitOfWork(AbstractContextManager["UnitOfWork", None], Protocol):
    """One database transaction. Leaving the block without `commit()` rolls back."""

    @property
    def drafts(self) -> DraftRepository: ...
    @property
    def invitations(self) -> InvitationRepository: ...
    @property
    def meetings(self) -> MeetingRepository: ...
    @property
    def event_copies(self) -> EventCopyRepository: ...
    @property
    def claims(self) -> ClaimRepository: ...
    @property
    def outbox(self) -> OutboxRepository: ...
    @property
    def connections(self) -> ConnectionRepository: ...
    @property
    def busy_cache(self) -> BusyCacheRepository: ...
    @property
    def nonces(self) -> NonceRepository: ...
    @property
    def homes(self) -> HomeRepository: ...
    @property
    def builtin_events(self) -> BuiltinEventRepository: ...
    @property
    def one_time(self) -> OneTimeRepository: ...
    @property
    def pushes(self) -> PushRepository: ...
    @property
    def pools(self) -> PoolRepository: ...
    @property
    def rooms(self) -> RoomRepository: ...
    @property
    def templates(self) -> TemplateRepository: ...
    @property
    def preferences(self) -> PreferencesRepository: ...
    @property
    def versions(self) -> VersionRepository: ...

    def commit(self) -> None: ...


class UnitOfWorkFactory(Protocol):
    """Opens a transaction. `write=True` takes the writer's lock at once (SQLite: BEGIN IMMEDIATE)."""

    def __call__(self, *, write: bool = False) -> UnitOfWork: ...


def reading_in(unit: UnitOfWork | None, unit_of_work: UnitOfWorkFactory) -> AbstractContextManager[UnitOfWork]:
    """To read in the transaction of somebody who has one, else in one of one's own."""
    return nullcontext(unit) if unit else unit_of_work()
