"""All that the services need of the world, as protocols. Adapters implement them; tests fake them.

Repositories return values and never commit. Each docstring fixes returns and errors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Protocol

from bot.domain.activity import HomeState, InvitationItem, MeetingItem, Page
from bot.domain.calendar import Connection, Event, FreeBusy
from bot.domain.delivery import Delivery, News
from bot.domain.ids import (
    ChannelId,
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
from bot.domain.meeting import Meeting, MeetingStatus
from bot.domain.people import Person


class Clock(Protocol):
    """The present instant, aware, UTC."""

    def __call__(self) -> datetime: ...


# ---------------------------------------------------------------- storage


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

    def get(self, meeting_id: MeetingId) -> Meeting | None: ...

    def of_invitation(self, invitation_id: InvitationId) -> Meeting | None:
        """The latest one."""

    def cancel(self, meeting: Meeting) -> bool:
        """Store status CANCELED, sequence and by whom, where the Meeting is still live; else False."""

    def complete(self, meeting_id: MeetingId) -> bool: ...

    def set_card(self, meeting_id: MeetingId, card: MessageRef | None) -> None: ...

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

    def oldest_due(self, now: datetime) -> datetime | None: ...

    def delete_done(self, before: datetime) -> int: ...


class ConnectionRepository(Protocol):
    def put(self, connection: Connection) -> None: ...

    def get(self, connection_id: ConnectionId) -> Connection | None: ...

    def of_user(self, workspace_id: WorkspaceId, user_id: UserId) -> Sequence[Connection]: ...

    def of_users(self, workspace_id: WorkspaceId, user_ids: Sequence[UserId]) -> Mapping[UserId, Sequence[Connection]]:
        """Every asked user is a key."""

    def delete(self, connection_id: ConnectionId) -> None: ...


@dataclass(frozen=True, slots=True)
class BusyReading:
    """What one resource's calendars said, and when. `window` is what was asked for."""

    resource_id: ResourceId
    window: Interval
    read_at: datetime
    free_busy: FreeBusy


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


class UnitOfWork(AbstractContextManager["UnitOfWork", None], Protocol):
    """One database transaction. Leaving the block without `commit()` rolls back."""

    @property
    def drafts(self) -> DraftRepository: ...
    @property
    def invitations(self) -> InvitationRepository: ...
    @property
    def meetings(self) -> MeetingRepository: ...
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

    def commit(self) -> None: ...


class UnitOfWorkFactory(Protocol):
    """Opens a transaction. `write=True` takes the writer's lock at once (SQLite: BEGIN IMMEDIATE)."""

    def __call__(self, *, write: bool = False) -> UnitOfWork: ...


# ---------------------------------------------------------------- calendars


class CalendarProvider(Protocol):
    """One calendar system. Every method raises DeliveryError or CalendarUnreadableError, never a vendor's error."""

    @property
    def key(self) -> str:
        """`builtin`, `google`, … as in `Connection.provider`."""

    @property
    def delivers_to_attendees(self) -> bool:
        """Whether the provider itself invites the attendees; else copies are written and our mail carries iTIP."""

    def free_busy(
        self, connections: Sequence[Connection], window: Interval, *, timeout_s: float
    ) -> Mapping[ConnectionId, FreeBusy]:
        """One answer per connection. Whoever fails or is late is unreadable with the reason; raises nothing."""

    def write(self, connection: Connection, event: Event) -> None:
        """Create or update the event, named by its uid: doing it twice is doing it once.

        Raises DeliveryError.
        """

    def cancel(self, connection: Connection, event: Event) -> None:
        """Mark the event cancelled and release its time; one that is not there is done. Raises DeliveryError."""

    def read(self, connection: Connection, uid: str) -> Event | None:
        """The event as the calendar has it, or None. Raises CalendarUnreadableError."""


# ---------------------------------------------------------------- mail


class Mailer(Protocol):
    """Hands a message to a mail server (or the playground's mailbox)."""

    def send(self, message: EmailMessage) -> None:
        """Raises DeliveryError: `permanent` where the server refused the recipient for good."""


@dataclass(frozen=True, slots=True)
class MailContext:
    """What every mail to the Customer needs. `link` is the Customer's page; `message_id` an RFC 5322 Message-ID,
    the same for every try of the same delivery. `members` are the people the mail may name."""

    invitation: Invitation
    inviter: Person
    members: tuple[Person, ...]
    link: str
    message_id: str
    sent_at: datetime


class MessageRenderer(Protocol):
    """Makes the product's mails: pure, value in, message out."""

    def invitation(self, context: MailContext) -> EmailMessage: ...

    def confirmation(self, context: MailContext, meeting: Meeting, event: Event | None) -> EmailMessage:
        """With `event`, the mail carries the iTIP REQUEST (RFC 5546); without, the provider invites."""

    def cancellation(self, context: MailContext, meeting: Meeting, event: Event | None) -> EmailMessage:
        """With `event`, the mail carries the iTIP CANCEL."""

    def member_invitation(self, context: MailContext, meeting: Meeting, event: Event, to: Person) -> EmailMessage:
        """For a member or optional member whose calendar we cannot write: the event only."""

    def ready_to_paste(self, context: MailContext) -> str:
        """The invitation as plain text for another channel: times and link."""


# ---------------------------------------------------------------- Slack


class Directory(Protocol):
    """Who is who in a workspace; answers may be some minutes old."""

    def person(self, workspace_id: WorkspaceId, user_id: UserId) -> Person:
        """Raises NotFoundError for an unknown user, DeliveryError where Slack cannot be asked."""

    def people(self, workspace_id: WorkspaceId, user_ids: Sequence[UserId]) -> tuple[Person, ...]:
        """In the order asked. Raises as `person`."""

    def channel_name(self, workspace_id: WorkspaceId, channel_id: ChannelId) -> str:
        """Without `#`. Raises FormError (field `channel`) where the app is not a member or cannot post."""


class Notifier(Protocol):
    """Sends what people read in Slack. Every method raises DeliveryError.

    `delivery_id` becomes the message metadata's id, by which a repeat is recognised.
    """

    def draft_card(self, draft: Draft, count: int | None) -> MessageRef:
        """Post the draft's card, or update the one it has."""

    def discard_card(self, draft: Draft) -> None: ...

    def invitation_card(self, item: InvitationItem, delivery_id: str) -> MessageRef:
        """Post the Invitation's card to the inviter, or update the one it has."""

    def news(
        self, to: UserId, news: News, item: InvitationItem | MeetingItem, delivery_id: str, text: str = ""
    ) -> MessageRef:
        """A new DM. `text` is what the news carries (what to paste, why a mail failed)."""

    def channel_note(self, channel_id: ChannelId, news: News, item: MeetingItem, delivery_id: str) -> None: ...

    def home(self, to: Person, state: HomeState, page: Page) -> None:
        """Publish App Home."""
