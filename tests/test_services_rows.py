"""What each change of state puts into the outbox: for whom, when, and never twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from bot.domain.delivery import Delivery, DeliveryKind, News
from bot.domain.ids import ChannelId
from bot.domain.invitation import Conferencing, ConferencingKind, DeliveryMethod, Letter
from bot.domain.meeting import MeetingStatus, Move
from bot.services import invitation_rows, meeting_rows
from tests.storage_cast import ATLAS, BEN, DANA, NOON, PRIYA, a_meeting, an_invitation

HOUR = timedelta(hours=1)
SALES = ChannelId("C0SALES")


def of_kind(rows: Iterable[Delivery], kind: DeliveryKind) -> list[Delivery]:
    return [row for row in rows if row.kind is kind]


def recipients(rows: Iterable[Delivery], kind: DeliveryKind) -> list[str]:
    return [row.recipient for row in of_kind(rows, kind)]


def test_row_of_an_invitation_is_due_at_once_and_names_its_subject() -> None:
    invitation = an_invitation(PRIYA)
    row = invitation_rows.card(invitation, NOON)
    assert (row.workspace_id, row.subject_id, row.due_at) == (invitation.workspace_id, invitation.id, NOON)
    assert row.id != invitation_rows.card(invitation, NOON).id


def test_home_follows_once_for_everybody_who_sees_the_invitation() -> None:
    rows = list(invitation_rows.changed(an_invitation(DANA, PRIYA, ATLAS), NOON, besides=(PRIYA, BEN)))
    assert recipients(rows, DeliveryKind.SLACK_HOME) == [DANA, PRIYA, BEN]
    assert recipients(rows, DeliveryKind.SLACK_CARD) == [DANA]


def test_letter_goes_to_the_customer_or_as_a_text_to_paste_to_the_inviter() -> None:
    mailed = an_invitation()
    assert invitation_rows.letter(mailed, NOON).kind is DeliveryKind.MAIL_INVITATION
    pasted = invitation_rows.letter(replace(mailed, letter=Letter("Hi", delivery=DeliveryMethod.LINK)), NOON)
    assert (pasted.kind, pasted.recipient, pasted.about) == (DeliveryKind.SLACK_DM, DANA, News.READY_TO_PASTE)


def test_confirmation_waits_only_for_a_link_that_is_being_made() -> None:
    plain = an_invitation()
    video = replace(plain, details=replace(plain.details, conferencing=Conferencing(ConferencingKind.ZOOM)))
    impossible = replace(a_meeting(video), conference_problem="Zoom is not set up.")
    for meeting, invitation, wait in (
        (a_meeting(plain), plain, timedelta(0)),
        (a_meeting(video), video, meeting_rows.LINK_PATIENCE),
        (impossible, video, timedelta(0)),
    ):
        rows = meeting_rows.booked(meeting, invitation, (), (), NOON)
        (mail,) = of_kind(rows, DeliveryKind.MAIL_CONFIRMATION)
        assert mail.due_at == NOON + wait


def test_booking_is_told_once_to_each_person_and_to_each_channel() -> None:
    invitation = an_invitation(DANA, PRIYA)
    rows = list(meeting_rows.booked(a_meeting(invitation), invitation, (), (SALES,), NOON))
    assert recipients(rows, DeliveryKind.SLACK_DM) == [DANA, PRIYA]
    assert recipients(rows, DeliveryKind.SLACK_CHANNEL) == [SALES]


def test_move_that_was_overtaken_tells_nothing() -> None:
    invitation = an_invitation()
    first = replace(a_meeting(invitation), start=NOON + HOUR, sequence=1, last_move=Move(NOON, NOON, 1))
    rows = meeting_rows.moved(first, invitation, (), (), (), NOON)
    (mail,) = of_kind(rows, DeliveryKind.MAIL_RESCHEDULED)
    assert meeting_rows.told_move(first, mail) == NOON
    second = replace(first, start=NOON + 2 * HOUR, sequence=2, last_move=Move(NOON + HOUR, NOON, 2))
    assert meeting_rows.told_move(second, mail) is None
    assert meeting_rows.told_move(replace(first, status=MeetingStatus.CANCELED), mail) is None


def test_second_move_tells_the_time_that_the_customer_knows() -> None:
    invitation = an_invitation()
    first = replace(a_meeting(invitation), start=NOON + HOUR, sequence=1, last_move=Move(NOON, NOON, 1))
    untold = list(meeting_rows.moved(first, invitation, (), (), (), NOON))
    second = replace(first, start=NOON + 2 * HOUR, sequence=2, last_move=Move(NOON + HOUR, NOON, 2))
    rows = meeting_rows.moved(second, invitation, (), untold, (), NOON)
    (mail,) = of_kind(rows, DeliveryKind.MAIL_RESCHEDULED)
    assert meeting_rows.told_move(second, mail) == NOON
