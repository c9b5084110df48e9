"""*Invite* counts again; what is sent is remembered; who may not see, may not act."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.domain import fields as f
from bot.domain.activity import HomeState, MeetingItem, Tab
from bot.domain.ids import TRACKING_ALPHABET
from bot.domain.intervals import Interval
from bot.domain.invitation import InvitationStatus
from bot.errors import (
    CalendarUnreadableError,
    DeliveryError,
    FormError,
    InviteOnceError,
    NoSlotsError,
    NotAllowedError,
    NotConnectedError,
    NotFoundError,
    StaleStateError,
)
from tests.cast import BEN, CHARLIE, DANA, GUEST, NOW, PRIYA
from tests.test_services_booking import FIRST
from tests.world import Stage


def test_invite_sends_one_mail_and_one_card_with_its_details(stage: Stage) -> None:
    invitation = stage.invite()
    assert invitation.status is InvitationStatus.ACTIVE
    assert len(invitation.tracking_id) == 8
    assert set(invitation.tracking_id) <= set(TRACKING_ALPHABET)
    stage.deliver()
    (mail,) = stage.mailer.sent
    assert invitation.token in mail.as_string().replace("=\n", "")
    assert [line[0] for line in stage.notifier.told if line[0] != "home"] == ["card", "details", "card"]
    assert stage.services.invitations.item(DANA, invitation.id).invitation.sent_at == NOW


def test_second_press_of_invite_sends_nothing(stage: Stage) -> None:
    draft = stage.draft()
    stage.services.invitations.send(DANA, draft, {})
    with pytest.raises(NotFoundError):
        stage.services.invitations.send(DANA, draft, {})
    stage.deliver()
    assert len(stage.mailer.sent) == 1


def test_invite_counts_again_and_refuses_zero(stage: Stage) -> None:
    draft = stage.draft()
    stage.calendar.busy[DANA.email] = (Interval(NOW, NOW + timedelta(days=40)),)
    with pytest.raises(NoSlotsError, match="Dana Fox"):
        stage.services.invitations.send(DANA, draft, {})
    assert stage.services.drafts.find(DANA.workspace_id, DANA.user_id, draft.id).revision == draft.revision


def test_unreadable_calendar_refuses_and_names_its_owner(stage: Stage) -> None:
    draft = stage.draft(members=[PRIYA.user_id])
    stage.calendar.unreadable[PRIYA.email] = "401"
    with pytest.raises(CalendarUnreadableError, match="Priya Raman"):
        stage.services.invitations.send(DANA, draft, {})


def test_promoted_slot_that_was_taken_is_not_promoted(stage: Stage) -> None:
    draft = stage.draft()
    promoted = draft.fields[f.PROMOTED]
    stage.calendar.busy[DANA.email] = (Interval(FIRST, FIRST + timedelta(hours=1)),)
    invitation = stage.services.invitations.send(DANA, draft, {})
    assert len(invitation.letter.promoted) == len(promoted) - 1
    assert FIRST not in invitation.letter.promoted


def test_link_delivery_mails_nobody_and_gives_text_to_paste(stage: Stage) -> None:
    invitation = stage.invite(delivery="link")
    stage.deliver()
    assert stage.mailer.sent == []
    (news,) = [line for line in stage.notifier.told if line[0] == "news"]
    assert news[2] == "ready_to_paste"
    assert invitation.token in str(news[3])


def test_channel_without_the_app_is_an_error_at_its_field(stage: Stage) -> None:
    draft = stage.draft(channel="C0OTHER")
    with pytest.raises(FormError) as refused:
        stage.services.invitations.send(DANA, draft, {})
    assert list(refused.value.fields) == [f.CHANNEL]


def test_without_a_connected_calendar_nothing_is_sent(stage: Stage) -> None:
    draft = stage.draft(CHARLIE, members=[DANA.user_id])
    with pytest.raises(NotConnectedError):
        stage.services.invitations.send(CHARLIE, draft, {})


def test_guests_may_not_invite(stage: Stage) -> None:
    with pytest.raises(NotAllowedError):
        stage.services.drafts.begin(GUEST, {})


def test_preview_is_the_mail_that_is_sent(stage: Stage) -> None:
    draft = stage.draft(message="See you soon?")
    preview = stage.services.invitations.preview(DANA, draft, {})
    assert "See you soon?" in preview
    assert "Anna" in preview


def test_resend_sends_the_same_link_again(stage: Stage) -> None:
    invitation = stage.invite()
    stage.deliver()
    stage.services.invitations.resend(DANA, invitation.id)
    stage.deliver()
    first, second = stage.mailer.sent
    assert first["Message-ID"] != second["Message-ID"]
    assert invitation.token in second.as_string().replace("=\n", "")


def test_resend_pressed_twice_sends_one_letter(stage: Stage) -> None:
    invitation = stage.invite()
    stage.deliver()
    for _ in range(3):
        stage.services.invitations.resend(DANA, invitation.id)
    stage.deliver()
    assert len(stage.mailer.sent) == 2


def test_resend_tries_a_letter_that_waits_at_once_and_not_twice(stage: Stage) -> None:
    invitation = stage.invite()
    stage.mailer.failures.append(DeliveryError("451 try later"))
    stage.deliver()
    assert stage.mailer.sent == []
    stage.services.invitations.resend(DANA, invitation.id)
    stage.deliver()
    assert len(stage.mailer.sent) == 1
    stage.clock.advance(timedelta(minutes=1))
    stage.deliver()
    assert len(stage.mailer.sent) == 1


def test_cancelled_invitation_is_not_mailed_any_more(stage: Stage) -> None:
    invitation = stage.invite()
    stage.services.invitations.cancel(DANA, invitation.id)
    stage.services.invitations.cancel(DANA, invitation.id)
    stage.deliver()
    assert stage.mailer.sent == []
    with pytest.raises(StaleStateError):
        stage.services.invitations.resend(DANA, invitation.id)


def test_booked_invitation_cannot_be_cancelled(stage: Stage) -> None:
    invitation = stage.invite()
    stage.book(invitation)
    with pytest.raises(StaleStateError, match="Anna Ruiz"):
        stage.services.invitations.cancel(DANA, invitation.id)


def test_refused_address_is_told_to_the_inviter(stage: Stage) -> None:
    invitation = stage.invite()
    stage.mailer.failures.append(DeliveryError("550 no such user", permanent=True))
    stage.deliver()
    item = stage.services.invitations.item(DANA, invitation.id)
    assert item.invitation.bounced_reason == "550 no such user"
    assert ("news", DANA.user_id, "failed_mail", "550 no such user") in stage.notifier.told


def test_email_that_arrives_when_sent_again_is_not_said_to_have_failed_any_more(stage: Stage) -> None:
    invitation = stage.invite()
    stage.mailer.failures.append(DeliveryError("452 mailbox full", permanent=True))
    stage.deliver()
    stage.services.invitations.resend(DANA, invitation.id)
    stage.deliver()
    item = stage.services.invitations.item(DANA, invitation.id)
    assert len(stage.mailer.sent) == 1
    assert (item.invitation.bounced_reason, item.invitation.sent_at) == ("", stage.clock())


@pytest.mark.parametrize(
    "act",
    [
        lambda stage, who, one: stage.services.invitations.item(who, one),
        lambda stage, who, one: stage.services.invitations.resend(who, one),
        lambda stage, who, one: stage.services.invitations.cancel(who, one),
        lambda stage, who, one: stage.services.invitations.link(who, one),
    ],
)
def test_only_those_concerned_and_administrators_may_act(
    stage: Stage, act: Callable[[Stage, object, str], object]
) -> None:
    invitation = stage.invite(PRIYA, members=[BEN.user_id])
    for allowed in (PRIYA, BEN, DANA):
        try:
            act(stage, allowed, invitation.id)
        except InviteOnceError as error:
            assert not isinstance(error, NotFoundError)  # noqa: PT017 - seen, though already cancelled
    with pytest.raises(NotFoundError):
        act(stage, CHARLIE, invitation.id)


def test_meeting_may_be_cancelled_by_the_assigned_but_not_by_strangers(stage: Stage) -> None:
    invitation = stage.invite(PRIYA, members=[BEN.user_id])
    stage.book(invitation)
    meeting = stage.services.invitations.item(PRIYA, invitation.id).meeting
    assert meeting is not None
    with pytest.raises(NotFoundError):
        stage.services.meetings.cancel(CHARLIE, meeting.id, "")
    stage.services.meetings.cancel(BEN, meeting.id, "Ill")
    stage.services.meetings.cancel(BEN, meeting.id, "Ill")
    stage.deliver()
    assert [line[1] for line in stage.notifier.told if line[0] == "news" and line[2] == "canceled"] == [
        "U0PRIYA",
        "U0BEN",
    ]


def test_home_lists_what_each_may_see(stage: Stage) -> None:
    stage.invite(PRIYA, members=[PRIYA.user_id])
    booked = stage.invite(DANA, members=[DANA.user_id, BEN.user_id])
    stage.book(booked)

    def seen(person: object, tab: Tab) -> int:
        return stage.services.activity.home(person, HomeState(tab))[1].total  # type: ignore[arg-type]

    assert [seen(person, Tab.INVITATIONS) for person in (DANA, PRIYA, BEN, CHARLIE)] == [1, 1, 0, 0]
    assert [seen(person, Tab.MEETINGS) for person in (DANA, PRIYA, BEN, CHARLIE)] == [1, 0, 1, 0]


def test_guests_see_the_meetings_that_they_are_assigned_to_and_nothing_else(stage: Stage) -> None:
    stage.calendar.shared.add(GUEST.email)
    stage.book(stage.invite(DANA, members=[DANA.user_id, GUEST.user_id]))
    stage.invite(DANA, members=[DANA.user_id, GUEST.user_id], email="bob@acme.com")
    state, page = stage.services.activity.home(GUEST, HomeState(Tab.INVITATIONS))
    assert state.tab is Tab.MEETINGS
    assert [type(item) for item in page.items] == [MeetingItem]


def test_home_pages(stage: Stage) -> None:
    for number in range(11):
        stage.invite(email=f"anna{number}@acme.com")
    _, first = stage.services.activity.home(DANA, HomeState(Tab.INVITATIONS, 0))
    state, second = stage.services.activity.home(DANA, HomeState(Tab.INVITATIONS, 1))
    assert (len(first.items), len(second.items), second.total) == (8, 3, 11)
    assert stage.services.activity.home(DANA, None)[0] == state


def test_expiry_tells_the_inviter_once(stage: Stage) -> None:
    invitation = stage.invite()
    stage.clock.now = invitation.expires_at + timedelta(seconds=1)
    assert [stage.services.followups.expire(), stage.services.followups.expire()] == [1, 0]
    stage.deliver()
    assert [line[2] for line in stage.notifier.told if line[0] == "news"] == ["expired"]


def test_a_refused_invitation_says_what_would_help(stage: Stage) -> None:
    draft = stage.draft(members=[DANA.user_id, PRIYA.user_id])
    stage.calendar.busy[PRIYA.email] = (Interval(NOW, NOW + timedelta(days=40)),)
    with pytest.raises(NoSlotsError, match=r"was not sent.*alone would help: Make Priya Raman optional"):
        stage.services.invitations.send(DANA, draft, {})


def test_why_explains_an_active_invitation_to_those_who_may_see_it(stage: Stage) -> None:
    invitation = stage.invite(members=[DANA.user_id, PRIYA.user_id])
    stage.calendar.busy[PRIYA.email] = (Interval(NOW, NOW + timedelta(days=3)),)
    stage.clock.advance(timedelta(seconds=1))
    found, report = stage.services.invitations.why(PRIYA, invitation.tracking_id.lower())
    assert found.id == invitation.id
    assert "Priya Raman" in [each.name for each in report.restrictions]
    for viewer, tracking_id in ((CHARLIE, invitation.tracking_id), (DANA, "ZZZZZZZZ")):
        with pytest.raises(NotFoundError, match="not yours to see"):
            stage.services.invitations.why(viewer, tracking_id)
    stage.services.invitations.cancel(DANA, invitation.id)
    with pytest.raises(StaleStateError, match="not active any more"):
        stage.services.invitations.why(DANA, invitation.tracking_id)
