"""Carries letters: to the Customer, and to members whose calendar we cannot write.

A delivery whose reason has gone (cancelled, booked or erased meanwhile) is not sent and counts as done.
"""

from __future__ import annotations

from bot.domain.calendar import Event
from bot.domain.delivery import Delivery
from bot.domain.event_copies import LINK_TO_COME
from bot.domain.event_needs import CONFERENCE_CALENDARS
from bot.domain.ids import InvitationId, ResourceId, UserId, is_room
from bot.domain.invitation import Invitation, InvitationStatus
from bot.domain.meeting import Meeting
from bot.domain.people import Person
from bot.errors import NotFoundError
from bot.ports import Clock, Directory, MailContext, Mailer, MessageRenderer, UnitOfWorkFactory
from bot.services import invitation_rows, meeting_rows
from bot.services.events import Events
from bot.services.invitations import customer_link
from bot.services.subjects import meeting_of


class MailCarrier:
    """Letters to the Customer; with the iTIP part where no calendar provider invites."""

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        directory: Directory,
        mailer: Mailer,
        renderer: MessageRenderer,
        events: Events,
        clock: Clock,
        public_url: str,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._directory = directory
        self._mailer = mailer
        self._renderer = renderer
        self._events = events
        self._clock = clock
        self._public_url = public_url

    def invitation(self, delivery: Delivery) -> None:
        with self._unit_of_work() as unit:
            invitation = unit.invitations.get(InvitationId(delivery.subject_id))
        if invitation is None or invitation.status is not InvitationStatus.ACTIVE:
            return
        context = self.context(invitation, delivery.id)
        if context.inviter.is_deactivated:
            raise NotFoundError("The inviter's Slack account is deactivated.")
        self._mailer.send(self._renderer.invitation(context))
        with self._unit_of_work(write=True) as unit:
            now = self._clock()
            unit.invitations.mark_sent(invitation.id, now)
            unit.outbox.add(*invitation_rows.changed(invitation, now))
            unit.commit()

    def confirmation(self, delivery: Delivery) -> None:
        meeting, invitation = meeting_of(self._unit_of_work, delivery)
        if meeting.is_live and invitation.letter.confirms:
            context, event = self._about(meeting, invitation, delivery)
            self._mailer.send(self._renderer.confirmation(context, meeting, event))
            self._note_told(meeting, invitation)

    def rescheduled(self, delivery: Delivery) -> None:
        """The old and the new time; the link to join, where no mail had it yet. Nothing where the Customer was last
        told the very time that it is: it was moved, and back again."""
        meeting, invitation = meeting_of(self._unit_of_work, delivery)
        previous = meeting_rows.told_move(meeting, delivery)
        known = meeting.told_start or previous
        if previous is None or known is None or known == meeting.start:
            return
        context, event = self._about(meeting, invitation, delivery)
        self._mailer.send(self._renderer.rescheduled(context, meeting, event, known))
        self._note_told(meeting, invitation)

    def cancellation(self, delivery: Delivery) -> None:
        meeting, invitation = meeting_of(self._unit_of_work, delivery)
        context, event = self._about(meeting, invitation, delivery)
        self._mailer.send(self._renderer.cancellation(context, meeting, event))

    def team(self, delivery: Delivery) -> None:
        """Who comes now; of a Room only where our mail is what holds the event, for the confirmation names none. Of
        somebody who came, went and came again the last row tells."""
        meeting, invitation = meeting_of(self._unit_of_work, delivery)
        out, came = ResourceId(delivery.details["out"]), ResourceId(delivery.details["came"])
        if not meeting.is_live or (came and came not in meeting.assigned) or out in meeting.assigned:
            return
        with self._unit_of_work() as unit:
            alike = [
                each.id
                for each in unit.outbox.pending(meeting.id)
                if each.kind is delivery.kind and each.details == delivery.details
            ]
        if delivery.id in alike[:-1]:
            return
        context, event = self._about(meeting, invitation, delivery)
        if is_room(out):
            if event:
                self._mailer.send(self._renderer.room_changed(context, meeting, event))
            return
        ids = [UserId(who) for who in (out, came) if who]
        gone, *new = self._directory.named(invitation.workspace_id, ids)
        self._mailer.send(self._renderer.team_changed(context, meeting, event, gone, new[0] if new else None))

    def join_link(self, delivery: Delivery) -> None:
        """The link to join, which came after the confirmation."""
        meeting, invitation = meeting_of(self._unit_of_work, delivery)
        if meeting.is_live and meeting.join_url and meeting.join_url != meeting.told_link:
            context, event = self._about(meeting, invitation, delivery)
            self._mailer.send(self._renderer.join_link(context, meeting, event))
            self._note_told(meeting, invitation, tells_time=False)

    def event(
        self, meeting: Meeting, invitation: Invitation, event: Event, to: Person, delivery: Delivery, told: int | None
    ) -> None:
        """The event alone, to somebody of the workspace whose calendar we cannot write. `told` is the sequence that
        they know."""
        context = self.context(invitation, delivery.id, meeting)
        self._mailer.send(self._renderer.member_invitation(context, meeting, event, to, told))

    def context(self, invitation: Invitation, delivery_id: str, meeting: Meeting | None = None) -> MailContext:
        inviter = self._directory.person(invitation.workspace_id, invitation.inviter_id)
        members = meeting.assigned_member_ids if meeting else invitation.member_ids
        return MailContext(
            invitation=invitation,
            inviter=inviter,
            members=self._directory.named(invitation.workspace_id, members),
            link=customer_link(self._public_url, invitation),
            mail_id=delivery_id,
            sent_at=self._clock(),
        )

    def _note_told(self, meeting: Meeting, invitation: Invitation, *, tells_time: bool = True) -> None:
        """Keep what the mail about `meeting` said. Of what has changed while it was on its way nobody else could know
        that it was without it: then that follows."""
        kind = invitation.details.conferencing.kind
        with self._unit_of_work(write=True) as unit:
            present = unit.meetings.get(meeting.id, lock=True)
            if present is None:
                return
            unit.meetings.set_told(meeting.id, meeting.join_url, meeting.start if tells_time else None)
            now = self._clock()
            if present.is_live and tells_time:
                unit.outbox.add(*meeting_rows.changed_since(meeting, present, invitation, now))
            if present.is_live and kind in LINK_TO_COME and present.join_url not in ("", meeting.join_url):
                if kind not in CONFERENCE_CALENDARS and present.sequence == meeting.sequence:
                    unit.meetings.raise_sequence(meeting.id)
                unit.outbox.add(meeting_rows.join_link(present, invitation, now))
            unit.commit()

    def _about(self, meeting: Meeting, invitation: Invitation, delivery: Delivery) -> tuple[MailContext, Event | None]:
        """What a mail to the Customer about a Meeting needs; the event where our mail is what invites."""
        with self._unit_of_work() as unit:
            copies = unit.event_copies.of_meeting(meeting.id)
        context = self.context(invitation, delivery.id, meeting)
        return context, self._events.of_customer(meeting, invitation, copies, context.link)
