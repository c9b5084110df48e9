"""Connections, readings of calendars, and the playground's events."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from bot.domain.calendar import ConnectionState, EventStatus
from bot.domain.cells import BusyIndex
from bot.domain.ids import ConnectionId, ResourceId
from bot.domain.intervals import Interval
from bot.ports import BusyReading, UnitOfWorkFactory
from tests.storage_cast import (
    ATLAS,
    BEN,
    DAY,
    GLOBEX,
    HOUR,
    MALLORY,
    MINUTE,
    NOON,
    NORTHWIND,
    PRIYA,
    a_connection,
    an_event,
)

BOOTH = ResourceId("room:booth")


def a_reading(resource_id: str = PRIYA, *busy: Interval, at: timedelta = timedelta()) -> BusyReading:
    return BusyReading(ResourceId(resource_id), Interval(NOON - DAY, NOON + DAY), NOON + at, BusyIndex.of(busy))


def test_connection_is_stored_whole_and_over_itself(unit_of_work: UnitOfWorkFactory) -> None:
    connection = a_connection()
    broken = dataclasses.replace(connection, state=ConnectionState.BROKEN, credentials="", connected_at=None)
    with unit_of_work(write=True) as unit:
        unit.connections.put(connection)
        assert unit.connections.get(connection.id) == connection
        unit.connections.put(broken)
        assert unit.connections.get(connection.id) == broken
        unit.connections.delete(connection.id)
        assert unit.connections.get(connection.id) is None
        unit.connections.delete(ConnectionId("unknown"))


def test_connections_of_users_name_everybody_asked(unit_of_work: UnitOfWorkFactory) -> None:
    second, first = a_connection(connected_at=NOON + HOUR), a_connection()
    with unit_of_work(write=True) as unit:
        for connection in (second, first, a_connection(MALLORY), a_connection(BEN, workspace_id=GLOBEX)):
            unit.connections.put(connection)
        assert unit.connections.of_users(NORTHWIND, [PRIYA, BEN]) == {PRIYA: [first, second], BEN: []}
        assert list(unit.connections.of_user(NORTHWIND, PRIYA)) == [first, second]
        assert list(unit.connections.of_user(NORTHWIND, BEN)) == []
        assert unit.connections.of_users(NORTHWIND, []) == {}


def test_readings_come_back_with_their_age_and_reason(unit_of_work: UnitOfWorkFactory) -> None:
    busy = a_reading(PRIYA, Interval(NOON, NOON + timedelta(microseconds=1)), Interval(NOON, NOON + HOUR))
    free = a_reading(BOOTH)
    unreadable = dataclasses.replace(a_reading(ATLAS), unreadable="timed out after 4 s")
    with unit_of_work(write=True) as unit:
        unit.busy_cache.put(NORTHWIND, [])
        unit.busy_cache.put(NORTHWIND, [busy, unreadable, free])
        kept = unit.busy_cache.get(NORTHWIND, [ResourceId(PRIYA), ATLAS, BOOTH, ResourceId(BEN)])
        assert kept == {PRIYA: busy, ATLAS: unreadable, BOOTH: free}
        assert unit.busy_cache.get(GLOBEX, [ResourceId(PRIYA)]) == {}


def test_later_reading_stays_in_whichever_order_they_arrive(unit_of_work: UnitOfWorkFactory) -> None:
    earlier, later = a_reading(at=-HOUR), a_reading(PRIYA, Interval(NOON, NOON + HOUR))
    with unit_of_work(write=True) as unit:
        for reading in (earlier, later, earlier):
            unit.busy_cache.put(NORTHWIND, [reading])
        assert unit.busy_cache.get(NORTHWIND, [ResourceId(PRIYA)]) == {PRIYA: later}


def test_forgotten_and_old_readings_are_gone(unit_of_work: UnitOfWorkFactory) -> None:
    with unit_of_work(write=True) as unit:
        unit.busy_cache.put(NORTHWIND, [a_reading(), a_reading(ATLAS, at=-HOUR), a_reading(BOOTH)])
        unit.busy_cache.forget(NORTHWIND, [BOOTH])
        unit.busy_cache.forget(NORTHWIND, [])
        unit.busy_cache.forget(GLOBEX, [ResourceId(PRIYA)])
        assert unit.busy_cache.delete_older(NOON) == 1
        assert set(unit.busy_cache.get(NORTHWIND, [ResourceId(PRIYA), ATLAS, BOOTH])) == {PRIYA}


def test_event_written_twice_is_written_once(unit_of_work: UnitOfWorkFactory) -> None:
    event = an_event()
    with unit_of_work(write=True) as unit:
        assert unit.builtin_events.put(NORTHWIND, "priya", event)
        assert not unit.builtin_events.put(NORTHWIND, "priya", event)
        assert unit.builtin_events.get(NORTHWIND, "priya", event.uid) == event
        assert unit.builtin_events.get(NORTHWIND, "ben", event.uid) is None
        assert unit.builtin_events.get(GLOBEX, "priya", event.uid) is None


@pytest.mark.parametrize("sequence", [1, 2])
def test_event_that_is_not_older_replaces_the_stored_one(unit_of_work: UnitOfWorkFactory, sequence: int) -> None:
    stored = an_event(sequence=1)
    cancelled = dataclasses.replace(stored, sequence=sequence, status=EventStatus.CANCELLED, transparent=True)
    with unit_of_work(write=True) as unit:
        unit.builtin_events.put(NORTHWIND, "priya", stored)
        assert unit.builtin_events.put(NORTHWIND, "priya", cancelled)
        assert unit.builtin_events.get(NORTHWIND, "priya", stored.uid) == cancelled


def test_older_event_is_ignored(unit_of_work: UnitOfWorkFactory) -> None:
    stored = an_event(sequence=2)
    with unit_of_work(write=True) as unit:
        unit.builtin_events.put(NORTHWIND, "priya", stored)
        assert not unit.builtin_events.put(NORTHWIND, "priya", an_event(sequence=1, summary="as it was"))
        assert unit.builtin_events.get(NORTHWIND, "priya", stored.uid) == stored


def test_events_between_overlap_the_window_and_come_by_start(unit_of_work: UnitOfWorkFactory) -> None:
    before, running, inside, after = (
        an_event(f"{hours}@inviteonce", NOON + hours * HOUR) for hours in (-1, -0.5, 1, 2)
    )
    cancelled = an_event("cancelled@inviteonce", status=EventStatus.CANCELLED, transparent=True)
    with unit_of_work(write=True) as unit:
        for event in (after, inside, cancelled, running, before):
            unit.builtin_events.put(NORTHWIND, "priya", event)
        unit.builtin_events.put(NORTHWIND, "ben", an_event("ben@inviteonce"))
        found = unit.builtin_events.between(NORTHWIND, "priya", Interval(NOON, NOON + 2 * HOUR))
        assert list(found) == [running, cancelled, inside]


def test_only_what_makes_busy_and_overlaps_is_busy(unit_of_work: UnitOfWorkFactory) -> None:
    cancelled = an_event("cancelled@inviteonce", NOON, status=EventStatus.CANCELLED)
    transparent = an_event("transparent@inviteonce", NOON, transparent=True)
    busy = [an_event(f"{hours}@inviteonce", NOON + hours * HOUR) for hours in (-0.5, 1)]
    outside = [an_event(f"{hours}@inviteonce", NOON + hours * HOUR) for hours in (-1, 2)]
    with unit_of_work(write=True) as unit:
        for event in (cancelled, transparent, *busy, *outside):
            unit.builtin_events.put(NORTHWIND, "priya", event)
        unit.builtin_events.put(NORTHWIND, "dana", an_event("dana@inviteonce"))
        unit.builtin_events.put(GLOBEX, "priya", an_event("globex@inviteonce"))
        found = unit.builtin_events.busy(NORTHWIND, ["priya", "ben"], Interval(NOON, NOON + 2 * HOUR))
        assert {account: sorted(intervals) for account, intervals in found.items()} == {
            "priya": [(event.start, event.end) for event in busy],
            "ben": [],
        }
        assert unit.builtin_events.busy(NORTHWIND, [], Interval(NOON, NOON + HOUR)) == {}

        moved_away = dataclasses.replace(busy[0], sequence=1, transparent=True)
        unit.builtin_events.put(NORTHWIND, "priya", moved_away)
        found = unit.builtin_events.busy(NORTHWIND, ["priya"], Interval(NOON, NOON + HOUR))
        assert found == {"priya": []}


def test_one_holder_at_a_time_may_renew_credentials(unit_of_work: UnitOfWorkFactory) -> None:
    connection = a_connection()
    with unit_of_work(write=True) as unit:
        unit.connections.put(connection)
        assert unit.connections.lease(connection.id, "first", NOON, NOON + MINUTE)
        assert not unit.connections.lease(connection.id, "second", NOON, NOON + MINUTE)
        unit.connections.put(connection)
        unit.connections.release(connection.id, "second")
        assert not unit.connections.lease(connection.id, "second", NOON, NOON + MINUTE)
        unit.connections.release(connection.id, "first")
        assert unit.connections.lease(connection.id, "second", NOON, NOON + MINUTE)


def test_holder_who_never_came_back_is_succeeded_when_the_lease_is_over(unit_of_work: UnitOfWorkFactory) -> None:
    connection = a_connection()
    with unit_of_work(write=True) as unit:
        unit.connections.put(connection)
        assert unit.connections.lease(connection.id, "killed", NOON, NOON + MINUTE)
        assert unit.connections.lease(connection.id, "next", NOON + MINUTE, NOON + 2 * MINUTE)


def test_nobody_holds_what_is_not_there(unit_of_work: UnitOfWorkFactory) -> None:
    with unit_of_work(write=True) as unit:
        assert not unit.connections.lease(a_connection().id, "first", NOON, NOON + MINUTE)


def test_owners_of_broken_connections_are_reminded_when_it_is_time(unit_of_work: UnitOfWorkFactory) -> None:
    broken = a_connection(state=ConnectionState.BROKEN, remind_at=NOON + DAY)
    later = a_connection(state=ConnectionState.BROKEN, remind_at=NOON + 2 * DAY)
    with unit_of_work(write=True) as unit:
        for connection in (broken, later, a_connection(remind_at=NOON)):
            unit.connections.put(connection)
        assert unit.connections.due_to_remind(NOON, 10) == ()
        assert unit.connections.due_to_remind(NOON + DAY, 10) == (broken,)
        assert unit.connections.due_to_remind(NOON + 3 * DAY, 1) == (broken,)
