"""Meetings end once, one is live per Invitation, and those concerned see them."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from bot.domain.ids import ChannelId, MeetingId, ResourceId
from bot.domain.intervals import Interval
from bot.domain.invitation import Invitation, MessageRef
from bot.domain.meeting import Attendance, CanceledBy, Meeting, MeetingStatus, Move, Receipt
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


def test_meeting_moves_while_it_is_live(unit_of_work: UnitOfWorkFactory) -> None:
    with unit_of_work(write=True) as unit:
        meeting, _ = booked(unit, an_invitation(PRIYA, ATLAS), start=NOON)
        unit.meetings.set_attendance(meeting.id, PRIYA, Attendance.CONFIRMED)
        moved = dataclasses.replace(
            meeting,
            start=NOON + DAY,
            status=MeetingStatus.RESCHEDULED,
            sequence=1,
            customer_zone="Asia/Tokyo",
            last_move=Move(NOON, NOON - DAY, 1, by_id=PRIYA, note="I am ill"),
        )
        assert unit.meetings.move(moved)
        assert unit.meetings.get(meeting.id) == moved
        assert unit.meetings.attendance(meeting.id) == {PRIYA: Attendance.INVITED}, "they are to answer anew"
        assert list(unit.meetings.due_to_complete(NOON + 2 * HOUR, 10)) == [], "it ends a day later now"
        assert list(unit.meetings.due_to_complete(NOON + DAY + HOUR, 10)) == [moved]
        assert unit.meetings.cancel(moved)
        assert not unit.meetings.move(moved)


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
            found = unit.meetings.page(NORTHWIND, visible_to=viewer, statuses=[SCHEDULED], offset=0, limit=9)
            assert (list(found[0]), found[1]) == ([pair], 1)
        for viewer in (BEN, MALLORY):
            found = unit.meetings.page(NORTHWIND, visible_to=viewer, statuses=[SCHEDULED], offset=0, limit=9)
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
        everything = unit.meetings.page(NORTHWIND, visible_to=DANA, statuses=[SCHEDULED], offset=0, limit=9)
        assert list(everything[0]) == [ended, ending, sooner, later]


def test_pages_may_be_those_that_start_between_two_instants(unit_of_work: UnitOfWorkFactory) -> None:
    with unit_of_work(write=True) as unit:
        first, second, _ = (booked(unit, start=NOON + offset, status=COMPLETED) for offset in (-DAY, -HOUR, HOUR))
        found, total = unit.meetings.page(
            NORTHWIND, visible_to=DANA, statuses=[COMPLETED], starts_in=Interval(NOON - DAY, NOON), offset=0, limit=9
        )
        assert (list(found), total) == ([first, second], 2)


def test_no_show_is_marked_once_and_taken_back_once(unit_of_work: UnitOfWorkFactory) -> None:
    with unit_of_work(write=True) as unit:
        meeting, _ = booked(unit, status=COMPLETED)
        assert not unit.meetings.unmark_no_show(meeting.id)
        assert unit.meetings.mark_no_show(meeting.id, NOON)
        assert not unit.meetings.mark_no_show(meeting.id, NOON + HOUR)
        marked = dataclasses.replace(meeting, status=MeetingStatus.NO_SHOW, no_show_at=NOON)
        assert unit.meetings.get(meeting.id) == marked
        assert unit.meetings.unmark_no_show(meeting.id)
        assert unit.meetings.get(meeting.id) == meeting
        cancelled, _ = booked(unit, status=CANCELED)
        assert not unit.meetings.mark_no_show(cancelled.id, NOON)


def test_reassigned_meeting_is_the_new_persons_and_no_longer_the_old_ones(unit_of_work: UnitOfWorkFactory) -> None:
    with unit_of_work(write=True) as unit:
        before, _ = booked(unit, an_invitation(PRIYA, ATLAS), sequence=4)
        new = (ResourceId(BEN), ATLAS)
        after = dataclasses.replace(before, assigned=new, receipts=(Receipt(new[0], "in place of Priya"),))
        assert unit.meetings.reassign(after, before, NOON + HOUR)
        assert unit.meetings.get(before.id) == dataclasses.replace(after, sequence=5)
        assert unit.meetings.attendance(before.id) == {PRIYA: Attendance.REMOVED, BEN: Attendance.INVITED}
        assert not unit.meetings.set_attendance(before.id, PRIYA, Attendance.CONFIRMED), "she is not assigned"
        assert unit.meetings.set_attendance(before.id, BEN, Attendance.CONFIRMED)
        pages = {
            viewer: unit.meetings.page(NORTHWIND, visible_to=viewer, statuses=[SCHEDULED], offset=0, limit=9)[1]
            for viewer in (DANA, PRIYA, BEN)
        }
        assert pages == {DANA: 1, PRIYA: 0, BEN: 1}
        unit.commit()
    with unit_of_work(write=True) as unit:
        assert unit.pools.last_assigned(NORTHWIND, [*new]) == {BEN: NOON + HOUR, ATLAS: before.created_at}
        back = dataclasses.replace(after, assigned=before.assigned, vacant=(7,), receipts=())
        assert unit.meetings.reassign(back, after, NOON + DAY)
        assert unit.meetings.attendance(before.id) == {PRIYA: Attendance.INVITED, BEN: Attendance.REMOVED}


def test_of_two_who_saw_the_same_meeting_one_reassigns_it(unit_of_work: UnitOfWorkFactory) -> None:
    with unit_of_work(write=True) as unit:
        before, _ = booked(unit)
        after = dataclasses.replace(before, assigned=(ResourceId(BEN),))
        assert unit.meetings.reassign(after, before, NOON)
        assert not unit.meetings.reassign(dataclasses.replace(before, assigned=(ResourceId(DANA),)), before, NOON)
        cancelled, _ = booked(unit, status=CANCELED)
        assert not unit.meetings.reassign(dataclasses.replace(cancelled, assigned=(ResourceId(BEN),)), cancelled, NOON)
        moved = dataclasses.replace(after, start=NOON + DAY)
        assert not unit.meetings.reassign(dataclasses.replace(moved, assigned=(ResourceId(DANA),)), moved, NOON)
