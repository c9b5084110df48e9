"""The worker's clock: one run of a job at a time, and only what is worth a word in the log."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from threading import Event
from typing import Any

import pytest

from bot.domain.delivery import Delivery
from bot.outages import Outages
from bot.ports import UnitOfWorkFactory
from bot.worker import Worker
from tests.cast import ManualClock
from tests.servers import eventually
from tests.world import Stage

PATIENCE_S = 60


class SlowDeliveries:
    """Whoever claims waits until they are let go."""

    def __init__(self) -> None:
        self.claims = 0
        self.may_go = Event()

    def claim(self, worker: str) -> Sequence[Delivery]:
        self.claims += 1
        assert self.may_go.wait(PATIENCE_S)
        return ()


class Stopwatch:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_tick_that_finds_the_last_one_at_work_says_nothing_until_that_takes_long(
    unit_of_work: UnitOfWorkFactory, caplog: pytest.LogCaptureFixture
) -> None:
    slow, stopwatch = SlowDeliveries(), Stopwatch()
    deliveries: Any = slow
    services = replace(Stage(unit_of_work).services, deliveries=deliveries)
    worker = Worker(services, Outages(lambda: True, ManualClock()), monotonic=stopwatch)
    caplog.set_level(logging.WARNING)
    worker.start()
    try:
        eventually(lambda: slow.claims == 1, "the job runs")
        stopwatch.seconds += 301
        eventually(lambda: bool(caplog.records), "a further tick has come")
        for _ in range(3):
            worker._scheduler.get_job("deliver_all").func()
        assert caplog.messages == ["The job deliver_all has been running for more than 300 s"]
        assert slow.claims == 1
        slow.may_go.set()
        eventually(lambda: slow.claims > 1, "the next run begins")
    finally:
        slow.may_go.set()
        worker.stop()
    assert len(caplog.messages) == 1
