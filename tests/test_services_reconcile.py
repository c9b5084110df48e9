"""Events are read again: answers become statuses, and what differs is put to people, never acted on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from threading import Event as ThreadEvent

import pytest

from bot.domain.booking import Situation
from bot.domain.calendar import Connection, Event, EventStatus, PartStat
from bot.domain.event_copies import Trouble
from bot.domain.ids import ConnectionId
from bot.domain.invitation import Invitation
from bot.domain.meeting import Attendance
from bot.domain.people import Person
from bot.errors import NotFoundError, StaleStateError
from storage.database import Database
from tests.cast import BEN, CHARLIE, DANA, PRIYA
from tests.fakes import FakeCalendar
from tests.servers import DEADLINE_S, eventually
from tests.town import Town, ids
from tests.world import Stage, threads

MINUTE = timedelta(minutes=1)


def at_google(town: Town) -> Invitation:
    town.stage.connect(DANA, PRIYA, BEN, provider="google")
    return town.book(members=ids(DANA, PRIYA, BEN))


def at_caldav(town: Town) -> Invitation:
    town.stage.connect(DANA, PRIYA, provider="caldav")
    return town.book(members=ids(DANA, PRIYA))


def change(system: FakeCalendar, place: Person, **changes: object) -> None:
    """Somebody changes the event in this calendar by hand."""
    [uid] = {uid for _, uid in system.events}
    event = system.events[place.email, uid]
    system.events[place.email, uid] = replace(event, **changes)  # type: ignore[arg-type]  # each test names its own


def later(town: Town, by: timedelta = MINUTE) -> None:
    """Time goes by, the worker reads what is due and tells what there is to tell."""
    town.stage.clock.advance(by)
    town.stage.services.reconcile.read_due()
    town.stage.deliver()


def statuses(town: Town, invitation: Invitation) -> dict[str, Attendance]:
    item = town.stage.services.activity.meeting_item(town.meeting(invitation), invitation)
    return {person.name.split()[0]: attendance for person, attendance in item.members}


class Hanging(FakeCalendar):
    """Where events can be written and busy times read, and then no event can be read until all `is_over`."""

    def __init__(self) -> None:
        super().__init__()
        self.hangs, self.asked, self.is_over = False, list[str](), ThreadEvent()

    def read(self, connection: Connection, uid: str, *, calendar: str = "") -> Event | None:
        if self.hangs:
            self.asked.append(connection.account)
            self.is_over.wait(DEADLINE_S)
        return super().read(connection, uid, calendar=calendar)


def test_customers_see_times_while_calendars_hang_in_which_events_are_read_again(sqlite_database: Database) -> None:
    calendar = Hanging()
    with threads(2) as counting, threads(2) as reading_back:
        stage = Stage(
            sqlite_database.unit_of_work, systems={calendar.key: calendar}, pool=counting, read_back_pool=reading_back
        )
        stage.connect(DANA, PRIYA)
        stage.book(stage.invite(members=ids(DANA, PRIYA)))
        stage.deliver()
        open_one = stage.invite(email="bob@acme.com")
        stage.clock.advance(timedelta(minutes=10))
        calendar.hangs = True
        with threads(1) as worker:
            reading = worker.submit(stage.services.reconcile.read_due)
            eventually(lambda: len(calendar.asked) == 2, "both calendars are read")
            assert stage.services.booking.look(open_one.token).situation is Situation.OPEN
            calendar.is_over.set()
            assert reading.result(DEADLINE_S) == 2


# ---------------------------------------------------------------- answers


def test_answers_in_the_one_event_become_statuses(town: Town) -> None:
    invitation = at_google(town)
    uid = town.meeting(invitation).uid
    town.google.answer(DANA.email, uid, DANA.email, PartStat.ACCEPTED)
    town.google.answer(DANA.email, uid, PRIYA.email, PartStat.TENTATIVE)
    later(town)
    assert statuses(town, invitation) == {
        "Dana": Attendance.CONFIRMED,
        "Priya": Attendance.TENTATIVE,
        "Ben": Attendance.INVITED,
    }
    assert town.attention(invitation) == []


def test_each_copy_speaks_for_its_owner_only(town: Town) -> None:
    invitation = at_caldav(town)
    uid = town.meeting(invitation).uid
    town.caldav.answer(PRIYA.email, uid, PRIYA.email, PartStat.ACCEPTED)
    town.caldav.answer(PRIYA.email, uid, DANA.email, PartStat.DECLINED)
    later(town)
    assert statuses(town, invitation) == {"Dana": Attendance.INVITED, "Priya": Attendance.CONFIRMED}


def test_decline_is_told_to_the_inviter_once(town: Town) -> None:
    invitation = at_google(town)
    town.google.answer(DANA.email, town.meeting(invitation).uid, PRIYA.email, PartStat.DECLINED)
    for _ in range(3):
        later(town, timedelta(minutes=5))
    assert town.news("declined") == [(DANA.user_id, "Priya Raman")]
    assert statuses(town, invitation)["Priya"] is Attendance.DECLINED
    assert town.meeting(invitation).is_live


def test_answer_may_change_freely(town: Town) -> None:
    invitation = at_google(town)
    for answer, status in (
        (PartStat.DECLINED, Attendance.DECLINED),
        (PartStat.ACCEPTED, Attendance.CONFIRMED),
        (PartStat.NEEDS_ACTION, Attendance.INVITED),
    ):
        town.google.answer(DANA.email, town.meeting(invitation).uid, BEN.email, answer)
        later(town, timedelta(minutes=5))
        assert statuses(town, invitation)["Ben"] is status


# ---------------------------------------------------------------- by hand


def test_deleted_event_is_put_to_the_inviter_after_a_second_reading(town: Town) -> None:
    invitation = at_google(town)
    later(town)
    town.google.events.clear()
    later(town, timedelta(minutes=5))
    assert town.news("needs_attention") == []
    later(town)
    assert [finding.trouble for finding in town.attention(invitation)] == [Trouble.MISSING]
    for _ in range(3):
        later(town, timedelta(minutes=5))
    assert town.news("needs_attention") == [(DANA.user_id, "")]
    assert town.meeting(invitation).is_live, "nothing is ever cancelled by itself"
    assert town.google.events == {}, "nothing is ever written by itself"


def test_single_missing_read_is_no_deletion(town: Town) -> None:
    invitation = at_google(town)
    kept = dict(town.google.events)
    town.google.events.clear()
    later(town, timedelta(minutes=5))
    town.google.events = kept
    later(town)
    later(town, timedelta(minutes=5))
    assert town.attention(invitation) == []
    assert town.news("needs_attention") == []


def test_readings_less_than_a_minute_apart_prove_nothing(town: Town) -> None:
    invitation = at_google(town)
    later(town)
    town.google.events.clear()
    later(town, timedelta(minutes=5))
    for _ in range(5):
        town.stage.services.reconcile.nudge(ConnectionId("google-U0DANA"))
        later(town, timedelta(seconds=11))
    assert town.attention(invitation) == []
    later(town, timedelta(seconds=5))
    assert [finding.trouble for finding in town.attention(invitation)] == [Trouble.MISSING]


def test_unreadable_calendar_says_nothing_about_the_event(town: Town) -> None:
    invitation = at_google(town)
    town.google.unreadable[DANA.email] = "503"
    for _ in range(5):
        later(town, timedelta(minutes=5))
    assert town.attention(invitation) == []
    town.google.unreadable.clear()
    town.google.answer(DANA.email, town.meeting(invitation).uid, BEN.email, PartStat.ACCEPTED)
    later(town, timedelta(minutes=5))
    assert statuses(town, invitation)["Ben"] is Attendance.CONFIRMED


def test_cancelled_by_hand_counts_as_deleted_and_the_member_as_removed(town: Town) -> None:
    invitation = at_caldav(town)
    change(town.caldav, PRIYA, status=EventStatus.CANCELLED)
    for _ in range(3):
        later(town, timedelta(minutes=5))
    assert [finding.trouble for finding in town.attention(invitation)] == [Trouble.MISSING]
    assert statuses(town, invitation) == {"Dana": Attendance.INVITED, "Priya": Attendance.REMOVED}


def test_moved_event_says_where_to(town: Town) -> None:
    invitation = at_google(town)
    meeting = town.meeting(invitation)
    change(town.google, DANA, start=meeting.start + MINUTE * 60, end=meeting.end + MINUTE * 60)
    for _ in range(3):
        later(town, timedelta(minutes=5))
    [finding] = town.attention(invitation)
    assert (finding.trouble, finding.detail) == (Trouble.MOVED, (meeting.start + MINUTE * 60).isoformat())


def test_member_taken_out_of_the_event_is_removed(town: Town) -> None:
    invitation = at_google(town)
    [event] = town.google.events.values()
    change(town.google, DANA, attendees=tuple(one for one in event.attendees if one.email != BEN.email))
    for _ in range(3):
        later(town, timedelta(minutes=5))
    [finding] = town.attention(invitation)
    assert (finding.trouble, finding.detail) == (Trouble.ATTENDEES, "Ben Okafor")
    assert statuses(town, invitation)["Ben"] is Attendance.REMOVED


# ---------------------------------------------------------------- decisions


def moved(town: Town) -> tuple[Invitation, Event]:
    invitation = at_google(town)
    [event] = town.google.events.values()
    change(town.google, DANA, start=event.start + MINUTE * 60, end=event.end + MINUTE * 60)
    for _ in range(3):
        later(town, timedelta(minutes=5))
    return invitation, event


def test_writing_again_restores_the_event_for_everybody(town: Town) -> None:
    invitation, event = moved(town)
    town.stage.services.attention.write_again(DANA, town.meeting(invitation).id)
    town.stage.deliver()
    [present] = town.google.events.values()
    assert (present.start, present.end) == (event.start, event.end)
    assert present.sequence == event.sequence + 1, "calendars take it for the newer one"
    assert town.attention(invitation) == []
    with pytest.raises(StaleStateError):
        town.stage.services.attention.write_again(DANA, town.meeting(invitation).id)


def test_kept_as_it_is_nobody_hears_of_it_again(town: Town) -> None:
    invitation, event = moved(town)
    meeting_id = town.meeting(invitation).id
    town.stage.services.attention.keep(DANA, meeting_id)
    for _ in range(5):
        later(town, timedelta(minutes=5))
    assert town.attention(invitation) == []
    assert len(town.news("needs_attention")) == 1
    change(town.google, DANA, start=event.start + MINUTE * 90, end=event.end + MINUTE * 90)
    for _ in range(3):
        later(town, timedelta(minutes=5))
    assert len(town.news("needs_attention")) == 2, "another time is another question"


def test_who_may_not_see_the_meeting_may_not_decide(town: Town) -> None:
    invitation, _ = moved(town)
    for decide in (town.stage.services.attention.write_again, town.stage.services.attention.keep):
        with pytest.raises(NotFoundError):
            decide(CHARLIE, town.meeting(invitation).id)


def test_what_was_put_right_by_hand_needs_nobody(town: Town) -> None:
    invitation, event = moved(town)
    change(town.google, DANA, start=event.start, end=event.end)
    later(town, timedelta(minutes=5))
    assert town.attention(invitation) == []


# ---------------------------------------------------------------- the worker's side


def test_events_are_read_until_the_meeting_is_over(town: Town) -> None:
    invitation = at_google(town)
    town.stage.clock.now = town.meeting(invitation).end
    later(town, timedelta())
    later(town, timedelta(days=1))
    with town.stage.unit_of_work() as unit:
        assert [copy.check_at for copy in unit.event_copies.of_meeting(town.meeting(invitation).id)] == [None]


def test_cancelled_meetings_event_is_read_no_more(town: Town) -> None:
    invitation = at_google(town)
    town.cancel(invitation)
    for _ in range(3):
        later(town, timedelta(minutes=5))
    assert town.attention(invitation) == []
    assert town.news("needs_attention") == []


def test_two_workers_do_not_read_the_same_event(town: Town) -> None:
    at_google(town)
    town.stage.clock.advance(MINUTE)
    with town.stage.unit_of_work() as unit:
        due = unit.event_copies.due(town.stage.clock(), 10)
    with town.stage.unit_of_work(write=True) as unit:
        until = town.stage.clock() + 5 * MINUTE
        assert [unit.event_copies.lease(copy, until) for copy in due] == [True]
        assert [unit.event_copies.lease(copy, until) for copy in due] == [False]
        unit.commit()
    assert town.stage.services.reconcile.read_due() == 0
