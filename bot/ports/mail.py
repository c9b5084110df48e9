"""Mail: handing it over, and rendering it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Protocol

from bot.domain.calendar import Event
from bot.domain.invitation import Invitation
from bot.domain.meeting import Meeting
from bot.domain.people import Person


class Mailer(Protocol):
    """Hands a message to a mail server (or the playground's mailbox)."""

    def send(self, message: EmailMessage) -> None:
        """Raises DeliveryError: `permanent` where the server refused the recipient for good."""


@dataclass(frozen=True, slots=True)
class MailContext:
    """What every mail to the Customer needs. `link` is the Customer's page; `mail_id` is what its Message-ID
    is made of, the same for every try of the same delivery: the Invitation's id in its first letter, to which all
    others refer. `members` are the people the mail may name."""

    invitation: Invitation
    inviter: Person
    members: tuple[Person, ...]
    link: str
    mail_id: str
    sent_at: datetime


class MessageRenderer(Protocol):
    """Makes the product's mails: pure, value in, message out."""

    def invitation(self, context: MailContext) -> EmailMessage: ...

    def confirmation(self, context: MailContext, meeting: Meeting, event: Event | None) -> EmailMessage:
        """With `event`, the mail carries the iTIP REQUEST (RFC 5546); without, the provider invites, or nobody does."""

    def rescheduled(
        self, context: MailContext, meeting: Meeting, event: Event | None, previous: datetime
    ) -> EmailMessage:
        """The Meeting's new time, and the start from before. With `event`, the mail carries the iTIP REQUEST."""

    def cancellation(self, context: MailContext, meeting: Meeting, event: Event | None) -> EmailMessage:
        """With `event`, the mail carries the iTIP CANCEL."""

    def join_link(self, context: MailContext, meeting: Meeting, event: Event | None) -> EmailMessage:
        """The link to join, which came after the confirmation. With `event`, the mail carries it once more."""

    def team_changed(
        self, context: MailContext, meeting: Meeting, event: Event | None, gone: Person, came: Person | None
    ) -> EmailMessage:
        """Who comes now, in place of whom. With `event`, the mail carries it once more."""

    def room_changed(self, context: MailContext, meeting: Meeting, event: Event) -> EmailMessage:
        """The event once more: it takes place in another Room."""

    def member_invitation(
        self, context: MailContext, meeting: Meeting, event: Event, to: Person, told: int | None = None
    ) -> EmailMessage:
        """For a member or optional member whose calendar we cannot write: the event only. A cancelled one is taken
        out of the calendar again. `told` is the Meeting's sequence in the mail before; None where this is the first."""

    def ready_to_paste(self, context: MailContext) -> str:
        """The invitation as plain text for another channel: times and link."""
