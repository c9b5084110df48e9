"""What one person reads about one Invitation belongs together, as mail programs see it (RFC 5322 section 3.6.4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from bot.errors import DeliveryError
from bot.ports import UnitOfWorkFactory
from tests.cast import BEN, DANA, PRIYA
from tests.test_services_booking import FIRST
from tests.test_services_on_behalf import begun, picked, scheduled
from tests.test_services_rescheduling import meeting_of, move
from tests.town import Town, ids
from tests.world import Stage

HOUR = timedelta(hours=1)
ANNA = "anna@acme.com"


def received(stage: Stage, address: str = ANNA) -> list[EmailMessage]:
    """All that this person was sent, as it comes off the wire, the first first."""
    mails = [message_from_bytes(mail.as_bytes(), policy=default) for mail in stage.mailer.sent]
    return [mail for mail in mails if mail["To"].addresses[0].addr_spec == address]


def headlines(mails: Sequence[EmailMessage]) -> list[str]:
    return [str(mail["Subject"]).partition(":")[0] for mail in mails]


def refers(mail: EmailMessage) -> tuple[str | None, str | None]:
    """The message that it answers, and the one that it belongs to."""
    return mail["In-Reply-To"], mail["References"]


def method_of(mail: EmailMessage) -> str | None:
    """Of the iTIP message within."""
    [calendar] = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    return str(calendar.get_param("method"))


def test_whatever_follows_the_letter_answers_it(stage: Stage) -> None:
    invitation = stage.invite(members=ids(DANA, PRIYA), working_hours=False)
    stage.deliver()
    stage.services.invitations.resend(DANA, invitation.id)
    stage.deliver()
    stage.book(invitation, FIRST)
    stage.deliver()
    move(stage, invitation, FIRST + HOUR)
    stage.deliver()
    stage.services.reassigning.reassign(DANA, meeting_of(stage, invitation).id, PRIYA.user_id, BEN.user_id)
    stage.deliver()
    booking = stage.services.booking
    booking.cancel(invitation.token, booking.nonce(invitation.token), "")
    stage.deliver()

    letter, *others = received(stage)
    changed = ["Booked", "Moved", f"{BEN.name} will meet you", "Cancelled"]
    assert headlines(others) == [str(letter["Subject"]).partition(":")[0], *changed]
    assert refers(letter) == (None, None)
    assert [refers(mail) for mail in others] == [(letter["Message-ID"], letter["Message-ID"])] * 5
    assert len({mail["Message-ID"] for mail in (letter, *others)}) == 6, "each has an id of its own"
    assert [method_of(mail) for mail in others[1:]] == ["REQUEST", "REQUEST", "REQUEST", "CANCEL"]


def test_letter_that_is_tried_again_is_the_same_letter(stage: Stage) -> None:
    stage.mailer.failures = [DeliveryError("busy")]
    invitation = stage.invite()
    stage.deliver()
    stage.clock.advance(timedelta(minutes=1))
    stage.deliver()
    [letter] = received(stage)
    assert letter["Message-ID"] == f"<{invitation.id}@northwind.example>"
    assert refers(letter) == (None, None)


def test_invitations_are_not_mixed_up(stage: Stage) -> None:
    first, second = stage.invite(), stage.invite()
    for invitation in (first, second):
        stage.deliver()
        stage.book(invitation)
        stage.deliver()
    letters, others = received(stage)[:2], received(stage)[2:]
    assert [mail["References"] for mail in others] == [mail["Message-ID"] for mail in letters]
    assert headlines(others) == ["Booked", "Booked"]


def test_link_that_somebody_passed_on_is_answered_by_none_and_the_mails_belong_together(stage: Stage) -> None:
    invitation = stage.invite(delivery="link", working_hours=False)
    stage.book(invitation, FIRST)
    stage.deliver()
    move(stage, invitation, FIRST + HOUR)
    stage.deliver()
    mails = received(stage)
    assert headlines(mails) == ["Booked", "Moved"]
    assert [mail["In-Reply-To"] for mail in mails] == [None, None]
    assert len({mail["References"] for mail in mails}) == 1
    assert mails[0]["References"] not in {mail["Message-ID"] for mail in mails}


def test_mails_about_a_meeting_on_behalf_belong_together(stage: Stage) -> None:
    invitation = scheduled(stage, picked(stage, begun(stage))).invitation
    stage.deliver()
    move(stage, invitation, meeting_of(stage, invitation).start + HOUR)
    stage.deliver()
    mails = received(stage)
    assert headlines(mails) == ["Booked", "Moved"]
    assert [refers(mail) for mail in mails] == [(None, f"<{invitation.id}@northwind.example>")] * 2


def test_member_who_is_invited_by_mail_has_the_mails_together_and_answers_none(unit_of_work: UnitOfWorkFactory) -> None:
    """The letter went to the Customer alone."""
    town = Town(unit_of_work)
    stage = town.stage
    stage.connect(DANA, provider="caldav")
    town.caldav.shared.add(BEN.email)
    invitation = stage.invite(members=ids(DANA, BEN), working_hours=False)
    stage.deliver()
    stage.book(invitation, FIRST)
    stage.deliver()
    move(stage, invitation, FIRST + HOUR)
    stage.deliver()
    town.cancel(invitation)
    mails = received(stage, BEN.email)
    assert [method_of(mail) for mail in mails] == ["REQUEST", "REQUEST", "CANCEL"]
    letter = received(stage)[0]["Message-ID"]
    assert [refers(mail) for mail in mails] == [(None, letter)] * 3
