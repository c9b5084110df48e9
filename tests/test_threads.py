"""bot.threads: an executor like another, but for who goes on first."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future, wait

import pytest

from bot.threads import WarmThreads
from tests.servers import eventually

PATIENCE_S = 30


@pytest.fixture
def threads() -> Iterator[WarmThreads]:
    with WarmThreads(3, "warm") as threads:
        yield threads


class Gate:
    """Holds up whoever comes, and tells that they have."""

    def __init__(self) -> None:
        self._has_come, self._is_open = threading.Event(), threading.Event()

    def pass_through(self) -> str:
        self._has_come.set()
        assert self._is_open.wait(PATIENCE_S)
        return name_of_this_thread()

    def wait_for_somebody(self) -> None:
        assert self._has_come.wait(PATIENCE_S)

    def open(self) -> None:
        self._is_open.set()


def name_of(future: Future[str]) -> str:
    return future.result(PATIENCE_S)


def name_of_this_thread() -> str:
    return threading.current_thread().name


def at_work(threads: WarmThreads, number: int) -> tuple[list[Gate], list[Future[str]]]:
    gates = [Gate() for _ in range(number)]
    futures = [threads.submit(gate.pass_through) for gate in gates]
    return gates, futures


def are_free(threads: WarmThreads, number: int) -> None:
    """A result is there a moment before its thread is free again."""
    eventually(lambda: threads.free == number, f"{number} threads are free")


def test_gives_results_and_errors(threads: WarmThreads) -> None:
    assert list(threads.map(pow, (2, 3), (3, 2))) == [8, 9]
    with pytest.raises(ZeroDivisionError):
        threads.submit(divmod, 1, 0).result(PATIENCE_S)
    with pytest.raises(SystemExit):
        threads.submit(exit).result(PATIENCE_S)
    assert threads.submit(int, "7").result(PATIENCE_S) == 7


def test_whoever_was_at_work_last_goes_on_first(threads: WarmThreads) -> None:
    gates, _ = at_work(threads, 3)
    for free, number in enumerate((1, 0, 2), start=1):
        gates[number].open()
        are_free(threads, free)
    for _ in range(5):
        assert name_of(threads.submit(name_of_this_thread)) == "warm_2"
        are_free(threads, 3)
    gates, futures = at_work(threads, 3)
    for gate in gates:
        gate.open()
    assert list(map(name_of, futures)) == ["warm_2", "warm_0", "warm_1"]


def test_no_more_than_so_many_at_once_and_the_rest_in_order(threads: WarmThreads) -> None:
    gates, futures = at_work(threads, 3)
    order: list[int] = []
    later = [threads.submit(order.append, number) for number in range(5)]
    for gate in gates:
        gate.wait_for_somebody()
    assert order == []
    gates[0].open()
    wait(later, PATIENCE_S)
    assert order == [0, 1, 2, 3, 4]
    for gate in gates:
        gate.open()
    assert sorted(map(name_of, futures)) == ["warm_0", "warm_1", "warm_2"]


def test_shutdown_ends_what_has_begun_and_drops_the_rest_if_told_to() -> None:
    threads = WarmThreads(1, "warm")
    (gate,), (begun,) = at_work(threads, 1)
    gate.wait_for_somebody()
    waiting = threads.submit(int, "7")
    ender = threading.Thread(target=threads.shutdown, kwargs={"cancel_futures": True})
    ender.start()
    with pytest.raises(CancelledError):
        waiting.result(PATIENCE_S)
    with pytest.raises(RuntimeError):
        threads.submit(int, "7")
    gate.open()
    ender.join(PATIENCE_S)
    assert not ender.is_alive()
    assert name_of(begun) == "warm_0"


def test_shutdown_does_what_waits_unless_told_otherwise() -> None:
    threads = WarmThreads(1, "warm")
    (gate,), _ = at_work(threads, 1)
    waiting = threads.submit(int, "7")
    gate.open()
    threads.shutdown()
    assert waiting.result(0) == 7


def test_what_was_cancelled_is_not_done(threads: WarmThreads) -> None:
    gates, _ = at_work(threads, 3)
    done: list[str] = []
    waiting = threads.submit(done.append, "cancelled")
    assert waiting.cancel()
    for gate in gates:
        gate.open()
    threads.submit(done.append, "wanted").result(PATIENCE_S)
    assert done == ["wanted"]


def test_resting_threads_keep_nothing_of_their_last_work(threads: WarmThreads) -> None:
    class Request:
        pass

    request = Request()
    gone = weakref.ref(request)
    threads.submit(id, request).result(PATIENCE_S)
    del request
    are_free(threads, 1)
    gc.collect()
    assert gone() is None
