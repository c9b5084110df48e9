"""A Meeting's own event in several calendar systems: by whatever name, it is told from others, or stays busy."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta

import pytest

from bot.domain.calendar import Connection
from bot.domain.intervals import Interval
from bot.domain.invitation import Invitation
from bot.errors import CalendarUnreadableError
from bot.ports import UnitOfWorkFactory
from bot.services.availability import FRESH
from tests.cast import DANA, PRIYA
from tests.fakes import FakeCalendar
from tests.test_services_booking import FIRST
from tests.world import Stage

HALF = timedelta(minutes=30)
OWN = Interval(FIRST, FIRST + HALF)


class Itemised(FakeCalendar):
    """Delivers to attendees, whose calendars know the event by a name of the system's own.

    `items` are what lies in each account beside it, by what it is called there.
    """

    def __init__(self) -> None:
        super().__init__("google", delivers=True)
        self.items: dict[str, dict[str, Interval]] = {}
        self.refuses: set[str] = set()
        self.questions = 0

    def known_as(self, connection: Connection, uid: str, *, timeout_s: float, calendar: str = "") -> str:
        return f"shared:{uid}"

    def busy_besides(
        self, connection: Connection, uids: Collection[str], window: Interval, *, timeout_s: float, calendar: str = ""
    ) -> Sequence[Interval]:
        self.questions += 1
        if connection.account in self.refuses:
            raise CalendarUnreadableError("not shown")
        items = self.items.get(connection.account, {}).items()
        return [interval for uid, interval in items if uid not in uids and interval.overlaps(window)]


@pytest.fixture
def google() -> Itemised:
    return Itemised()


@pytest.fixture
def stage(unit_of_work: UnitOfWorkFactory, google: Itemised) -> Stage:
    stage = Stage(unit_of_work, systems={"google": google})
    stage.connect(DANA, PRIYA, provider="google")
    return stage


@pytest.fixture
def invitation(stage: Stage, google: Itemised) -> Invitation:
    """Booked at FIRST; the event is in Dana's calendar, and Google has put it into Priya's."""
    invitation = stage.invite(members=[DANA.user_id, PRIYA.user_id], working_hours=False, spacing="15")
    stage.book(invitation, FIRST)
    stage.deliver()
    ((_, uid),) = google.events
    for person in (DANA, PRIYA):
        google.busy[person.email] = (OWN,)
        google.items[person.email] = {f"shared:{uid}": OWN}
    return invitation


def may_overlap(stage: Stage, invitation: Invitation) -> bool:
    """Whether the meeting may move by a quarter of an hour."""
    meeting = stage.services.booking.look(invitation.token).meeting
    assert meeting is not None
    offer = stage.services.rescheduling.offer(meeting, invitation, max_age=FRESH)
    assert FIRST + HALF in offer.starts
    return FIRST + HALF / 2 in offer.starts


def test_event_is_known_in_the_invited_ones_calendars_too(stage: Stage, invitation: Invitation) -> None:
    assert may_overlap(stage, invitation)


def test_another_event_at_that_time_blocks(stage: Stage, invitation: Invitation, google: Itemised) -> None:
    google.items[PRIYA.email]["dentist"] = OWN
    assert not may_overlap(stage, invitation)


def test_what_cannot_be_told_apart_stays_busy(stage: Stage, invitation: Invitation, google: Itemised) -> None:
    google.refuses.add(PRIYA.email)
    assert not may_overlap(stage, invitation)


def test_account_that_is_read_through_another_stays_busy(
    stage: Stage, invitation: Invitation, google: Itemised, unit_of_work: UnitOfWorkFactory
) -> None:
    """Of a colleague's calendar nothing but free/busy is to be seen; here they share none at all."""
    with unit_of_work(write=True) as unit:
        (connection,) = unit.connections.of_user(PRIYA.workspace_id, PRIYA.user_id)
        unit.connections.delete(connection.id)
        unit.commit()
    meeting = stage.services.booking.look(invitation.token).meeting
    assert meeting is not None
    offer = stage.services.rescheduling.offer(meeting, invitation, max_age=FRESH)
    assert (offer.starts, offer.unreadable) == ((), (PRIYA.name,))


def test_pages_asked_for_again_and_again_ask_the_calendars_once_a_minute(
    stage: Stage, invitation: Invitation, google: Itemised
) -> None:
    moves = stage.services.customer_moves

    def questions() -> int:
        before = google.questions
        moves.look(invitation.token)
        return google.questions - before

    assert [questions() for _ in range(3)] == [2, 0, 0], "Dana's calendar and Priya's"
    google.items[PRIYA.email]["theirs"] = OWN
    assert not may_overlap(stage, invitation), "where it counts they are asked now"
    stage.clock.advance(timedelta(minutes=1, seconds=1))
    assert questions() == 2
    google.refuses.add(PRIYA.email)
    stage.clock.advance(timedelta(minutes=1, seconds=1))
    assert [questions() for _ in range(2)] == [2, 1], "who did not answer is asked again"
