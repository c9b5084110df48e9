"""Meetings end once, one is live per Invitation, and those concerned see them."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from bot.domain.ids import ChannelId, MeetingId
from bot.domain.invitation import Invitation, MessageRef
from bot.domain.meeting import CanceledBy, Meeting, MeetingStatus
from bot.ports import UnitOfWork, UnitOfWorkFactory
from tests.cast import seats
from tests.storage_cast import (
    ATLAS,
    BEN,
    DANA,
    DAY,
    GLOBEX,
    HOUR,
    MALLORY,
    MINUTE,
    NOON,
    NORTHWIND,
    PRIYA,
    a_meeting,
    an_invitation,
)

SCHEDULED, CANCELED, COMPLETED = MeetingStatus.SCHEDULED, MeetingStatus.CANCELED, MeetingStatus.COMPLETED


def booked(unit: UnitOfWork, invitation: Invitation | None = None, **changes: Any) -> tuple[Meeting, Invitation]:
    invitation = invitation or an_invitation()
    meeting = a_meeting(invitation, **changes)
    unit.invitations.add(invitation)
    unit.meetings.add(meeting)
    return meeting, invitation


def test_meeting_comes_back_as_it_was(unit_of_work: UnitOfWorkFactory) -> None:
    with unit_of_work(write=True) as unit:
        meeting, invitation = booked(unit, an_invitation(PRIYA, ATLAS), customer_zone="America/New_York", sequence=2)
        assert unit.meetings.get(meeting.id) == meeting
        assert unit.meetings.of_invitation(invitation.id) == meeting
        assert unit.meetings.get(MeetingId("unknown")) is None


def test_cancelling_counts_once(unit_of_work: UnitOfWorkFactory) -> None:
    with unit_of_work(write=True) as unit:
        meeting, _ = booked(unit)
        cancelled = dataclasses.replace(
            meeting,
            status=CANCELED,
            sequence=1,
            canceled_by=CanceledBy.USER,
            canceled_by_id=DANA,
            cancel_reason="I am ill",
        )
        assert unit.meetings.cancel(cancelled)
        assert unit.meetings.get(meeting.id) == cancelled
        again = dataclasses.replace(cancelled, canceled_by=CanceledBy.CUSTOMER, canceled_by_id=None, sequence=2)
        assert not unit.meetings.cancel(again)
        assert not unit.meetings.complete(meeting.id)
        assert unit.meetings.get(meeting.id) == cancelled


def test_meeting_is_complete_once_its_end_has_come(unit_of_work: UnitOfWorkFactory) -> None:
    with unit_of_work(write=True) as unit:
        over, _ = booked(unit, start=NOON - 30 * MINUTE)
        running, _ = booked(unit, start=NOON - 29 * MINUTE)
        booked(unit, start=NOON - DAY, status=CANCELED)
        assert list(unit.meetings.due_to_complete(NOON, 10)) == [over]
        assert list(unit.meetings.due_to_complete(NOON + DAY, 1)) == [over]
        assert unit.meetings.complete(over.id)
        assert not unit.meetings.complete(over.id)
        assert list(unit.meetings.due_to_complete(NOON + DAY, 10)) == [running]


@pytest.mark.parametrize("status", [SCHEDULED, MeetingStatus.RESCHEDULED])
def test_database_refuses_a_second_live_meeting_of_an_invitation(
    unit_of_work: UnitOfWorkFactory, status: MeetingStatus
) -> None:
    with unit_of_work(write=True) as unit:
        _, invitation = booked(unit)
        with pytest.raises(IntegrityError):
            unit.meetings.add(a_meeting(invitation, NOON + DAY, status=status))


def test_latest_meeting_of_an_invitation_is_the_one_that_counts(unit_of_work: UnitOfWorkFactory) -> None:
    with unit_of_work(write=True) as unit:
        _, invitation = booked(unit, status=CANCELED)
        second = a_meeting(invitation, created_at=NOON + HOUR)
        unit.meetings.add(second)
        assert unit.meetings.of_invitation(invitation.id) == second
        assert unit.meetings.of_invitation(an_invitation().id) is None


def test_card_is_noted(unit_of_work: UnitOfWorkFactory) -> None:
    card = MessageRef(ChannelId("D0DANA"), "1.2")
    with unit_of_work(write=True) as unit:
        meeting, _ = booked(unit)
        unit.meetings.set_card(meeting.id, card)
        assert unit.meetings.get(meeting.id) == dataclasses.replace(meeting, card=card)


def test_inviter_and_assigned_see_a_meeting_and_possible_members_do_not(unit_of_work: UnitOfWorkFactory) -> None:
    with unit_of_work(write=True) as unit:
        alternatives = an_invitation(PRIYA, ATLAS)
        requirements = ((PRIYA, BEN), (ATLAS,))
        details = dataclasses.replace(alternatives.details, seats=seats(*requirements))
        pair = booked(unit, dataclasses.replace(alternatives, details=details))
        booked(unit, an_invitation(PRIYA, workspace_id=GLOBEX))
        for viewer in (None, DANA, PRIYA):
            found = unit.meetings.page(
                NORTHWIND, visible_to=viewer, statuses=[SCHEDULED], ends_after=None, offset=0, limit=9
            )
            assert (list(found[0]), found[1]) == ([pair], 1)
        for viewer in (BEN, MALLORY):
            found = unit.meetings.page(
                NORTHWIND, visible_to=viewer, statuses=[SCHEDULED], ends_after=None, offset=0, limit=9
            )
            assert (list(found[0]), found[1]) == ([], 0)


def test_pages_are_earliest_first_and_leave_out_what_has_ended(unit_of_work: UnitOfWorkFactory) -> None:
    with unit_of_work(write=True) as unit:
        later, sooner, ending, ended = (
            booked(unit, start=NOON + offset) for offset in (DAY, HOUR, -29 * MINUTE, -30 * MINUTE)
        )
        booked(unit, start=NOON + HOUR, status=CANCELED)

        def page(offset: int, limit: int) -> tuple[list[tuple[Meeting, Invitation]], int]:
            found, total = unit.meetings.page(
                NORTHWIND,
                visible_to=DANA,
                statuses=[SCHEDULED, COMPLETED],
                ends_after=NOON,
                offset=offset,
                limit=limit,
            )
            return list(found), total

        assert page(0, 2) == ([ending, sooner], 3)
        assert page(2, 2) == ([later], 3)
        everything = unit.meetings.page(
            NORTHWIND, visible_to=DANA, statuses=[SCHEDULED], ends_after=None, offset=0, limit=9
        )
        assert list(everything[0]) == [ended, ending, sooner, later]
