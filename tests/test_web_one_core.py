"""Threads on one core: which one, and when they move. What the system says of its cores is a value here."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

from bot.web.one_core import OneCore, busy_times, freest

ROOT = Path(__file__).parent.parent

THREADS = """
import os, threading
from bot.web.one_core import keep_together

done, ready = threading.Event(), threading.Barrier(3)

def rest():
    ready.wait()
    done.wait()

def begin():
    threading.Thread(target=rest, daemon=True).start()

begin()
keep_together()
begin()
ready.wait()
print(*(sorted(os.sched_getaffinity(int(thread))) for thread in os.listdir("/proc/self/task")), sep="\\n")
done.set()
"""


class Machine:
    """Four cores, and how long each has been at work; `used` is ours of it."""

    def __init__(self) -> None:
        self.busy = dict.fromkeys(range(4), 100.0)
        self.used = 10.0
        self.moved: list[Collection[int]] = []
        self.core = OneCore(
            range(4), 0, busy_s=lambda: dict(self.busy), used_s=lambda: self.used, move=self.moved.append
        )

    def a_second(self, *, ours: float, others: tuple[float, float, float, float]) -> int:
        """The core that is chosen after it."""
        for core, share in enumerate(others):
            self.busy[core] += share + (ours if core == self.core.core else 0)
        self.used += ours
        self.core.look(1.0)
        return self.core.core


def test_a_core_that_only_we_use_is_kept() -> None:
    machine = Machine()
    assert machine.a_second(ours=0.9, others=(0.0, 0.0, 0.0, 0.0)) == 0
    assert machine.a_second(ours=0.9, others=(0.2, 0.0, 0.1, 0.3)) == 0


def test_a_core_that_others_want_is_left_for_the_freest() -> None:
    machine = Machine()
    assert machine.a_second(ours=0.5, others=(0.5, 0.7, 0.1, 0.9)) == 2
    assert machine.moved[-1] == {2}
    assert machine.a_second(ours=0.9, others=(0.0, 0.7, 0.1, 0.9)) == 2


def test_where_all_cores_are_wanted_alike_nobody_moves() -> None:
    machine = Machine()
    assert machine.a_second(ours=0.5, others=(0.5, 0.9, 0.8, 0.9)) == 0


def test_an_idle_process_stays_whoever_else_is_there() -> None:
    machine = Machine()
    assert machine.a_second(ours=0.01, others=(1.0, 0.0, 0.0, 0.0)) == 0
    assert not machine.moved


def test_two_that_leave_one_core_do_not_always_meet_on_the_next() -> None:
    assert {freest(0, {0: 0.5, 1: 0.0, 2: 0.01, 3: 0.9}) for _ in range(200)} == {1, 2}


def test_a_core_that_the_system_does_not_tell_of_is_left() -> None:
    assert freest(7, {0: 0.1, 1: 0.9}) == 0
    assert freest(7, {}) == 7


def test_the_time_for_which_a_core_waits_is_not_work() -> None:
    lines = [
        "cpu  700 2 150 8000 90 5 3 40 0 0",
        "cpu0 300 1 100 4000 50 2 1 30 0 0",
        "cpu12 400 1 50 4000 40 3 2 10 0 0",
        "intr 12345 0 9",
    ]
    assert busy_times(lines, ticks_a_second=100) == {0: 4.34, 12: 4.66}


def test_threads_of_before_and_after_are_on_the_same_core() -> None:
    printed = subprocess.run(
        [sys.executable, "-c", THREADS], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    ).stdout.split("\n")
    cores = [line for line in printed if line]
    assert len(cores) >= 3
    assert len(set(cores)) == 1
    assert cores[0].count(",") == 0
