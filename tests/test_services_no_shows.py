"""No-show: for 14 days after the end, with turns and claims given back, and taken back as long."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.ids import POOL_PREFIX
from bot.domain.intervals import Interval
from bot.domain.invitation import Invitation
from bot.domain.meeting import Meeting, MeetingStatus
from bot.domain.pools import Cycle, Pool, PoolKind, PoolMethod
from bot.errors import NotFoundError, StaleStateError
from tests.cast import BEN, CHARLIE, DANA, PRIYA, WORKSPACE
from tests.world import Stage

DAY = timedelta(days=1)


def booked(stage: Stage) -> tuple[Invitation, Meeting, Pool]:
    pool = stage.services.pools.create(
        DANA,
        name="Sales",
        kind=PoolKind.PEOPLE,
        method=PoolMethod.STRICT,
        cycle=Cycle.CONTINUOUS,
        members=[PRIYA.resource_id, BEN.resource_id],
    )
    invitation = stage.invite(members=[f"{POOL_PREFIX}{pool.id}"])
    stage.book(invitation)
    return invitation, meeting_of(stage, invitation), pool


def meeting_of(stage: Stage, invitation: Invitation) -> Meeting:
    with stage.unit_of_work() as unit:
        meeting = unit.meetings.of_invitation(invitation.id)
    assert meeting is not None
    return meeting


def turns(stage: Stage, pool: Pool) -> list[tuple[int, int]]:
    ledger = stage.services.pools.ledger(WORKSPACE, pool.id)
    return [(one.received, one.removed) for one in ledger.standings]


def is_claimed(stage: Stage, meeting: Meeting) -> bool:
    with stage.unit_of_work() as unit:
        window = Interval(meeting.start, meeting.end)
        return bool(unit.claims.busy(WORKSPACE, [PRIYA.resource_id], window)[PRIYA.resource_id])


@pytest.mark.parametrize("is_completed", [True, False])
def test_no_show_gives_turns_and_claims_back(stage: Stage, is_completed: bool) -> None:
    invitation, meeting, pool = booked(stage)
    stage.clock.now = meeting.end
    if is_completed:
        stage.services.followups.complete()
    stage.services.no_shows.mark(DANA, meeting.id)
    stage.services.no_shows.mark(DANA, meeting.id)
    assert meeting_of(stage, invitation).status is MeetingStatus.NO_SHOW
    assert turns(stage, pool) == [(1, 1), (0, 0)]
    assert not is_claimed(stage, meeting)
    stage.deliver()
    assert ("card", "scheduled", None, "no_show") in stage.notifier.told


def test_it_is_taken_back_with_its_turns(stage: Stage) -> None:
    invitation, meeting, pool = booked(stage)
    stage.clock.now = meeting.end
    stage.services.no_shows.mark(DANA, meeting.id)
    stage.clock.now = meeting.end + 13 * DAY
    stage.services.no_shows.take_back(DANA, meeting.id)
    stage.services.no_shows.take_back(DANA, meeting.id)
    assert meeting_of(stage, invitation).status is MeetingStatus.COMPLETED
    assert turns(stage, pool) == [(1, 0), (0, 0)]


def test_turn_of_whoever_was_replaced_stays_given_back(stage: Stage) -> None:
    _, meeting, pool = booked(stage)
    stage.services.reassigning.reassign(DANA, meeting.id, PRIYA.user_id, BEN.user_id)
    stage.clock.now = meeting.end
    stage.services.no_shows.mark(DANA, meeting.id)
    assert turns(stage, pool) == [(1, 1), (1, 1)]
    stage.services.no_shows.take_back(DANA, meeting.id)
    assert turns(stage, pool) == [(1, 1), (1, 0)]


def test_it_cannot_be_said_before_the_end_after_14_days_or_of_what_was_cancelled(stage: Stage) -> None:
    _, meeting, _ = booked(stage)
    no_shows = stage.services.no_shows
    for moment in (meeting.start, meeting.end + 14 * DAY):
        stage.clock.now = moment
        with pytest.raises(StaleStateError, match="from the end of a meeting on, for 14 days"):
            no_shows.mark(DANA, meeting.id)
    stage.clock.now = meeting.start - DAY
    stage.services.meetings.cancel(DANA, meeting.id, "")
    stage.clock.now = meeting.end
    with pytest.raises(StaleStateError):
        no_shows.mark(DANA, meeting.id)
    with pytest.raises(StaleStateError):
        no_shows.take_back(DANA, meeting.id)


def test_after_14_days_it_stays(stage: Stage) -> None:
    _, meeting, _ = booked(stage)
    stage.clock.now = meeting.end
    stage.services.no_shows.mark(DANA, meeting.id)
    stage.clock.now = meeting.end + 14 * DAY
    with pytest.raises(StaleStateError, match="for 14 days"):
        stage.services.no_shows.take_back(DANA, meeting.id)


def test_strangers_know_of_no_such_meeting(stage: Stage) -> None:
    _, meeting, _ = booked(stage)
    stage.clock.now = meeting.end
    with pytest.raises(NotFoundError):
        stage.services.no_shows.mark(CHARLIE, meeting.id)
