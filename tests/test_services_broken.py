"""Who hears that a calendar was removed on purpose. (Of broken ones: test_services_credentials.)"""

from __future__ import annotations

import pytest

from bot.domain.delivery import News
from bot.domain.ids import ConnectionId, ResourceId
from bot.domain.rooms import Room
from bot.ports import UnitOfWorkFactory
from bot.services.broken import mark_broken
from tests.cast import BEN, CHARLIE, DANA, PRIYA
from tests.world import Stage


@pytest.fixture
def stage(unit_of_work: UnitOfWorkFactory) -> Stage:
    """Everybody is connected."""
    stage = Stage(unit_of_work)
    stage.connect()
    return stage


def told_of_removal(stage: Stage) -> list[tuple[object, ...]]:
    stage.deliver()
    lines = [line[1:3] for line in stage.notifier.told if line[0] in ("news", "connection news")]
    stage.notifier.told.clear()
    return lines


def test_inviters_who_wait_for_a_removed_calendar_are_told_once(stage: Stage) -> None:
    stage.invite(members=[DANA.user_id, PRIYA.user_id])
    stage.invite(members=[PRIYA.user_id], email="second@acme.com")
    stage.invite(PRIYA, members=[PRIYA.user_id], email="third@acme.com")
    stage.invite(BEN, members=[BEN.user_id], email="fourth@acme.com")
    told_of_removal(stage)
    stage.services.connections.disconnect(PRIYA, f"builtin-{PRIYA.user_id}")
    assert sorted(told_of_removal(stage)) == [
        (DANA.user_id, News.REMOVED_CALENDAR),
        (PRIYA.user_id, News.REMOVED_CALENDAR),
    ]
    assert told_of_removal(stage) == []


def test_nobody_is_told_where_the_calendar_is_readable_all_the_same(stage: Stage) -> None:
    """Through the inviter's access, or because it has been connected again by the time the message goes out."""
    stage.invite(members=[DANA.user_id, PRIYA.user_id])
    told_of_removal(stage)
    stage.services.connections.disconnect(PRIYA, f"builtin-{PRIYA.user_id}")
    stage.connect(PRIYA)
    assert told_of_removal(stage) == []
    stage.calendar.shared.add(PRIYA.email)
    stage.services.connections.disconnect(PRIYA, f"builtin-{PRIYA.user_id}")
    assert told_of_removal(stage) == []


def test_who_knows_that_it_is_broken_is_not_told_again_when_it_is_removed(stage: Stage) -> None:
    stage.invite(members=[DANA.user_id, PRIYA.user_id])
    connection = stage.services.connections.find(PRIYA, f"builtin-{PRIYA.user_id}")
    with stage.unit_of_work(write=True) as unit:
        mark_broken(unit, connection, stage.clock())
        unit.commit()
    assert (DANA.user_id, News.BROKEN_CALENDAR) in told_of_removal(stage)
    stage.services.connections.disconnect(PRIYA, connection.id)
    assert told_of_removal(stage) == []


def test_inviters_who_wait_for_a_room_are_told_when_its_calendar_is_removed(stage: Stage) -> None:
    connection_id = ConnectionId(f"builtin-{PRIYA.user_id}")
    room = Room(ResourceId("room:atlas"), DANA.workspace_id, "Atlas", "atlas@northwind.example", connection_id)
    with stage.unit_of_work(write=True) as unit:
        unit.rooms.put(room)
        unit.commit()
    stage.calendar.shared.add(room.address)
    stage.invite(members=[DANA.user_id], rooms=[room.id])
    told_of_removal(stage)
    stage.services.connections.disconnect(PRIYA, connection_id)
    assert told_of_removal(stage) == [(DANA.user_id, News.REMOVED_CALENDAR)]


def test_inviter_through_whose_calendar_colleagues_are_read_is_told_what_they_have_removed(stage: Stage) -> None:
    """Charlie has connected none, and Dana does not take part herself."""
    stage.calendar.shared.add(CHARLIE.email)
    invitation = stage.invite(members=[CHARLIE.user_id])
    stage.invite(BEN, members=[CHARLIE.user_id], email="second@acme.com")
    told_of_removal(stage)
    assert stage.services.activity.invitation_item(invitation).slots_left
    stage.services.connections.disconnect(DANA, f"builtin-{DANA.user_id}")
    assert stage.services.activity.invitation_item(invitation).unreadable == (CHARLIE.name,)
    assert told_of_removal(stage) == [(DANA.user_id, News.REMOVED_CALENDAR)]
