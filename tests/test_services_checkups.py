"""A checkup reads the calendars at that moment, and looks at what notes need."""

from __future__ import annotations

from datetime import timedelta

from tests.cast import DANA, PRIYA, SALES
from tests.world import Stage


def test_calendars_are_read_anew(stage: Stage) -> None:
    stage.services.checkups.of(DANA)
    stage.clock.now += timedelta(minutes=1)
    [item] = stage.services.checkups.of(DANA).connections
    assert (item.read_at, item.unreadable) == (stage.clock.now, None)
    stage.calendar.unreadable[DANA.email] = "The server is down."
    [item] = stage.services.checkups.of(DANA).connections
    assert item.unreadable == "The server is down."


def test_without_a_calendar_there_is_nothing_to_read(stage: Stage) -> None:
    [connection] = [item.connection for item in stage.services.connections.items(PRIYA)]
    stage.services.connections.disconnect(PRIYA, connection.id)
    assert stage.services.checkups.of(PRIYA).connections == ()


def test_a_channel_that_the_app_was_removed_from_is_found(stage: Stage) -> None:
    stage.services.preferences.set_channel(DANA, SALES)
    assert stage.services.checkups.of(DANA).channel_problem is None
    stage.directory.channels.remove(SALES)
    assert stage.services.checkups.of(DANA).channel_problem
