"""Who carries which delivery: re-reads the state, asks an adapter to send.

A delivery whose reason has gone (cancelled, booked or erased meanwhile) is not sent and counts as done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.domain.calendar import Connection, ConnectionState, Event, EventStatus
from bot.domain.delivery import Delivery, DeliveryKind, News
from bot.domain.ids import ChannelId, DraftId, InvitationId, MeetingId, UserId
from bot.domain.invitation import Invitation, InvitationStatus
from bot.domain.meeting import Meeting
from bot.domain.people import Person
from bot.errors import DeliveryError, FormError
from bot.ports import (
    CalendarProvider,
    Clock,
    Directory,
    MailContext,
    Mailer,
    MessageRenderer,
    Notifier,
    UnitOfWorkFactory,
)
from bot.services.activity import Activity
from bot.services.delivery import Carrier
from bot.services.drafts import Drafts
from bot.services.events import event_of
from bot.services.invitations import customer_link
from bot.services.outbox import invitation_changed

MESSAGE_ID_DOMAIN = "inviteonce"


class MailCarrier:
    """Letters to the Customer; with the iTIP part where no calendar provider invites."""

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        directory: Directory,
        mailer: Mailer,
        renderer: MessageRenderer,
        clock: Clock,
        public_url: str,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._directory = directory
        self._mailer = mailer
        self._renderer = renderer
        self._clock = clock
        self._public_url = public_url

    def invitation(self, delivery: Delivery) -> None:
        with self._unit_of_work() as unit:
            invitation = unit.invitations.get(InvitationId(delivery.subject_id))
        if invitation is None or invitation.status is not InvitationStatus.ACTIVE:
            return
        self._mailer.send(self._renderer.invitation(self.context(invitation, delivery.id)))
        with self._unit_of_work(write=True) as unit:
            now = self._clock()
            unit.invitations.mark_sent(invitation.id, now)
            unit.outbox.add(*invitation_changed(invitation, now))
            unit.commit()

    def confirmation(self, delivery: Delivery) -> None:
        meeting, invitation = _meeting(self._unit_of_work, delivery)
        if meeting.is_live:
            context = self.context(invitation, delivery.id, meeting)
            event = self._customer_event(context, meeting)
            self._mailer.send(self._renderer.confirmation(context, meeting, event))

    def cancellation(self, delivery: Delivery) -> None:
        meeting, invitation = _meeting(self._unit_of_work, delivery)
        context = self.context(invitation, delivery.id, meeting)
        event = self._customer_event(context, meeting)
        self._mailer.send(self._renderer.cancellation(context, meeting, event))

    def event(self, meeting: Meeting, invitation: Invitation, event: Event, to: Person, delivery: Delivery) -> None:
        """The event alone, to somebody of the workspace whose calendar we cannot write."""
        context = self.context(invitation, delivery.id, meeting)
        self._mailer.send(self._renderer.member_invitation(context, meeting, event, to))

    def context(self, invitation: Invitation, delivery_id: str, meeting: Meeting | None = None) -> MailContext:
        inviter = self._directory.person(invitation.workspace_id, invitation.inviter_id)
        members = meeting.assigned_member_ids if meeting else invitation.member_ids
        return MailContext(
            invitation=invitation,
            inviter=inviter,
            members=self._directory.people(invitation.workspace_id, members),
            link=customer_link(self._public_url, invitation),
            message_id=f"<{delivery_id}@{MESSAGE_ID_DOMAIN}>",
            sent_at=self._clock(),
        )

    def _customer_event(self, context: MailContext, meeting: Meeting) -> Event:
        invitation = context.invitation
        optional = self._directory.people(invitation.workspace_id, invitation.details.optional_members)
        return event_of(meeting, invitation, context.inviter, context.members, optional, url=context.link)


class EventCarrier:
    """Copies of the event in calendars."""

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        directory: Directory,
        providers: Mapping[str, CalendarProvider],
        mail: MailCarrier,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._directory = directory
        self._providers = providers
        self._mail = mail

    def write(self, delivery: Delivery) -> None:
        meeting, invitation = _meeting(self._unit_of_work, delivery)
        if meeting.is_live:
            self._put(delivery, meeting, invitation)

    def cancel(self, delivery: Delivery) -> None:
        meeting, invitation = _meeting(self._unit_of_work, delivery)
        self._put(delivery, meeting, invitation)

    def _put(self, delivery: Delivery, meeting: Meeting, invitation: Invitation) -> None:
        workspace_id, holder = delivery.workspace_id, UserId(delivery.recipient)
        event = event_of(
            meeting,
            invitation,
            self._directory.person(workspace_id, invitation.inviter_id),
            self._directory.people(workspace_id, meeting.assigned_member_ids),
            self._directory.people(workspace_id, invitation.details.optional_members),
        )
        connection = self._connection(delivery, holder)
        if connection is None:
            self._mail.event(meeting, invitation, event, self._directory.person(workspace_id, holder), delivery)
        elif event.status is EventStatus.CANCELLED:
            self._providers[connection.provider].cancel(connection, event)
        else:
            self._providers[connection.provider].write(connection, event)

    def _connection(self, delivery: Delivery, holder: UserId) -> Connection | None:
        with self._unit_of_work() as unit:
            found = unit.connections.of_user(delivery.workspace_id, holder)
        usable = [one for one in found if one.provider in self._providers]
        if usable and usable[0].state is ConnectionState.BROKEN:
            raise DeliveryError("The calendar connection is broken. Connect the calendar again.")
        return usable[0] if usable else None


class SlackCarrier:
    """Cards, news, channel notes and App Home."""

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        directory: Directory,
        notifier: Notifier,
        activity: Activity,
        drafts: Drafts,
        mail: MailCarrier,
        renderer: MessageRenderer,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._directory = directory
        self._notifier = notifier
        self._activity = activity
        self._drafts = drafts
        self._mail = mail
        self._renderer = renderer

    def draft(self, delivery: Delivery) -> None:
        with self._unit_of_work() as unit:
            draft = unit.drafts.get(DraftId(delivery.subject_id))
        if draft is None:
            return
        try:
            count = self._drafts.count(draft).count
        except FormError:
            count = None
        card = self._notifier.draft_card(draft, count)
        with self._unit_of_work(write=True) as unit:
            unit.drafts.set_card(draft.id, card)
            still_there = unit.drafts.get(draft.id) is not None
            unit.commit()
        if not still_there:
            self._notifier.discard_card(replace(draft, card=card))

    def card(self, delivery: Delivery) -> None:
        with self._unit_of_work() as unit:
            invitation = unit.invitations.get(InvitationId(delivery.subject_id))
        if invitation is None:
            return
        card = self._notifier.invitation_card(self._activity.invitation_item(invitation), delivery.id)
        if card != invitation.card:
            with self._unit_of_work(write=True) as unit:
                unit.invitations.set_card(invitation.id, card)
                unit.commit()

    def news(self, delivery: Delivery) -> None:
        news, to = News(delivery.about), UserId(delivery.recipient)
        if news in (News.BOOKED, News.CANCELED):
            meeting, invitation = _meeting(self._unit_of_work, delivery)
            self._notifier.news(to, news, self._activity.meeting_item(meeting, invitation), delivery.id)
            return
        with self._unit_of_work() as unit:
            found = unit.invitations.get(InvitationId(delivery.subject_id))
        if found is None:
            return
        text = delivery.details.get("text", "")
        if news is News.READY_TO_PASTE:
            text = self._renderer.ready_to_paste(self._mail.context(found, delivery.id))
        self._notifier.news(to, news, self._activity.invitation_item(found), delivery.id, text)

    def channel(self, delivery: Delivery) -> None:
        meeting, invitation = _meeting(self._unit_of_work, delivery)
        item = self._activity.meeting_item(meeting, invitation)
        self._notifier.channel_note(ChannelId(delivery.recipient), News(delivery.about), item, delivery.id)

    def home(self, delivery: Delivery) -> None:
        person = self._directory.person(delivery.workspace_id, UserId(delivery.recipient))
        if self._activity.has_home(person):
            state, page = self._activity.home(person, None)
            self._notifier.home(person, state, page)


def carriers(mail: MailCarrier, events: EventCarrier, slack: SlackCarrier) -> dict[DeliveryKind, Carrier]:
    """One for every kind of delivery."""
    return {
        DeliveryKind.MAIL_INVITATION: mail.invitation,
        DeliveryKind.MAIL_CONFIRMATION: mail.confirmation,
        DeliveryKind.MAIL_CANCELLATION: mail.cancellation,
        DeliveryKind.EVENT_WRITE: events.write,
        DeliveryKind.EVENT_CANCEL: events.cancel,
        DeliveryKind.SLACK_DRAFT: slack.draft,
        DeliveryKind.SLACK_CARD: slack.card,
        DeliveryKind.SLACK_DM: slack.news,
        DeliveryKind.SLACK_CHANNEL: slack.channel,
        DeliveryKind.SLACK_HOME: slack.home,
    }


def _meeting(unit_of_work: UnitOfWorkFactory, delivery: Delivery) -> tuple[Meeting, Invitation]:
    with unit_of_work() as unit:
        meeting = unit.meetings.get(MeetingId(delivery.subject_id))
        invitation = unit.invitations.get(meeting.invitation_id) if meeting else None
    if meeting is None or invitation is None:
        raise DeliveryError("The meeting is not there any more.", permanent=True)
    return meeting, invitation
