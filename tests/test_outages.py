"""An outage of the database is told twice, asked about ever more rarely, and nothing is lost by it."""

from __future__ import annotations

import logging
import re
from datetime import timedelta

import pytest

from bot.outages import Outages
from bot.ports import UnitOfWork, UnitOfWorkFactory
from bot.worker import Worker
from tests.cast import ManualClock
from tests.servers import eventually
from tests.world import Stage

SECOND = timedelta(seconds=1)


class Database:
    """One that can be taken away; counts how often it was asked whether it is there."""

    def __init__(self, unit_of_work: UnitOfWorkFactory | None = None) -> None:
        self.is_there = True
        self.asked = 0
        self.refused = 0
        self._unit_of_work = unit_of_work

    def answers(self) -> bool:
        self.asked += 1
        return self.is_there

    def unit_of_work(self, *, write: bool = False) -> UnitOfWork:
        assert self._unit_of_work is not None
        if not self.is_there:
            self.refused += 1
            raise ConnectionError("the database is away")
        return self._unit_of_work(write=write)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def test_failure_without_an_outage_is_something_else(clock: ManualClock, caplog: pytest.LogCaptureFixture) -> None:
    outages = Outages(Database().answers, clock)
    assert outages.is_over()
    assert not outages.explains_failure()
    assert outages.is_over()
    assert caplog.records == []


def test_outage_is_told_when_it_begins_and_when_it_ends(clock: ManualClock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    database = Database()
    outages = Outages(database.answers, clock)
    database.is_there = False
    assert outages.explains_failure()
    assert outages.explains_failure(), "of several that fail at once the others say nothing"
    for _ in range(100):
        clock.advance(5 * SECOND)
        assert not outages.is_over()
    database.is_there = True
    clock.advance(30 * SECOND)
    assert outages.is_over()
    assert not outages.explains_failure()

    away, back = caplog.messages
    assert [record.levelname for record in caplog.records] == ["ERROR", "INFO"]
    assert "cannot be reached" in away
    assert "back after 530 s" in back
    [reference], [same] = (re.findall(r"reference (\w+)", line) for line in (away, back))
    assert reference == same
    assert all(record.exc_info is None for record in caplog.records)


def test_pauses_grow_to_half_a_minute(clock: ManualClock) -> None:
    database = Database()
    outages = Outages(database.answers, clock)
    database.is_there = False
    outages.explains_failure()
    asked_after, began, seen = [], clock.now, database.asked
    while clock.now < began + 125 * SECOND:
        clock.advance(SECOND / 2)
        assert not outages.is_over()
        if database.asked > seen:
            asked_after.append((clock.now - began).total_seconds())
            seen = database.asked
    assert asked_after == [1, 3, 7, 15, 31, 61, 91, 121]


def test_worker_waits_quietly_and_goes_on(
    unit_of_work: UnitOfWorkFactory, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="bot")
    database = Database(unit_of_work)
    stage = Stage(database.unit_of_work, clock=clock)
    stage.connect()
    stage.invite()
    database.is_there = False
    worker = Worker(stage.services, Outages(database.answers, clock))
    worker.start()
    try:
        eventually(lambda: bool(caplog.records), "the outage is told")
        refused = database.refused
        for _ in range(3):
            asked = database.asked
            clock.advance(30 * SECOND)
            eventually(lambda asked=asked: database.asked > asked, "the database is asked again")  # type: ignore[misc]
        assert database.refused == refused, "nothing else is tried meanwhile"
        assert [record.name for record in caplog.records] == ["bot.outages"]
        database.is_there = True
        clock.advance(30 * SECOND)
        eventually(lambda: bool(stage.mailer.sent), "what was to be sent is sent")
    finally:
        worker.stop()
    assert [record.levelname for record in caplog.records if record.name == "bot.outages"] == ["ERROR", "INFO"]
    assert not [record for record in caplog.records if record.exc_info], "there is no traceback in the log"
