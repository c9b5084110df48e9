"""Cancelling: one way for everybody who may, with claims and turns given back, on both databases."""

from __future__ import annotations

import pytest

from bot.domain.ids import POOL_PREFIX
from bot.domain.intervals import Interval
from bot.domain.invitation import Invitation
from bot.domain.meeting import CanceledBy, Meeting, MeetingStatus
from bot.domain.pools import Cycle, Pool, PoolKind, PoolMethod
from bot.services.cancelling import cancelled_in
from tests.cast import DANA, PRIYA, WORKSPACE
from tests.world import Stage


@pytest.fixture
def pool(stage: Stage) -> Pool:
    strict = {"kind": PoolKind.PEOPLE, "method": PoolMethod.STRICT, "cycle": Cycle.CONTINUOUS}
    return stage.services.pools.create(DANA, name="Sales", members=[PRIYA.resource_id], **strict)  # type: ignore[arg-type]


@pytest.fixture
def invitation(stage: Stage, pool: Pool) -> Invitation:
    invitation = stage.invite(members=[f"{POOL_PREFIX}{pool.id}"])
    stage.book(invitation)
    return invitation


def meeting_of(stage: Stage, invitation: Invitation) -> Meeting:
    with stage.unit_of_work() as unit:
        meeting = unit.meetings.of_invitation(invitation.id)
    assert meeting is not None
    return meeting


def cancel(stage: Stage, meeting: Meeting, invitation: Invitation, *, commit: bool = True) -> Meeting | None:
    with stage.unit_of_work(write=True) as unit:
        by = CanceledBy.USER
        cancelled = cancelled_in(unit, meeting, invitation, stage.clock(), by=by, by_id=DANA.user_id, reason="Ill")
        if commit:
            unit.commit()
    return cancelled


def standing(stage: Stage, pool: Pool, meeting: Meeting) -> tuple[bool, tuple[int, int]]:
    """Whether Priya's time is claimed, and what she received and was relieved of."""
    with stage.unit_of_work() as unit:
        window = Interval(meeting.start, meeting.end)
        is_claimed = bool(unit.claims.busy(WORKSPACE, [PRIYA.resource_id], window)[PRIYA.resource_id])
    [own] = stage.services.pools.ledger(WORKSPACE, pool.id).standings
    return is_claimed, (own.received, own.removed)


def test_its_time_is_free_again_its_turns_are_given_back_and_it_says_by_whom_and_why(
    stage: Stage, invitation: Invitation, pool: Pool
) -> None:
    meeting = meeting_of(stage, invitation)
    assert standing(stage, pool, meeting) == (True, (1, 0))
    cancelled = cancel(stage, meeting, invitation)
    assert cancelled == meeting_of(stage, invitation)
    assert (cancelled.status, cancelled.sequence) == (MeetingStatus.CANCELED, meeting.sequence + 1)
    assert (cancelled.canceled_by, cancelled.canceled_by_id) == (CanceledBy.USER, DANA.user_id)
    assert cancelled.cancel_reason == "Ill"
    assert standing(stage, pool, meeting) == (False, (1, 1))


def test_what_is_not_live_any_more_is_left_as_it_is(stage: Stage, invitation: Invitation, pool: Pool) -> None:
    meeting = meeting_of(stage, invitation)
    cancel(stage, meeting, invitation)
    assert cancel(stage, meeting, invitation) is None
    assert standing(stage, pool, meeting) == (False, (1, 1))


def test_it_is_the_callers_transaction(stage: Stage, invitation: Invitation, pool: Pool) -> None:
    meeting = meeting_of(stage, invitation)
    assert cancel(stage, meeting, invitation, commit=False) is not None
    assert meeting_of(stage, invitation) == meeting
    assert standing(stage, pool, meeting) == (True, (1, 0))
