"""Invitations: sent, sent again, cancelled; who may see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, NoReturn

from bot.domain import fields as f
from bot.domain import promotion, wizard
from bot.domain.activity import InvitationItem, may_see
from bot.domain.ids import DraftId, InvitationId, PoolId, ResourceId, UserId, WorkspaceId
from bot.domain.invitation import Details, Draft, Invitation, InvitationStatus, Letter
from bot.domain.people import Person
from bot.domain.report import SlotReport
from bot.errors import (
    CalendarUnreadableError,
    DeliveryError,
    NoSlotsError,
    NotConnectedError,
    NotFoundError,
    StaleStateError,
    TurnMovedError,
)
from bot.ports import Clock, Directory, MailContext, MessageRenderer, UnitOfWorkFactory
from bot.services import invitation_rows
from bot.services.activity import Activity
from bot.services.availability import FRESH, RECENT, Availability
from bot.services.connections import Connections
from bot.services.event_calendars import EventCalendars
from bot.services.explanations import Explanations, no_times_text
from bot.services.new_invitations import free_tracking_id, invitation_of
from bot.services.seating import Seating, turns_of
from bot.services.turns import take_turns

_GONE = "There is no such invitation, or it is not yours to see. App Home has yours, with their Tracking IDs."


class Invitations:
    """`public_url` is what the Customer's links begin with."""

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        directory: Directory,
        availability: Availability,
        explanations: Explanations,
        seating: Seating,
        activity: Activity,
        connections: Connections,
        event_calendars: EventCalendars,
        renderer: MessageRenderer,
        clock: Clock,
        public_url: str,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._directory = directory
        self._availability = availability
        self._explanations = explanations
        self._seating = seating
        self._activity = activity
        self._connections = connections
        self._event_calendars = event_calendars
        self._renderer = renderer
        self._clock = clock
        self._public_url = public_url

    def send(self, person: Person, draft: Draft, fields: Mapping[str, Any]) -> Invitation:
        """*Invite*: count again, and with at least one slot make the Invitation ACTIVE.

        Raises FormError, NoSlotsError, CalendarUnreadableError, NotConnectedError; TurnMovedError where somebody else
        is next in a round robin by now; NotFoundError where the draft has been sent already. Then nothing has changed.
        """
        if not self._connections.is_connected(person.workspace_id, person.user_id):
            raise NotConnectedError("Connect a calendar first, so that the meeting has somewhere to go.")
        draft = replace(draft, fields={**draft.fields, **fields})
        invitation = self._compose(draft, self._seating.details_now(draft.workspace_id, draft.fields))
        self._require_same_turns(draft, invitation)
        self._directory.check_channel(person.workspace_id, invitation.letter.channel_id)
        calendar = self._event_calendars.chosen(person, draft.fields, invitation.details)
        invitation = replace(invitation, letter=replace(invitation.letter, calendar=calendar))
        report = self._availability.report(
            person.workspace_id, person.user_id, invitation.details, invitation.rules, max_age=FRESH
        )
        if not report.count:
            self._refuse(invitation)
        invitation = replace(invitation, letter=_still_available(invitation.letter, report))
        try:
            return self._store(invitation, draft.id)
        except TurnMovedError as moved:
            raise self._name_whose_turn(person.workspace_id, moved) from moved

    def preview(self, person: Person, draft: Draft, fields: Mapping[str, Any]) -> str:
        """The email as the Customer will read it, as plain text. Raises FormError."""
        draft = replace(draft, fields={**draft.fields, **fields})
        invitation = self._compose(draft, self._seating.details(draft.workspace_id, draft.fields))
        message = self._renderer.invitation(self._context(invitation, person, mail_id="preview"))
        body = message.get_body(("plain",))
        assert body is not None, "every mail has a text part"
        return str(body.get_content())

    def item(self, viewer: Person, invitation_id: str) -> InvitationItem:
        """The Invitation as its card shows it. Raises NotFoundError also where the viewer may not see it."""
        return self._activity.invitation_item(self._visible(viewer, invitation_id))

    def resend(self, viewer: Person, invitation_id: str) -> None:
        """Send the letter again; one that waits for its next try anyway is sent now, not twice. Raises NotFoundError,
        StaleStateError."""
        invitation = self._visible(viewer, invitation_id)
        with self._unit_of_work(write=True) as unit:
            # Whoever presses twice comes one after the other.
            if not unit.invitations.transition(invitation.id, InvitationStatus.ACTIVE, InvitationStatus.ACTIVE):
                raise StaleStateError("Only an active invitation can be sent again.")
            letter = invitation_rows.letter(invitation, self._clock())
            waiting = unit.outbox.pending(invitation.id)
            if any((row.kind, row.about) == (letter.kind, letter.about) for row in waiting):
                unit.outbox.hasten(invitation.id, letter.kind, letter.due_at)
            else:
                unit.outbox.add(letter)
            unit.commit()

    def cancel(self, viewer: Person, invitation_id: str) -> None:
        """Withdraw it: the Customer's link stops working. Twice is once. Raises NotFoundError, StaleStateError."""
        invitation = self._visible(viewer, invitation_id)
        with self._unit_of_work(write=True) as unit:
            if unit.invitations.transition(invitation.id, InvitationStatus.ACTIVE, InvitationStatus.CANCELED):
                cancelled = replace(invitation, status=InvitationStatus.CANCELED)
                unit.pools.remove_turns(invitation.id, self._clock())
                unit.outbox.add(*invitation_rows.changed(cancelled, self._clock()))
                unit.commit()
                return
            present = unit.invitations.get(invitation.id)
        if present and present.status is InvitationStatus.SCHEDULED:
            raise StaleStateError(
                f"{invitation.participant.name} has picked a time in the meantime. Cancel the meeting instead."
            )

    def link(self, viewer: Person, invitation_id: str) -> str:
        """The Customer's link. Raises NotFoundError, StaleStateError."""
        invitation = self._visible(viewer, invitation_id)
        if invitation.status not in (InvitationStatus.ACTIVE, InvitationStatus.SCHEDULED):
            raise StaleStateError("This invitation is not active any more, so its link leads nowhere.")
        return customer_link(self._public_url, invitation)

    def why(self, viewer: Person, tracking_id: str) -> tuple[Invitation, SlotReport]:
        """What explains an active Invitation's count at this moment. Raises NotFoundError, StaleStateError."""
        with self._unit_of_work() as unit:
            found = unit.invitations.by_tracking_id(viewer.workspace_id, tracking_id.upper())
        if found is None:
            raise NotFoundError(_GONE)
        invitation = self._visible(viewer, found.id)
        if invitation.status is not InvitationStatus.ACTIVE:
            raise StaleStateError(f"Invitation {invitation.tracking_id} is not active any more: nothing is counted.")
        return invitation, self._explained(invitation, FRESH)

    def _explained(self, invitation: Invitation, max_age: timedelta) -> SlotReport:
        return self._explanations.report(
            invitation.workspace_id, invitation.inviter_id, invitation.details, invitation.rules, max_age=max_age
        )

    def _refuse(self, invitation: Invitation) -> NoReturn:
        """There is no slot: say why, from the calendars that were read a moment ago."""
        report = self._explained(invitation, RECENT)
        if report.unreadable:
            raise CalendarUnreadableError(no_times_text(report), report.unreadable)
        raise NoSlotsError(f"The invitation was not sent. {no_times_text(report)}")

    def _store(self, invitation: Invitation, draft_id: DraftId) -> Invitation:
        """All of it or nothing. Raises NotFoundError, TurnMovedError."""
        now = self._clock()
        with self._unit_of_work(write=True) as unit:
            stored = unit.drafts.delete(draft_id)
            if stored is None:
                raise NotFoundError("This invitation has been sent already.")
            invitation = replace(
                invitation, tracking_id=free_tracking_id(unit, invitation.workspace_id), card=stored.card
            )
            invitation = take_turns(unit, invitation, now)
            unit.invitations.add(invitation)
            unit.outbox.add(*invitation_rows.sent(invitation, now))
            unit.commit()
        return invitation

    def _name_whose_turn(self, workspace_id: WorkspaceId, moved: TurnMovedError) -> TurnMovedError:
        """The error with the person's name in it, where Slack can say it: not asked while the transaction is open."""
        try:
            person = self._directory.person(workspace_id, UserId(moved.resource_id))
        except (NotFoundError, DeliveryError):
            return moved
        return TurnMovedError(moved.pool, moved.resource_id, person.name)

    def _visible(self, viewer: Person, invitation_id: str) -> Invitation:
        with self._unit_of_work() as unit:
            invitation = unit.invitations.get(InvitationId(invitation_id))
        if invitation is None or not may_see(viewer, invitation, invitation.member_ids):
            raise NotFoundError(_GONE)
        return invitation

    def _require_same_turns(self, draft: Draft, invitation: Invitation) -> None:
        """Raises TurnMovedError where the count that the person saw was about somebody else."""
        shown = draft.fields.get(f.TURNS) or {}
        for pool_id, resource_id in turns_of(invitation.details.seats).items():
            if shown.get(pool_id) != resource_id:
                with self._unit_of_work() as unit:
                    pool = unit.pools.get(PoolId(pool_id))
                moved = TurnMovedError(pool.name if pool else "the pool", ResourceId(resource_id), resource_id)
                raise self._name_whose_turn(draft.workspace_id, moved)

    def _compose(self, draft: Draft, details: Details) -> Invitation:
        """The Invitation that the draft would become. Raises FormError."""
        now = self._clock()
        rules, letter = wizard.rules(draft.fields, now), wizard.letter(draft.fields)
        return invitation_of(draft, details, rules, letter, InvitationStatus.ACTIVE, now)

    def _context(self, invitation: Invitation, inviter: Person, *, mail_id: str) -> MailContext:
        members = self._directory.people(invitation.workspace_id, invitation.member_ids)
        link = customer_link(self._public_url, invitation)
        return MailContext(invitation, inviter, members, link, mail_id, self._clock())


def customer_link(public_url: str, invitation: Invitation) -> str:
    return f"{public_url}/i/{invitation.token}"


def _still_available(letter: Letter, report: SlotReport) -> Letter:
    """Promoted slots that were taken since step 2 make room for new proposals."""
    if not letter.promote:
        return letter
    available = set(report.starts)
    promoted = tuple(start for start in letter.promoted if start in available)
    zone = report.search.frame.time_zone
    return replace(letter, promoted=promoted or promotion.propose(report.starts, report.search.duration, zone))
