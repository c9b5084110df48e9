"""Readings: whoever does not answer in time is unreadable, and nobody else is for it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest

from bot.domain.calendar import Connection, FreeBusy
from bot.domain.ids import ConnectionId, ResourceId
from bot.domain.intervals import Interval
from bot.ports import BusyReading, UnitOfWorkFactory
from bot.services.readings import FRESH, Readings
from storage.database import Database
from tests.cast import BEN, DANA, NOW, PRIYA, WORKSPACE
from tests.fakes import FakeCalendar
from tests.servers import DEADLINE_S
from tests.world import Stage, threads

DAY = timedelta(days=1)
WINDOW = Interval(NOW, NOW + 14 * DAY)


class OneHangs(FakeCalendar):
    """As every calendar system of which one calendar hangs: by its deadline it answers with what has come.

    `given` is how long it had each time.
    """

    def __init__(self, key: str = "builtin") -> None:
        super().__init__(key)
        self.given: list[float] = []

    def free_busy(
        self, connections: Sequence[Connection], window: Interval, *, timeout_s: float
    ) -> Mapping[ConnectionId, FreeBusy]:
        self.given.append(timeout_s)
        time.sleep(timeout_s)
        return super().free_busy(connections, window, timeout_s=timeout_s)


@pytest.fixture
def stage(sqlite_database: Database) -> Stage:
    return Stage(sqlite_database.unit_of_work)


def read(readings: Readings, unit_of_work: UnitOfWorkFactory) -> Mapping[ResourceId, BusyReading]:
    everybody = {person.resource_id: person for person in (DANA, PRIYA, BEN)}
    with unit_of_work() as unit:
        kept = readings.kept(unit, WORKSPACE, everybody, WINDOW, reader_id=DANA.user_id, max_age=FRESH)
    return readings.complete(kept)


def test_one_calendar_that_hangs_makes_nobody_else_unreadable(stage: Stage) -> None:
    stage.connect(DANA, PRIYA, BEN)
    calendar = OneHangs()
    calendar.unreadable[PRIYA.email] = "the calendar did not answer in time"
    systems = {calendar.key: calendar}
    with threads(1) as pool:
        readings = Readings(stage.unit_of_work, systems, stage.clock, pool, deadline_s=0.05, grace_s=DEADLINE_S)
        found = read(readings, stage.unit_of_work)
    assert {who for who, reading in found.items() if reading.unreadable} == {PRIYA.resource_id}


def test_waiting_for_a_thread_counts_towards_the_deadline(stage: Stage) -> None:
    """Else whoever began late would still be asking when nobody waits for the answer any more."""
    first, second = OneHangs("first"), OneHangs("second")
    stage.connect(DANA, provider=first.key)
    stage.connect(PRIYA, BEN, provider=second.key)
    systems = {first.key: first, second.key: second}
    with threads(1) as pool:
        readings = Readings(stage.unit_of_work, systems, stage.clock, pool, deadline_s=0.05, grace_s=DEADLINE_S)
        found = read(readings, stage.unit_of_work)
    assert sorted([*first.given, *second.given])[0] == 0.0
    assert not any(reading.unreadable for reading in found.values())


def test_colleague_is_read_through_whichever_of_the_inviters_accounts_shows_them(stage: Stage) -> None:
    private, work = FakeCalendar("private"), FakeCalendar("work")
    work.shared.add(PRIYA.email)
    stage.connect(DANA, provider=private.key)
    stage.connect(DANA, provider=work.key)
    with threads(4) as pool:
        systems = {private.key: private, work.key: work}
        found = read(Readings(stage.unit_of_work, systems, stage.clock, pool), stage.unit_of_work)
    assert {who: reading.unreadable for who, reading in found.items()} == {
        DANA.resource_id: None,
        PRIYA.resource_id: None,
        BEN.resource_id: "not shared",
    }


def test_a_busy_time_without_end_is_kept_as_far_as_was_asked(stage: Stage) -> None:
    """An event until the year 9990 would be 35 MB, and took a gigabyte of memory."""
    stage.connect()
    stage.calendar.busy[DANA.email] = (Interval(NOW - 36_500 * DAY, NOW + 36_500 * DAY),)
    stage.calendar.busy[PRIYA.email] = (Interval(WINDOW.end, WINDOW.end + DAY), Interval(NOW - DAY, NOW))
    with threads(1) as pool:
        found = read(
            Readings(stage.unit_of_work, {stage.calendar.key: stage.calendar}, stage.clock, pool), stage.unit_of_work
        )
    assert found[DANA.resource_id].busy.intervals() == (WINDOW,)
    assert found[PRIYA.resource_id].busy.intervals() == ()
