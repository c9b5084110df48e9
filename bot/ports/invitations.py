"""Where drafts, Invitations, Meetings and what they hold are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.activity import HomeState
from bot.domain.calendar import Conference
from bot.domain.ids import (
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
from bot.domain.pools import Pool


class DraftRepository(Protocol):
    def add(self, draft: Draft) -> None: ...

    def get(self, draft_id: DraftId) -> Draft | None: ...

    def revision(self, draft_id: DraftId) -> int | None:
        """The stored one's, without reading the rest."""

    def replace(self, draft: Draft, *, expected_revision: int) -> bool:
        """Store all of `draft` but its card where the stored revision still is the expected one; False: somebody was
        faster. The card is `set_card`'s: the worker posts it while the person goes on typing."""

    def set_card(self, draft_id: DraftId, card: MessageRef | None) -> None: ...

    def open_drafts(self, workspace_id: WorkspaceId, owner_id: UserId, *, updated_after: datetime) -> Sequence[Draft]:
        """The owner's drafts that were touched since, newest first."""

    def delete(self, draft_id: DraftId) -> Draft | None:
        """What it was, with the card it had by then; of two concurrent deletes one gets None."""

    def delete_older(self, updated_before: datetime) -> Sequence[Draft]:
        """Those that it deletes."""


class InvitationRepository(Protocol):
    def add(self, invitation: Invitation) -> None: ...

    def get(self, invitation_id: InvitationId) -> Invitation | None: ...

    def by_token(self, token: str) -> Invitation | None:
        """Looked up by the token's hash."""

    def by_tracking_id(self, workspace_id: WorkspaceId, tracking_id: str) -> Invitation | None: ...

    def transition(self, invitation_id: InvitationId, before: InvitationStatus, after: InvitationStatus) -> bool:
        """Compare-and-set of the status; False where it was not `before` any more."""

    def book(self, invitation: Invitation) -> bool:
        """ACTIVE → SCHEDULED, where its seats are as they were read; else False."""

    def mark_sent(self, invitation_id: InvitationId, at: datetime) -> None:
        """Keeps the first time, and forgets why an earlier try has failed."""

    def mark_opened(self, invitation_id: InvitationId, at: datetime) -> bool:
        """Keeps the first time; True where this was it."""

    def mark_bounced(self, invitation_id: InvitationId, reason: str) -> None: ...

    def set_card(self, invitation_id: InvitationId, card: MessageRef | None) -> None: ...

    def with_card(self, workspace_id: WorkspaceId, card: MessageRef) -> Invitation | None:
        """The one whose card that message is."""

    def active_for(self, workspace_id: WorkspaceId, email: str, *, visible_to: UserId | None) -> Sequence[Invitation]:
        """ACTIVE ones to this address (case-insensitive), newest first; `visible_to` None: all."""

    def waiting_for(self, pool: Pool) -> Sequence[Invitation]:
        """ACTIVE ones with a seat of the pool. Nobody books or changes them before this transaction ends."""

    def reseat(self, invitation: Invitation) -> bool:
        """Store its details, and who may be assigned, with a higher revision, where it is still ACTIVE; else False."""

    def active(self, *, after: InvitationId | None, limit: int) -> Sequence[Invitation]:
        """The next ACTIVE ones behind that id, of all workspaces, by id."""

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

    def move(self, meeting: Meeting) -> bool:
        """Store start, status, sequence, zone and `last_move`, where the Meeting is still live; else False. Those
        assigned are to answer anew."""

    def complete(self, meeting_id: MeetingId) -> bool: ...

    def mark_no_show(self, meeting_id: MeetingId, at: datetime) -> bool:
        """NO_SHOW, unless it is that already, or cancelled: then False."""

    def unmark_no_show(self, meeting_id: MeetingId) -> bool:
        """NO_SHOW → COMPLETED."""

    def reassign(self, meeting: Meeting, before: Meeting, at: datetime) -> bool:
        """Store who is assigned with the receipts, and raise the sequence, where the Meeting is still live with the
        people, Rooms and time that it had `before`; else False. Nobody else changes it before this transaction ends.

        Whoever is not in it any more counts as removed from the event, and may not see the Meeting.
        """

    def set_card(self, meeting_id: MeetingId, card: MessageRef | None) -> None: ...

    def attendance(self, meeting_id: MeetingId) -> Mapping[UserId, Attendance]:
        """Every assigned member is a key, and whoever was assigned before: they are removed from the event."""

    def set_attendance(self, meeting_id: MeetingId, user_id: UserId, attendance: Attendance) -> bool:
        """False where it was that already, or the user is not assigned."""

    def set_conference(self, meeting_id: MeetingId, conference: Conference, *, is_change: bool) -> bool:
        """Store the link to join, whatever the status; `is_change` raises the sequence, because others were told
        without it. False where that very conference was stored already."""

    def set_told(self, meeting_id: MeetingId, link: str, start: datetime | None = None) -> None:
        """What the Customer has read by now; the start stays as it was where none is given."""

    def set_conference_problem(self, meeting_id: MeetingId, problem: str) -> bool:
        """False where it was that already."""

    def raise_sequence(self, meeting_id: MeetingId) -> bool:
        """The event is written once more, and calendars shall take it for the newer one. False unless it is live."""

    def due_to_complete(self, now: datetime, limit: int) -> Sequence[Meeting]: ...

    def coming(self, now: datetime, *, after: MeetingId | None, limit: int) -> Sequence[Meeting]:
        """The next live ones behind that id that are not over, of all workspaces, by id."""

    def page(
        self,
        workspace_id: WorkspaceId,
        *,
        visible_to: UserId | None,
        statuses: Sequence[MeetingStatus],
        ends_after: datetime | None = None,
        starts_in: Interval | None = None,
        offset: int,
        limit: int,
    ) -> tuple[Sequence[tuple[Meeting, Invitation]], int]:
        """One page by start, earliest first, and the number of all. `visible_to`: inviter or assigned."""


class ClaimRepository(Protocol):
    def add(self, meeting: Meeting, footprint: Interval) -> None:
        """Claim every 5-minute cell of the footprint for each of `meeting.assigned`, in sorted order.

        Raises ClaimRefusedError where any is taken; the transaction is then over, and nothing of it is stored.
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

    def delete_older(self, ended_before: datetime) -> int:
        """Nobody can be booked then any more; how many footprints that were."""


class NonceRepository(Protocol):
    def use(self, nonce_id: str, at: datetime) -> bool:
        """True once; False ever after. Stored with the surrounding transaction."""

    def delete_older(self, before: datetime) -> int: ...


class HomeRepository(Protocol):
    """Which tab and page a person last looked at."""

    def get(self, workspace_id: WorkspaceId, user_id: UserId) -> HomeState | None:
        """None: has never opened App Home."""

    def put(self, workspace_id: WorkspaceId, user_id: UserId, state: HomeState) -> None: ...
