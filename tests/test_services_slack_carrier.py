"""App Home as the worker publishes it: for whoever has opened it, and never over where they have turned meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.domain.activity import HomeState, Tab
from bot.services import invitation_rows
from tests.cast import DANA, PRIYA
from tests.world import Stage


@pytest.fixture
def changed(stage: Stage) -> Callable[[], list[tuple[object, ...]]]:
    """Something changes in Dana's Invitation to meet her and Priya; gives what is published then, and for whom.

    Its count is some minutes old: for the Invitations tab calendars are read.
    """
    stage.connect()
    invitation = stage.invite(members=[DANA.user_id, PRIYA.user_id])

    def change() -> list[tuple[object, ...]]:
        stage.deliver()
        stage.notifier.told.clear()
        stage.clock.advance(timedelta(minutes=30))
        with stage.unit_of_work(write=True) as unit:
            unit.outbox.add(*list(invitation_rows.changed(invitation, stage.clock()))[1:])  # Homes alone
            unit.commit()
        stage.deliver()
        return list(stage.notifier.told)

    return change


def test_home_is_published_only_for_whoever_has_opened_it(
    stage: Stage, changed: Callable[[], list[tuple[object, ...]]]
) -> None:
    assert changed() == []
    stage.services.activity.home(PRIYA, HomeState(Tab.MEETINGS))
    assert changed() == [("home", PRIYA.user_id, Tab.MEETINGS, 0)]


def test_home_that_was_left_while_it_was_drawn_is_not_published(
    stage: Stage, changed: Callable[[], list[tuple[object, ...]]]
) -> None:
    activity = stage.services.activity
    activity.home(DANA, HomeState(Tab.INVITATIONS))
    assert changed() == [("home", DANA.user_id, Tab.INVITATIONS, 1)]
    stage.calendar.before_answer = lambda: activity.home(DANA, HomeState(Tab.SETUP))
    assert changed() == [], "whoever turned the tab has it drawn"
    assert activity.state(DANA) == HomeState(Tab.SETUP), "and nothing has turned it back"
