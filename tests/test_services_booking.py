"""The Customer books once, and nobody is booked twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain import fields as f
from bot.domain.booking import Situation
from bot.domain.intervals import Interval
from bot.domain.invitation import InvitationStatus
from bot.errors import CalendarUnreadableError, NotFoundError, SlotTakenError, StaleStateError
from tests.cast import BEN, DANA, NOW, PRIYA
from tests.world import Stage

FIRST = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)
"""09:00 in New York on the day of the tests."""


def busy(start: datetime, hours: float) -> tuple[Interval, ...]:
    return (Interval(start, start + timedelta(hours=hours)),)


def test_open_invitation_shows_what_is_free(stage: Stage) -> None:
    stage.calendar.busy[DANA.email] = busy(FIRST, 1)
    state = stage.services.booking.look(stage.invite().token)
    assert state.situation is Situation.OPEN
    assert state.starts[0] == FIRST + timedelta(hours=1)


def test_unknown_link_is_not_found(stage: Stage) -> None:
    with pytest.raises(NotFoundError):
        stage.services.booking.look("x" * 43)


def test_looking_changes_nothing(stage: Stage) -> None:
    invitation = stage.invite()
    stage.deliver()
    for _ in range(3):
        stage.services.booking.look(invitation.token)
        stage.services.booking.nonce(invitation.token)
    assert stage.deliver() == []
    assert stage.services.invitations.item(DANA, invitation.id).invitation.opened_at is None


def test_confirm_books_claims_and_tells(stage: Stage) -> None:
    invitation = stage.invite(members=[DANA.user_id, PRIYA.user_id], channel="C0SALES")
    start = stage.book(invitation)
    state = stage.services.booking.look(invitation.token)
    assert state.situation is Situation.BOOKED
    assert state.meeting is not None
    assert (state.meeting.start, state.meeting.assigned) == (start, (DANA.user_id, PRIYA.user_id))
    stage.deliver()
    assert {(account, event.start) for (account, _uid), event in stage.calendar.events.items()} == {
        (DANA.email, start),
        (PRIYA.email, start),
    }
    news = {line[1:3] for line in stage.notifier.told if line[0] == "news"}
    assert news == {(DANA.user_id, "booked"), (PRIYA.user_id, "booked")}
    assert ("channel", "C0SALES", "booked") in stage.notifier.told
    assert [message["To"].split()[-1] for message in stage.mailer.sent] == ["<anna@acme.com>"]


def test_double_click_is_one_meeting(stage: Stage) -> None:
    invitation = stage.invite()
    booking = stage.services.booking
    nonce = booking.nonce(invitation.token)
    booking.confirm(invitation.token, FIRST, nonce, None)
    with pytest.raises(StaleStateError):
        booking.confirm(invitation.token, FIRST, nonce, None)
    with pytest.raises(StaleStateError):
        booking.confirm(invitation.token, FIRST + timedelta(hours=1), booking.nonce(invitation.token), None)


def test_nonce_of_another_invitation_is_worthless(stage: Stage) -> None:
    invitation, other = stage.invite(), stage.invite(email="bob@acme.com")
    with pytest.raises(StaleStateError):
        stage.services.booking.confirm(invitation.token, FIRST, stage.services.booking.nonce(other.token), None)


@pytest.mark.parametrize("nonce", ["", ".", "x.y", "é.ü", "a" * 10_000])
def test_invented_nonce_is_worthless(stage: Stage, nonce: str) -> None:
    invitation = stage.invite()
    with pytest.raises(StaleStateError):
        stage.services.booking.confirm(invitation.token, FIRST, nonce, None)


def test_later_page_does_not_void_an_earlier_nonce(stage: Stage) -> None:
    invitation = stage.invite()
    earlier = stage.services.booking.nonce(invitation.token)
    stage.services.booking.nonce(invitation.token)
    state = stage.services.booking.confirm(invitation.token, FIRST, earlier, None)
    assert state.situation is Situation.BOOKED


def test_slot_taken_in_the_calendar_since_the_page_was_shown(stage: Stage) -> None:
    invitation = stage.invite()
    nonce = stage.services.booking.nonce(invitation.token)
    stage.calendar.busy[DANA.email] = busy(FIRST, 0.5)
    with pytest.raises(SlotTakenError):
        stage.services.booking.confirm(invitation.token, FIRST, nonce, None)
    state = stage.services.booking.confirm(invitation.token, FIRST + timedelta(minutes=30), nonce, None)
    assert state.situation is Situation.BOOKED


def test_what_is_left_is_said_by_the_calendars_that_refused_the_slot(stage: Stage) -> None:
    invitation = stage.invite()
    booking = stage.services.booking
    assert booking.look(invitation.token).starts[0] == FIRST
    stage.calendar.busy[DANA.email] = busy(FIRST, 2)
    with pytest.raises(SlotTakenError):
        booking.confirm(invitation.token, FIRST, booking.nonce(invitation.token), None)
    assert booking.look(invitation.token).starts[0] == FIRST + timedelta(hours=2)


def test_start_off_the_grid_is_no_slot(stage: Stage) -> None:
    invitation = stage.invite()
    nonce = stage.services.booking.nonce(invitation.token)
    with pytest.raises(SlotTakenError):
        stage.services.booking.confirm(invitation.token, FIRST + timedelta(minutes=10), nonce, None)


def test_meeting_of_another_invitation_takes_its_people(stage: Stage) -> None:
    first, second = stage.invite(), stage.invite(email="bob@acme.com", members=[DANA.user_id, BEN.user_id])
    stage.book(first, FIRST)
    nonce = stage.services.booking.nonce(second.token)
    with pytest.raises(SlotTakenError):
        stage.services.booking.confirm(second.token, FIRST, nonce, None)


def test_both_buffers_count_between_two_of_our_meetings(stage: Stage) -> None:
    buffers = {f.BUFFER_BEFORE: "15", f.BUFFER_AFTER: "15", f.SPACING: "15"}
    first, second = stage.invite(**buffers), stage.invite(email="bob@acme.com", **buffers)
    stage.book(first, FIRST)
    starts = stage.services.booking.look(second.token).starts
    assert starts[0] == FIRST + timedelta(minutes=60)


def test_unreadable_calendar_at_confirm_books_nothing(stage: Stage) -> None:
    invitation = stage.invite()
    nonce = stage.services.booking.nonce(invitation.token)
    stage.calendar.unreadable[DANA.email] = "time-out"
    with pytest.raises(CalendarUnreadableError) as refused:
        stage.services.booking.confirm(invitation.token, FIRST, nonce, None)
    assert refused.value.names == ("Dana Fox",)
    stage.calendar.unreadable.clear()
    assert stage.services.booking.confirm(invitation.token, FIRST, nonce, None).situation is Situation.BOOKED


def test_unreadable_calendar_shows_no_times(stage: Stage) -> None:
    invitation = stage.invite()
    stage.calendar.unreadable[DANA.email] = "HTML instead of JSON"
    stage.clock.advance(timedelta(minutes=2))
    assert stage.services.booking.look(invitation.token).situation is Situation.UNREADABLE


def test_all_taken(stage: Stage) -> None:
    invitation = stage.invite()
    stage.calendar.busy[DANA.email] = busy(NOW, 24 * 30)
    stage.clock.advance(timedelta(minutes=2))
    assert stage.services.booking.look(invitation.token).situation is Situation.ALL_TAKEN


def test_slot_inside_the_notice_is_gone(stage: Stage) -> None:
    invitation = stage.invite()
    nonce = stage.services.booking.nonce(invitation.token)
    stage.clock.now = FIRST - timedelta(minutes=59)
    with pytest.raises(SlotTakenError):
        stage.services.booking.confirm(invitation.token, FIRST, nonce, None)


def test_opened_is_recorded_once(stage: Stage) -> None:
    invitation = stage.invite()
    stage.services.booking.opened(invitation.token)
    stage.clock.advance(timedelta(hours=1))
    stage.services.booking.opened(invitation.token)
    assert stage.services.invitations.item(DANA, invitation.id).invitation.opened_at == NOW


def test_customer_cancels_and_the_time_is_free_again(stage: Stage) -> None:
    invitation, other = stage.invite(), stage.invite(email="bob@acme.com")
    booking = stage.services.booking
    stage.book(invitation, FIRST)
    assert FIRST not in booking.look(other.token).starts
    state = booking.cancel(invitation.token, booking.nonce(invitation.token), "Something came up")
    assert state.situation is Situation.CANCELED_BY_CUSTOMER
    assert FIRST in booking.look(other.token).starts
    stage.deliver()
    assert all(event.status == "cancelled" and event.sequence == 1 for event in stage.calendar.events.values())
    assert ("news", DANA.user_id, "canceled", "") in stage.notifier.told


def test_customer_cannot_cancel_after_the_start(stage: Stage) -> None:
    invitation = stage.invite()
    booking = stage.services.booking
    stage.book(invitation, FIRST)
    stage.clock.now = FIRST
    with pytest.raises(StaleStateError):
        booking.cancel(invitation.token, booking.nonce(invitation.token), "")


def test_cancelling_twice_is_once(stage: Stage) -> None:
    invitation = stage.invite()
    booking = stage.services.booking
    stage.book(invitation, FIRST)
    booking.cancel(invitation.token, booking.nonce(invitation.token), "")
    with pytest.raises(StaleStateError):
        booking.cancel(invitation.token, booking.nonce(invitation.token), "")
    assert booking.look(invitation.token).situation is Situation.CANCELED_BY_CUSTOMER


def test_withdrawn_invitation_cannot_be_booked(stage: Stage) -> None:
    invitation = stage.invite()
    nonce = stage.services.booking.nonce(invitation.token)
    stage.services.invitations.cancel(DANA, invitation.id)
    with pytest.raises(StaleStateError):
        stage.services.booking.confirm(invitation.token, FIRST, nonce, None)
    assert stage.services.booking.look(invitation.token).situation is Situation.WITHDRAWN


def test_expired_from_the_instant_no_start_is_left_even_before_the_worker_says_so(stage: Stage) -> None:
    invitation = stage.invite()
    last = datetime(2026, 12, 14, 21, 30, tzinfo=UTC)
    assert invitation.expires_at == last - timedelta(hours=1)
    stage.clock.now = invitation.expires_at
    assert stage.services.booking.look(invitation.token).situation is Situation.OPEN
    stage.clock.advance(timedelta(seconds=1))
    assert stage.services.booking.look(invitation.token).situation is Situation.EXPIRED


def test_booked_meeting_becomes_past(stage: Stage) -> None:
    invitation = stage.invite()
    stage.book(invitation, FIRST)
    stage.clock.now = FIRST + timedelta(minutes=30)
    assert stage.services.booking.look(invitation.token).situation is Situation.PAST
    assert stage.services.followups.complete() == 1
    item = stage.services.invitations.item(DANA, invitation.id)
    assert item.invitation.status is InvitationStatus.SCHEDULED
    assert item.meeting is not None
    assert item.meeting.status == "completed"
