"""The product's mails, made from values: nothing is sent and nothing is read here."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Any

import jinja2

from bot.domain.addresses import is_address
from bot.domain.calendar import Event, EventStatus
from bot.domain.meeting import CanceledBy, Meeting
from bot.domain.people import Person
from bot.domain.typed import one_line, plain
from bot.domain.wording import (
    ClockStyle,
    first_name,
    link_follows,
    moment,
)
from bot.errors import DeliveryError
from bot.icalendar import calendar_text
from bot.mail.headers import WholeWords
from bot.mail.words import moments_of, promoted_by_day, short, words_of
from bot.mail.wrapping import indented, paragraphs, wrapped
from bot.ports import MailContext

_POLICY = WholeWords(linesep="\r\n", max_line_length=78)


class Messages:
    """Renders every mail as text and HTML. `mail_from` is the address that all of them come from."""

    def __init__(self, mail_from: str) -> None:
        self._sender = _address("", parseaddr(mail_from)[1])
        self._templates = jinja2.Environment(
            loader=jinja2.PackageLoader("bot.mail"),
            autoescape=jinja2.select_autoescape(["html"]),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters.update(wrapped=wrapped, indented=indented, paragraphs=paragraphs)

    def invitation(self, context: MailContext) -> EmailMessage:
        """The Invitation: each promoted slot that is still to come as a link, or exactly one link."""
        message = self._message(context, subject=context.invitation.letter.subject)
        self._fill(message, "invitation", words_of(context) | {"days": promoted_by_day(context)})
        return message

    def confirmation(self, context: MailContext, meeting: Meeting, event: Event | None) -> EmailMessage:
        """What was booked. With `event`, the mail is the calendar's invitation too."""
        when = moments_of(context, meeting)
        message = self._message(context, subject=f"Booked: {context.invitation.details.subject}, {short(when[0])}")
        words = words_of(context, meeting) | {
            "when": when,
            "has_event": event is not None,
            "calendar_invites": event is None and context.invitation.letter.include_customer,
            "link_follows": link_follows(context.invitation.details, meeting),
        }
        self._fill(message, "confirmation", words)
        return _with_calendar(message, event, "REQUEST")

    def join_link(self, context: MailContext, meeting: Meeting, event: Event | None) -> EmailMessage:
        """Where to join, for somebody who has been told everything else."""
        when = moments_of(context, meeting)
        subject = f"Link to join: {context.invitation.details.subject}, {short(when[0])}"
        message = self._message(context, subject=subject)
        words = words_of(context, meeting) | {"when": when, "has_event": event is not None}
        self._fill(message, "join_link", words)
        return _with_calendar(message, event, "REQUEST")

    def team_changed(
        self, context: MailContext, meeting: Meeting, event: Event | None, gone: Person, came: Person | None
    ) -> EmailMessage:
        """Who comes now, in place of whom; everything else stays."""
        when = moments_of(context, meeting)
        who = one_line(came.name) if came else ""
        headline = f"{who} will meet you" if came else "A change in who will meet you"
        subject = f"{headline}: {context.invitation.details.subject}, {short(when[0])}"
        message = self._message(context, subject=subject)
        words = words_of(context, meeting) | {
            "when": when,
            "has_event": event is not None,
            "gone": one_line(gone.name),
            "came": who,
        }
        self._fill(message, "team_changed", words)
        return _with_calendar(message, event, "REQUEST")

    def room_changed(self, context: MailContext, meeting: Meeting, event: Event) -> EmailMessage:
        """The event with its new place; everything else stays."""
        when = moments_of(context, meeting)
        message = self._message(context, subject=f"New place: {context.invitation.details.subject}, {short(when[0])}")
        words = words_of(context, meeting) | {"when": when, "place": one_line(event.location)}
        self._fill(message, "room_changed", words)
        return _with_calendar(message, event, "REQUEST")

    def rescheduled(
        self, context: MailContext, meeting: Meeting, event: Event | None, previous: datetime
    ) -> EmailMessage:
        """The new time, the one from before, and who has moved it. With `event`, calendars move it too."""
        when = moments_of(context, meeting)
        message = self._message(context, subject=f"Moved: {context.invitation.details.subject}, {short(when[0])}")
        move = meeting.last_move
        people = {person.user_id: one_line(person.name) for person in (context.inviter, *context.members)}
        words = words_of(context, meeting) | {
            "when": when,
            "was": moments_of(context, replace(meeting, start=previous)),
            "by_customer": move is not None and move.by_customer,
            "mover": people.get(move.by_id, "") if move and move.by_id else "",
            "note": plain(move.note).strip() if move else "",
            "has_event": event is not None,
            "calendar_invites": event is None and context.invitation.letter.include_customer,
            "link_follows": link_follows(context.invitation.details, meeting),
        }
        self._fill(message, "rescheduled", words)
        return _with_calendar(message, event, "REQUEST")

    def cancellation(self, context: MailContext, meeting: Meeting, event: Event | None) -> EmailMessage:
        """What is off, and whom to write to for another time."""
        when = moments_of(context, meeting)
        message = self._message(context, subject=f"Cancelled: {context.invitation.details.subject}, {short(when[0])}")
        words = words_of(context, meeting) | {
            "when": when,
            "is_off": True,
            "by_customer": meeting.canceled_by is CanceledBy.CUSTOMER,
            "reason": plain(meeting.cancel_reason).strip(),
            "has_event": event is not None,
        }
        self._fill(message, "cancellation", words)
        return _with_calendar(message, event, "CANCEL")

    def member_invitation(
        self, context: MailContext, meeting: Meeting, event: Event, to: Person, told: int | None = None
    ) -> EmailMessage:
        """The event for somebody of the inviter's side, in their own zone. `told` is the Meeting's sequence in the mail
        before: it has moved only for those who knew another time."""
        move = meeting.last_move
        style = ClockStyle.of(to.locale)
        when = (moment(meeting.start, meeting.duration, to.time_zone, style),)
        is_cancelled = event.status is EventStatus.CANCELLED
        subject = f"{'Cancelled: ' if is_cancelled else ''}{context.invitation.details.subject}, {short(when[0])}"
        message = self._message(context, subject=subject, to=_address(to.name, to.email))
        words = words_of(context, meeting) | {
            "when": when,
            "greeting": first_name(one_line(to.name)),
            "is_off": is_cancelled,
            "is_replaced": is_cancelled and meeting.is_live,
            "is_moved": told is not None and move is not None and told < move.sequence,
            "is_changed": told is not None,
            "member_link": event.url,
        }
        self._fill(message, "member_invitation", words)
        return _with_calendar(message, event, "CANCEL" if is_cancelled else "REQUEST")

    def ready_to_paste(self, context: MailContext) -> str:
        """The Invitation as text that the inviter sends in their own name."""
        words = words_of(context) | {"days": promoted_by_day(context)}
        return self._render("ready_to_paste.txt", words)

    def _message(self, context: MailContext, *, subject: str, to: Address | None = None) -> EmailMessage:
        message = EmailMessage(policy=_POLICY)
        participant, inviter = context.invitation.participant, context.inviter
        message["From"] = Address(f"{one_line(inviter.name)} via InviteOnce", addr_spec=self._sender.addr_spec)
        if is_address(_on_the_wire(inviter.email)):
            message["Reply-To"] = _address(inviter.name, inviter.email)
        message["To"] = to or _address(participant.name, participant.email)
        message["Subject"] = one_line(subject)
        message["Date"] = format_datetime(context.sent_at)
        message["Message-ID"] = f"<{context.mail_id}@{self._sender.domain}>"
        if context.mail_id != context.invitation.id:
            self._follow_up(message, context, is_for_customer=to is None)
        message["Auto-Submitted"] = "auto-generated"
        return message

    def _follow_up(self, message: EmailMessage, context: MailContext, *, is_for_customer: bool) -> None:
        """Mail programs show together what refers to one message (RFC 5322 section 3.6.4), even if it never came: the
        Invitation's letter. It is answered only where it came. A calendar goes by the UID (RFC 5546), whatever is here.
        """
        letter = f"<{context.invitation.id}@{self._sender.domain}>"
        if is_for_customer and context.invitation.sent_at:
            message["In-Reply-To"] = letter
        message["References"] = letter

    def _fill(self, message: EmailMessage, name: str, words: dict[str, Any]) -> None:
        message.set_content(self._render(f"{name}.txt", words), cte="quoted-printable")
        words = words | {"title": message["Subject"]}
        message.add_alternative(self._render(f"{name}.html", words), subtype="html", cte="quoted-printable")

    def _render(self, template: str, words: dict[str, Any]) -> str:
        return self._templates.get_template(template).render(words).strip() + "\n"


def _address(name: str, email: str) -> Address:
    """A mailbox for a header. Raises DeliveryError where there is none, as of people from elsewhere in Slack."""
    written = _on_the_wire(email)
    if not is_address(written):
        raise DeliveryError(f"There is no email address to write to {one_line(name)}.", permanent=True)
    return Address(one_line(name), addr_spec=written)


def _on_the_wire(email: str) -> str:
    """Domains beyond ASCII as IDNA (RFC 5890): every server takes those."""
    local, _, domain = one_line(email).replace(" ", "").rpartition("@")
    with suppress(UnicodeError):
        domain = domain.encode("idna").decode("ascii")
    return f"{local}@{domain}"


def _with_calendar(message: EmailMessage, event: Event | None, method: str) -> EmailMessage:
    """Add the event (iMIP, RFC 6047): as an alternative that mail programs act on, and as a file for the others."""
    if event is None:
        return message
    calendar = calendar_text(event, method)
    message.add_alternative(calendar.decode(), subtype="calendar", params={"method": method}, cte="base64")
    message.add_attachment(calendar, maintype="application", subtype="ics", filename="invite.ics")
    return message
