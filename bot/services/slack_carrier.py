"""Carries what people read in Slack: cards, news, channel notes and App Home, each as things stand now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.domain.delivery import Delivery, News
from bot.domain.event_copies import Attention, Trouble
from bot.domain.ids import ChannelId, DraftId, InvitationId, ResourceId, UserId
from bot.domain.invitation import Invitation, InvitationStatus, MessageRef
from bot.domain.meeting import Meeting
from bot.domain.substitutes import RoomOffer
from bot.errors import DeliveryError, FormError
from bot.ports import Clock, Directory, MessageRenderer, Notifier, UnitOfWorkFactory
from bot.services import invitation_rows, meeting_rows
from bot.services.activity import Activity
from bot.services.mail_carrier import MailCarrier
from bot.services.steps import Steps
from bot.services.subjects import meeting_of
from bot.services.substitutes import Substitutes

_ABOUT_MEETINGS = frozenset(
    {
        *(News.BOOKED, News.MOVED, News.CANCELED, News.UNTOLD, News.NO_NOTE),
        *(News.NEEDS_ATTENTION, News.DECLINED, News.MEMBER_LEFT, News.REASSIGNED),
    }
)


class SlackCarrier:
    """What has become void in the meantime is not told."""

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        directory: Directory,
        notifier: Notifier,
        activity: Activity,
        steps: Steps,
        mail: MailCarrier,
        renderer: MessageRenderer,
        substitutes: Substitutes,
        clock: Clock,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._directory = directory
        self._notifier = notifier
        self._activity = activity
        self._steps = steps
        self._mail = mail
        self._renderer = renderer
        self._substitutes = substitutes
        self._clock = clock

    def draft(self, delivery: Delivery) -> None:
        with self._unit_of_work() as unit:
            draft = unit.drafts.get(DraftId(delivery.subject_id))
        if draft is None:
            if {"channel", "ts"} <= delivery.details.keys():
                card = MessageRef(ChannelId(delivery.details["channel"]), delivery.details["ts"])
                self._notifier.discard_card(delivery.workspace_id, card)
            return
        try:
            count = self._steps.count(draft).count
        except FormError:
            count = None
        card = self._notifier.draft_card(draft, count)
        with self._unit_of_work(write=True) as unit:
            unit.drafts.set_card(draft.id, card)
            still_there = unit.drafts.get(draft.id) is not None
            sent = None if still_there else unit.invitations.with_card(draft.workspace_id, card)
            if sent:  # it took the card over while the draft was drawn there
                unit.outbox.add(invitation_rows.card(sent, self._clock()))
            unit.commit()
        if not still_there and not sent:
            self._notifier.discard_card(draft.workspace_id, card)

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

    def thread(self, delivery: Delivery) -> None:
        """The details below the card; they wait for it where another worker is still posting it."""
        with self._unit_of_work() as unit:
            invitation = unit.invitations.get(InvitationId(delivery.subject_id))
        if invitation is None:
            return
        if invitation.card is None:
            raise DeliveryError("The card of the invitation is not there yet.")
        self._notifier.invitation_details(self._activity.invitation_item(invitation), invitation.card, delivery.id)

    def news(self, delivery: Delivery) -> None:
        news, to = News(delivery.about), UserId(delivery.recipient)
        if news in _ABOUT_MEETINGS:
            self._meeting_news(news, to, delivery)
            return
        with self._unit_of_work() as unit:
            found = unit.invitations.get(InvitationId(delivery.subject_id))
        if found is None:
            return
        if news is News.DEPARTED and found.status is not InvitationStatus.ACTIVE:
            return
        text = delivery.details.get("text", "")
        if news is News.READY_TO_PASTE:
            text = self._renderer.ready_to_paste(self._mail.context(found, delivery.id))
        item = self._activity.invitation_item(found)
        if news is News.REMOVED_CALENDAR and not item.unreadable:
            return  # connected again, or readable in another way
        self._notifier.news(to, news, item, delivery.id, text)

    def _meeting_news(self, news: News, to: UserId, delivery: Delivery) -> None:
        meeting, invitation = meeting_of(self._unit_of_work, delivery)
        item = self._activity.meeting_item(meeting, invitation)
        if news is News.NEEDS_ATTENTION and not item.attention:
            return  # in order again
        if news is News.NEEDS_ATTENTION:
            item = replace(item, room_offers=self._room_offers(meeting, invitation, item.attention))
        text = delivery.details.get("text", "")
        if news in (News.DECLINED, News.MEMBER_LEFT):
            if not meeting.is_live or delivery.details["who"] not in meeting.assigned:
                return
            [them] = self._directory.named(delivery.workspace_id, [UserId(delivery.details["who"])])
            text = them.name
        if news is News.REASSIGNED:
            out, came = ResourceId(delivery.details["out"]), ResourceId(delivery.details["came"])
            if ResourceId(to) != out and (not meeting.is_live or (came and came not in meeting.assigned)):
                return
            text = self._substitutes.handover(meeting, out, came, to)
        if news is News.MOVED:
            previous = meeting_rows.told_move(meeting, delivery)
            if previous is None:
                return
            text = previous.isoformat()
        self._notifier.news(to, news, item, delivery.id, text)

    def _room_offers(
        self, meeting: Meeting, invitation: Invitation, attention: Sequence[Attention]
    ) -> tuple[RoomOffer, ...]:
        """A free Room in place of each that has declined, as it is now."""
        if not meeting.is_live:
            return ()
        declined = [one.finding.detail for one in attention if one.finding.trouble is Trouble.ROOM_DECLINED]
        return tuple(offer for names in declined for offer in self._substitutes.room_offers(meeting, invitation, names))

    def channel(self, delivery: Delivery) -> None:
        meeting, invitation = meeting_of(self._unit_of_work, delivery)
        if delivery.about == News.MOVED and meeting_rows.told_move(meeting, delivery) is None:
            return
        item = self._activity.meeting_item(meeting, invitation)
        self._notifier.channel_note(ChannelId(delivery.recipient), News(delivery.about), item, delivery.id)

    def home(self, delivery: Delivery) -> None:
        person = self._directory.person(delivery.workspace_id, UserId(delivery.recipient))
        if self._activity.has_home(person):
            state, page = self._activity.home(person, None)
            if self._activity.is_at(person, state):
                self._notifier.home(person, state, page)
