"""Gathering answers: whole ones, and those that had come by the deadline."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from bot.calendars.google.gathering import gather
from bot.rest import Deadline

OVER = Deadline(0.0, lambda: 1.0)


class AtOnce(Executor):
    """Whatever is submitted is done when it comes back."""

    def submit(self, fn: Any, /, *args: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(fn(*args, **named))
        return future


@pytest.fixture
def threads() -> Iterator[Executor]:
    with ThreadPoolExecutor(4) as threads:
        yield threads


def test_what_has_come_by_the_deadline_is_taken_however_late_we_look() -> None:
    starts = {"dana": lambda: [lambda: 1, lambda: 2], "ben": lambda: [lambda: 3]}
    assert gather(AtOnce(), OVER, starts) == {"dana": [1, 2], "ben": [3]}


def test_whoever_has_given_only_a_part_is_left_out(threads: Executor) -> None:
    held, is_half_done = Event(), Event()
    half_done_then_over = Deadline(0.02, lambda: 1.0 if is_half_done.is_set() else 0.0)
    try:
        assert gather(threads, half_done_then_over, {"dana": lambda: [is_half_done.set, lambda: held.wait(60)]}) == {}
    finally:
        held.set()


def test_nobody_to_ask_is_nobody_answered() -> None:
    assert gather(AtOnce(), OVER, {}) == {}


@pytest.mark.parametrize("where", ["start", "job"])
def test_defect_with_one_leaves_the_others_answered(
    threads: Executor, caplog: pytest.LogCaptureFixture, where: str
) -> None:
    """It is named in the log, and nobody is taken for free."""

    def broken() -> Any:
        raise KeyError("a defect")

    starts = {
        "dana": broken if where == "start" else lambda: [lambda: 1, broken, lambda: 2],
        "ben": lambda: [lambda: 3],
    }
    assert gather(threads, Deadline(60.0, lambda: 0.0), starts) == {"ben": [3]}
    assert [record.getMessage() for record in caplog.records] == ["A Google calendar could not be read"]
