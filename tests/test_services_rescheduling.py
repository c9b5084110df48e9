"""A Meeting moves: the same people, the same event, its own time no obstacle, and everybody is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from email.message import EmailMessage

import pytest

from bot.calendars.builtin import BuiltinCalendar
from bot.domain.activity import HomeState
from bot.domain.calendar import Attendee, Conference, Connection, ConnectionState, Event, EventStatus
from bot.domain.delivery import DeliveryKind
from bot.domain.ids import ConnectionId
from bot.domain.intervals import Interval
from bot.domain.invitation import Invitation
from bot.domain.meeting import Attendance, Meeting, MeetingStatus
from bot.errors import CalendarUnreadableError, SlotTakenError, StaleStateError
from bot.ports import UnitOfWorkFactory
from bot.services.availability import FRESH
from bot.services.rescheduling import Mover
from tests.cast import BEN, CHARLIE, DANA, NOW, PRIYA, WORKSPACE
from tests.fakes import FakeCalendar, FakeConferences
from tests.test_services_booking import FIRST, busy
from tests.world import Stage

QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def house(unit_of_work: UnitOfWorkFactory) -> Stage:
    """A stage with the playground's calendar: there our own events count as busy, as in any real one."""
    stage = Stage(unit_of_work, calendar=BuiltinCalendar(unit_of_work))  # type: ignore[arg-type]  # stands for the fake
    stage.connect()
    return stage


def meeting_of(stage: Stage, invitation: Invitation) -> Meeting:
    with stage.unit_of_work() as unit:
        meeting = unit.meetings.of_invitation(invitation.id)
    assert meeting is not None
    return meeting


def booked(stage: Stage, start: datetime = FIRST, **fields: object) -> Invitation:
    """An Invitation of Dana and Priya, booked, and everything delivered."""
    invitation = stage.invite(**{"members": [DANA.user_id, PRIYA.user_id], "working_hours": False, **fields})
    stage.book(invitation, start)
    stage.deliver()
    return invitation


def starts(stage: Stage, invitation: Invitation) -> tuple[datetime, ...]:
    return stage.services.rescheduling.offer(meeting_of(stage, invitation), invitation, max_age=FRESH).starts


def move(stage: Stage, invitation: Invitation, start: datetime, **who: object) -> Meeting:
    mover = Mover(**who) if who else Mover(by_customer=True)  # type: ignore[arg-type]  # each test names its own
    return stage.services.rescheduling.move(meeting_of(stage, invitation), invitation, start, mover)


def claims(stage: Stage) -> dict[str, list[Interval]]:
    people = [person.resource_id for person in (DANA, PRIYA, BEN)]
    with stage.unit_of_work() as unit:
        found = unit.claims.busy(WORKSPACE, people, Interval(NOW - DAY, NOW + 60 * DAY))
    return {str(who): list(intervals) for who, intervals in found.items() if intervals}


def put(stage: Stage, account: str, start: datetime, length: timedelta, uid: str = "theirs") -> None:
    """Somebody's own event."""
    nobody = Attendee("", account)
    event = Event(uid, 0, start, start + length, "Dentist", nobody, ())
    with stage.unit_of_work(write=True) as unit:
        unit.builtin_events.put(WORKSPACE, account, event)
        unit.commit()


def events(stage: Stage, account: str) -> Sequence[Event]:
    with stage.unit_of_work() as unit:
        return unit.builtin_events.between(WORKSPACE, account, Interval(NOW - DAY, NOW + 60 * DAY))


def mails(stage: Stage, subject: str) -> list[EmailMessage]:
    return [message for message in stage.mailer.sent if message["Subject"].startswith(subject)]


# ---------------------------------------------------------------- which times


def test_own_event_and_claims_are_no_obstacle(house: Stage) -> None:
    invitation = booked(house, spacing="15", buffer_after="15")
    assert FIRST + QUARTER in starts(house, invitation), "half of it lies in the meeting's own time"
    assert FIRST not in starts(house, invitation), "where it is already is no move"


def test_event_at_the_same_time_as_ours_still_blocks(house: Stage) -> None:
    invitation = booked(house, FIRST + HOUR, spacing="15")
    put(house, PRIYA.email, FIRST + HOUR, QUARTER)
    found = starts(house, invitation)
    assert FIRST + HOUR - QUARTER not in found
    assert FIRST + HOUR + QUARTER in found


def test_calendar_that_cannot_tell_ours_from_others_stays_busy(stage: Stage) -> None:
    invitation = booked(stage, spacing="15")
    stage.calendar.busy[PRIYA.email] = busy(FIRST, 0.5)
    assert FIRST + QUARTER not in starts(stage, invitation)
    assert FIRST + 2 * QUARTER in starts(stage, invitation)


def test_other_meetings_claim_still_blocks(house: Stage) -> None:
    first, second = booked(house, FIRST), booked(house, FIRST + HOUR, email="bob@acme.com")
    assert FIRST + HOUR not in starts(house, first)
    assert FIRST not in starts(house, second)


def test_those_assigned_stay_even_where_others_were_candidates(house: Stage) -> None:
    invitation = house.invite(members=[DANA.user_id], alternatives={DANA.user_id: [BEN.user_id]})
    house.book(invitation, FIRST)
    house.deliver()
    assert meeting_of(house, invitation).assigned == (DANA.resource_id,)
    put(house, DANA.email, FIRST + HOUR, HOUR)
    assert FIRST + HOUR not in starts(house, invitation), "Ben would be free, and is not in the meeting"
    assert move(house, invitation, FIRST + 2 * HOUR).assigned == (DANA.resource_id,)


def test_frame_that_is_over_gives_another_fortnight(house: Stage) -> None:
    friday = FIRST + 4 * DAY
    last = friday + timedelta(hours=7, minutes=30)
    invitation = booked(house, last, end_date=f"{friday:%Y-%m-%d}", members=[DANA.user_id])
    house.clock.now = last - HOUR * 2
    assert starts(house, invitation) == (last - HOUR, last - HOUR / 2), "an hour's notice, and the frame is still open"
    house.clock.now = last - HOUR
    found = starts(house, invitation)
    assert found[0] == FIRST + 7 * DAY
    assert found[-1].date() == (friday + 14 * DAY).date()


def test_event_that_somebody_has_dragged_may_be_followed(house: Stage) -> None:
    """It lies at 11:00 in the calendar, and at 09:00 with us: the inviter reschedules to 11:00."""
    invitation = booked(house, FIRST)
    meeting = meeting_of(house, invitation)
    for person in (DANA, PRIYA):
        (event,) = events(house, person.email)
        with house.unit_of_work(write=True) as unit:
            there = FIRST + 2 * HOUR
            unit.builtin_events.put(WORKSPACE, person.email, replace(event, start=there, end=there + meeting.duration))
            unit.commit()
    assert FIRST + 2 * HOUR not in starts(house, invitation)
    house.clock.advance(timedelta(minutes=2))
    house.services.reconcile.read_due()
    assert FIRST + 2 * HOUR in starts(house, invitation)


def test_back_to_the_old_time_before_the_calendars_know_of_the_move(house: Stage) -> None:
    invitation = booked(house)
    move(house, invitation, FIRST + HOUR)
    assert FIRST in starts(house, invitation), "our event lies there still"
    assert move(house, invitation, FIRST).start == FIRST


# ---------------------------------------------------------------- the move


def test_move_takes_claims_and_events_along(house: Stage) -> None:
    invitation = booked(house, spacing="15", buffer_before="15")
    moved = move(house, invitation, FIRST + QUARTER)
    assert (moved.status, moved.start, moved.sequence) == (MeetingStatus.RESCHEDULED, FIRST + QUARTER, 1)
    footprint = Interval(FIRST, FIRST + 3 * QUARTER)
    assert claims(house) == {DANA.user_id: [footprint], PRIYA.user_id: [footprint]}
    house.deliver()
    for person in (DANA, PRIYA):
        (event,) = events(house, person.email)
        assert (event.start, event.uid, event.sequence) == (FIRST + QUARTER, moved.uid, 1), "the same event"


def test_old_time_is_free_for_others(house: Stage) -> None:
    invitation = booked(house)
    move(house, invitation, FIRST + 2 * HOUR)
    house.deliver()
    booked(house, FIRST, email="bob@acme.com")
    assert len(claims(house)[DANA.user_id]) == 2


def test_what_a_move_or_a_cancellation_has_freed_is_offered_at_once(house: Stage) -> None:
    """Calendars were read a moment ago, with the event at its old time."""
    draft = house.draft()
    first = house.services.steps.count(draft).starts[0]
    invitation = booked(house, first)
    house.deliver()
    house.clock.advance(timedelta(minutes=6))
    assert first not in house.services.steps.count(draft).starts
    moved = move(house, invitation, first + 2 * HOUR)
    house.deliver()
    assert first in house.services.steps.count(draft).starts
    assert moved.start not in house.services.steps.count(draft).starts
    house.services.meetings.cancel(DANA, moved.id, "")
    house.deliver()
    assert moved.start in house.services.steps.count(draft).starts


def test_everybody_is_told_the_old_time_and_the_new(stage: Stage) -> None:
    stage.services.activity.home(DANA, HomeState())
    invitation = booked(stage, channel="C0SALES")
    stage.notifier.told.clear()
    move(stage, invitation, FIRST + HOUR)
    stage.deliver()
    news = {line[1:] for line in stage.notifier.told if line[0] == "news"}
    assert news == {(person.user_id, "moved", FIRST.isoformat()) for person in (DANA, PRIYA)}
    assert ("channel", "C0SALES", "moved") in stage.notifier.told
    assert any(line[0] == "card" and line[3] is MeetingStatus.RESCHEDULED for line in stage.notifier.told)
    assert any(line[0] == "home" for line in stage.notifier.told)
    (mail,) = mails(stage, "Moved: Roadmap review")
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]  # every mail of ours has text
    assert "3:00 PM–3:30 PM" in text
    assert "4:00 PM–4:30 PM" in text, "in Madrid"
    (invite,) = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    request = invite.get_payload(decode=True).decode()  # type: ignore[union-attr]  # text is bytes inside
    assert "METHOD:REQUEST" in request and "SEQUENCE:1" in request
    assert meeting_of(stage, invitation).uid in request


def test_where_the_calendar_invites_the_mail_does_not(stage: Stage) -> None:
    stage.calendar.delivers_to_attendees = True
    invitation = booked(stage)
    move(stage, invitation, FIRST + HOUR)
    stage.deliver()
    (mail,) = mails(stage, "Moved")
    assert [part for part in mail.walk() if part.get_content_type() == "text/calendar"] == []
    ((_, event),) = stage.calendar.events.items()
    assert event.start == FIRST + HOUR


def test_zoom_meeting_moves_along(stage: Stage) -> None:
    invitation = booked(stage, conferencing="zoom")
    link = meeting_of(stage, invitation).join_url
    move(stage, invitation, FIRST + HOUR)
    stage.deliver()
    assert list(stage.conferences.made.values()) == [FIRST + HOUR]
    assert meeting_of(stage, invitation).join_url == link


def test_move_before_the_conference_is_made_makes_one(stage: Stage) -> None:
    invitation = stage.invite(members=[DANA.user_id], conferencing="zoom")
    stage.book(invitation, FIRST)
    move(stage, invitation, FIRST + HOUR)
    stage.deliver()
    assert list(stage.conferences.made.values()) == [FIRST + HOUR]


def test_answers_are_asked_for_anew(house: Stage) -> None:
    invitation = booked(house)
    meeting = meeting_of(house, invitation)
    with house.unit_of_work(write=True) as unit:
        unit.meetings.set_attendance(meeting.id, PRIYA.user_id, Attendance.CONFIRMED)
        unit.commit()
    move(house, invitation, FIRST + HOUR)
    with house.unit_of_work() as unit:
        assert set(unit.meetings.attendance(meeting.id).values()) == {Attendance.INVITED}


def test_meeting_is_complete_after_its_new_end(house: Stage) -> None:
    invitation = booked(house)
    move(house, invitation, FIRST + HOUR)
    house.clock.now = FIRST + HOUR
    assert house.services.followups.complete() == 0
    house.clock.now = FIRST + 2 * HOUR
    assert house.services.followups.complete() == 1


def test_two_moves_in_a_row_are_told_once_from_what_was_known(stage: Stage) -> None:
    invitation = booked(stage)
    move(stage, invitation, FIRST + HOUR)
    move(stage, invitation, FIRST + 2 * HOUR)
    stage.deliver()
    assert len(mails(stage, "Moved")) == 1
    told = [line[3] for line in stage.notifier.told if line[0] == "news" and line[2] == "moved"]
    assert told == [FIRST.isoformat()] * 2, "one each, and nobody ever heard of the time between"
    assert {event.start for event in stage.calendar.events.values()} == {FIRST + 2 * HOUR}


def test_move_and_back_is_told_from_the_time_between(stage: Stage) -> None:
    invitation = booked(stage)
    move(stage, invitation, FIRST + HOUR)
    move(stage, invitation, FIRST)
    stage.deliver()
    told = {line[3] for line in stage.notifier.told if line[0] == "news" and line[2] == "moved"}
    assert told == {(FIRST + HOUR).isoformat()}


def test_move_that_was_cancelled_is_not_told(stage: Stage) -> None:
    invitation = booked(stage)
    move(stage, invitation, FIRST + HOUR)
    booking = stage.services.booking
    booking.cancel(invitation.token, booking.nonce(invitation.token), "")
    stage.deliver()
    assert mails(stage, "Moved") == []
    assert len(mails(stage, "Cancelled")) == 1
    assert meeting_of(stage, invitation).sequence == 2
    assert claims(stage) == {}


def test_move_of_a_booking_that_is_not_written_yet(house: Stage) -> None:
    invitation = house.invite(members=[DANA.user_id, PRIYA.user_id], working_hours=False)
    house.book(invitation, FIRST)
    move(house, invitation, FIRST + HOUR)
    house.deliver()
    for person in (DANA, PRIYA):
        (event,) = events(house, person.email)
        assert event.start == FIRST + HOUR


# ---------------------------------------------------------------- refusals


def test_slot_that_is_gone_is_refused_and_nothing_changes(house: Stage) -> None:
    invitation = booked(house)
    before = claims(house)
    put(house, PRIYA.email, FIRST + HOUR, HOUR)
    with pytest.raises(SlotTakenError):
        move(house, invitation, FIRST + HOUR)
    assert (meeting_of(house, invitation).start, claims(house)) == (FIRST, before)
    assert house.deliver() == []


def test_unreadable_calendar_is_named(house: Stage) -> None:
    invitation = booked(house)
    with house.unit_of_work(write=True) as unit:
        connection = unit.connections.get(ConnectionId(f"builtin-{PRIYA.user_id}"))
        assert connection is not None
        unit.connections.put(replace(connection, state=ConnectionState.BROKEN))
        unit.commit()
    with pytest.raises(CalendarUnreadableError) as refusal:
        move(house, invitation, FIRST + HOUR)
    assert refusal.value.names == (PRIYA.name,)


def test_meeting_that_has_begun_stays(house: Stage) -> None:
    invitation = booked(house)
    house.clock.now = FIRST
    with pytest.raises(StaleStateError):
        move(house, invitation, FIRST + HOUR)


def test_meeting_that_has_moved_meanwhile_is_stale(house: Stage) -> None:
    invitation = booked(house)
    known = meeting_of(house, invitation)
    move(house, invitation, FIRST + HOUR)
    with pytest.raises(StaleStateError):
        house.services.rescheduling.move(known, invitation, FIRST + 2 * HOUR, Mover())
    assert meeting_of(house, invitation).start == FIRST + HOUR


def test_read_back_waits_for_the_new_time_to_be_written(house: Stage) -> None:
    invitation = booked(house)
    move(house, invitation, FIRST + HOUR)
    for _ in range(3):
        house.clock.advance(timedelta(minutes=6))
        house.services.reconcile.read_due()
    item = house.services.activity.meeting_item(meeting_of(house, invitation), invitation)
    assert item.attention == (), "nobody has moved it away: it is we who are late"


# ---------------------------------------------------------------- while something is under way


class Interrupted(FakeCalendar):
    """A calendar that keeps whatever comes last; `meanwhile` happens once, while an event is on its way."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: Callable[[], object] = lambda: None

    def write(self, connection: Connection, event: Event, *, calendar: str = "") -> None:
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()
        self.events.pop((connection.account, event.uid), None)
        super().write(connection, event, calendar=calendar)

    cancel = write


def test_event_that_was_moved_while_it_was_written_lies_at_the_last_time(unit_of_work: UnitOfWorkFactory) -> None:
    """Another worker was faster with the move, and the older copy came last."""
    calendar = Interrupted()
    stage = Stage(unit_of_work, calendar=calendar)
    stage.connect()
    invitation = stage.invite(members=[DANA.user_id])
    stage.book(invitation, FIRST)

    def meanwhile() -> None:
        move(stage, invitation, FIRST + HOUR)
        for row in stage.services.deliveries.claim("faster"):
            stage.services.deliveries.carry_out(row, "faster")

    calendar.meanwhile = meanwhile
    stage.deliver()
    assert [event.start for event in calendar.events.values()] == [FIRST + HOUR]


def test_event_that_was_cancelled_while_it_was_written_is_cancelled(unit_of_work: UnitOfWorkFactory) -> None:
    calendar = Interrupted()
    stage = Stage(unit_of_work, calendar=calendar)
    stage.connect()
    invitation = booked(stage, members=[DANA.user_id])
    move(stage, invitation, FIRST + HOUR)

    def meanwhile() -> None:
        booking = stage.services.booking
        booking.cancel(invitation.token, booking.nonce(invitation.token), "")
        for row in stage.services.deliveries.claim("faster"):
            stage.services.deliveries.carry_out(row, "faster")

    calendar.meanwhile = meanwhile
    stage.deliver()
    assert [event.status for event in calendar.events.values()] == [EventStatus.CANCELLED]


class InterruptedConferences(FakeConferences):
    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: Callable[[], object] = lambda: None

    def create(self, meeting: Meeting, topic: str, *, host: str = "") -> Conference:
        made = super().create(meeting, topic, host=host)
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()
        return made


def test_conference_is_made_once_and_at_the_last_time(unit_of_work: UnitOfWorkFactory) -> None:
    conferences = InterruptedConferences()
    stage = Stage(unit_of_work, conferences=conferences)
    stage.connect()
    invitation = stage.invite(members=[DANA.user_id], conferencing="zoom")
    stage.book(invitation, FIRST)
    conferences.meanwhile = lambda: move(stage, invitation, FIRST + HOUR)
    rows = [row.kind for row in stage.deliver()]
    assert rows.count(DeliveryKind.CONFERENCE_WRITE) == 1, "the one under way sees to the new time"
    assert list(conferences.made.values()) == [FIRST + HOUR]


def test_member_without_a_calendar_reads_one_mail_of_two_moves(stage: Stage) -> None:
    invitation = stage.invite(members=[DANA.user_id], optional_members=[CHARLIE.user_id])
    stage.book(invitation, FIRST)
    stage.deliver()
    stage.mailer.sent.clear()
    move(stage, invitation, FIRST + HOUR)
    move(stage, invitation, FIRST + 2 * HOUR)
    stage.deliver()
    theirs = [mail for mail in stage.mailer.sent if CHARLIE.email in mail["To"]]
    assert len(theirs) == 1
    assert "has moved to this time" in theirs[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]  # text
