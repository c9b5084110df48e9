"""Tidying up: what is past goes, and what is still to come stays, on both databases."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.intervals import Interval
from bot.domain.meeting import MeetingStatus
from tests.cast import DANA, PRIYA
from tests.world import Stage

DAY = timedelta(days=1)


def test_claims_go_a_week_after_their_meeting_and_a_no_show_can_still_be_said(stage: Stage) -> None:
    past, coming = (stage.invite(members=[who.user_id], end_date="2026-12-31") for who in (DANA, PRIYA))
    start = stage.book(past)
    later = stage.book(coming, start + 21 * DAY)
    window = Interval(start, later + DAY)

    def claimed() -> list[int]:
        with stage.unit_of_work() as unit:
            found = unit.claims.busy(DANA.workspace_id, [DANA.resource_id, PRIYA.resource_id], window)
        return [len(found[who.resource_id]) for who in (DANA, PRIYA)]

    stage.clock.advance(6 * DAY)
    stage.services.followups.complete()
    stage.services.followups.prune()
    assert claimed() == [1, 1]
    stage.clock.advance(2 * DAY)
    stage.services.followups.prune()
    assert claimed() == [0, 1]
    with stage.unit_of_work() as unit:
        meeting = unit.meetings.of_invitation(past.id)
    assert meeting is not None
    stage.services.no_shows.mark(DANA, meeting.id)
    stage.services.no_shows.take_back(DANA, meeting.id)
    item = stage.services.meetings.item(DANA, meeting.id)
    assert item.meeting.status is MeetingStatus.COMPLETED
