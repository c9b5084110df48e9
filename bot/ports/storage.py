"""Storage: repositories and the unit of work. Repositories return values and never commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.domain.activity import HomeState
from bot.domain.calendar import Conference, Connection, Event
from bot.domain.cells import BusyIndex
from bot.domain.delivery import Delivery, DeliveryKind
from bot.domain.event_copies import EventCopy
from bot.domain.ids import (
    ConnectionId,
    DeliveryId,
    DraftId,
    InvitationId,
    MeetingId,
    ResourceId,
    UserId,
    WorkspaceId,
)
from bot.domain.intervals import Interval
from bot.domain.invitation import Draft, Invitation, InvitationStatus, MessageRef
from bot.domain.meeting import Attendance, Meeting, MeetingStatus
from bot.domain.pushes import Push
from bot.ports.teams import PoolRepository, PreferencesRepository, RoomRepository, TemplateRepository


class DraftRepository(Protocol):
    def add(self, draft: Draft) -> None: ...

    def get(self, draft_id: DraftId) -> Draft | None: ...

    def replace(self, draft: Draft, *, expected_revision: int) -> bool:
        """Store all of `draft` but its card where the stored revision still is the expected one; False: somebody was
        faster. The card is `set_card`'s: the worker posts it while the person goes on typing."""

    def set_card(self, draft_id: DraftId, card: MessageRef | None) -> None: ...

    def latest(self, workspace_id: WorkspaceId, owner_id: UserId, *, updated_after: datetime) -> Draft | None: ...

    def open_drafts(self, workspace_id: WorkspaceId, owner_id: UserId, *, updated_after: datetime) -> Sequence[Draft]:
        """The owner's drafts that were touched since, newest first."""

    def delete(self, draft_id: DraftId) -> bool:
        """False where it was gone already: of two concurrent deletes one gets True."""

    def delete_older(self, updated_before: datetime) -> int: ...


class InvitationRepository(Protocol):
    def add(self, invitation: Invitation) -> None: ...

    def get(self, invitation_id: InvitationId) -> Invitation | None: ...

    def by_token(self, token: str) -> Invitation | None:
        """Looked up by the token's hash."""

    def by_tracking_id(self, workspace_id: WorkspaceId, tracking_id: str) -> Invitation | None: ...

    def transition(self, invitation_id: InvitationId, before: InvitationStatus, after: InvitationStatus) -> bool:
        """Compare-and-set of the status; False where it was not `before` any more."""

    def mark_sent(self, invitation_id: InvitationId, at: datetime) -> None:
        """Keeps the first time."""

    def mark_opened(self, invitation_id: InvitationId, at: datetime) -> bool:
        """Keeps the first time; True where this was it."""

    def mark_bounced(self, invitation_id: InvitationId, reason: str) -> None: ...

    def set_card(self, invitation_id: InvitationId, card: MessageRef | None) -> None: ...

    def active_for(self, workspace_id: WorkspaceId, email: str, *, visible_to: UserId | None) -> Sequence[Invitation]:
        """ACTIVE ones to this address (case-insensitive), newest first; `visible_to` None: all."""

    def due_to_expire(self, now: datetime, limit: int) -> Sequence[Invitation]: ...

    def page(
        self,
        workspace_id: WorkspaceId,
        *,
        visible_to: UserId | None,
        statuses: Sequence[InvitationStatus],
        offset: int,
        limit: int,
    ) -> tuple[Sequence[Invitation], int]:
        """One page, newest first, and the number of all. `visible_to`: created by, or a possible member, that user."""


class MeetingRepository(Protocol):
    def add(self, meeting: Meeting) -> None: ...

    def get(self, meeting_id: MeetingId, *, lock: bool = False) -> Meeting | None:
        """With `lock`, no other transaction changes it before this one ends."""

    def of_invitation(self, invitation_id: InvitationId) -> Meeting | None:
        """The latest one."""

    def cancel(self, meeting: Meeting) -> bool:
        """Store status CANCELED, sequence and by whom, where the Meeting is still live; else False."""

    def complete(self, meeting_id: MeetingId) -> bool: ...

    def set_card(self, meeting_id: MeetingId, card: MessageRef | None) -> None: ...

    def attendance(self, meeting_id: MeetingId) -> Mapping[UserId, Attendance]:
        """Every assigned member is a key."""

    def set_attendance(self, meeting_id: MeetingId, user_id: UserId, attendance: Attendance) -> bool:
        """False where it was that already, or the user is not assigned."""

    def set_conference(self, meeting_id: MeetingId, conference: Conference, *, is_change: bool) -> bool:
        """Store the link to join, whatever the status; `is_change` raises the sequence, because others were told
        without it. False where that very conference was stored already."""

    def set_told_link(self, meeting_id: MeetingId, link: str) -> None: ...

    def set_conference_problem(self, meeting_id: MeetingId, problem: str) -> bool:
        """False where it was that already."""

    def raise_sequence(self, meeting_id: MeetingId) -> bool:
        """The event is written once more, and calendars shall take it for the newer one. False unless it is live."""

    def due_to_complete(self, now: datetime, limit: int) -> Sequence[Meeting]: ...

    def page(
        self,
        workspace_id: WorkspaceId,
        *,
        visible_to: UserId | None,
        statuses: Sequence[MeetingStatus],
        ends_after: datetime | None,
        offset: int,
        limit: int,
    ) -> tuple[Sequence[tuple[Meeting, Invitation]], int]:
        """One page by start, earliest first, and the number of all. `visible_to`: inviter or assigned."""


class EventCopyRepository(Protocol):
    """Where each Meeting's event lies."""

    def put(self, *copies: EventCopy) -> None:
        """Add each, or replace all of it."""

    def get(self, meeting_id: MeetingId, holder: ResourceId, *, lock: bool = False) -> EventCopy | None:
        """With `lock`, no other transaction changes it before this one ends."""

    def of_meeting(self, meeting_id: MeetingId) -> Sequence[EventCopy]:
        """The one event first, then by holder."""

    def by_token(self, token: str) -> EventCopy | None:
        """Looked up by the token's hash."""

    def due(self, now: datetime, limit: int) -> Sequence[EventCopy]:
        """Those to be read by now, longest overdue first."""

    def lease(self, copy: EventCopy, until: datetime) -> bool:
        """Put the next reading off until then, where nobody else has; of two that ask one gets True."""

    def check_by(self, connection_id: ConnectionId, at: datetime) -> int:
        """Read what lies in this connection's calendars not later than then; returns how many that brings forward."""

    def delete(self, meeting_id: MeetingId, holder: ResourceId) -> None: ...


class ClaimRepository(Protocol):
    def add(self, meeting: Meeting, footprint: Interval) -> None:
        """Claim every 5-minute cell of the footprint for each of `meeting.assigned`, in sorted order.

        Raises ClaimRefusedError where any is taken; the transaction is then only good for rollback.
        """

    def release(self, meeting_id: MeetingId) -> None: ...

    def busy(
        self,
        workspace_id: WorkspaceId,
        resources: Sequence[ResourceId],
        window: Interval,
        *,
        besides: MeetingId | None = None,
    ) -> Mapping[ResourceId, Sequence[Interval]]:
        """The footprints claimed within the window, whole; every asked resource is a key."""


class OutboxRepository(Protocol):
    def add(self, *deliveries: Delivery) -> None: ...

    def claim(self, now: datetime, worker: str, limit: int) -> Sequence[Delivery]:
        """Lease up to `limit` due rows to this worker for `LEASE`, oldest first; expired leases count as due.

        Commits nothing itself: the caller's transaction does. Two workers never get one row.
        """

    def done(self, delivery_id: DeliveryId, worker: str, at: datetime) -> bool:
        """False where the lease was lost to another worker."""

    def retry(self, delivery_id: DeliveryId, worker: str, due_at: datetime, error: str) -> bool: ...

    def fail(self, delivery_id: DeliveryId, worker: str, at: datetime, error: str) -> bool: ...

    def pending(self, subject_id: str) -> Sequence[Delivery]: ...

    def hasten(self, subject_id: str, kind: DeliveryKind, at: datetime) -> bool:
        """Let the subject's pending rows of this kind be due by then; False where there are none."""

    def oldest_due(self, now: datetime) -> datetime | None: ...

    def delete_done(self, before: datetime) -> int: ...


class ConnectionRepository(Protocol):
    def put(self, connection: Connection) -> None: ...

    def get(self, connection_id: ConnectionId, *, lock: bool = False) -> Connection | None:
        """With `lock`, no other transaction changes it before this one ends."""

    def lease(self, connection_id: ConnectionId, holder: str, now: datetime, until: datetime) -> bool:
        """Let one holder at a time renew the credentials; False where another one does, and is not over time."""

    def release(self, connection_id: ConnectionId, holder: str) -> None: ...

    def uses_account(self, provider: str, account: str) -> bool:
        """Whether anybody, in any workspace, has connected this account (in any case of letters)."""

    def due_to_remind(self, now: datetime, limit: int) -> Sequence[Connection]:
        """BROKEN ones of which the owner is to be reminded by now."""

    def of_user(self, workspace_id: WorkspaceId, user_id: UserId) -> Sequence[Connection]: ...

    def of_users(self, workspace_id: WorkspaceId, user_ids: Sequence[UserId]) -> Mapping[UserId, Sequence[Connection]]:
        """Every asked user is a key."""

    def delete(self, connection_id: ConnectionId) -> None: ...


@dataclass(frozen=True, slots=True)
class BusyReading:
    """What one resource's calendars said, and when; `unreadable` is why they said nothing.

    `window` is what was asked for. Busy times are kept as the slot engine wants them: made once, when read.
    """

    resource_id: ResourceId
    window: Interval
    read_at: datetime
    busy: BusyIndex = field(default_factory=BusyIndex)
    unreadable: str | None = None


class BusyCacheRepository(Protocol):
    """Readings kept with their age, so that a change of field costs no calendar."""

    def get(self, workspace_id: WorkspaceId, resources: Sequence[ResourceId]) -> Mapping[ResourceId, BusyReading]: ...

    def put(self, workspace_id: WorkspaceId, readings: Sequence[BusyReading]) -> None: ...

    def forget(self, workspace_id: WorkspaceId, resources: Sequence[ResourceId]) -> None: ...

    def delete_older(self, read_before: datetime) -> int: ...


class NonceRepository(Protocol):
    def use(self, nonce_id: str, at: datetime) -> bool:
        """True once; False ever after. Stored with the surrounding transaction."""

    def delete_older(self, before: datetime) -> int: ...


class HomeRepository(Protocol):
    """Which tab and page a person last looked at."""

    def get(self, workspace_id: WorkspaceId, user_id: UserId) -> HomeState | None:
        """None: has never opened App Home."""

    def put(self, workspace_id: WorkspaceId, user_id: UserId, state: HomeState) -> None: ...


class BuiltinEventRepository(Protocol):
    """The playground's calendar: one calendar per account name."""

    def put(self, workspace_id: WorkspaceId, account: str, event: Event) -> bool:
        """Store by (account, uid); an older `sequence` than the stored one is ignored. True where anything changed."""

    def get(self, workspace_id: WorkspaceId, account: str, uid: str) -> Event | None: ...

    def between(self, workspace_id: WorkspaceId, account: str, window: Interval) -> Sequence[Event]:
        """Every event that overlaps the window, cancelled and transparent ones too, by start."""


class OneTimeRepository(Protocol):
    """Secrets that are good once and for minutes: connect links, OAuth states. Looked up by hash, kept encrypted."""

    def add(self, token: str, purpose: str, payload: str, expires_at: datetime) -> None: ...

    def look(self, token: str, purpose: str, now: datetime) -> str | None:
        """The payload, which stays; None where it is unknown, used or too old."""

    def take(self, token: str, purpose: str, now: datetime) -> str | None:
        """The payload, once: of two takers one gets None."""

    def delete_older(self, expired_before: datetime) -> int: ...


class PushRepository(Protocol):
    """The subscriptions to pushes, one a connection; gone with it."""

    def due(self, providers: Sequence[str], now: datetime, limit: int) -> Sequence[ConnectionId]:
        """Working connections of these providers in whose calendars there are events to read, and of which the push
        is missing, due, or about another calendar than the one written to; those without any first."""

    def get(self, connection_id: ConnectionId, *, lock: bool = False) -> Push | None:
        """With `lock`, no other transaction changes it before this one ends."""

    def lease(self, push: Push, seen: Push | None) -> bool:
        """Store it where there is still what was `seen`; of two that ask one gets True. `push.due_at` is when the
        lease ends."""

    def put(self, push: Push) -> bool:
        """Store it over the one of its connection; False where that is gone."""

    def by_secrets(self, secrets: Sequence[str]) -> Sequence[Push]:
        """Looked up by the secrets' hashes."""


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

    def commit(self) -> None: ...


class UnitOfWorkFactory(Protocol):
    """Opens a transaction. `write=True` takes the writer's lock at once (SQLite: BEGIN IMMEDIATE)."""

    def __call__(self, *, write: bool = False) -> UnitOfWork: ...
