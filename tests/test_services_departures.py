"""Somebody whom an open Invitation needs leaves Slack: its inviter hears of it once, its page keeps nobody waiting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain import fields as f
from bot.domain.booking import Situation
from bot.domain.delivery import News
from bot.domain.people import Person
from bot.errors import DeliveryError, SlotTakenError, StaleStateError
from tests.cast import BEN, DANA, PRIYA
from tests.world import Stage


@pytest.fixture
def house(stage: Stage) -> Stage:
    stage.connect()
    return stage


def leaves(stage: Stage, person: Person) -> None:
    stage.directory.known[person.workspace_id, person.user_id] = replace(person, is_deactivated=True)


def told(stage: Stage, news: News = News.DEPARTED) -> list[tuple[str, ...]]:
    stage.deliver()
    return [line[1:] for line in stage.notifier.told if line[0] == "news" and line[2] == news]


def test_inviter_hears_once_of_whom_the_invitation_waits_for_in_vain(house: Stage) -> None:
    house.invite(members=[DANA.user_id, PRIYA.user_id])
    house.invite(members=[DANA.user_id])
    assert house.services.departures.tell() == 0
    leaves(house, PRIYA)
    assert house.services.departures.tell() == 1
    assert house.services.departures.tell() == 0
    assert told(house) == [(DANA.user_id, "departed", PRIYA.name)]


def test_somebody_whom_slack_does_not_know_at_all_has_left(house: Stage) -> None:
    house.invite(members=[DANA.user_id, PRIYA.user_id])
    del house.directory.known[PRIYA.workspace_id, PRIYA.user_id]
    assert house.services.departures.tell() == 1
    assert told(house) == [(DANA.user_id, "departed", "Somebody who has left Slack")]


def test_while_an_alternative_is_there_nobody_is_waited_for(house: Stage) -> None:
    alternatives = {f.ALTERNATIVES: {PRIYA.user_id: [BEN.user_id]}}
    invitation = house.invite(members=[DANA.user_id, PRIYA.user_id], **alternatives)
    leaves(house, PRIYA)
    assert house.services.departures.tell() == 0
    assert house.services.booking.look(invitation.token).situation is Situation.OPEN
    leaves(house, BEN)
    assert house.services.departures.tell() == 1
    assert told(house) == [(DANA.user_id, "departed", f"{PRIYA.name}, {BEN.name}")]


def test_an_invitation_that_is_withdrawn_meanwhile_is_not_spoken_of(house: Stage) -> None:
    invitation = house.invite(members=[DANA.user_id, PRIYA.user_id])
    leaves(house, PRIYA)
    house.services.departures.tell()
    house.services.invitations.cancel(DANA, invitation.id)
    assert told(house) == []


def test_inviter_who_has_left_too_is_told_once_they_are_back(house: Stage) -> None:
    house.invite(members=[DANA.user_id, PRIYA.user_id])
    leaves(house, PRIYA)
    leaves(house, DANA)
    assert house.services.departures.tell() == 0
    house.directory.known[DANA.workspace_id, DANA.user_id] = DANA
    assert house.services.departures.tell() == 1
    assert told(house) == [(DANA.user_id, "departed", PRIYA.name)]


def test_slack_that_cannot_be_asked_has_told_nothing(house: Stage) -> None:
    house.invite(members=[DANA.user_id, PRIYA.user_id])
    leaves(house, PRIYA)
    house.directory.failure = DeliveryError("Slack is away.")
    assert house.services.departures.tell() == 0
    house.directory.failure = None
    assert house.services.departures.tell() == 1


def test_every_open_invitation_is_looked_through(house: Stage) -> None:
    for number in range(103):
        house.invite(members=[PRIYA.user_id], email=f"anna{number}@acme.com")
    leaves(house, PRIYA)
    assert house.services.departures.tell() == 103


def test_page_does_not_ask_the_customer_to_wait_for_somebody_who_has_left(house: Stage) -> None:
    invitation = house.invite(members=[DANA.user_id, PRIYA.user_id])
    booking = house.services.booking
    start = booking.look(invitation.token).starts[0]
    leaves(house, PRIYA)
    house.clock.advance(timedelta(minutes=10))
    assert booking.look(invitation.token).situation is Situation.ALL_TAKEN
    with pytest.raises(SlotTakenError):
        booking.confirm(invitation.token, start, booking.nonce(invitation.token), None)
    house.directory.known[PRIYA.workspace_id, PRIYA.user_id] = PRIYA
    assert booking.look(invitation.token).situation is Situation.OPEN


def test_page_asks_to_wait_for_a_calendar_beside_somebody_who_has_left(house: Stage) -> None:
    invitation = house.invite(members=[DANA.user_id, PRIYA.user_id])
    leaves(house, PRIYA)
    house.calendar.unreadable[DANA.email] = "time-out"
    house.clock.advance(timedelta(minutes=10))
    assert house.services.booking.look(invitation.token).situation is Situation.UNREADABLE


def test_inviter_hears_once_of_each_meeting_to_come_whose_member_has_left(house: Stage) -> None:
    house.book(house.invite(members=[DANA.user_id, PRIYA.user_id]))
    house.book(house.invite(members=[DANA.user_id]))
    house.deliver()
    leaves(house, PRIYA)
    assert [house.services.departures.tell(), house.services.departures.tell()] == [1, 0]
    assert told(house, News.MEMBER_LEFT) == [(DANA.user_id, "member_left", PRIYA.name)]


def test_meeting_in_which_somebody_has_taken_the_place_meanwhile_is_not_spoken_of(house: Stage) -> None:
    invitation = house.invite(members=[DANA.user_id, PRIYA.user_id])
    house.book(invitation)
    house.deliver()
    leaves(house, PRIYA)
    house.services.departures.tell()
    with house.unit_of_work() as unit:
        meeting = unit.meetings.of_invitation(invitation.id)
    assert meeting is not None
    house.services.reassigning.reassign(DANA, meeting.id, PRIYA.user_id, BEN.user_id)
    assert told(house, News.MEMBER_LEFT) == []


def test_meeting_that_is_over_needs_nobody(house: Stage) -> None:
    house.book(house.invite(members=[DANA.user_id, PRIYA.user_id]))
    leaves(house, PRIYA)
    house.clock.advance(timedelta(days=30))
    assert house.services.departures.tell() == 0


def is_forgotten(stage: Stage, person: Person) -> None:
    """Slack does not know them any more."""
    del stage.directory.known[person.workspace_id, person.user_id]


@pytest.mark.parametrize("goes", [leaves, is_forgotten])
def test_invitation_is_not_open_while_its_inviter_is_not_in_slack(
    house: Stage, goes: Callable[[Stage, Person], None]
) -> None:
    booking, invitation = house.services.booking, house.invite(members=[PRIYA.user_id])
    start = booking.look(invitation.token).starts[0]
    goes(house, DANA)
    assert booking.look(invitation.token).situation is Situation.WITHDRAWN
    with pytest.raises(StaleStateError):
        booking.confirm(invitation.token, start, booking.nonce(invitation.token), None)
    house.deliver()
    assert house.mailer.sent == []
    house.directory.known[DANA.workspace_id, DANA.user_id] = DANA
    house.clock.advance(timedelta(minutes=5))
    house.deliver()
    assert len(house.mailer.sent) == 1
    assert booking.look(invitation.token).situation is Situation.OPEN


@pytest.mark.parametrize("goes", [leaves, is_forgotten])
def test_meeting_is_shown_though_its_inviter_has_left(house: Stage, goes: Callable[[Stage, Person], None]) -> None:
    invitation = house.invite(members=[PRIYA.user_id])
    house.book(invitation)
    goes(house, DANA)
    assert house.services.booking.look(invitation.token).situation is Situation.BOOKED
