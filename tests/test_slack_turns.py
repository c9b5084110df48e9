"""bot.slack.turns: few at once, in order, and nobody kept waiting by what waits itself."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.slack.turns import Elsewhere, Turns, Work
from tests.servers import eventually

PATIENCE_S = 30


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as pool:
        yield pool


class Begun:
    """Work that tells when it begins, and goes on until it may end."""

    def __init__(self, turns: Turns) -> None:
        self.numbers: list[int] = []
        self._turns = turns
        self._may_end = [threading.Event() for _ in range(6)]
        self._may_wait = [threading.Event() for _ in range(6)]

    def work(self, number: int) -> Work:
        def work() -> None:
            self.numbers.append(number)
            assert self._may_wait[number].wait(PATIENCE_S)
            self._turns.over()
            assert self._may_end[number].wait(PATIENCE_S)

        return work

    def wait_for_slack(self, number: int) -> None:
        self._may_wait[number].set()

    def end(self, *numbers: int) -> None:
        for number in numbers:
            self._may_wait[number].set()
            self._may_end[number].set()

    def are(self, *numbers: int) -> None:
        eventually(lambda: self.numbers == list(numbers), f"{numbers} have begun")


@pytest.fixture
def turns(threads: ThreadPoolExecutor) -> Turns:
    return Turns(threads, at_once=1)


@pytest.fixture
def begun(turns: Turns) -> Iterator[Begun]:
    begun = Begun(turns)
    yield begun
    begun.end(*range(6))


def test_work_begins_in_order_one_when_another_has_ended(turns: Turns, begun: Begun) -> None:
    for number in range(4):
        turns.submit(begun.work(number))
    begun.are(0)
    begun.end(0)
    begun.are(0, 1)
    begun.end(1, 2)
    begun.are(0, 1, 2, 3)


def test_the_next_one_begins_while_this_one_waits_for_slack(turns: Turns, begun: Begun) -> None:
    for number in range(4):
        turns.submit(begun.work(number))
    begun.wait_for_slack(0)
    begun.are(0, 1)
    begun.end(0)  # its turn is over already: that it ends begins nothing
    begun.wait_for_slack(1)
    begun.are(0, 1, 2)


def test_whoever_is_hurried_begins_at_once_and_once(turns: Turns, begun: Begun) -> None:
    held_up = begun.work(2)
    for work in (begun.work(0), begun.work(1), held_up):
        turns.submit(work)
    turns.hurry(held_up)
    turns.hurry(held_up)
    begun.are(0, 2)
    begun.end(0, 1, 2)
    begun.are(0, 2, 1)


def test_the_next_one_begins_while_this_one_waits_for_what_another_thread_does(
    turns: Turns, begun: Begun, threads: ThreadPoolExecutor
) -> None:
    asked, answered = threading.Event(), threading.Event()

    def work() -> None:
        pending = Elsewhere(threads, turns).submit(answered.wait, timeout=PATIENCE_S)
        asked.set()
        begun.numbers.append(5 if pending.result(PATIENCE_S) else 0)

    turns.submit(work)
    turns.submit(begun.work(1))
    assert asked.wait(PATIENCE_S)
    begun.are(1)
    answered.set()
    begun.are(1, 5)


def test_a_turn_is_there_again_when_nobody_has_waited_for_it(turns: Turns, begun: Begun) -> None:
    turns.submit(begun.work(0))
    begun.wait_for_slack(0)
    turns.submit(begun.work(1))
    begun.are(0, 1)
    turns.submit(begun.work(2))
    begun.end(0, 1)
    begun.are(0, 1, 2)


def test_a_thread_without_a_turn_has_none_to_give_up(turns: Turns, begun: Begun) -> None:
    turns.submit(begun.work(0))
    turns.submit(begun.work(1))
    begun.are(0)
    turns.over()
    begun.end(0)
    begun.are(0, 1)
    assert begun.numbers == [0, 1]


def test_work_that_waits_when_the_process_ends_is_dropped() -> None:
    with ThreadPoolExecutor(2) as pool:
        turns = Turns(pool, at_once=1)
        begun = Begun(turns)
        turns.submit(begun.work(0))
        turns.submit(begun.work(1))
        begun.are(0)
        pool.shutdown(wait=False)
        begun.wait_for_slack(0)
        begun.end(0)
    assert begun.numbers == [0]
