"""Who carries which delivery: re-reads the state, asks an adapter to send."""

from __future__ import annotations

from bot.domain.delivery import DeliveryKind
from bot.services.conferences import Conferences
from bot.services.delivery import Carrier
from bot.services.event_carrier import EventCarrier
from bot.services.mail_carrier import MailCarrier
from bot.services.slack_carrier import SlackCarrier


def carriers(
    mail: MailCarrier, events: EventCarrier, conferences: Conferences, slack: SlackCarrier
) -> dict[DeliveryKind, Carrier]:
    """One for every kind of delivery."""
    return {
        DeliveryKind.MAIL_INVITATION: mail.invitation,
        DeliveryKind.MAIL_CONFIRMATION: mail.confirmation,
        DeliveryKind.MAIL_RESCHEDULED: mail.rescheduled,
        DeliveryKind.MAIL_CANCELLATION: mail.cancellation,
        DeliveryKind.MAIL_TEAM: mail.team,
        DeliveryKind.MAIL_JOIN_LINK: mail.join_link,
        DeliveryKind.MAIL_MEMBER: events.mail,
        DeliveryKind.CONFERENCE_WRITE: conferences.write,
        DeliveryKind.CONFERENCE_DELETE: conferences.delete,
        DeliveryKind.EVENT_WRITE: events.write,
        DeliveryKind.EVENT_CANCEL: events.cancel,
        DeliveryKind.SLACK_DRAFT: slack.draft,
        DeliveryKind.SLACK_CARD: slack.card,
        DeliveryKind.SLACK_THREAD: slack.thread,
        DeliveryKind.SLACK_DM: slack.news,
        DeliveryKind.SLACK_CHANNEL: slack.channel,
        DeliveryKind.SLACK_HOME: slack.home,
    }
