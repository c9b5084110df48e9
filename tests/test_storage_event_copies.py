"""Where events lie, who has answered, and where to join: stored, and shared between workers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from bot.domain.calendar import Conference
from bot.domain.delivery import DeliveryKind
from bot.domain.event_copies import CopyRole, EventCopy, Finding, Trouble
from bot.domain.ids import ConnectionId, MeetingId, ResourceId, new_link_token
from bot.domain.meeting import Attendance, Meeting
from bot.ports import UnitOfWork, UnitOfWorkFactory
from tests.storage_cast import ATLAS, BEN, DAY, MINUTE, NOON, NORTHWIND, PRIYA, a_delivery, a_meeting, an_invitation


def booked(unit: UnitOfWork) -> Meeting:
    invitation = an_invitation(PRIYA, BEN)
    meeting = a_meeting(invitation)
    unit.invitations.add(invitation)
    unit.meetings.add(meeting)
    return meeting


def a_copy(meeting: Meeting, holder: str = PRIYA, **changes: Any) -> EventCopy:
    copy = EventCopy(
        meeting_id=meeting.id,
        workspace_id=NORTHWIND,
        holder=ResourceId(holder),
        role=CopyRole.COPY,
        token=new_link_token(),
        connection_id=ConnectionId("c1"),
        provider="caldav",
        calendar="https://dav.example/priya/",
    )
    return replace(copy, **changes)


def test_copy_comes_back_as_it_was(unit_of_work: UnitOfWorkFactory) -> None:
    with unit_of_work(write=True) as unit:
        meeting = booked(unit)
        copy = a_copy(
            meeting,
            written=3,
            check_at=NOON,
            suspicion=Finding(Trouble.MISSING),
            suspected_at=NOON - MINUTE,
            finding=Finding(Trouble.MOVED, "2027-03-10T13:00:00+00:00"),
            is_accepted=True,
        )
        event = a_copy(meeting, BEN, role=CopyRole.EVENT)
        unit.event_copies.put(copy, event, a_copy(meeting, ATLAS))
        assert unit.event_copies.get(meeting.id, copy.holder, lock=True) == copy
        assert [found.holder for found in unit.event_copies.of_meeting(meeting.id)] == [BEN, PRIYA, ATLAS]
        assert unit.event_copies.by_token(copy.token) == copy
        assert unit.event_copies.by_token("x") is None
        unit.event_copies.put(replace(copy, finding=None, is_accepted=False))
        assert unit.event_copies.get(meeting.id, copy.holder) == replace(copy, finding=None, is_accepted=False)
        unit.event_copies.delete(meeting.id, copy.holder)
        assert unit.event_copies.get(meeting.id, copy.holder) is None
        assert unit.event_copies.of_meeting(MeetingId("unknown")) == ()


def test_longest_overdue_is_read_first(unit_of_work: UnitOfWorkFactory) -> None:
    with unit_of_work(write=True) as unit:
        meeting = booked(unit)
        late, later, future, never = (
            a_copy(meeting, holder, check_at=at)
            for holder, at in (("U1", NOON - MINUTE), ("U2", NOON), ("U3", NOON + MINUTE), ("U4", None))
        )
        unit.event_copies.put(later, late, future, never)
        assert list(unit.event_copies.due(NOON, 9)) == [late, later]
        assert list(unit.event_copies.due(NOON, 1)) == [late]
        assert unit.event_copies.check_by(ConnectionId("c1"), NOON) == 1
        assert len(unit.event_copies.due(NOON, 9)) == 3


def test_of_workers_that_lease_a_reading_at_once_one_gets_it(unit_of_work: UnitOfWorkFactory) -> None:
    with unit_of_work(write=True) as unit:
        copies = [a_copy(booked(unit), check_at=NOON) for _ in range(20)]
        unit.event_copies.put(*copies)
        unit.commit()

    def lease(copy: EventCopy) -> bool:
        with unit_of_work(write=True) as unit:
            got = unit.event_copies.lease(copy, NOON + DAY)
            unit.commit()
        return got

    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lease, copies * 4))
    assert sum(got) == len(copies)


def test_members_begin_as_invited_and_change_freely(unit_of_work: UnitOfWorkFactory) -> None:
    with unit_of_work(write=True) as unit:
        meeting = booked(unit)
        assert unit.meetings.attendance(meeting.id) == {PRIYA: Attendance.INVITED, BEN: Attendance.INVITED}
        assert unit.meetings.set_attendance(meeting.id, BEN, Attendance.DECLINED)
        assert not unit.meetings.set_attendance(meeting.id, BEN, Attendance.DECLINED)
        assert unit.meetings.attendance(meeting.id) == {PRIYA: Attendance.INVITED, BEN: Attendance.DECLINED}


def test_link_to_join_is_kept_and_raises_the_sequence_where_others_were_told_without(
    unit_of_work: UnitOfWorkFactory,
) -> None:
    made = Conference("9", "https://zoom.example/j/9")
    with unit_of_work(write=True) as unit:
        meeting = booked(unit)
        assert unit.meetings.set_conference_problem(meeting.id, "Zoom does not answer.")
        assert not unit.meetings.set_conference_problem(meeting.id, "Zoom does not answer.")
        assert unit.meetings.set_conference(meeting.id, made, is_change=True)
        assert not unit.meetings.set_conference(meeting.id, made, is_change=True)
        expected = replace(meeting, join_url=made.join_url, conference_id="9", sequence=1)
        assert unit.meetings.get(meeting.id) == expected
        assert unit.meetings.set_conference(meeting.id, replace(made, id="10"), is_change=False)
        assert unit.meetings.get(meeting.id) == replace(expected, conference_id="10")
        assert unit.meetings.raise_sequence(meeting.id)
        assert unit.meetings.get(meeting.id) == replace(expected, conference_id="10", sequence=2)


def test_waiting_delivery_is_brought_forward_and_never_put_off(unit_of_work: UnitOfWorkFactory) -> None:
    kind = DeliveryKind.MAIL_CONFIRMATION
    with unit_of_work(write=True) as unit:
        unit.outbox.add(
            a_delivery("m", kind=kind, due_at=NOON + 2 * MINUTE), a_delivery("m", kind=kind, due_at=NOON - MINUTE)
        )
        assert unit.outbox.hasten("m", kind, NOON)
        assert sorted(delivery.due_at for delivery in unit.outbox.pending("m")) == [NOON - MINUTE, NOON]
        assert not unit.outbox.hasten("m", DeliveryKind.MAIL_CANCELLATION, NOON)
        assert not unit.outbox.hasten("other", kind, NOON)


def test_withdrawn_copies_are_out_of_sight_until_asked_for(unit_of_work: UnitOfWorkFactory) -> None:
    with unit_of_work(write=True) as unit:
        meeting = booked(unit)
        stays, goes = a_copy(meeting, BEN), a_copy(meeting, is_withdrawn=True)
        unit.event_copies.put(stays, goes)
        assert list(unit.event_copies.of_meeting(meeting.id)) == [stays]
        assert list(unit.event_copies.of_meeting(meeting.id, with_withdrawn=True)) == [stays, goes]
        assert unit.event_copies.get(meeting.id, goes.holder) == goes
