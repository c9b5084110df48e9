"""The cast's calendars are filled, believably, and only once."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.calendars.builtin import BuiltinCalendar
from bot.domain.calendar import Event, EventStatus
from bot.domain.ids import UserId, WorkspaceId
from bot.domain.intervals import Interval
from bot.domain.people import Person
from bot.playground.cast import CAST, DANA, DEACTIVATED, GUEST, MATEO, PRIYA, TEAM_ID, Actor
from bot.playground.habits import HABITS
from bot.playground.seed import seed
from bot.services.agendas import Agendas
from storage.database import Database
from tests.world import AtOnce

WORKSPACE = WorkspaceId(TEAM_ID)
NOW = datetime(2026, 12, 1, 15, tzinfo=UTC)
ALL_TIME = Interval(datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC))


def events(database: Database, actor: Actor, window: Interval = ALL_TIME) -> tuple[Event, ...]:
    with database.unit_of_work() as unit:
        return tuple(unit.builtin_events.between(WORKSPACE, actor.email, window))


def is_connected(database: Database, actor: Actor) -> bool:
    with database.unit_of_work() as unit:
        return bool(unit.connections.of_user(WORKSPACE, UserId(actor.id)))


def test_who_has_a_calendar_is_connected_and_mateo_is_not(sqlite_database: Database) -> None:
    seed(sqlite_database.unit_of_work, WORKSPACE, CAST, NOW)
    assert {actor.real_name for actor in CAST if is_connected(sqlite_database, actor)} == {"Dana Fox", "Priya Raman"}
    assert events(sqlite_database, MATEO), "they are there when he connects"
    assert not events(sqlite_database, GUEST)
    assert not events(sqlite_database, DEACTIVATED)


def test_seeding_twice_is_seeding_once(sqlite_database: Database) -> None:
    seed(sqlite_database.unit_of_work, WORKSPACE, CAST, NOW)
    before = {actor.id: events(sqlite_database, actor) for actor in CAST}
    seed(sqlite_database.unit_of_work, WORKSPACE, CAST, NOW + timedelta(hours=3))
    assert {actor.id: events(sqlite_database, actor) for actor in CAST} == before


def test_a_later_start_adds_the_weeks_that_came_nearer(sqlite_database: Database) -> None:
    seed(sqlite_database.unit_of_work, WORKSPACE, CAST, NOW)
    before = set(events(sqlite_database, DANA))
    seed(sqlite_database.unit_of_work, WORKSPACE, CAST, NOW + timedelta(days=7))
    assert before < set(events(sqlite_database, DANA))


@pytest.mark.parametrize("actor", [DANA, PRIYA, MATEO])
@pytest.mark.parametrize("now", [NOW, datetime(2027, 3, 10, tzinfo=UTC), datetime(2027, 10, 20, tzinfo=UTC)])
def test_five_weeks_are_busy_but_not_full_across_any_clock_change(
    sqlite_database: Database, actor: Actor, now: datetime
) -> None:
    seed(sqlite_database.unit_of_work, WORKSPACE, CAST, now)
    for week in range(5):
        window = Interval(now + timedelta(weeks=week), now + timedelta(weeks=week + 1))
        busy = [e for e in events(sqlite_database, actor, window) if not e.transparent]
        hours = sum((e.end - e.start).total_seconds() for e in busy) / 3600
        assert 5 < hours < 30


@pytest.mark.parametrize("actor", [DANA, PRIYA, MATEO])
def test_ones_own_events_lie_in_ones_own_working_hours(sqlite_database: Database, actor: Actor) -> None:
    seed(sqlite_database.unit_of_work, WORKSPACE, CAST, datetime(2027, 3, 10, tzinfo=UTC))
    zone = ZoneInfo(actor.time_zone)
    own = [e for e in events(sqlite_database, actor) if e.organizer.email == actor.email]
    assert own
    for event in own:
        start, end = event.start.astimezone(zone), event.end.astimezone(zone)
        assert start.weekday() < 5
        assert time(9) <= start.time() < end.time() <= time(17)


def test_some_events_are_free_and_some_cancelled(sqlite_database: Database) -> None:
    seed(sqlite_database.unit_of_work, WORKSPACE, CAST, NOW)
    seen = events(sqlite_database, DANA)
    assert any(e.transparent and e.status is EventStatus.CONFIRMED for e in seen)
    assert any(e.status is EventStatus.CANCELLED for e in seen)


def test_a_shared_meeting_is_one_event_in_each_calendar(sqlite_database: Database) -> None:
    seed(sqlite_database.unit_of_work, WORKSPACE, CAST, NOW)
    shared = {e.uid: e for e in events(sqlite_database, DANA) if e.summary == "All hands"}
    assert shared
    for actor in (PRIYA, MATEO):
        assert {e.uid: e for e in events(sqlite_database, actor) if e.summary == "All hands"} == shared


def test_every_habit_has_a_name_of_its_own() -> None:
    assert len({habit.slug for habit in HABITS}) == len(HABITS)


def test_there_are_rooms_pools_and_templates_and_what_was_removed_stays_so(sqlite_database: Database) -> None:
    seed(sqlite_database.unit_of_work, WORKSPACE, CAST, NOW)
    with sqlite_database.unit_of_work(write=True) as unit:
        assert {room.name for room in unit.rooms.of_workspace(WORKSPACE)} >= {"Atlas", "Borealis"}
        pools = unit.pools.of_workspace(WORKSPACE)
        assert {pool.name for pool in pools} == {"Sales", "Onboarding", "Solutions", "Meeting rooms"}
        assert unit.templates.visible_to(WORKSPACE, UserId(PRIYA.id))
        unit.pools.delete(pools[0].id)
        unit.commit()
    seed(sqlite_database.unit_of_work, WORKSPACE, CAST, NOW + timedelta(days=1))
    with sqlite_database.unit_of_work() as unit:
        assert len(unit.pools.of_workspace(WORKSPACE)) == len(pools) - 1


def test_ones_own_events_have_titles(sqlite_database: Database) -> None:
    seed(sqlite_database.unit_of_work, WORKSPACE, CAST, NOW)
    calendar = BuiltinCalendar(sqlite_database.unit_of_work)
    agendas = Agendas(sqlite_database.unit_of_work, {calendar.key: calendar}, AtOnce())
    dana = Person(WORKSPACE, UserId(DANA.id), DANA.real_name, DANA.email, DANA.time_zone)
    titles = {title for _, title in agendas.of(dana, [dana], NOW, NOW + timedelta(days=7))[dana.resource_id]}
    assert {"Pipeline review", "All hands"} <= titles
    assert "Vendor demo" not in titles, "it was cancelled, so it takes no time"
