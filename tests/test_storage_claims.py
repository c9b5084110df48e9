"""Two live claims of one person or room never overlap; touching is not overlapping."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import InvalidRequestError

from bot.domain.ids import MeetingId, ResourceId
from bot.domain.intervals import Interval
from bot.domain.meeting import Meeting
from bot.errors import ClaimRefusedError
from bot.ports import UnitOfWork, UnitOfWorkFactory
from storage.database import Database
from storage.repositories.claims import cells
from tests.servers import DEADLINE_S
from tests.storage_cast import ATLAS, BEN, DAY, GLOBEX, HOUR, MINUTE, NOON, NORTHWIND, PRIYA, a_meeting, an_invitation

WINDOW = Interval(NOON - DAY, NOON + DAY)


def booked(unit: UnitOfWork, footprint: Interval, *resources: str, **changes: Any) -> Meeting:
    invitation = an_invitation(*resources, **changes)
    meeting = a_meeting(invitation, footprint.start)
    unit.invitations.add(invitation)
    unit.meetings.add(meeting)
    unit.claims.add(meeting, footprint)
    return meeting


def hour(offset: timedelta = timedelta()) -> Interval:
    return Interval(NOON + offset, NOON + offset + HOUR)


@pytest.mark.parametrize("minutes", [-55, -5, 0, 5, 55])
def test_overlapping_claim_is_refused(unit_of_work: UnitOfWorkFactory, minutes: int) -> None:
    with unit_of_work(write=True) as unit:
        booked(unit, hour(), PRIYA, ATLAS)
        with pytest.raises(ClaimRefusedError):
            booked(unit, hour(minutes * MINUTE), BEN, PRIYA)


@pytest.mark.parametrize("minutes", [-60, 60])
def test_touching_claims_are_both_granted(unit_of_work: UnitOfWorkFactory, minutes: int) -> None:
    with unit_of_work(write=True) as unit:
        booked(unit, hour(), PRIYA)
        booked(unit, hour(minutes * MINUTE), PRIYA)


def test_footprint_off_the_five_minutes_claims_every_cell_it_touches(unit_of_work: UnitOfWorkFactory) -> None:
    with unit_of_work(write=True) as unit:
        booked(unit, Interval(NOON + MINUTE, NOON + 6 * MINUTE), PRIYA)
        with pytest.raises(ClaimRefusedError):
            booked(unit, Interval(NOON + 9 * MINUTE, NOON + 12 * MINUTE), PRIYA)


def test_refused_claim_leaves_nothing_after_rollback(unit_of_work: UnitOfWorkFactory) -> None:
    with unit_of_work(write=True) as unit:
        booked(unit, hour(), PRIYA)
        unit.commit()
    with pytest.raises(ClaimRefusedError), unit_of_work(write=True) as unit:
        booked(unit, hour(30 * MINUTE), BEN, PRIYA)
    with unit_of_work() as unit:
        assert unit.claims.busy(NORTHWIND, [PRIYA, BEN], WINDOW) == {PRIYA: [hour()], BEN: []}


def test_nothing_can_be_committed_after_a_refused_claim(unit_of_work: UnitOfWorkFactory) -> None:
    with unit_of_work(write=True) as unit:
        booked(unit, hour(), PRIYA)
        unit.commit()
    with unit_of_work(write=True) as unit:
        with pytest.raises(ClaimRefusedError):
            booked(unit, hour(30 * MINUTE), BEN, PRIYA)
        with pytest.raises(InvalidRequestError):
            unit.commit()
    with unit_of_work(write=True) as unit:
        booked(unit, hour(30 * MINUTE), BEN)


def test_other_people_and_other_workspaces_are_not_in_the_way(unit_of_work: UnitOfWorkFactory) -> None:
    with unit_of_work(write=True) as unit:
        booked(unit, hour(), PRIYA)
        booked(unit, hour(), BEN, ATLAS)
        booked(unit, hour(), PRIYA, workspace_id=GLOBEX)
        assert unit.claims.busy(NORTHWIND, [PRIYA, ATLAS], WINDOW) == {PRIYA: [hour()], ATLAS: [hour()]}


def test_released_time_can_be_claimed_again(unit_of_work: UnitOfWorkFactory) -> None:
    with unit_of_work(write=True) as unit:
        meeting = booked(unit, hour(), PRIYA, ATLAS)
        unit.claims.release(meeting.id)
        unit.claims.release(MeetingId("unknown"))
        assert unit.claims.busy(NORTHWIND, [PRIYA, ATLAS], WINDOW) == {PRIYA: [], ATLAS: []}
        booked(unit, hour(), ATLAS, PRIYA)


def test_busy_gives_whole_footprints_that_overlap_the_window(unit_of_work: UnitOfWorkFactory) -> None:
    with unit_of_work(write=True) as unit:
        for hours in (3, 0, 1, 2):
            booked(unit, hour(hours * HOUR), PRIYA)
        window = Interval(NOON + HOUR, NOON + 2 * HOUR + MINUTE)
        assert unit.claims.busy(NORTHWIND, [PRIYA, BEN], window) == {PRIYA: [hour(HOUR), hour(2 * HOUR)], BEN: []}
        assert unit.claims.busy(NORTHWIND, [], window) == {}


def test_what_is_long_past_is_forgotten_and_nothing_else(unit_of_work: UnitOfWorkFactory) -> None:
    with unit_of_work(write=True) as unit:
        past, present = booked(unit, hour(-HOUR), PRIYA, ATLAS), booked(unit, hour(), PRIYA)
        assert unit.claims.delete_older(NOON - HOUR) == 0
        assert unit.claims.delete_older(NOON) == 2
        assert unit.claims.busy(NORTHWIND, [PRIYA, ATLAS], WINDOW) == {PRIYA: [hour()], ATLAS: []}
        unit.claims.add(past, hour(-HOUR))
        with pytest.raises(ClaimRefusedError):
            unit.claims.add(present, hour())


def test_own_claims_can_be_left_out(unit_of_work: UnitOfWorkFactory) -> None:
    with unit_of_work(write=True) as unit:
        own = booked(unit, hour(), PRIYA)
        booked(unit, hour(HOUR), PRIYA)
        assert unit.claims.busy(NORTHWIND, [PRIYA], WINDOW, besides=own.id) == {PRIYA: [hour(HOUR)]}


def test_nobody_assigned_is_nothing_claimed(unit_of_work: UnitOfWorkFactory) -> None:
    with unit_of_work(write=True) as unit:
        unit.claims.add(a_meeting(an_invitation(), assigned=()), hour())


def test_claims_may_be_written_before_their_meeting(unit_of_work: UnitOfWorkFactory) -> None:
    invitation = an_invitation()
    meeting = a_meeting(invitation)
    with unit_of_work(write=True) as unit:
        unit.claims.add(meeting, hour())
        unit.meetings.add(meeting)
        unit.invitations.add(invitation)
        unit.commit()


@settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=60)
@given(wishes=st.lists(st.tuples(st.integers(0, 24), st.integers(1, 12), st.sets(st.sampled_from("ABC"), min_size=1))))
def test_claims_are_granted_exactly_where_nothing_overlaps(
    unit_of_work: UnitOfWorkFactory, wishes: list[tuple[int, int, set[str]]]
) -> None:
    granted: dict[str, list[Interval]] = {name: [] for name in "ABC"}
    with unit_of_work(write=True) as unit:
        for start, length, names in wishes:
            wish = Interval(NOON + start * 5 * MINUTE, NOON + (start + length) * 5 * MINUTE)
            if any(wish.overlaps(other) for name in names for other in granted[name]):
                before = unit.claims.busy(NORTHWIND, [ResourceId(name) for name in names], wish)
                assert any(before.values())
            else:
                booked(unit, wish, *names)
                for name in names:
                    granted[name].append(wish)
        assert unit.claims.busy(NORTHWIND, [ResourceId(name) for name in granted], WINDOW) == {
            name: sorted(intervals) for name, intervals in granted.items()
        }


@given(
    st.tuples(st.integers(-(10**6), 10**6), st.integers(1, 10**4)),
    st.tuples(st.integers(-(10**6), 10**6), st.integers(1, 10**4)),
)
def test_cells_are_shared_exactly_where_five_minute_footprints_overlap(
    one: tuple[int, int], other: tuple[int, int]
) -> None:
    first, second = (
        Interval(NOON + start * 5 * MINUTE, NOON + (start + length) * 5 * MINUTE) for start, length in (one, other)
    )
    a, b = cells(first), cells(second)
    assert (max(a.start, b.start) < min(a.stop, b.stop)) == first.overlaps(second)


def test_meetings_that_swap_their_times_do_not_wait_for_each_other_for_ever(postgres_database: Database) -> None:
    with postgres_database.unit_of_work(write=True) as unit:
        morning, evening = booked(unit, hour(), PRIYA), booked(unit, hour(HOUR), PRIYA)
        unit.commit()
    both_have_released = Barrier(2)

    def move(meeting: Meeting, to: Interval) -> str:
        try:
            with postgres_database.unit_of_work(write=True) as unit:
                unit.claims.release(meeting.id)
                both_have_released.wait(DEADLINE_S)
                unit.claims.add(meeting, to)
                unit.commit()
        except ClaimRefusedError:
            return "refused"
        return "moved"

    with ThreadPoolExecutor(2) as pool:
        outcomes = [*pool.map(move, (morning, evening), (hour(HOUR), hour()))]
    assert "refused" in outcomes
    with postgres_database.unit_of_work() as unit:
        busy = unit.claims.busy(NORTHWIND, [PRIYA], WINDOW)[PRIYA]
    assert len(busy) == 2, "whoever was refused has kept the time it had"
